//! Turns an operator's request into a rule: words to canonical patterns, lists and scopes.

use std::collections::BTreeMap;

use blacklist_common::dial_plan::DialPlan;
use jiff::tz::TimeZone;

use super::effective::{Effective, fits};
use super::list::List;
use super::pattern::Pattern;
use super::rule::{ListId, Refusal, Rule, RuleId, ScopeId};
use super::schedule::{Schedule, Timing, read_time};
use super::scope::ScopeName;
use super::spec::{Override, RuleEdit, RuleSpec};

/// The name that selects no dial plan.
pub const NO_DIAL_PLAN: &str = "none";

/// The dial plans by which rules are read.
#[derive(Clone, Copy, Debug)]
pub struct DialPlans<'a> {
    /// By name.
    pub plans: &'a BTreeMap<String, DialPlan>,
    /// Name of the plan for rules that name none.
    pub default: Option<&'a str>,
}

impl DialPlans<'_> {
    /// The named plan, or the default one, with its name; [`NO_DIAL_PLAN`] if there is neither.
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
                    "no dial plan is named \"{name}\": the configuration has {}; \"none\" means no dial plan",
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

/// Resolves the names in a spec.
pub trait Names {
    /// Finds a list by name.
    fn list(&self, name: &str) -> Option<&List>;
    /// Finds a list by id.
    fn list_of(&self, id: ListId) -> Option<&List>;
    /// The id of a scope. Asking for the scope of a local number may create it; accounts and groups
    /// are created by operators.
    fn scope(&mut self, name: &ScopeName) -> Option<ScopeId>;
}

/// A parsed rule that has no id yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Draft {
    /// Everything but the id, which is 0.
    pub rule: Rule,
    /// The pattern as it was written.
    pub written: Box<str>,
    /// Name of the dial plan it was read by, or `none`.
    pub dial_plan: Box<str>,
    /// The operator's comment.
    pub comment: Box<str>,
}

/// Maximum length of a comment, in characters.
const MAXIMUM_COMMENT: usize = 1000;

impl Draft {
    /// Parses a rule spec.
    ///
    /// # Errors
    /// The rule could never match, contradicts itself, or names an unknown list or scope.
    pub fn from_spec(
        spec: &RuleSpec,
        plans: DialPlans<'_>,
        names: &mut dyn Names,
    ) -> Result<Self, Refusal> {
        let (dial_plan, plan) = plans.find(spec.dial_plan.as_deref())?;
        let written = spec.pattern.trim();
        let list = find_list(&spec.list, names)?;
        let timing = timing_of(
            spec.schedule.as_deref(),
            spec.valid_from.as_deref(),
            spec.valid_until.as_deref(),
        )?;
        let rule = Rule {
            id: RuleId(0),
            list,
            pattern: Pattern::parse(written, &plan)?,
            enabled: spec.enabled,
            kind: spec.kind,
            scopes: read_scopes(&spec.scopes, &plan, names)?,
            direction: spec.direction,
            action: spec.action,
            mandatory: spec.mandatory,
            timing,
        };
        judge_settings(&rule, names)?;
        Ok(Self {
            rule,
            written: written.into(),
            dial_plan: dial_plan.into(),
            comment: judge_comment(&spec.comment)?,
        })
    }

    /// Applies an operator's changes. A pattern that is not changed keeps its number, even if its
    /// dial plan has changed since.
    ///
    /// # Errors
    /// As [`Self::from_spec`].
    pub fn edited(
        &self,
        edit: &RuleEdit,
        plans: DialPlans<'_>,
        names: &mut dyn Names,
    ) -> Result<Self, Refusal> {
        let mut next = self.clone();
        let rule = &mut next.rule;
        // A setting that had no effect must not block the change.
        if let Some(list) = names.list_of(rule.list) {
            rule.drop_contradictions(list);
        }
        let reread = edit.pattern.is_some() || edit.dial_plan.is_some();
        if reread || !edit.scopes.is_keep() {
            let name = edit.dial_plan.as_deref().unwrap_or(&self.dial_plan);
            let (dial_plan, plan) = plans.find(Some(name))?;
            if reread {
                let written = edit.pattern.as_deref().unwrap_or(&self.written).trim();
                rule.pattern = Pattern::parse(written, &plan)?;
                next.written = written.into();
                next.dial_plan = dial_plan.into();
            }
            match &edit.scopes {
                Override::Keep => {}
                Override::Inherit => rule.scopes = Box::default(),
                Override::Set(scopes) => rule.scopes = read_scopes(scopes, &plan, names)?,
            }
        }
        if let Some(list) = &edit.list {
            rule.list = find_list(list, names)?;
        }
        rule.kind = edit.kind.over(rule.kind);
        rule.direction = edit.direction.over(rule.direction);
        rule.action = edit.action.over(rule.action);
        if !edit.kind.is_keep() && edit.action.is_keep() {
            // The action of the other kind would contradict the new one.
            let kind = names
                .list_of(rule.list)
                .map(|list| Effective::kind_of(rule.kind, list));
            rule.action = rule
                .action
                .filter(|action| kind.is_none_or(|kind| fits(kind, *action)));
        }
        rule.mandatory = edit.mandatory.over(rule.mandatory);
        rule.enabled = edit.enabled.unwrap_or(rule.enabled);
        rule.timing = edited_timing(rule.timing.as_deref(), edit)?;
        judge_settings(rule, names)?;
        if let Some(comment) = &edit.comment {
            next.comment = judge_comment(comment)?;
        }
        Ok(next)
    }
}

