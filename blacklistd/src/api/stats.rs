//! `/v1/stats`: what was blocked in a period, by which rules, from whom and when.

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap};

use axum::Json;
use axum::extract::{Query, State};
use blacklist_common::outcome::{Outcome, Share};
use blacklist_common::tables::Counter;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use tokio::task::spawn_blocking;

use super::error::ApiError;
use super::status::Counts;
use super::times;
use crate::daemon::{NameTable, Shared};
use crate::journal::{Account, Busy, HourSums, Passage, Period, Side};
use crate::rules::{Counted, ListId, RuleId, RuleKind, RuleSet};

/// Rows of each kind that are told if nothing else is said.
pub const DEFAULT_TOP: usize = 10;
/// Rows of each kind that are told at most.
const MAXIMUM_TOP: usize = 10_000;
/// The longest list of hours: 31 days.
const MAXIMUM_HOURS: usize = 31 * 24;

/// What one rule decided.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct RuleStats {
    /// Its id; 0 for a scope's default.
    pub id: RuleId,
    /// Its pattern; `default of SCOPE` for a scope's default; empty if it is gone.
    pub pattern: String,
    /// Block or allow.
    pub kind: RuleKind,
    /// Its list; empty for a scope's default, and for a rule that is gone.
    pub list: String,
    /// For whom it is.
    pub scopes: Vec<String>,
    /// Calls that it decided.
    pub calls: u64,
    /// Their packets.
    pub packets: u64,
}

/// What was counted for something that has a name.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct NamedStats {
    /// Its name.
    pub name: String,
    /// Calls.
    pub calls: u64,
    /// Their packets.
    pub packets: u64,
}

/// What became of a trunk's INVITEs.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct TrunkStats {
    /// Its name; empty for all peers that no trunk names.
    pub name: String,
    /// Let through.
    pub passed: Counts,
    /// Kept from going through.
    pub blocked: Counts,
    /// Would have been.
    pub monitored: Counts,
    /// Not read with certainty, and let through.
    pub ambiguous: Counts,
}

/// One hour.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct HourStats {
    /// Its beginning, RFC 3339.
    pub time: String,
    /// Calls that were kept from going through.
    pub blocked: u64,
    /// Calls that would have been.
    pub monitored: u64,
    /// Calls that were let through.
    pub passed: u64,
}

/// One of the busiest numbers.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct BusyStats {
    /// The number.
    pub number: String,
    /// Blocked calls.
    pub calls: u64,
    /// By how much that may be too high.
    pub error: u64,
}

/// What was counted in a period.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct StatsObject {
    /// From when, RFC 3339; none for the beginning.
    pub since: Option<String>,
    /// Until when, RFC 3339; none if until this moment.
    pub until: Option<String>,
    /// Kept from going through.
    pub blocked: Counts,
    /// Would have been.
    pub monitored: Counts,
    /// Judged, and let through.
    pub passed: Counts,
    /// Not read with certainty, and let through.
    pub ambiguous: Counts,
    /// Blocked calls of a hundred that were judged; none if there were none.
    pub blocked_share: Option<f64>,
    /// Calls that were held on the line.
    #[serde(default)]
    pub held_calls: u64,
    /// Seconds for which they were.
    #[serde(default)]
    pub held_seconds: u64,
    /// Blocked calls that are not in the log, because events were lost.
    pub lost: u64,
    /// Calls that may have been counted twice, at most.
    pub forgotten: u64,
    /// Calls that were counted twice, as far as is known.
    pub recounted: u64,
    /// By action.
    pub actions: Vec<NamedStats>,
    /// By list, the busiest first.
    pub lists: Vec<NamedStats>,
    /// By trunk, the busiest first.
    pub trunks: Vec<TrunkStats>,
    /// By hour; empty for more than 31 days.
    pub hours: Vec<HourStats>,
    /// Rules that decided anything, the busiest first.
    pub rules: Vec<RuleStats>,
    /// Whose calls were blocked most.
    pub callers: Vec<BusyStats>,
    /// Who was called most by blocked callers.
    pub called: Vec<BusyStats>,
    /// Whether callers and called were counted one by one, so that there is no error.
    pub counted_one_by_one: bool,
}

/// Of which period.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct StatsQuery {
    since: Option<String>,
    until: Option<String>,
    top: Option<usize>,
}

fn add(sum: &mut Counts, more: Counter) {
    sum.calls += more.calls;
    sum.packets += more.packets;
}

/// Sums by what became of calls.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Totals {
    pub(super) blocked: Counts,
    pub(super) monitored: Counts,
    pub(super) passed: Counts,
    pub(super) ambiguous: Counts,
}

