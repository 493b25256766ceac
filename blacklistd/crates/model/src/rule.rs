//! A rule: what it matches, for whom, and what it asks for; what it leaves open is its list's.

use std::fmt;

use blacklist_common::rule::Action;
use blacklist_common::tables::Direction;
use serde::{Deserialize, Serialize};

use super::action_word::ActionWord;
use super::pattern::Pattern;
use super::reject_status::RejectStatus;
use super::schedule::Timing;
use super::torment::Torment;
use crate::words;

/// Why a rule, a change or a number was refused; each is a sentence that says what to do.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// It could never do what it says.
    #[error("{0}")]
    Invalid(String),
    /// It stands in the way of another rule, or there is no room.
    #[error("{0}")]
    Conflict(String),
    /// There is no such rule.
    #[error("there is no rule {0}: see `blacklistd rule list`")]
    NotFound(RuleId),
    /// There is no such list or scope.
    #[error("{0}")]
    Unknown(String),
}

/// A rule's number in the store; never given twice.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct RuleId(pub u32);

/// A list's number in the store; never given twice.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct ListId(pub u32);

/// A scope's number in the store; never given twice.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct ScopeId(pub u32);

impl ScopeId {
    /// The scope that every call is in.
    pub const GLOBAL: Self = Self(0);
}

impl ListId {
    /// The list that is always there.
    pub const DEFAULT: Self = Self(1);
}

macro_rules! shown_as_number {
    ($($name:ident),*) => {
        $(impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        })*
    };
}

shown_as_number!(RuleId, ListId, ScopeId);

words! {
    /// Whether a rule lets through or blocks.
    pub enum RuleKind default Block {
        /// Blocks.
        Block = "block",
        /// Lets through.
        Allow = "allow",
    }
}

words! {
    /// Calls of which direction a rule is for.
    pub enum RuleDirection default Inbound {
        /// From a trunk to us.
        Inbound = "inbound",
        /// From us to a trunk.
        Outbound = "outbound",
        /// Either.
        Both = "both",
    }
}

impl RuleDirection {
    /// The directions it covers.
    pub const fn directions(self) -> &'static [Direction] {
        match self {
            Self::Inbound => &[Direction::Inbound],
            Self::Outbound => &[Direction::Outbound],
            Self::Both => &[Direction::Inbound, Direction::Outbound],
        }
    }

    /// Whether both cover one.
    pub const fn overlaps(self, other: Self) -> bool {
        matches!(
            (self, other),
            (Self::Both, _)
                | (_, Self::Both)
                | (Self::Inbound, Self::Inbound)
                | (Self::Outbound, Self::Outbound)
        )
    }

    /// Whether it covers a direction.
    pub const fn covers(self, direction: Direction) -> bool {
        matches!(
            (self, direction),
            (Self::Both, _)
                | (Self::Inbound, Direction::Inbound)
                | (Self::Outbound, Direction::Outbound)
        )
    }
}

/// What a rule asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum RuleAction {
    /// Let through: the action of every allow rule.
    Pass,
    /// Drop without an answer.
    Drop,
    /// Count and log, let through.
    Monitor,
    /// Refuse with a status.
    Reject(RejectStatus),
    /// Play an announcement, the named one or that of the reason, then refuse.
    Announce(Option<ActionWord>),
    /// Hold the caller on the line.
    Torment(Torment),
    /// Ask for a PIN, and let the call go on with the right one.
    Pin,
    /// Divert to the target of this name.
    Redirect(ActionWord),
}

impl From<RuleAction> for String {
    fn from(action: RuleAction) -> Self {
        action.as_str().to_owned()
    }
}

impl TryFrom<String> for RuleAction {
    type Error = String;

    fn try_from(word: String) -> Result<Self, String> {
        Self::from_word(&word).ok_or_else(|| {
            let words: Vec<&str> = Self::words().collect();
            format!("\"{word}\" is no action; known: {}", words.join(", "))
        })
    }
}

