//! Who decided how many calls: the program in the kernel, or the daemon that was asked.

use blacklist_common::outcome::{Outcome, Share};
use blacklist_common::tables::Counter;
use serde::{Deserialize, Serialize};

use super::status::Counts;
use crate::journal::{Account, Ledger, Passage};

/// What became of the calls of one path.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PathObject {
    /// `xdp` or `companion`.
    pub path: String,
    /// Let through.
    pub passed: Counts,
    /// Kept from going through.
    pub blocked: Counts,
    /// Would have been.
    pub monitored: Counts,
    /// Not read with certainty, and let through.
    pub ambiguous: Counts,
    /// Kept from going through, and told of by the other path already.
    pub known: Counts,
}

fn add(place: &mut Counts, more: Counter) {
    place.calls += more.calls;
    place.packets += more.packets;
}

/// Both paths. A call that passes the one and is asked about on the other is in both.
pub(super) fn paths(ledger: &Ledger) -> Vec<PathObject> {
    let mut xdp = PathObject {
        path: "xdp".to_owned(),
        ..PathObject::default()
    };
    for outcome in Outcome::ALL {
        let place = match outcome.share() {
            Some(Share::Passed) => &mut xdp.passed,
            Some(Share::Blocked) => &mut xdp.blocked,
            Some(Share::Monitored) => &mut xdp.monitored,
            Some(Share::Ambiguous) => &mut xdp.ambiguous,
            None => continue,
        };
        add(place, ledger.total(&Account::Outcome(outcome)));
    }
    let mut companion = PathObject {
        path: "companion".to_owned(),
        ..PathObject::default()
    };
    for passage in Passage::ALL {
        let place = match passage {
            Passage::Passed => &mut companion.passed,
            Passage::Refused | Passage::Diverted => &mut companion.blocked,
            Passage::Monitored => &mut companion.monitored,
            Passage::Ambiguous => &mut companion.ambiguous,
            Passage::Known => &mut companion.known,
        };
        add(place, ledger.total(&Account::Companion(passage)));
    }
    vec![xdp, companion]
}

#[cfg(test)]
mod tests {
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
        for passage in Passage::ALL {
            ledger.add(Account::Companion(passage), 0, one);
        }
        let paths = paths(&ledger);
        let seen: Vec<_> = paths
            .iter()
            .map(|path| {
                let calls = [
                    &path.passed,
                    &path.blocked,
                    &path.monitored,
                    &path.ambiguous,
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
