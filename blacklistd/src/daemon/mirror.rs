//! Rules in force, as others keep numbers: what they cannot hold is left out, and reported.

use std::io::{self, Write};

use blacklist_engine::RuleSet;
use blacklist_lists::exchange;
use blacklist_lists::exchange::Entry;
use blacklist_model::ForeignFormat;
use blacklist_model::{
    MatchKind, Refusal, Rule, RuleAction, RuleDirection, RuleKind, ScopeId, no_list,
};
use blacklist_wire::MirrorReport;

/// Writes the rules in force of a list, or of all.
///
/// # Errors
/// There is no such list, or the output cannot be written.
pub(crate) fn mirror(
    rules: &RuleSet,
    foreign: ForeignFormat,
    list: Option<&str>,
    plus: &str,
    output: &mut impl Write,
) -> Result<MirrorReport, MirrorError> {
    let list = match list {
        None => None,
        Some(name) => match rules.list_named(name) {
            Some(list) => Some(list.id),
            None => return Err(no_list(name).into()),
        },
    };
    let mut report = MirrorReport::default();
    let mut write = |rule: &Rule| -> io::Result<()> {
        if !rules.is_in_force(rule.id) {
            return Ok(());
        }
        let entry =
            entry(rules, rule).and_then(|entry| match exchange::cannot_hold(foreign, &entry) {
                Some(why) => Err(why),
                None => Ok(entry),
            });
        match entry {
            Ok(entry) => {
                report.written += 1;
                let line = exchange::line(foreign, &entry, plus, report.written);
                output.write_all(line.as_bytes())
            }
            Err(why) => {
                *report.left_out.entry(why.to_owned()).or_default() += 1;
                Ok(())
            }
        }
    };
    match list {
        Some(list) => rules.rules_of(list).try_for_each(&mut write)?,
        None => rules.iter().try_for_each(&mut write)?,
    }
    Ok(report)
}

/// Why nothing was written.
#[derive(Debug, thiserror::Error)]
pub(crate) enum MirrorError {
    /// There is no such list.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The output cannot be written.
    #[error("the file cannot be written: {0}")]
    Output(#[from] io::Error),
}

/// A rule as others can keep it, or why they cannot.
fn entry(rules: &RuleSet, rule: &Rule) -> Result<Entry, &'static str> {
    let effective = rules.effective(rule).ok_or("rules without a list")?;
    if effective.direction == RuleDirection::Outbound {
        return Err("outbound rules");
    }
    if rules.scopes_for(rule) != [ScopeId::GLOBAL] {
        return Err("rules of one scope alone");
    }
    if effective.action == RuleAction::Monitor {
        return Err("rules that only watch");
    }
    let is_prefix = match rule.pattern.kind() {
        MatchKind::Exact => false,
        MatchKind::Prefix => true,
        MatchKind::Wildcard => return Err("wildcards"),
        MatchKind::Anonymous | MatchKind::Unverified | MatchKind::Everything => {
            return Err("classes of callers");
        }
    };
    Ok(Entry {
        number: rule.pattern.canonical(),
        is_prefix,
        allows: effective.kind == RuleKind::Allow,
        rule: rule.id.0,
    })
}

#[cfg(test)]
mod tests {
    use blacklist_common::dial_plan::DialPlan;

    use super::*;
    use blacklist_engine::Mutation;
    use blacklist_model::{List, Pattern, RuleId, protected_numbers};

    #[test]
    fn only_what_others_can_mean_is_an_entry() {
        type Change = fn(&mut Rule);
        let rows: [(&str, Change, Result<&str, &str>); 7] = [
            ("+14155550100", |_| {}, Ok("+14155550100")),
            ("+4930*", |_| {}, Ok("+4930")),
            ("+49?0*", |_| {}, Err("wildcards")),
            ("*", |_| {}, Err("classes of callers")),
            (
                "+1",
                |r| r.scopes = [ScopeId(7)].into(),
                Err("rules of one scope alone"),
            ),
            (
                "+1",
                |r| r.direction = Some(RuleDirection::Outbound),
                Err("outbound rules"),
            ),
            (
                "+1",
                |r| r.action = Some(RuleAction::Monitor),
                Err("rules that only watch"),
            ),
        ];
        let mut set = RuleSet::empty(protected_numbers(["112"], &[]), 100);
        let now = "2026-01-05T10:00:00Z".parse().unwrap();
        set.apply(now, &[Mutation::PutList(List::standard())])
            .unwrap();
        for (name, change, expected) in rows {
            let pattern = Pattern::parse(name, &DialPlan::default()).unwrap();
            let mut rule = Rule::of(RuleId(1), List::standard().id, pattern);
            change(&mut rule);
            let seen = entry(&set, &rule).map(|entry| entry.number);
            assert_eq!(seen.as_deref().map_err(|why| *why), expected, "{name}");
        }
    }
}
