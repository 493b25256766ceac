//! `/v1/stats`: what was blocked in a period, by which rules, from whom and when.

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use axum::Json;
use axum::extract::{Query, State};
use blacklist_common::tables::Counter;
use jiff::Timestamp;
use serde::Deserialize;
use tokio::task::spawn_blocking;

use super::error::ApiError;
use super::times;
use crate::daemon::{Journal, NameTable, RulesState};
use blacklist_engine::{Counted, RuleSet};
use blacklist_figures::{
    Counts, DEFAULT_TOP, DEFAULTS_OF_SCOPES, HourFigures, NamedCounts, RuleFigures, Shares, Stats,
    Sums, TrunkFigures,
};
use blacklist_model::ListId;
use blacklist_store::journal::{Account, Period, Side};
use blacklist_system::clock;

/// Rows of each kind at most.
const MAXIMUM_TOP: usize = 10_000;
/// The longest list of hours: 31 days.
const MAXIMUM_HOURS: usize = 31 * 24;

/// Of which period.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct StatsQuery {
    since: Option<String>,
    until: Option<String>,
    top: Option<usize>,
}

fn rule_figures(
    rules: Option<&RuleSet>,
    names: &NameTable,
    id: u32,
    Counts { calls, packets }: Counts,
) -> Option<RuleFigures> {
    let stats = RuleFigures {
        scopes: Some(Vec::new()),
        calls,
        packets,
        ..RuleFigures::default()
    };
    match Counted::from_id(id)? {
        Counted::Rule(id) => {
            let stats = RuleFigures { id, ..stats };
            let rule = rules.and_then(|rules| Some((rules, rules.get(id)?)));
            let Some((rules, rule)) = rule else {
                return Some(stats);
            };
            let effective = rules.effective(rule);
            Some(RuleFigures {
                pattern: rule.pattern.to_string(),
                kind: effective
                    .map(|effective| effective.kind)
                    .unwrap_or_default(),
                list: names.list_name(rule.list),
                scopes: Some(names.scope_names(rules.scopes_for(rule))),
                ..stats
            })
        }
        Counted::Default(scope) => {
            let scopes = names.scope_names(&[scope]);
            Some(RuleFigures {
                pattern: format!("default of {}", scopes.join(" ")),
                scopes: Some(scopes),
                ..stats
            })
        }
    }
}

/// What rules and scopes' defaults decided, by their ids in the slot table.
pub(super) fn by_rule<'a>(
    sums: impl Iterator<Item = (&'a Account, Counter)>,
) -> Vec<(u32, Counts)> {
    let of = |(account, sum): (&Account, Counter)| match account {
        Account::Rule(id) if *id != 0 && sum.packets > 0 => Some((*id, sum.into())),
        _ => None,
    };
    sums.filter_map(of).collect()
}

/// The busiest rules among sums.
pub(super) fn busiest_rules<'a>(
    sums: impl Iterator<Item = (&'a Account, Counter)>,
    rules: Option<&RuleSet>,
    names: &NameTable,
    top: usize,
) -> Vec<RuleFigures> {
    let mut ids = by_rule(sums);
    ids.sort_by_key(|(id, sum)| (Reverse((sum.calls, sum.packets)), *id));
    ids.into_iter()
        .filter_map(|(id, sum)| rule_figures(rules, names, id, sum))
        .take(top)
        .collect()
}

