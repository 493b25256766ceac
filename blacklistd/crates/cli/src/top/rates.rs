//! What goes by in a second: the difference of two looks. A total that became smaller, or that was
//! not there before, has no rate; nor has anything if the daemon was started anew in between.

use std::collections::BTreeMap;

use super::totals::Verdicts;
use blacklist_figures::{BusyNumber, Counts, Live, RuleFigures};
use blacklist_model::RuleId;

/// Calls and packets in a second, where that is known.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Rate {
    pub(super) calls: Option<f64>,
    pub(super) packets: Option<f64>,
}

/// A rule, or a scope's default, of which there are several with the id 0.
type RuleKey = (RuleId, String);

/// The rates of everything that is shown.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Rates {
    pub(super) verdicts: Verdicts<Option<f64>>,
    outcomes: BTreeMap<String, Rate>,
    trunks: BTreeMap<String, Verdicts<Option<f64>>>,
    lists: BTreeMap<String, Rate>,
    rules: BTreeMap<RuleKey, Rate>,
    callers: BTreeMap<String, Option<f64>>,
    called: BTreeMap<String, Option<f64>>,
}

pub(super) fn per_second(before: u64, now: u64, seconds: f64) -> Option<f64> {
    now.checked_sub(before).map(|more| more as f64 / seconds)
}

fn rate(before: Counts, now: Counts, seconds: f64) -> Rate {
    Rate {
        calls: per_second(before.calls, now.calls, seconds),
        packets: per_second(before.packets, now.packets, seconds),
    }
}

/// The time between two looks at the same daemon.
fn seconds_between(before: &Live, now: &Live) -> Option<f64> {
    let is_new = now.daemon.events.received < before.daemon.events.received;
    let milliseconds = now.monotonic.checked_sub(before.monotonic)?;
    (!is_new && milliseconds > 0).then_some(milliseconds as f64 / 1000.0)
}

fn rule_key(rule: &RuleFigures) -> RuleKey {
    (rule.id, rule.pattern.clone())
}

/// What is in both, by its name.
fn of_both<'a, T, K: Ord, R>(
    before: &'a [T],
    now: &'a [T],
    key: impl Fn(&'a T) -> K,
    rate: impl Fn(&'a T, &'a T) -> R,
) -> BTreeMap<K, R> {
    let before: BTreeMap<K, &T> = before.iter().map(|one| (key(one), one)).collect();
    let both = now.iter().filter_map(|one| {
        let key = key(one);
        let earlier = before.get(&key)?;
        let rate = rate(earlier, one);
        Some((key, rate))
    });
    both.collect()
}

/// An estimate that begins anew for another party says so by its error.
fn parties(
    before: &[BusyNumber],
    now: &[BusyNumber],
    seconds: f64,
) -> BTreeMap<String, Option<f64>> {
    let rate = |before: &BusyNumber, now: &BusyNumber| {
        if before.error == now.error {
            per_second(before.calls, now.calls, seconds)
        } else {
            None
        }
    };
    of_both(before, now, |party| party.number.clone(), rate)
}

impl Rates {
    /// The first look has none.
    pub(super) fn between(before: Option<&Live>, now: &Live) -> Self {
        let Some(before) = before else {
            return Self::default();
        };
        let Some(seconds) = seconds_between(before, now) else {
            return Self::default();
        };
        let sums = |live: &Live| Verdicts::of_outcomes(&live.daemon.outcomes);
        let outcomes = now.daemon.outcomes.iter().filter_map(|(name, counts)| {
            let before = before.daemon.outcomes.get(name)?;
            Some((name.clone(), rate(*before, *counts, seconds)))
        });
        let counts = |rule: &RuleFigures| Counts {
            calls: rule.calls,
            packets: rule.packets,
        };
        Self {
            verdicts: sums(now).since(sums(before), seconds),
            outcomes: outcomes.collect(),
            trunks: of_both(
                &before.trunks,
                &now.trunks,
                |trunk| trunk.name.clone(),
                |before, now| Verdicts::of_trunk(now).since(Verdicts::of_trunk(before), seconds),
            ),
            lists: of_both(
                &before.lists,
                &now.lists,
                |list| list.name.clone(),
                |before, now| rate(before.blocked, now.blocked, seconds),
            ),
            rules: of_both(&before.rules, &now.rules, rule_key, |before, now| {
                rate(counts(before), counts(now), seconds)
            }),
            callers: parties(&before.callers, &now.callers, seconds),
            called: parties(&before.called, &now.called, seconds),
        }
    }

