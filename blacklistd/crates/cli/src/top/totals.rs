//! Verdicts in four sums. Each call counts once; of what was not read with certainty packets count,
//! because there is no certain Call-ID.

use std::collections::BTreeMap;

use blacklist_common::outcome::Outcome;

use blacklist_figures::{Counts, TrunkFigures};

/// What kind of end an outcome is, in the order in which they are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Verdict {
    /// Kept from going through.
    Blocked,
    /// Would have been blocked.
    Monitored,
    /// Went through because it was not read with certainty.
    Ambiguous,
    /// Judged, and went through.
    Passed,
    /// Not judged at all.
    Other,
}

impl Verdict {
    /// Of an outcome's name; names that a newer daemon has are not judged.
    pub(super) fn of(name: &str) -> Self {
        let Some(outcome) = Outcome::ALL
            .into_iter()
            .find(|outcome| outcome.as_str() == name)
        else {
            return Self::Other;
        };
        if outcome.is_dropped() || outcome == Outcome::Steered {
            return Self::Blocked;
        }
        if outcome.is_ambiguous() {
            return Self::Ambiguous;
        }
        match outcome {
            Outcome::Monitored => Self::Monitored,
            Outcome::NoRule
            | Outcome::Allowed
            | Outcome::SafetyFloor
            | Outcome::Granted
            | Outcome::Unanswered
            | Outcome::UserSpace => Self::Passed,
            _ => Self::Other,
        }
    }
}

/// Four numbers that are shown beside each other.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Verdicts<T> {
    /// Calls.
    pub(super) blocked: T,
    /// Calls.
    pub(super) monitored: T,
    /// Calls.
    pub(super) passed: T,
    /// Packets.
    pub(super) ambiguous: T,
}

impl Verdicts<u64> {
    pub(super) fn of_outcomes(outcomes: &BTreeMap<String, Counts>) -> Self {
        let mut sums = Self::default();
        for (name, counts) in outcomes {
            let (sum, number) = match Verdict::of(name) {
                Verdict::Blocked => (&mut sums.blocked, counts.calls),
                Verdict::Monitored => (&mut sums.monitored, counts.calls),
                Verdict::Passed => (&mut sums.passed, counts.calls),
                Verdict::Ambiguous => (&mut sums.ambiguous, counts.packets),
                Verdict::Other => continue,
            };
            *sum = sum.saturating_add(number);
        }
        sums
    }

    pub(super) const fn of_trunk(trunk: &TrunkFigures) -> Self {
        Self {
            blocked: trunk.shares.blocked.calls,
            monitored: trunk.shares.monitored.calls,
            passed: trunk.shares.passed.calls,
            ambiguous: trunk.shares.ambiguous.packets,
        }
    }

    /// What went by since, if nothing was counted anew.
    pub(super) fn since(self, before: Self, seconds: f64) -> Verdicts<Option<f64>> {
        let rate = |now: u64, before| super::rates::per_second(before, now, seconds);
        Verdicts {
            blocked: rate(self.blocked, before.blocked),
            monitored: rate(self.monitored, before.monitored),
            passed: rate(self.passed, before.passed),
            ambiguous: rate(self.ambiguous, before.ambiguous),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn outcomes_have_verdicts() {
        let rows = [
            ("dropped", Verdict::Blocked),
            ("dropped-fragment", Verdict::Blocked),
            ("steered", Verdict::Blocked),
            ("steered-dialog", Verdict::Other),
            ("monitored", Verdict::Monitored),
            ("no-rule", Verdict::Passed),
            ("safety-floor", Verdict::Passed),
            ("unanswered", Verdict::Passed),
            ("open-quote", Verdict::Ambiguous),
            ("length-mismatch", Verdict::Ambiguous),
            ("bypass", Verdict::Other),
            ("internal", Verdict::Other),
            ("of a newer daemon", Verdict::Other),
        ];
        for (name, expected) in rows {
            assert_eq!(Verdict::of(name), expected, "{name}");
        }
    }

    #[test]
    fn calls_count_once_and_what_is_ambiguous_by_packets() {
        let counts = |calls, packets| Counts { calls, packets };
        let outcomes = BTreeMap::from([
            ("dropped".to_owned(), counts(3, 21)),
            ("dropped-fragment".to_owned(), counts(0, 2)),
            ("allowed".to_owned(), counts(1, 5)),
            ("no-rule".to_owned(), counts(6, 7)),
            ("bad-address".to_owned(), counts(0, 1)),
            ("not-invite".to_owned(), counts(0, 900)),
        ]);
        let expected = Verdicts {
            blocked: 3,
            monitored: 0,
            passed: 7,
            ambiguous: 1,
        };
        assert_eq!(Verdicts::of_outcomes(&outcomes), expected);
    }
}
