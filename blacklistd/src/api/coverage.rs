//! Who decided how many calls: the program in the kernel, or the daemon that was asked.

use blacklist_common::outcome::Outcome;

use blacklist_figures::PathFigures;
use blacklist_store::journal::{Account, CompanionResult, Ledger};

/// Both paths. A call that passes the one and is asked about on the other is in both.
pub(super) fn paths(ledger: &Ledger) -> Vec<PathFigures> {
    let path = |path: &str| PathFigures {
        path: path.to_owned(),
        ..PathFigures::default()
    };
    let (mut xdp, mut companion) = (path("xdp"), path("companion"));
    for outcome in Outcome::ALL {
        if let Some(share) = outcome.share() {
            xdp.shares
                .add(share, ledger.total(&Account::Outcome(outcome)));
        }
    }
    for passage in CompanionResult::ALL {
        let sum = ledger.total(&Account::Companion(passage));
        match passage.share() {
            Some(share) => companion.shares.add(share, sum),
            None => companion.known += sum,
        }
    }
    vec![xdp, companion]
}

#[cfg(test)]
mod tests {
    use blacklist_common::tables::Counter;

    use super::*;

    #[test]
    fn each_path_has_its_own() {
        let mut ledger = Ledger::default();
        let one = Counter {
            calls: 1,
            packets: 3,
        };
        ledger.outcome(Outcome::Dropped, one, 0);
        ledger.outcome(Outcome::TooLong, one, 0);
        for passage in CompanionResult::ALL {
            ledger.add(Account::Companion(passage), 0, one);
        }
        let paths = paths(&ledger);
        let seen: Vec<_> = paths
            .iter()
            .map(|path| {
                let calls = [
                    &path.shares.passed,
                    &path.shares.blocked,
                    &path.shares.monitored,
                    &path.shares.ambiguous,
                    &path.known,
                ];
                (path.path.as_str(), calls.map(|counts| counts.calls))
            })
            .collect();
        assert_eq!(
            seen,
            [("xdp", [0, 1, 0, 1, 0]), ("companion", [1, 2, 1, 1, 1])]
        );
    }
}
