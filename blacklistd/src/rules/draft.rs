//! From what an operator asks for to a rule: words to canonical patterns and scopes.

use std::collections::BTreeMap;

use blacklist_common::dial_plan::DialPlan;
use serde::{Deserialize, Serialize};

use super::pattern::{Pattern, PatternKind};
use super::rule::{ListKind, Refusal, Rule, RuleAction, RuleDirection, RuleId, Scope};

/// The name that means "no dial plan" where one can be named.
pub const NO_DIAL_PLAN: &str = "none";

/// The dial plans that a rule can be read by.
#[derive(Clone, Copy, Debug)]
pub struct DialPlans<'a> {
    /// By name.
    pub plans: &'a BTreeMap<String, DialPlan>,
    /// Name of the one that rules are read by if they name none.
    pub default: Option<&'a str>,
}

impl DialPlans<'_> {
    /// The plan of a name, or the default one; also its name, [`NO_DIAL_PLAN`] for none.
    ///
    /// # Errors
    /// There is no plan of this name.
    pub fn find(&self, name: Option<&str>) -> Result<(String, DialPlan), Refusal> {
        let name = match name {
            Some(NO_DIAL_PLAN) => None,
            Some("") | None => self.default,
            named => named,
        };
        let Some(name) = name else {
            return Ok((NO_DIAL_PLAN.to_owned(), DialPlan::default()));
        };
        match self.plans.get(name) {
            Some(plan) => Ok((name.to_owned(), *plan)),
            None => {
                let known: Vec<&str> = self.plans.keys().map(String::as_str).collect();
                Err(Refusal::Invalid(format!(
                    "no dial plan is named \"{name}\": the configuration has {}; \"none\" stands for no dial plan",
                    if known.is_empty() {
                        "none at all".to_owned()
                    } else {
                        known.join(", ")
                    }
                )))
            }
        }
    }
}

/// A rule as it is asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RuleSpec {
    /// A number, a name, or a prefix with `*` at the end.
    pub pattern: String,
    /// Block or allow.
    #[serde(default)]
    pub list: ListKind,
    /// `global` or `number:NUMBER`.
    #[serde(default = "global")]
    pub scope: String,
    /// For calls of which direction.
    #[serde(default)]
    pub direction: RuleDirection,
    /// What it asks for; none for the list kind's own.
    #[serde(default)]
    pub action: Option<RuleAction>,
    /// Dial plan by which pattern and scope are read.
    #[serde(default)]
    pub dial_plan: Option<String>,
    /// Why it is there.
    #[serde(default)]
    pub comment: String,
    /// Whether it is in force.
    #[serde(default = "enabled")]
    pub enabled: bool,
}

fn global() -> String {
    "global".to_owned()
}

const fn enabled() -> bool {
    true
}

/// What an operator changes of a rule; the rest stays.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct RuleEdit {
    /// See [`RuleSpec::pattern`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pattern: Option<String>,
    /// See [`RuleSpec::list`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub list: Option<ListKind>,
    /// See [`RuleSpec::scope`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scope: Option<String>,
    /// See [`RuleSpec::direction`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub direction: Option<RuleDirection>,
    /// See [`RuleSpec::action`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub action: Option<RuleAction>,
    /// See [`RuleSpec::dial_plan`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dial_plan: Option<String>,
    /// See [`RuleSpec::comment`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub comment: Option<String>,
    /// See [`RuleSpec::enabled`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub enabled: Option<bool>,
}

/// A rule that has been read and has no number yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Draft {
    /// Everything but the id, which is 0.
    pub rule: Rule,
    /// Name of the dial plan it was read by; `none` for none.
    pub dial_plan: String,
    /// Why it is there.
    pub comment: String,
}

/// Longest comment that is kept.
const MAXIMUM_COMMENT: usize = 1000;

impl Draft {
    /// Reads a rule as it is asked for.
    ///
    /// # Errors
    /// It could never match, or contradicts itself.
    pub fn from_spec(spec: &RuleSpec, plans: DialPlans<'_>) -> Result<Self, Refusal> {
        let (dial_plan, plan) = plans.find(spec.dial_plan.as_deref())?;
        let written = spec.pattern.trim();
        Ok(Self {
            rule: Rule {
                id: RuleId(0),
                written: written.into(),
                pattern: Pattern::parse(written, &plan)?,
                list: spec.list,
                scope: read_scope(&spec.scope, &plan)?,
                direction: spec.direction,
                action: action_of(spec.list, spec.action)?,
                enabled: spec.enabled,
            },
            dial_plan,
            comment: comment_of(&spec.comment)?,
        })
    }

