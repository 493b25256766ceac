//! Which messages belong to calls in progress: by Call-ID, and for a new INVITE by the branch of
//! its topmost Via. Other messages never reach the dialogs.

use blacklist_system::Moment;
use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// How long an ended call is remembered, so that its retransmissions are not taken for a new call
/// (RFC 3261, timer H).
const KNOWN_AFTER: Duration = Duration::from_secs(32);
/// Maximum messages per second of a call.
const MOST_PER_SECOND: u32 = 30;
/// Maximum number of forked requests of a call that begin a dialog.
const MOST_BRANCHES: usize = 8;

/// A call in progress, or one that has just ended.
#[derive(Debug)]
struct Entry {
    /// The address of its endpoint.
    local: SocketAddr,
    /// The peer's address.
    peer: IpAddr,
    /// `None` for an outbound leg, whose messages need no help from the kernel.
    fingerprint: Option<u64>,
    branches: Vec<String>,
    second: Moment,
    messages: u32,
    ended: Option<Moment>,
    /// Number of dialogs in progress.
    dialogs: usize,
}

/// The call that a message belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Belongs {
    /// No call.
    No,
    /// A call of this endpoint.
    To(SocketAddr),
    /// A call that sends too many.
    TooMany,
}

/// All calls.
#[derive(Debug, Default)]
pub(super) struct Live(Mutex<HashMap<String, Entry>>);

impl Live {
    fn lock(&self) -> MutexGuard<'_, HashMap<String, Entry>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Registers a request with this branch. Returns false if the call is forked too often.
    pub(super) fn begin(
        &self,
        (call_id, branch): (&str, &str),
        local: SocketAddr,
        peer: IpAddr,
        fingerprint: Option<u64>,
        now: Moment,
    ) -> bool {
        let mut calls = self.lock();
        let entry = calls.entry(call_id.to_owned()).or_insert_with(|| Entry {
            local,
            peer,
            fingerprint,
            branches: Vec::new(),
            second: now,
            messages: 0,
            ended: None,
            dialogs: 0,
        });
        if entry.branches.len() >= MOST_BRANCHES || entry.local != local {
            return false;
        }
        entry.branches.push(branch.to_owned());
        entry.dialogs += 1;
        entry.ended = None;
        true
    }

    /// Records the end of one of its dialogs.
    pub(super) fn end(&self, call_id: &str, now: Moment) {
        if let Some(entry) = self.lock().get_mut(call_id) {
            entry.dialogs = entry.dialogs.saturating_sub(1);
            if entry.dialogs == 0 {
                entry.ended = Some(now);
            }
        }
    }

    /// Which call a message belongs to. Only a request that would begin a dialog has a branch.
    pub(super) fn belongs(&self, call_id: &str, branch: Option<&str>, now: Moment) -> Belongs {
        let mut calls = self.lock();
        let Some(entry) = calls.get_mut(call_id) else {
            return Belongs::No;
        };
        if branch.is_some_and(|branch| !entry.branches.iter().any(|known| known == branch)) {
            return Belongs::No;
        }
        if now.duration_since(entry.second) >= Duration::from_secs(1) {
            entry.second = now;
            entry.messages = 0;
        }
        entry.messages = entry.messages.saturating_add(1);
        if entry.messages > MOST_PER_SECOND {
            return Belongs::TooMany;
        }
        Belongs::To(entry.local)
    }

    /// Whether an address is that of a call's peer.
    pub(super) fn has_peer(&self, address: IpAddr) -> bool {
        self.lock().values().any(|entry| entry.peer == address)
    }

    /// Number of inbound calls in progress.
    pub(super) fn count(&self) -> usize {
        let calls = self.lock();
        let calls = calls.values().filter(|entry| entry.fingerprint.is_some());
        calls.map(|entry| entry.dialogs).sum()
    }

    /// Forgets calls that ended long ago; returns the hashes of the Call-IDs of all other inbound
    /// calls.
    pub(super) fn prune(&self, now: Moment) -> Vec<u64> {
        let mut calls = self.lock();
        calls.retain(|_, entry| {
            entry
                .ended
                .is_none_or(|ended| now.duration_since(ended) < KNOWN_AFTER)
        });
        calls
            .values()
            .filter_map(|entry| entry.fingerprint)
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn local() -> SocketAddr {
        "192.0.2.7:5060".parse().unwrap()
    }

    fn peer() -> IpAddr {
        "192.0.2.1".parse().unwrap()
    }

    #[test]
    fn messages_belong_to_calls() {
        let live = Live::default();
        let now = Moment::now();
        assert!(live.begin(("a", "1"), local(), peer(), Some(7), now));
        let rows = [
            ("in the dialog", "a", None, Belongs::To(local())),
            ("repeated", "a", Some("1"), Belongs::To(local())),
            ("another request", "a", Some("2"), Belongs::No),
            ("another call", "b", None, Belongs::No),
        ];
        for (name, call_id, branch, expected) in rows {
            assert_eq!(live.belongs(call_id, branch, now), expected, "{name}");
        }
        assert_eq!(live.count(), 1);
        assert!(live.has_peer(peer()));
    }

    #[test]
    fn a_call_that_is_over_is_known_for_a_while() {
        let live = Live::default();
        let now = Moment::now();
        assert!(live.begin(("a", "1"), local(), peer(), Some(7), now));
        live.end("a", now);
        assert_eq!(live.count(), 0);
        assert_eq!(live.prune(now), [7]);
        assert_eq!(live.belongs("a", Some("1"), now), Belongs::To(local()));
        assert!(live.prune(now + KNOWN_AFTER).is_empty());
        assert_eq!(live.belongs("a", Some("1"), now), Belongs::No);
        assert!(!live.has_peer(peer()));
    }

    #[test]
    fn floods_and_forks_are_bounded() {
        let live = Live::default();
        let now = Moment::now();
        for branch in 0..MOST_BRANCHES {
            let branch = branch.to_string();
            assert!(live.begin(("a", &branch), local(), peer(), Some(7), now));
        }
        assert!(!live.begin(("a", "x"), local(), peer(), Some(7), now));
        for _ in 0..MOST_PER_SECOND {
            assert_eq!(live.belongs("a", None, now), Belongs::To(local()));
        }
        assert_eq!(live.belongs("a", None, now), Belongs::TooMany);
        let later = now + Duration::from_secs(1);
        assert_eq!(live.belongs("a", None, later), Belongs::To(local()));
    }
}
