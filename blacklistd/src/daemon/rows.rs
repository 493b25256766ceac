//! Between what is kept and what the engine has.

use blacklist_common::dial_plan::DialPlan;
use blacklist_common::tables::GrantKey;
use jiff::Timestamp;

use blacklist_generation::GrantEnd;
use blacklist_model::{
    Draft, Effective, List, Member, Pattern, Refusal, Rule, Schedule, ScopeName, Timing,
    read_number, settings_in_effect,
};
use blacklist_store::rules::{GrantRow, ListRow, MemberRow, RuleRow, StoreError};
use blacklist_system::clock;

/// The time, as exact as the store keeps it.
pub(crate) fn whole_second() -> Timestamp {
    let now = clock::now();
    Timestamp::from_second(now.as_second()).unwrap_or(now)
}

/// A list as the engine has it.
pub(crate) fn list(row: &ListRow) -> List {
    List {
        id: row.id,
        name: row.name.as_str().into(),
        kind: row.kind,
        direction: row.direction,
        action: row.action,
        mandatory: row.mandatory,
        enabled: row.enabled,
        scopes: row.scopes.clone(),
    }
}

/// A rule as the engine has it, but for its pattern and times.
pub(crate) fn settings(row: &RuleRow) -> Rule {
    Rule {
        enabled: row.enabled,
        kind: row.kind,
        scopes: row.scopes.as_slice().into(),
        direction: row.direction,
        action: row.action,
        mandatory: row.mandatory,
        ..Rule::of(row.id, row.list, Pattern::EVERYTHING)
    }
}

/// A rule as the engine has it.
///
/// # Errors
/// A text of it is not canonical.
pub(crate) fn rule(row: &RuleRow) -> Result<Rule, StoreError> {
    let bad = |refusal: Refusal| StoreError::BadRecord {
        what: format!("rule {}", row.id),
        reason: refusal.to_string(),
    };
    let schedule = row.schedule.as_deref().map(Schedule::parse).transpose();
    let timing = Timing {
        from: row.valid_from,
        until: row.valid_until,
        schedule: schedule.map_err(bad)?,
    };
    Ok(Rule {
        pattern: Pattern::from_canonical(row.matching, &row.canonical).map_err(bad)?,
        timing: (!timing.is_always()).then(|| Box::new(timing)),
        ..settings(row)
    })
}

/// A rule as it is kept, without settings of its own that have no effect in its list.
pub(crate) fn without_contradictions(mut row: RuleRow, list: &List) -> RuleRow {
    let kind = Effective::kind_of(row.kind, list);
    (row.action, row.mandatory) = settings_in_effect(kind, row.action, row.mandatory);
    row
}

/// A rule as it is kept, with its id in the draft.
pub(crate) fn row(draft: &Draft, made: u64, origin: &str) -> RuleRow {
    let Draft {
        rule,
        written,
        dial_plan,
        comment,
    } = draft;
    let timing = rule.timing.as_deref();
    RuleRow {
        id: rule.id,
        made,
        list: rule.list,
        matching: rule.pattern.kind(),
        canonical: rule.pattern.canonical(),
        written: written.to_string(),
        kind: rule.kind,
        scopes: rule.scopes.to_vec(),
        direction: rule.direction,
        action: rule.action,
        mandatory: rule.mandatory,
        dial_plan: dial_plan.to_string(),
        comment: comment.to_string(),
        enabled: rule.enabled,
        valid_from: timing.and_then(|timing| timing.from),
        valid_until: timing.and_then(|timing| timing.until),
        schedule: timing
            .and_then(|timing| timing.schedule.as_ref())
            .map(ToString::to_string),
        origin: origin.to_owned(),
    }
}

/// What was asked for, from what is kept.
///
/// # Errors
/// A text of it is not canonical.
pub(crate) fn draft(row: &RuleRow) -> Result<Draft, StoreError> {
    Ok(Draft {
        rule: rule(row)?,
        written: row.written.as_str().into(),
        dial_plan: row.dial_plan.as_str().into(),
        comment: row.comment.as_str().into(),
    })
}

/// A grant as the engine has it.
///
/// # Errors
/// A number is not canonical.
pub(crate) fn grant(row: &GrantRow) -> Result<(GrantKey, GrantEnd), StoreError> {
    let number = |text: &str| {
        read_number(text, &DialPlan::default(), "number")
            .map(|(_, number)| number)
            .map_err(|refusal| StoreError::BadRecord {
                what: format!("grant {}", row.id),
                reason: refusal.to_string(),
            })
    };
    let pair = GrantKey {
        local: number(&row.local)?,
        remote: number(&row.remote)?,
    };
    Ok((pair, row.until.map_or(GrantEnd::Open, GrantEnd::At)))
}

/// A member as the engine has it.
///
/// # Errors
/// The number is not canonical.
pub(crate) fn member(row: &MemberRow) -> Result<Member, StoreError> {
    let bad = |reason: String| StoreError::BadRecord {
        what: format!("member {}", row.number),
        reason,
    };
    match ScopeName::from_canonical(&format!("number:{}", row.number)) {
        Ok(ScopeName::Number { number, .. }) => Ok(Member {
            scope: row.scope,
            number,
        }),
        Ok(_) => Err(bad("it is not a number".to_owned())),
        Err(refusal) => Err(bad(refusal.to_string())),
    }
}
