//! Rules as objects of the API and of files: as requested, and as changed.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::list::DEFAULT_LIST;
use super::rule::{RuleAction, RuleDirection, RuleKind};

/// What an edit does to a setting that can be inherited from the list.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub enum Override<T> {
    /// Leaves it unchanged.
    #[default]
    Keep,
    /// Inherits it from the list; removes a time. Written `"inherit"`.
    Inherit,
    /// Sets it.
    Set(T),
}

impl<T> Override<T> {
    /// Whether nothing is changed.
    pub const fn is_keep(&self) -> bool {
        matches!(self, Self::Keep)
    }

    /// The value after the edit, where it was `old`.
    pub fn over(&self, old: Option<T>) -> Option<T>
    where
        T: Clone,
    {
        match self {
            Self::Keep => old,
            Self::Inherit => None,
            Self::Set(value) => Some(value.clone()),
        }
    }
}

const INHERIT: &str = "inherit";

impl<T: Serialize> Serialize for Override<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Keep => serializer.serialize_none(),
            Self::Inherit => serializer.serialize_str(INHERIT),
            Self::Set(value) => value.serialize(serializer),
        }
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Override<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        enum Word {
            #[serde(rename = "inherit")]
            Inherit,
        }
        #[derive(Deserialize)]
        #[serde(untagged, expecting = "expected one of its words, or \"inherit\"")]
        enum Written<T> {
            Inherit(Word),
            Set(T),
        }
        Ok(match Written::deserialize(deserializer)? {
            Written::Inherit(Word::Inherit) => Self::Inherit,
            Written::Set(value) => Self::Set(value),
        })
    }
}

/// A rule as an operator requests it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RuleSpec {
    /// A number or name, with `*` and `?` as wildcards; or `anonymous`, `unverified`.
    pub pattern: String,
    /// Name of its list.
    #[serde(default = "default_list")]
    pub list: String,
    /// Block or allow; `None` for the list's kind.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<RuleKind>,
    /// Names of scopes; empty for the list's scopes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub scopes: Vec<String>,
    /// Direction of the calls it is for; `None` for the list's direction.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub direction: Option<RuleDirection>,
    /// Its action; `None` for the list's action.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub action: Option<RuleAction>,
    /// Whether it takes precedence over allow rules of narrower scopes; `None` for the list's
    /// setting.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mandatory: Option<bool>,
    /// Dial plan by which pattern and scopes are read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dial_plan: Option<String>,
    /// The operator's comment.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub comment: String,
    /// Whether it is enabled.
    #[serde(default = "yes")]
    pub enabled: bool,
    /// Start of validity: RFC 3339, or a date.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_from: Option<String>,
    /// End of validity: RFC 3339, exclusive, or a date, inclusive.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_until: Option<String>,
    /// When it is in force, see [`super::Schedule`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub schedule: Option<String>,
}

impl RuleSpec {
    /// A rule of the default list with only a pattern.
    pub fn of(pattern: &str) -> Self {
        Self {
            pattern: pattern.to_owned(),
            list: default_list(),
            kind: None,
            scopes: Vec::new(),
            direction: None,
            action: None,
            mandatory: None,
            dial_plan: None,
            comment: String::new(),
            enabled: true,
            valid_from: None,
            valid_until: None,
            schedule: None,
        }
    }
}

fn default_list() -> String {
    DEFAULT_LIST.to_owned()
}

pub(super) const fn yes() -> bool {
    true
}

/// An operator's changes to a rule; what is not set stays.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct RuleEdit {
    /// See [`RuleSpec::pattern`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pattern: Option<String>,
    /// See [`RuleSpec::list`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub list: Option<String>,
    /// See [`RuleSpec::kind`].
    #[serde(skip_serializing_if = "Override::is_keep")]
    pub kind: Override<RuleKind>,
    /// See [`RuleSpec::scopes`].
    #[serde(skip_serializing_if = "Override::is_keep")]
    pub scopes: Override<Vec<String>>,
    /// See [`RuleSpec::direction`].
    #[serde(skip_serializing_if = "Override::is_keep")]
    pub direction: Override<RuleDirection>,
    /// See [`RuleSpec::action`].
    #[serde(skip_serializing_if = "Override::is_keep")]
    pub action: Override<RuleAction>,
    /// See [`RuleSpec::mandatory`].
    #[serde(skip_serializing_if = "Override::is_keep")]
    pub mandatory: Override<bool>,
    /// See [`RuleSpec::dial_plan`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dial_plan: Option<String>,
    /// See [`RuleSpec::comment`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub comment: Option<String>,
    /// See [`RuleSpec::enabled`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub enabled: Option<bool>,
    /// See [`RuleSpec::valid_from`]; `inherit` for none.
    #[serde(skip_serializing_if = "Override::is_keep")]
    pub valid_from: Override<String>,
    /// See [`RuleSpec::valid_until`]; `inherit` for none.
    #[serde(skip_serializing_if = "Override::is_keep")]
    pub valid_until: Override<String>,
    /// See [`RuleSpec::schedule`]; `inherit` for none.
    #[serde(skip_serializing_if = "Override::is_keep")]
    pub schedule: Override<String>,
}