    /// This rule with an operator's changes. A pattern that is not changed keeps the number it
    /// has, whatever became of its dial plan.
    ///
    /// # Errors
    /// As [`Self::from_spec`].
    pub fn edited(&self, edit: &RuleEdit, plans: DialPlans<'_>) -> Result<Self, Refusal> {
        let mut next = self.clone();
        let reread = edit.pattern.is_some() || edit.dial_plan.is_some();
        if reread || edit.scope.is_some() {
            let name = edit.dial_plan.as_deref().unwrap_or(&self.dial_plan);
            let (dial_plan, plan) = plans.find(Some(name))?;
            if reread {
                let written = edit.pattern.as_deref().unwrap_or(&self.rule.written).trim();
                next.rule.pattern = Pattern::parse(written, &plan)?;
                next.rule.written = written.into();
                next.dial_plan = dial_plan;
            }
            if let Some(scope) = &edit.scope {
                next.rule.scope = read_scope(scope, &plan)?;
            }
        }
        if let Some(list) = edit.list {
            next.rule.list = list;
        }
        let kept = (next.rule.list == self.rule.list).then_some(self.rule.action);
        next.rule.action = action_of(next.rule.list, edit.action.or(kept))?;
        next.rule.direction = edit.direction.unwrap_or(self.rule.direction);
        next.rule.enabled = edit.enabled.unwrap_or(self.rule.enabled);
        if let Some(comment) = &edit.comment {
            next.comment = comment_of(comment)?;
        }
        Ok(next)
    }
}

/// Reads a scope by a dial plan.
pub(super) fn read_scope(text: &str, plan: &DialPlan) -> Result<Scope, Refusal> {
    let text = text.trim();
    if text == "global" {
        return Ok(Scope::Global);
    }
    let Some(number) = text.strip_prefix("number:") else {
        return Err(Refusal::Invalid(format!(
            "\"{text}\" is no scope: write global, or number: and a local number, such as number:+14155550100"
        )));
    };
    let pattern = Pattern::parse(number, plan).map_err(|refusal| match refusal {
        Refusal::Invalid(text) => Refusal::Invalid(text.replacen("pattern", "scope number", 1)),
        other => other,
    })?;
    match pattern.kind {
        PatternKind::Exact => Ok(Scope::Number {
            text: pattern.text,
            number: pattern.number,
        }),
        PatternKind::Prefix => Err(Refusal::Invalid(format!(
            "\"{text}\": a scope is one local number; write it without *"
        ))),
    }
}

impl Scope {
    /// Reads a scope as the store keeps it.
    ///
    /// # Errors
    /// It is not canonical.
    pub fn from_canonical(text: &str) -> Result<Self, Refusal> {
        if text == "global" {
            return Ok(Self::Global);
        }
        let number = text.strip_prefix("number:").unwrap_or_default();
        let pattern = Pattern::from_canonical(PatternKind::Exact, number)?;
        Ok(Self::Number {
            text: pattern.text,
            number: pattern.number,
        })
    }
}

fn action_of(list: ListKind, action: Option<RuleAction>) -> Result<RuleAction, Refusal> {
    match (list, action) {
        (ListKind::Allow, None | Some(RuleAction::Pass)) => Ok(RuleAction::Pass),
        (ListKind::Block, None) => Ok(RuleAction::Drop),
        (ListKind::Block, Some(action @ (RuleAction::Drop | RuleAction::Monitor))) => Ok(action),
        (ListKind::Allow, Some(action)) => Err(Refusal::Invalid(format!(
            "an allow rule lets calls through; the action {} is for block rules",
            action.as_str()
        ))),
        (ListKind::Block, Some(RuleAction::Pass)) => Err(Refusal::Invalid(
            "a block rule does not let calls through: make it an allow rule, or use the action monitor".to_owned(),
        )),
    }
}

fn comment_of(text: &str) -> Result<String, Refusal> {
    let text = text.trim();
    if text.chars().count() > MAXIMUM_COMMENT {
        return Err(Refusal::Invalid(format!(
            "the comment is longer than {MAXIMUM_COMMENT} characters"
        )));
    }
    if text.chars().any(|c| c.is_control()) {
        return Err(Refusal::Invalid(
            "the comment has control characters or several lines: write one line".to_owned(),
        ));
    }
    Ok(text.to_owned())
}
