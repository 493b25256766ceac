//! Lists: named sets of rules with shared defaults, which are assigned to scopes and enabled or
//! disabled as a whole.

use serde::{Deserialize, Serialize};

use super::rule::{ListId, Refusal, RuleAction, RuleDirection, RuleKind, ScopeId};

/// Name of the list that always exists.
pub const DEFAULT_LIST: &str = "default";

/// Maximum length of the name of a list, an account or a group.
pub const MAXIMUM_NAME: usize = 64;

/// A list, as the engine holds it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct List {
    /// Its id.
    pub id: ListId,
    /// Its name, which is unique.
    pub name: Box<str>,
    /// Kind of rules that set none.
    pub kind: RuleKind,
    /// Direction of rules that set none.
    pub direction: RuleDirection,
    /// Action of rules that set none; `None` for the default action of the kind.
    pub action: Option<RuleAction>,
    /// Whether its block rules take precedence over allow rules of narrower scopes.
    pub mandatory: bool,
    /// Whether it is enabled.
    pub enabled: bool,
    /// The scopes it is assigned to, sorted by id, without repetitions.
    pub scopes: Vec<ScopeId>,
}

impl List {
    /// The list that always exists, as it is first created.
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

/// A list as an operator requests it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ListSpec {
    /// Its name: lower-case letters, digits, `.`, `_`, `-`.
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
    /// The operator's comment.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub comment: String,
}

fn global() -> Vec<String> {
    vec!["global".to_owned()]
}

/// An operator's changes to a list; what is not set stays.
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
    /// See [`List::action`]; `inherit` for the default action of the kind.
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

/// Validates the name of a list, an account or a group.
///
/// # Errors
/// It does not match `[a-z0-9][a-z0-9._-]{0,63}`.
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
        "\"{name}\" is not a name of {what}: write up to {MAXIMUM_NAME} lower-case letters, digits, and . _ - after the first character"
    )))
}