/// What was counted for everything but rules.
pub(super) fn sums<'a>(
    accounts: impl Iterator<Item = (&'a Account, Counter)>,
    names: &NameTable,
) -> Sums {
    let mut sums = Sums::default();
    let mut trunks: BTreeMap<&str, Shares> = BTreeMap::new();
    for (account, sum) in accounts {
        match account {
            Account::Outcome(_) | Account::Companion(_) => account.add_to(&mut sums.shares, sum),
            Account::Trunk(name, share) => trunks.entry(name).or_default().add(*share, sum),
            Account::List(0) => sums.lists.push(NamedCounts::new(DEFAULTS_OF_SCOPES, sum)),
            Account::List(id) => sums
                .lists
                .push(NamedCounts::new(names.list_name(ListId(*id)), sum)),
            Account::Action(action) => sums.actions.push(NamedCounts::new(action.as_str(), sum)),
            Account::Held => (sums.held_calls, sums.held_seconds) = (sum.calls, sum.packets),
            Account::Lost => sums.lost = sum.calls,
            Account::Forgotten => sums.forgotten = sum.calls,
            Account::Recounted => sums.recounted = sum.calls,
            Account::Rule(_) | Account::Logged => {}
        }
    }
    for named in [&mut sums.actions, &mut sums.lists] {
        named.sort_by_key(|one| Reverse((one.calls, one.packets)));
    }
    let trunk = |(name, shares): (&str, Shares)| TrunkFigures {
        name: name.to_owned(),
        shares,
    };
    sums.trunks = trunks.into_iter().map(trunk).collect();
    sums.trunks.sort_by_key(|TrunkFigures { shares, .. }| {
        let kept = shares.blocked.packets + shares.monitored.packets;
        Reverse((kept, shares.passed.packets))
    });
    sums
}

pub(super) fn hour_figures((hour, shares): (i64, Shares)) -> HourFigures {
    let begin = Timestamp::from_second(hour * 3600).unwrap_or_default();
    HourFigures {
        time: begin.to_string(),
        blocked: shares.blocked.calls,
        monitored: shares.monitored.calls,
        passed: shares.passed.calls,
    }
}

/// The period of a query; none for all time.
fn period(query: &StatsQuery) -> Result<Option<Period>, ApiError> {
    let since = times::maybe(query.since.as_deref(), false)?;
    let until = times::maybe(query.until.as_deref(), true)?;
    if since.is_none() && until.is_none() {
        return Ok(None);
    }
    let period = Period {
        since: since.unwrap_or(Timestamp::UNIX_EPOCH),
        until: until.unwrap_or_else(clock::now),
    };
    if period.since >= period.until {
        return Err(ApiError::bad_request(
            "the period ends before it begins: correct since or until".to_owned(),
        ));
    }
    Ok(Some(period))
}

fn stats(journal: &Journal, state: &RulesState, query: &StatsQuery) -> Result<Stats, ApiError> {
    let period = period(query)?;
    let top = query.top.unwrap_or(DEFAULT_TOP).min(MAXIMUM_TOP);
    journal.settle_for_report(state)?;
    let reader = journal.reader()?;
    let today = journal.log().today().clone();
    let sums: HashMap<Account, Counter> = match period {
        Some(period) => reader.sums(period)?,
        None => {
            let log = journal.log();
            let all = log.ledger.totals();
            all.map(|(account, sum)| (account.clone(), sum)).collect()
        }
    };
    let whole = period.unwrap_or(Period {
        since: Timestamp::UNIX_EPOCH,
        until: clock::now(),
    });
    let mut hours = reader.hours(whole)?;
    if hours.len() > MAXIMUM_HOURS {
        hours.clear();
    }
    let busiest = |side| reader.busiest(period, side, top, today.busiest(side));
    let (callers, one_by_one) = busiest(Side::Caller)?;
    let (called, _) = busiest(Side::Called)?;
    let rules = state.in_force.try_read();
    let names = state.names();
    let each = || sums.iter().map(|(account, sum)| (account, *sum));
    let rules = busiest_rules(each(), rules.as_deref(), &names, top);
    let sums = self::sums(each(), &names);
    Ok(Stats {
        since: period.map(|period| period.since.to_string()),
        until: query.until.is_some().then(|| whole.until.to_string()),
        blocked_share: sums.shares.blocked_share(),
        sums,
        hours: hours.into_iter().map(hour_figures).collect(),
        rules,
        callers,
        called,
        counted_one_by_one: one_by_one,
    })
}

pub(super) async fn show(
    State(journal): State<Arc<Journal>>,
    State(rules): State<Arc<RulesState>>,
    Query(query): Query<StatsQuery>,
) -> Result<Json<Stats>, ApiError> {
    spawn_blocking(move || Ok(Json(stats(&journal, &rules, &query)?))).await?
}
