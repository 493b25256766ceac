//! Counts, and what they are counted by.

use std::ops::AddAssign;

use blacklist_common::outcome::{Outcome, Share};
use blacklist_common::tables::Counter;
use serde::{Deserialize, Serialize};

/// Calls and packets.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    /// Calls, each counted once.
    pub calls: u64,
    /// Packets.
    pub packets: u64,
}

impl From<Counter> for Counts {
    fn from(counter: Counter) -> Self {
        Self {
            calls: counter.calls,
            packets: counter.packets,
        }
    }
}

impl AddAssign<Counter> for Counts {
    fn add_assign(&mut self, more: Counter) {
        self.calls += more.calls;
        self.packets += more.packets;
    }
}

/// INVITEs, by what happened to them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shares {
    /// Judged and let through.
    pub passed: Counts,
    /// Blocked.
    pub blocked: Counts,
    /// Would have been blocked, but are only monitored.
    pub monitored: Counts,
    /// Ambiguous, and let through.
    pub ambiguous: Counts,
}

impl Shares {
    /// Adds to one share.
    pub fn add(&mut self, share: Share, more: Counter) {
        *match share {
            Share::Passed => &mut self.passed,
            Share::Blocked => &mut self.blocked,
            Share::Monitored => &mut self.monitored,
            Share::Ambiguous => &mut self.ambiguous,
        } += more;
    }

    /// Adds a counter by its outcome; later fragments of a dropped datagram are blocked too.
    pub fn add_outcome(&mut self, outcome: Outcome, more: Counter) {
        let dropped = outcome.is_dropped().then_some(Share::Blocked);
        if let Some(share) = outcome.share().or(dropped) {
            self.add(share, more);
        }
    }

    /// Each share, with its word.
    pub fn each(&self) -> [(&'static str, Counts); 4] {
        [
            (Share::Passed, self.passed),
            (Share::Blocked, self.blocked),
            (Share::Monitored, self.monitored),
            (Share::Ambiguous, self.ambiguous),
        ]
        .map(|(share, counts)| (share.as_str(), counts))
    }

    /// Percentage of judged calls that were blocked; `None` if there were none.
    #[expect(
        clippy::cast_precision_loss,
        reason = "a percentage needs no more digits"
    )]
    pub fn blocked_share(&self) -> Option<f64> {
        let all = self.blocked.calls + self.monitored.calls + self.passed.calls;
        (all > 0).then(|| self.blocked.calls as f64 * 100.0 / all as f64)
    }
}

/// A counter with a name.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct NamedCounts {
    /// Its name.
    pub name: String,
    /// Calls.
    pub calls: u64,
    /// Their packets.
    pub packets: u64,
}

impl NamedCounts {
    /// What was counted for a name.
    pub fn new(name: impl Into<String>, Counter { calls, packets }: Counter) -> Self {
        Self {
            name: name.into(),
            calls,
            packets,
        }
    }

    /// Without the name.
    pub const fn counts(&self) -> Counts {
        Counts {
            calls: self.calls,
            packets: self.packets,
        }
    }
}

/// A trunk's INVITEs, by what happened to them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TrunkFigures {
    /// Its name; empty for peers that belong to no trunk.
    pub name: String,
    /// By what happened to them.
    #[serde(flatten)]
    pub shares: Shares,
}

/// The calls of one path (the kernel's or the companion's), by what happened to them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PathFigures {
    /// `xdp` or `companion`.
    pub path: String,
    /// By what happened to them.
    #[serde(flatten)]
    pub shares: Shares,
    /// Blocked, and already counted by the other path.
    pub known: Counts,
}

/// One of the numbers with the most blocked calls.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct BusyNumber {
    /// The number or name, escaped.
    pub number: String,
    /// Blocked calls; an upper bound.
    pub calls: u64,
    /// How much too high `calls` may be.
    pub error: u64,
}
