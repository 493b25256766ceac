//! What a rule must not do, judged against the numbers and rules that are there.

use blacklist_common::number::{Number, NumberKind};

use super::pattern::PatternKind;
use super::rule::{Refusal, Rule, Scope};
use super::set::RuleSet;

/// Refuses a rule that could never match, blocks an emergency number, or says what another rule
/// says. `rule.id` itself is not counted as another.
pub(super) fn refuse(set: &RuleSet, rule: &Rule) -> Result<(), Refusal> {
    refuse_protected(set, rule)?;
    let Some(other) = set.twin(rule) else {
        return Ok(());
    };
    let state = if other.enabled {
        ""
    } else {
        ", which is disabled"
    };
    Err(Refusal::Conflict(format!(
        "duplicate: rule {id}{state} says the same: {list} {written} ({scope}, {direction}); change it with `blacklistd rule edit {id}`",
        id = other.id,
        list = other.list.as_str(),
        written = other.written,
        scope = other.scope,
        direction = other.direction.as_str(),
    )))
}

fn refuse_protected(set: &RuleSet, rule: &Rule) -> Result<(), Refusal> {
    if set.is_protected(rule.pattern.number) {
        let written = &rule.written;
        let number = &rule.pattern.text;
        return Err(Refusal::Invalid(match rule.pattern.kind {
            PatternKind::Exact => format!(
                "pattern \"{written}\": {number} is an emergency number, which no rule blocks; the rule could never match (emergency in [safety] of the configuration lists them)"
            ),
            PatternKind::Prefix => format!(
                "pattern \"{written}\" hides the emergency number {number}, which no rule may block (emergency in [safety] of the configuration lists them)"
            ),
        }));
    }
    if let Scope::Number { text, number } = &rule.scope
        && set.is_protected(*number)
    {
        return Err(Refusal::Invalid(format!(
            "scope number:{text}: {text} is an emergency number, whose calls no rule decides; if it is an extension here, take it out of emergency in [safety] of the configuration"
        )));
    }
    Ok(())
}

/// What an operator should know of a rule that is accepted.
pub(super) fn warnings(set: &RuleSet, rule: &Rule) -> Vec<String> {
    let mut warnings = Vec::new();
    if rule.pattern.kind == PatternKind::Prefix && rule.pattern.number.kind() == NumberKind::Local {
        let mut covered: Vec<Number> = set
            .protected()
            .filter(|number| rule.pattern.matches(*number))
            .collect();
        covered.sort_unstable();
        if !covered.is_empty() {
            let list: Vec<String> = covered.iter().map(Number::to_string).collect();
            warnings.push(format!(
                "emergency numbers go through all the same: {}",
                list.join(", ")
            ));
        }
    }
    warnings
}
