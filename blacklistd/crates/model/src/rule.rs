//! A rule: what it matches, for whom, and what it asks for; what it leaves open is inherited from
//! its list.

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

/// Why a rule, a change or a number was refused: a sentence that says what to do.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// It could never have an effect.
    #[error("{0}")]
    Invalid(String),
    /// It conflicts with another rule, or a limit is reached.
    #[error("{0}")]
    Conflict(String),
    /// There is no such rule.
    #[error("there is no rule {0}: see `blacklistd rule list`")]
    NotFound(RuleId),
    /// There is no such list or scope.
    #[error("{0}")]
    Unknown(String),
}

/// A rule's id in the store; never reused.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct RuleId(pub u32);

/// A list's id in the store; never reused.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct ListId(pub u32);

/// A scope's id in the store; never reused.
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
    /// The list that always exists.
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
    /// What a rule does with calls that match.
    pub enum RuleKind default Block {
        /// Blocks calls.
        Block = "block",
        /// Lets calls through.
        Allow = "allow",
    }
}

words! {
    /// The direction of the calls that a rule is for.
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

    /// Whether the two have a direction in common.
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

/// The action of a rule.
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
    /// Ask for a PIN, and connect the call if it is right.
    Pin,
    /// Redirect to the target of this name.
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
            format!("\"{word}\" is not an action; known: {}", words.join(", "))
        })
    }
}

impl RuleAction {
    /// The action without parameters that an action of the tables stands for.
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

    /// All words; for those with a value after the colon, an example.
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

    /// The word that is shown, serialised and stored.
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
                Some(("announce", _)) => Self::Announce(Some(ActionWord::intern_named(other)?)),
                Some(("redirect", _)) => Self::Redirect(ActionWord::intern_named(other)?),
                _ => Self::Torment(Torment::from_action_word(other)?),
            },
        })
    }

    /// As the tables encode it.
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

    /// The action of a kind of rule that sets none.
    pub const fn of_kind(kind: RuleKind) -> Self {
        match kind {
            RuleKind::Allow => Self::Pass,
            RuleKind::Block => Self::Drop,
        }
    }
}

/// A rule as the engine holds it; how it was written, its author and its comment are in the store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    /// Its id.
    pub id: RuleId,
    /// The list it belongs to.
    pub list: ListId,
    /// What it matches.
    pub pattern: Pattern,
    /// Whether it is enabled.
    pub enabled: bool,
    /// Block or allow; `None` for the list's kind.
    pub kind: Option<RuleKind>,
    /// Its scopes, sorted by id, without repetitions; empty for the list's scopes.
    pub scopes: Box<[ScopeId]>,
    /// Direction of the calls it is for; `None` for the list's direction.
    pub direction: Option<RuleDirection>,
    /// Its action; `None` for the list's action.
    pub action: Option<RuleAction>,
    /// Whether it takes precedence over allow rules of narrower scopes; `None` for the list's
    /// setting.
    pub mandatory: Option<bool>,
    /// When it is in force; `None` for always.
    pub timing: Option<Box<Timing>>,
}

impl Rule {
    /// A rule with only a pattern; everything else is inherited from its list.
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