impl RuleAction {
    /// What an action of the tables asks for where no more is said.
    pub fn of_tables(action: Action) -> Option<Self> {
        Some(match action {
            Action::Pass => Self::Pass,
            Action::Drop => Self::Drop,
            Action::Monitor => Self::Monitor,
            Action::Reject => Self::Reject(RejectStatus::ByReason),
            Action::Announce => Self::Announce(None),
            Action::Torment => Self::Torment(Torment::default()),
            Action::Pin => Self::Pin,
            Action::Redirect => return None,
        })
    }

    /// All words; those with a name or a length behind the colon as examples.
    pub fn words() -> impl Iterator<Item = &'static str> {
        let plain = [Self::Pass, Self::Drop, Self::Monitor].map(Self::as_str);
        let rejects = std::iter::once(RejectStatus::ByReason).chain(RejectStatus::ALL);
        plain
            .into_iter()
            .chain(rejects.map(RejectStatus::action_word))
            .chain([
                "announce",
                "announce:PROMPT",
                "torment",
                "torment:10m",
                "torment-interactive",
                "torment-interactive:10m",
                "pin",
                "redirect:TARGET",
            ])
    }

    /// The word for people, for `--json` and for the store.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Drop => "drop",
            Self::Monitor => "monitor",
            Self::Reject(status) => status.action_word(),
            Self::Announce(None) => "announce",
            Self::Announce(Some(word)) | Self::Redirect(word) => word.as_str(),
            Self::Torment(torment) => torment.action_word(),
            Self::Pin => "pin",
        }
    }

    /// From its word.
    pub fn from_word(word: &str) -> Option<Self> {
        Some(match word {
            "pass" => Self::Pass,
            "drop" => Self::Drop,
            "monitor" => Self::Monitor,
            "reject" => Self::Reject(RejectStatus::ByReason),
            "announce" => Self::Announce(None),
            "pin" => Self::Pin,
            other => match other.split_once(':') {
                Some(("reject", status)) => Self::Reject(RejectStatus::from_word(status)?),
                Some(("announce", _)) => Self::Announce(Some(ActionWord::keep_named(other)?)),
                Some(("redirect", _)) => Self::Redirect(ActionWord::keep_named(other)?),
                _ => Self::Torment(Torment::from_action_word(other)?),
            },
        })
    }

    /// As the tables have it.
    pub const fn in_tables(self) -> Action {
        match self {
            Self::Pass => Action::Pass,
            Self::Drop => Action::Drop,
            Self::Monitor => Action::Monitor,
            Self::Reject(_) => Action::Reject,
            Self::Announce(_) => Action::Announce,
            Self::Torment(_) => Action::Torment,
            Self::Pin => Action::Pin,
            Self::Redirect(_) => Action::Redirect,
        }
    }

    /// What a kind of rule asks for where nothing else is said.
    pub const fn of_kind(kind: RuleKind) -> Self {
        match kind {
            RuleKind::Allow => Self::Pass,
            RuleKind::Block => Self::Drop,
        }
    }
}

/// A rule as the engine holds it; how it was written, who made it and why stands in the store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    /// Its number.
    pub id: RuleId,
    /// The list it stands in.
    pub list: ListId,
    /// What it matches.
    pub pattern: Pattern,
    /// Whether it is switched on.
    pub enabled: bool,
    /// Block or allow; none for the list's.
    pub kind: Option<RuleKind>,
    /// For whom, by number of the scope and without repetitions; empty for the list's.
    pub scopes: Box<[ScopeId]>,
    /// For calls of which direction; none for the list's.
    pub direction: Option<RuleDirection>,
    /// What it asks for; none for the list's, and where that has none too, for the kind's own.
    pub action: Option<RuleAction>,
    /// Whether no allow rule of a narrower scope lifts it; none for the list's.
    pub mandatory: Option<bool>,
    /// When it is in force; none for always.
    pub timing: Option<Box<Timing>>,
}

impl Rule {
    /// A rule of which nothing is said beside its pattern: all else is its list's.
    pub fn of(id: RuleId, list: ListId, pattern: Pattern) -> Self {
        Self {
            id,
            list,
            pattern,
            enabled: true,
            kind: None,
            scopes: Box::default(),
            direction: None,
            action: None,
            mandatory: None,
            timing: None,
        }
    }
}