    pub(super) fn outcome(&self, name: &str) -> Rate {
        self.outcomes.get(name).copied().unwrap_or_default()
    }

    pub(super) fn trunk(&self, name: &str) -> Verdicts<Option<f64>> {
        self.trunks.get(name).copied().unwrap_or_default()
    }

    pub(super) fn list(&self, name: &str) -> Rate {
        self.lists.get(name).copied().unwrap_or_default()
    }

    pub(super) fn rule(&self, rule: &RuleFigures) -> Rate {
        self.rules.get(&rule_key(rule)).copied().unwrap_or_default()
    }

    pub(super) fn caller(&self, number: &str) -> Option<f64> {
        self.callers.get(number).copied().flatten()
    }

    pub(super) fn called(&self, number: &str) -> Option<f64> {
        self.called.get(number).copied().flatten()
    }
}

#[cfg(test)]
mod tests {
    use super::super::sample;
    use super::*;

    /// The sample two seconds later, with a change.
    fn later(change: impl FnOnce(&mut Live)) -> (Live, Live) {
        let before = sample::live();
        let mut now = before.clone();
        now.monotonic += 2000;
        change(&mut now);
        (before, now)
    }

    fn drop_calls(live: &mut Live, calls: u64) {
        let counts = live.daemon.outcomes.get_mut("dropped").unwrap();
        counts.calls += calls;
        counts.packets += calls * 7;
    }

    #[test]
    fn the_first_look_has_no_rates() {
        assert_eq!(Rates::between(None, &sample::live()), Rates::default());
    }

    #[test]
    fn rates_are_of_a_second() {
        let (before, now) = later(|live| {
            drop_calls(live, 5);
            live.trunks[0].shares.blocked.calls += 3;
            live.rules[0].calls += 1;
            live.callers[0].calls += 4;
            live.lists[0].blocked.calls += 5;
        });
        let rates = Rates::between(Some(&before), &now);
        assert_eq!(rates.verdicts.blocked, Some(2.5));
        assert_eq!(rates.verdicts.passed, Some(0.0));
        assert_eq!(rates.outcome("dropped").packets, Some(17.5));
        assert_eq!(rates.trunk("carrier").blocked, Some(1.5));
        assert_eq!(rates.rule(&now.rules[0]).calls, Some(0.5));
        assert_eq!(rates.caller("+14155550100"), Some(2.0));
        assert_eq!(rates.called("+493012345"), Some(0.0));
        assert_eq!(rates.list("default").calls, Some(2.5));
    }

    #[test]
    fn what_begins_anew_has_no_rate() {
        type Change = fn(&mut Live);
        let rows: [(&str, Change); 4] = [
            ("smaller total", |live| {
                live.daemon.outcomes.get_mut("dropped").unwrap().calls = 0;
            }),
            ("clock behind", |live| live.monotonic = 1),
            ("clock stands", |live| live.monotonic -= 2000),
            ("restarted, by its events", |live| {
                live.daemon.events.received = 0;
            }),
        ];
        for (name, change) in rows {
            let (before, mut now) = later(|live| drop_calls(live, 5));
            change(&mut now);
            let rates = Rates::between(Some(&before), &now);
            assert_eq!(rates.outcome("dropped").calls, None, "{name}");
            assert_eq!(rates.verdicts.blocked, None, "{name}");
        }
    }

    #[test]
    fn what_was_not_there_has_no_rate() {
        let (before, now) = later(|live| {
            live.rules[0].id = RuleId(900);
            live.trunks[0].name = "new".to_owned();
            live.callers[0].number = "+1".to_owned();
            live.callers[1].error += 1;
            live.callers[1].calls += 1;
        });
        let rates = Rates::between(Some(&before), &now);
        assert_eq!(rates.rule(&now.rules[0]), Rate::default());
        assert_eq!(rates.trunk("new"), Verdicts::default());
        assert_eq!(rates.caller("+1"), None);
        assert_eq!(
            rates.caller(&now.callers[1].number),
            None,
            "another estimate"
        );
    }
}
