//! Scopes: whom rules and lists are for, and who belongs to them.

use std::fmt;

use blacklist_common::dial_plan::DialPlan;
use blacklist_common::number::Number;
use serde::{Deserialize, Serialize};

use super::list::judge_name;
use super::pattern::{MatchKind, Pattern};
use super::rule::{Refusal, ScopeId};
use crate::words;

/// The name of a scope, as it is written: `global`, `account:acme`, `group:sales`,
/// `number:+14155550100`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum ScopeName {
    /// Every call.
    Global,
    /// The numbers of an account.
    Account(Box<str>),
    /// A group of numbers.
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
    /// Parses a name; a number is read by a dial plan.
    ///
    /// # Errors
    /// It is not one of the four forms, or lacks the name or number after the colon.
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
            "\"{text}\" is not a scope: write global, account:NAME, group:NAME, or number: and a local number, such as number:+14155550100"
        )))
    }

    /// Parses a name as it is stored.
    ///
    /// # Errors
    /// It is not canonical.
    pub fn from_canonical(text: &str) -> Result<Self, Refusal> {
        Self::parse(text, &DialPlan::default())
    }

    /// Order of scopes, broadest first; scopes of one rank are ordered by id.
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

/// Reads 1 whole number by a dial plan, as its canonical spelling and its key. Errors name it as
/// `what`.
///
/// # Errors
/// It is not a number or name, or is a pattern that matches several.
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
    /// What happens to calls that no rule matches.
    pub enum DefaultPolicy default Unset {
        /// As the next broader scope says; they pass if no scope sets it.
        Unset = "unset",
        /// They pass.
        Allow = "allow",
        /// They are blocked.
        Block = "block",
    }
}

/// A scope as the engine holds it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScopeRecord {
    /// Its id; 0 is the global scope.
    pub id: ScopeId,
    /// Its name, which is unique.
    pub name: ScopeName,
    /// What happens to calls that no rule matches.
    pub policy: DefaultPolicy,
}

impl ScopeRecord {
    /// The scope of every call, as it is first created.
    pub const fn global() -> Self {
        Self {
            id: ScopeId::GLOBAL,
            name: ScopeName::Global,
            policy: DefaultPolicy::Unset,
        }
    }
}

/// A local number that belongs to an account or a group. The scope of a single number has no
/// members.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Member {
    /// The account or group.
    pub scope: ScopeId,
    /// The number.
    pub number: Number,
}

/// A scope as an operator requests it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ScopeSpec {
    /// Its name, see [`ScopeName`].
    pub name: String,
    /// What happens to calls that no rule matches.
    #[serde(default)]
    pub policy: DefaultPolicy,
    /// Local numbers that belong to it, in any spelling.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub members: Vec<String>,
    /// Dial plan by which its numbers are read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dial_plan: Option<String>,
    /// The operator's comment.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub comment: String,
}

/// An operator's changes to a scope; what is not set stays.
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
