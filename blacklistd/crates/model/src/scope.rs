//! Scopes: for whom rules and lists are; and who belongs to them.

use std::fmt;

use blacklist_common::dial_plan::DialPlan;
use blacklist_common::number::Number;
use serde::{Deserialize, Serialize};

use super::list::judge_name;
use super::pattern::{MatchKind, Pattern};
use super::rule::{Refusal, ScopeId};
use crate::words;

/// The name of a scope, as people write it: `global`, `account:acme`, `group:sales`,
/// `number:+14155550100`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum ScopeName {
    /// Every call.
    Global,
    /// The numbers of a customer.
    Account(Box<str>),
    /// Some numbers.
    Group(Box<str>),
    /// One local number.
    Number {
        /// Its canonical spelling.
        text: Box<str>,
        /// Its key.
        number: Number,
    },
}

impl ScopeName {
    /// Reads a name; a number by a dial plan.
    ///
    /// # Errors
    /// It is none of the four, or has no name or number behind it.
    pub fn parse(text: &str, plan: &DialPlan) -> Result<Self, Refusal> {
        let text = text.trim();
        if text == "global" {
            return Ok(Self::Global);
        }
        if let Some(name) = text.strip_prefix("account:") {
            judge_name(name, "an account")?;
            return Ok(Self::Account(name.into()));
        }
        if let Some(name) = text.strip_prefix("group:") {
            judge_name(name, "a group")?;
            return Ok(Self::Group(name.into()));
        }
        if let Some(number) = text.strip_prefix("number:") {
            let (text, number) = read_number(number, plan, "scope number")?;
            return Ok(Self::Number { text, number });
        }
        Err(Refusal::Invalid(format!(
            "\"{text}\" is no scope: write global, account:NAME, group:NAME, or number: and a local number, such as number:+14155550100"
        )))
    }

    /// Reads a name as the store keeps it.
    ///
    /// # Errors
    /// It is not canonical.
    pub fn from_canonical(text: &str) -> Result<Self, Refusal> {
        Self::parse(text, &DialPlan::default())
    }

    /// Order of scopes, broadest first; within one rank by their numbers.
    pub const fn rank(&self) -> u8 {
        match self {
            Self::Global => 0,
            Self::Account(_) => 1,
            Self::Group(_) => 2,
            Self::Number { .. } => 3,
        }
    }
}

impl fmt::Display for ScopeName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Global => f.write_str("global"),
            Self::Account(name) => write!(f, "account:{name}"),
            Self::Group(name) => write!(f, "group:{name}"),
            Self::Number { text, .. } => write!(f, "number:{text}"),
        }
    }
}

/// Reads one whole number by a dial plan: its canonical spelling and its key. `what` is named
/// where it is none.
///
/// # Errors
/// It is no number or name, or a pattern of several.
pub fn read_number(
    written: &str,
    plan: &DialPlan,
    what: &str,
) -> Result<(Box<str>, Number), Refusal> {
    let pattern = Pattern::parse(written, plan).map_err(|refusal| match refusal {
        Refusal::Invalid(text) => Refusal::Invalid(text.replacen("pattern", what, 1)),
        other => other,
    })?;
    match (pattern.kind(), pattern.number()) {
        (MatchKind::Exact, Some(number)) => Ok((pattern.spelling().into(), number)),
        _ => Err(Refusal::Invalid(format!(
            "{what} \"{written}\": this has to be one number or name: write it without * and ?, and no class of callers"
        ))),
    }
}

words! {
    /// What becomes of calls that no rule names.
    pub enum DefaultPolicy default Unset {
        /// What a broader scope says; they go through if none says anything.
        Unset = "unset",
        /// They go through.
        Allow = "allow",
        /// They are blocked.
        Block = "block",
    }
}

/// A scope as the engine holds it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScopeRecord {
    /// Its number; 0 is the global one.
    pub id: ScopeId,
    /// Its name; no two scopes have the same.
    pub name: ScopeName,
    /// What becomes of calls that no rule names.
    pub policy: DefaultPolicy,
}

impl ScopeRecord {
    /// The scope that every call is in, as it is made.
    pub const fn global() -> Self {
        Self {
            id: ScopeId::GLOBAL,
            name: ScopeName::Global,
            policy: DefaultPolicy::Unset,
        }
    }
}

/// A local number that belongs to an account or a group. A number's own scope needs no member.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Member {
    /// The account or group.
    pub scope: ScopeId,
    /// The number.
    pub number: Number,
}

/// A scope as it is asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ScopeSpec {
    /// Its name, see [`ScopeName`].
    pub name: String,
    /// What becomes of calls that no rule names.
    #[serde(default)]
    pub policy: DefaultPolicy,
    /// Local numbers that belong to it, in any spelling.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub members: Vec<String>,
    /// Dial plan by which its numbers are read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dial_plan: Option<String>,
    /// What it is for.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub comment: String,
}

/// What an operator changes of a scope; the rest stays.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ScopeEdit {
    /// See [`ScopeSpec::policy`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub policy: Option<DefaultPolicy>,
    /// See [`ScopeSpec::comment`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub comment: Option<String>,
}