fn find_list(name: &str, names: &dyn Names) -> Result<ListId, Refusal> {
    let list = names.list(name.trim()).ok_or_else(|| no_list(name))?;
    Ok(list.id)
}

fn judge_settings(rule: &Rule, names: &dyn Names) -> Result<(), Refusal> {
    let list = names.list_of(rule.list);
    list.map_or(Ok(()), |list| rule.judge_settings(list))
}

/// The refusal of an unknown list.
pub fn no_list(name: &str) -> Refusal {
    Refusal::Unknown(format!(
        "there is no list \"{name}\": make it with `blacklistd list add {name}`, or see `blacklistd list list`"
    ))
}

/// The refusal of an unknown scope.
pub fn no_scope(name: &str) -> Refusal {
    Refusal::Unknown(format!(
        "there is no {name}: make it with `blacklistd scope add {name}`, or see `blacklistd scope list`"
    ))
}

/// Parses names of scopes; the result is sorted by id, without repetitions.
///
/// # Errors
/// A name is not that of a scope, or there is no such account or group.
pub fn read_scopes(
    written: &[String],
    plan: &DialPlan,
    names: &mut dyn Names,
) -> Result<Box<[ScopeId]>, Refusal> {
    let mut scopes = Vec::with_capacity(written.len());
    for text in written {
        let name = ScopeName::parse(text, plan)?;
        let id = names
            .scope(&name)
            .ok_or_else(|| no_scope(&name.to_string()))?;
        scopes.push(id);
    }
    scopes.sort_unstable();
    scopes.dedup();
    Ok(scopes.into())
}

fn timing_of(
    schedule: Option<&str>,
    from: Option<&str>,
    until: Option<&str>,
) -> Result<Option<Box<Timing>>, Refusal> {
    let schedule = schedule.map(Schedule::parse).transpose()?;
    let zone = schedule
        .as_ref()
        .map_or(TimeZone::UTC, |schedule| schedule.zone().clone());
    boxed(Timing {
        from: from.map(|text| read_time(text, &zone, false)).transpose()?,
        until: until.map(|text| read_time(text, &zone, true)).transpose()?,
        schedule,
    })
}

fn boxed(timing: Timing) -> Result<Option<Box<Timing>>, Refusal> {
    if let (Some(from), Some(until)) = (timing.from, timing.until)
        && until <= from
    {
        return Err(Refusal::Invalid(format!(
            "the rule could never match: it is valid until {until}, which is not after {from}, when it begins to be valid"
        )));
    }
    Ok((!timing.is_always()).then(|| Box::new(timing)))
}

fn edited_timing(old: Option<&Timing>, edit: &RuleEdit) -> Result<Option<Box<Timing>>, Refusal> {
    let mut timing = old.cloned().unwrap_or_default();
    match &edit.schedule {
        Override::Keep => {}
        Override::Inherit => timing.schedule = None,
        Override::Set(text) => timing.schedule = Some(Schedule::parse(text)?),
    }
    let zone = timing
        .schedule
        .as_ref()
        .map_or(TimeZone::UTC, |schedule| schedule.zone().clone());
    let times = [
        (&edit.valid_from, &mut timing.from, false),
        (&edit.valid_until, &mut timing.until, true),
    ];
    for (edit, place, until) in times {
        match edit {
            Override::Keep => {}
            Override::Inherit => *place = None,
            Override::Set(text) => *place = Some(read_time(text, &zone, until)?),
        }
    }
    boxed(timing)
}

/// Validates a comment and trims it.
///
/// # Errors
/// It is too long or has several lines.
pub fn judge_comment(text: &str) -> Result<Box<str>, Refusal> {
    let text = text.trim();
    if text.chars().count() > MAXIMUM_COMMENT {
        return Err(Refusal::Invalid(format!(
            "the comment is longer than {MAXIMUM_COMMENT} characters"
        )));
    }
    if text.chars().any(char::is_control) {
        return Err(Refusal::Invalid(
            "the comment has control characters or several lines: write one line".to_owned(),
        ));
    }
    Ok(text.into())
}