impl Totals {
    /// Of sums by outcome.
    pub(super) fn of(outcomes: impl Iterator<Item = (Outcome, Counter)>) -> Self {
        let mut totals = Self::default();
        for (outcome, counter) in outcomes {
            let place = match outcome.share() {
                Some(Share::Blocked) => &mut totals.blocked,
                Some(Share::Monitored) => &mut totals.monitored,
                Some(Share::Passed) => &mut totals.passed,
                Some(Share::Ambiguous) => &mut totals.ambiguous,
                None if outcome.is_dropped() => &mut totals.blocked,
                None => continue,
            };
            add(place, counter);
        }
        totals
    }

    /// With those that the daemon was asked about. What passed there, the program in the kernel has
    /// counted where it saw it: it is not added.
    pub(super) fn with(mut self, companion: impl Iterator<Item = (Passage, Counter)>) -> Self {
        for (passage, counter) in companion {
            match passage {
                Passage::Refused | Passage::Diverted => add(&mut self.blocked, counter),
                Passage::Monitored => add(&mut self.monitored, counter),
                Passage::Passed | Passage::Ambiguous | Passage::Known => {}
            }
        }
        self
    }

    /// Blocked calls of a hundred.
    #[expect(
        clippy::cast_precision_loss,
        reason = "a share of so many calls needs no more digits"
    )]
    fn share(&self) -> Option<f64> {
        let all = self.blocked.calls + self.monitored.calls + self.passed.calls;
        (all > 0).then(|| self.blocked.calls as f64 * 100.0 / all as f64)
    }
}

pub(super) fn rule_stats(
    rules: Option<&RuleSet>,
    names: &NameTable,
    id: u32,
    counter: Counter,
) -> Option<RuleStats> {
    let stats = RuleStats {
        id: RuleId(0),
        pattern: String::new(),
        kind: RuleKind::Block,
        list: String::new(),
        scopes: Vec::new(),
        calls: counter.calls,
        packets: counter.packets,
    };
    match Counted::from_id(id)? {
        Counted::Rule(id) => {
            let stats = RuleStats { id, ..stats };
            let rule = rules.and_then(|rules| Some((rules, rules.get(id)?)));
            let Some((rules, rule)) = rule else {
                return Some(stats);
            };
            let effective = rules.effective(rule);
            Some(RuleStats {
                pattern: rule.pattern.to_string(),
                kind: effective
                    .map(|effective| effective.kind)
                    .unwrap_or_default(),
                list: names.list_name(rule.list),
                scopes: names.scope_names(rules.scopes_for(rule)),
                ..stats
            })
        }
        Counted::Default(scope) => {
            let scopes = names.scope_names(&[scope]);
            Some(RuleStats {
                pattern: format!("default of {}", scopes.join(" ")),
                scopes,
                ..stats
            })
        }
    }
}

/// The busiest rules among sums.
pub(super) fn busiest_rules<'a>(
    sums: impl Iterator<Item = (&'a Account, Counter)>,
    rules: Option<&RuleSet>,
    names: &NameTable,
    top: usize,
) -> Vec<RuleStats> {
    let mut ids: Vec<(u32, Counter)> = sums
        .filter_map(|(account, sum)| match account {
            Account::Rule(id) if sum.packets > 0 => Some((*id, sum)),
            _ => None,
        })
        .collect();
    ids.sort_by_key(|(id, sum)| (Reverse((sum.calls, sum.packets)), *id));
    ids.into_iter()
        .filter_map(|(id, sum)| rule_stats(rules, names, id, sum))
        .take(top)
        .collect()
}

/// Sums by trunk, the busiest first.
pub(super) fn by_trunk<'a>(sums: impl Iterator<Item = (&'a Account, Counter)>) -> Vec<TrunkStats> {
    let mut trunks: BTreeMap<&str, TrunkStats> = BTreeMap::new();
    for (account, sum) in sums {
        if let Account::Trunk(name, share) = account {
            let trunk = trunks.entry(name).or_default();
            let place = match share {
                Share::Passed => &mut trunk.passed,
                Share::Blocked => &mut trunk.blocked,
                Share::Monitored => &mut trunk.monitored,
                Share::Ambiguous => &mut trunk.ambiguous,
            };
            add(place, sum);
        }
    }
    let mut list: Vec<TrunkStats> = trunks
        .into_iter()
        .map(|(name, stats)| TrunkStats {
            name: name.to_owned(),
            ..stats
        })
        .collect();
    list.sort_by_key(|trunk| {
        let all = trunk.blocked.packets + trunk.monitored.packets;
        Reverse((all, trunk.passed.packets))
    });
    list
}

