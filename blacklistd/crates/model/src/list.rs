//! Named lists: rules that share their defaults, that are assigned to scopes and switched on and
//! off as a whole.

use serde::{Deserialize, Serialize};

use super::rule::{ListId, Refusal, RuleAction, RuleDirection, RuleKind, ScopeId};

/// Name of the list that is always there.
pub const DEFAULT_LIST: &str = "default";

/// Longest name of a list, an account or a group.
pub const MAXIMUM_NAME: usize = 64;

/// A list as the engine holds it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct List {
    /// Its number.
    pub id: ListId,
    /// Its name; no two lists have the same.
    pub name: Box<str>,
    /// Block or allow, for rules that do not say it.
    pub kind: RuleKind,
    /// Direction of rules that do not say it.
    pub direction: RuleDirection,
    /// What its rules ask for; none for the kind's own.
    pub action: Option<RuleAction>,
    /// Whether its block rules stand before allow rules of narrower scopes.
    pub mandatory: bool,
    /// Whether it is switched on.
    pub enabled: bool,
    /// The scopes it is assigned to, by number and without repetitions.
    pub scopes: Vec<ScopeId>,
}

impl List {
    /// The list that is always there, as it is made.
    pub fn standard() -> Self {
        Self {
            id: ListId::DEFAULT,
            name: DEFAULT_LIST.into(),
            kind: RuleKind::Block,
            direction: RuleDirection::Inbound,
            action: None,
            mandatory: false,
            enabled: true,
            scopes: vec![ScopeId::GLOBAL],
        }
    }
}

/// A list as it is asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ListSpec {
    /// Its name: small letters, digits, `.`, `_`, `-`.
    pub name: String,
    /// See [`List::kind`].
    #[serde(default)]
    pub kind: RuleKind,
    /// See [`List::direction`].
    #[serde(default)]
    pub direction: RuleDirection,
    /// See [`List::action`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub action: Option<RuleAction>,
    /// See [`List::mandatory`].
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub mandatory: bool,
    /// See [`List::enabled`].
    #[serde(default = "super::spec::yes")]
    pub enabled: bool,
    /// Names of the scopes it is assigned to.
    #[serde(default = "global")]
    pub scopes: Vec<String>,
    /// What it is for.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub comment: String,
}

fn global() -> Vec<String> {
    vec!["global".to_owned()]
}

/// What an operator changes of a list; the rest stays.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ListEdit {
    /// See [`ListSpec::name`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// See [`List::kind`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind: Option<RuleKind>,
    /// See [`List::direction`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub direction: Option<RuleDirection>,
    /// See [`List::action`]; `inherit` for the kind's own.
    #[serde(skip_serializing_if = "super::spec::Override::is_keep")]
    pub action: super::spec::Override<RuleAction>,
    /// See [`List::mandatory`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mandatory: Option<bool>,
    /// See [`List::enabled`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub enabled: Option<bool>,
    /// See [`ListSpec::scopes`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scopes: Option<Vec<String>>,
    /// See [`ListSpec::comment`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub comment: Option<String>,
}

/// Judges a name of a list, an account or a group.
///
/// # Errors
/// It is not made of `[a-z0-9][a-z0-9._-]{0,63}`.
pub fn judge_name(name: &str, what: &str) -> Result<(), Refusal> {
    let first = name
        .bytes()
        .next()
        .is_some_and(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit());
    let rest = name
        .bytes()
        .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"._-".contains(&byte));
    if first && rest && name.len() <= MAXIMUM_NAME {
        return Ok(());
    }
    Err(Refusal::Invalid(format!(
        "\"{name}\" is no name of {what}: write up to {MAXIMUM_NAME} small letters, digits, and . _ - behind the first of them"
    )))
}
