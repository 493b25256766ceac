//! A rule's settings combined with those of its list: the one place that knows what is inherited.
//!
//! An action and a mandatory mark have an effect only where they fit the rule's kind. A list whose
//! kind was changed by an earlier version may hold rules where they do not: those are enforced,
//! shown, exported and edited without these settings.

use crate::{List, Refusal, Rule, RuleAction, RuleDirection, RuleKind, ScopeId};
use blacklist_common::pattern::Kind;
use blacklist_common::tables::Direction;
use jiff::Timestamp;

/// A rule's settings, including those inherited from its list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Effective {
    /// Block or allow.
    pub kind: RuleKind,
    /// Directions of the calls that it is for.
    pub direction: RuleDirection,
    /// What it asks for.
    pub action: RuleAction,
    /// Whether it takes precedence over allow rules of narrower scopes.
    pub mandatory: bool,
    /// Whether both the rule and its list are enabled.
    pub enabled: bool,
}

impl Effective {
    /// The settings of a rule in a list.
    pub fn of(rule: &Rule, list: &List) -> Self {
        let kind = Self::kind_of(rule.kind, list);
        let fitting = |action: &RuleAction| fits(kind, *action);
        let inherited = || list.action.filter(fitting);
        Self {
            kind,
            direction: rule.direction.unwrap_or(list.direction),
            action: rule
                .action
                .filter(fitting)
                .or_else(inherited)
                .unwrap_or(RuleAction::of_kind(kind)),
            mandatory: kind == RuleKind::Block && rule.mandatory.unwrap_or(list.mandatory),
            enabled: rule.enabled && list.enabled,
        }
    }

    /// The kind of a rule whose own kind is `own`.
    pub fn kind_of(own: Option<RuleKind>, list: &List) -> RuleKind {
        own.unwrap_or(list.kind)
    }

    /// The scopes of a rule: its own, or those of its list if it names none.
    pub fn scopes<'r>(rule: &'r Rule, list: &'r List) -> &'r [ScopeId] {
        if rule.scopes.is_empty() {
            &list.scopes
        } else {
            &rule.scopes
        }
    }

    /// Why a rule is not in force at `now`; `None` if it is.
    pub fn why_not_in_force(rule: &Rule, list: &List, now: Timestamp) -> Option<String> {
        if Self::is_due(rule, list, now) {
            return None;
        }
        if !rule.enabled {
            return Some("it is disabled".to_owned());
        }
        if !list.enabled {
            return Some(format!("its list {} is disabled", list.name));
        }
        let timing = rule.timing.as_ref()?;
        if let Some(from) = timing.from.filter(|from| *from > now) {
            return Some(format!("it is valid from {from} on"));
        }
        if let Some(until) = timing.until.filter(|until| *until <= now) {
            return Some(format!("it was valid until {until}"));
        }
        let schedule = timing.schedule.as_ref()?;
        Some(format!("its schedule ({schedule}) does not cover now"))
    }

    /// Whether a rule should be in force at `now`.
    pub fn is_due(rule: &Rule, list: &List, now: Timestamp) -> bool {
        let timing = rule.timing.as_ref();
        rule.enabled && list.enabled && timing.is_none_or(|timing| timing.covers(now))
    }

    /// The kind as the tables encode it.
    pub const fn kind_in_tables(&self) -> Kind {
        match self.kind {
            RuleKind::Allow => Kind::Allow,
            RuleKind::Block if self.mandatory => Kind::Mandatory,
            RuleKind::Block => Kind::Block,
        }
    }

    /// The directions that it is for.
    pub fn directions(&self) -> impl Iterator<Item = Direction> + use<> {
        self.direction.directions().iter().copied()
    }
}

impl Rule {
    /// Refuses settings of its own that contradict the kind it has in a list.
    ///
    /// # Errors
    /// There is a contradiction; the text says what to do.
    pub fn judge_settings(&self, list: &List) -> Result<(), Refusal> {
        let kind = Effective::kind_of(self.kind, list);
        judge_kind_and_action(kind, self.action)?;
        if kind == RuleKind::Allow && self.mandatory == Some(true) {
            return Err(Refusal::Invalid(
                "an allow rule cannot be mandatory: that is for block rules, which no allow rule of a narrower scope lifts then".to_owned(),
            ));
        }
        Ok(())
    }

    /// Removes settings of its own that have no effect because they contradict the kind it has in a
    /// list.
    pub fn drop_contradictions(&mut self, list: &List) {
        let kind = Effective::kind_of(self.kind, list);
        (self.action, self.mandatory) = settings_in_effect(kind, self.action, self.mandatory);
    }
}

/// The rule's own settings that have an effect with its kind.
pub fn settings_in_effect(
    kind: RuleKind,
    action: Option<RuleAction>,
    mandatory: Option<bool>,
) -> (Option<RuleAction>, Option<bool>) {
    (
        action.filter(|action| fits(kind, *action)),
        mandatory.filter(|mandatory| !mandatory || kind == RuleKind::Block),
    )
}

/// Whether an action is valid for a kind.
pub(crate) const fn fits(kind: RuleKind, action: RuleAction) -> bool {
    matches!(kind, RuleKind::Allow) == matches!(action, RuleAction::Pass)
}

/// Refuses an action that contradicts the kind of the same rule or list.
///
/// # Errors
/// It contradicts; the text says what to do.
pub fn judge_kind_and_action(kind: RuleKind, action: Option<RuleAction>) -> Result<(), Refusal> {
    let Some(action) = action.filter(|action| !fits(kind, *action)) else {
        return Ok(());
    };
    Err(Refusal::Invalid(match kind {
        RuleKind::Allow => format!(
            "an allow rule lets calls through; the action {} is for block rules",
            action.as_str()
        ),
        RuleKind::Block => "a block rule does not let calls through: make it an allow rule, or use the action monitor".to_owned(),
    }))
}