/// Sums by list, the busiest first.
pub(super) fn by_list<'a>(
    sums: impl Iterator<Item = (&'a Account, Counter)>,
    names: &NameTable,
) -> Vec<NamedStats> {
    let of = |(account, sum): (&Account, Counter)| match account {
        Account::List(0) => Some(("(defaults of scopes)".to_owned(), sum)),
        Account::List(id) => Some((names.list_name(ListId(*id)), sum)),
        _ => None,
    };
    named(sums.filter_map(of))
}

fn named(sums: impl Iterator<Item = (String, Counter)>) -> Vec<NamedStats> {
    let mut list: Vec<NamedStats> = sums
        .map(|(name, sum)| NamedStats {
            name,
            calls: sum.calls,
            packets: sum.packets,
        })
        .collect();
    list.sort_by_key(|one| Reverse((one.calls, one.packets)));
    list
}

fn hour_stats(hour: &HourSums) -> HourStats {
    let outcome = |word: &str| Outcome::ALL.into_iter().find(|one| one.as_str() == word);
    let known = hour
        .outcomes
        .iter()
        .filter_map(|(word, sum)| Some((outcome(word)?, *sum)));
    let passage = |word: &str| Passage::ALL.into_iter().find(|one| one.as_str() == word);
    let asked = hour
        .companion
        .iter()
        .filter_map(|(word, sum)| Some((passage(word)?, *sum)));
    let totals = Totals::of(known).with(asked);
    let begin = Timestamp::from_second(hour.hour * 3600).unwrap_or_default();
    HourStats {
        time: begin.to_string(),
        blocked: totals.blocked.calls,
        monitored: totals.monitored.calls,
        passed: totals.passed.calls,
    }
}

pub(super) fn busy_stats(busy: Busy) -> BusyStats {
    BusyStats {
        number: busy.number,
        calls: busy.calls,
        error: busy.error,
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
        until: until.unwrap_or_else(Timestamp::now),
    };
    if period.since >= period.until {
        return Err(ApiError::bad_request(
            "the period ends before it begins: correct since or until".to_owned(),
        ));
    }
    Ok(Some(period))
}

/// All sums by what became of calls, on both paths.
fn totals(sums: &HashMap<Account, Counter>) -> Totals {
    let outcomes = sums.iter().filter_map(|(account, sum)| match account {
        Account::Outcome(outcome) => Some((*outcome, *sum)),
        _ => None,
    });
    let asked = sums.iter().filter_map(|(account, sum)| match account {
        Account::Companion(passage) => Some((*passage, *sum)),
        _ => None,
    });
    Totals::of(outcomes).with(asked)
}

fn stats(shared: &Shared, query: &StatsQuery) -> Result<StatsObject, ApiError> {
    let period = period(query)?;
    let top = query.top.unwrap_or(DEFAULT_TOP).min(MAXIMUM_TOP);
    shared.settle()?;
    let journal = shared.journal();
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
        until: Timestamp::now(),
    });
    let mut hours = reader.hours(whole)?;
    if hours.len() > MAXIMUM_HOURS {
        hours.clear();
    }
    let busiest = |side| reader.busiest(period, side, top, today.busiest(side));
    let (callers, one_by_one) = busiest(Side::Caller)?;
    let (called, _) = busiest(Side::Called)?;
    let rules = shared.try_rules();
    let names = shared.names();
    let each = || sums.iter().map(|(account, sum)| (account, *sum));
    let totals = totals(&sums);
    let one = |account: &Account| sums.get(account).map_or(0, |sum| sum.calls);
    Ok(StatsObject {
        since: period.map(|period| period.since.to_string()),
        until: query.until.is_some().then(|| whole.until.to_string()),
        blocked: totals.blocked,
        monitored: totals.monitored,
        passed: totals.passed,
        ambiguous: totals.ambiguous,
        blocked_share: totals.share(),
        held_calls: one(&Account::Held),
        held_seconds: sums.get(&Account::Held).map_or(0, |sum| sum.packets),
        lost: one(&Account::Lost),
        forgotten: one(&Account::Forgotten),
        recounted: one(&Account::Recounted),
        actions: named(each().filter_map(|(account, sum)| match account {
            Account::Action(action) => Some((action.as_str().to_owned(), sum)),
            _ => None,
        })),
        lists: by_list(each(), &names),
        trunks: by_trunk(each()),
        hours: hours.iter().map(hour_stats).collect(),
        rules: busiest_rules(each(), rules.as_deref(), &names, top),
        callers: callers.into_iter().map(busy_stats).collect(),
        called: called.into_iter().map(busy_stats).collect(),
        counted_one_by_one: one_by_one,
    })
}

pub(super) async fn show(
    State(shared): State<Shared>,
    Query(query): Query<StatsQuery>,
) -> Result<Json<StatsObject>, ApiError> {
    spawn_blocking(move || Ok(Json(stats(&shared, &query)?))).await?
}
