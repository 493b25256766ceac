//! Limits of wrong PIN attempts. Times are milliseconds since 1970, passed by the caller.

use std::collections::HashMap;

/// Wrong attempts for a local number within an hour, after which it is locked for the rest of that
/// hour.
pub const MAXIMUM_WRONG: u32 = 10;
/// Total wrong attempts with a PIN that several local numbers share: otherwise calling 1,000
/// numbers 10 times each would allow 10,000 attempts.
pub const MAXIMUM_SHARED_WRONG: u32 = 100;

/// Maximum number of tracked subjects. Above that, new ones are locked.
const MAXIMUM_SUBJECTS: usize = 10_000;
/// The period in which wrong attempts are counted, in milliseconds.
const WINDOW: i64 = 3_600_000;
/// Wait after the first wrong attempt, in milliseconds; doubled by each further one.
const FIRST_WAIT: i64 = 1000;
/// Maximum wait, in milliseconds.
const LONGEST_WAIT: i64 = 60_000;

/// Wrong attempts of a subject: a local number, or a scope whose PIN several numbers share.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limit {
    /// The subject.
    pub subject: String,
    /// When the first of them was made.
    pub begun: i64,
    /// Number of wrong attempts; 0 to forget the subject.
    pub wrong: u32,
    /// When the next attempt will be compared.
    pub ready: i64,
}

/// Whether an attempt is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Gate {
    /// It is compared.
    Open,
    /// It comes too early.
    Early,
    /// No attempts are left until this time.
    Locked(i64),
}

#[derive(Clone, Copy, Debug)]
struct Count {
    begun: i64,
    wrong: u32,
    ready: i64,
}

impl Count {
    const fn ends(self) -> i64 {
        self.begun.saturating_add(WINDOW)
    }
}

/// All tracked subjects.
#[derive(Debug, Default)]
pub(super) struct Limits(HashMap<String, Count>);

impl Limits {
    /// Restores stored limits.
    pub(super) fn of(known: Vec<Limit>) -> Self {
        let count = |limit: Limit| {
            let count = Count {
                begun: limit.begun,
                wrong: limit.wrong,
                ready: limit.ready,
            };
            (limit.subject, count)
        };
        Self(known.into_iter().map(count).collect())
    }

    /// The current count of a subject. A clock that was set back neither grants more attempts nor
    /// locks for longer than an hour.
    fn current(&mut self, subject: &str, now: i64) -> Option<Count> {
        let count = self.0.get_mut(subject)?;
        count.begun = count.begun.min(now);
        count.ready = count.ready.min(now.saturating_add(LONGEST_WAIT));
        let count = *count;
        if now < count.ends() {
            return Some(count);
        }
        self.0.remove(subject);
        None
    }

    /// Whether an attempt is compared.
    pub(super) fn gate(&mut self, subject: &str, maximum: u32, now: i64) -> Gate {
        match self.current(subject, now) {
            Some(count) if count.wrong >= maximum => Gate::Locked(count.ends()),
            Some(count) if now < count.ready => Gate::Early,
            Some(_) => Gate::Open,
            None => match self.full_until(now) {
                Some(until) => Gate::Locked(until),
                None => Gate::Open,
            },
        }
    }

    /// When there is room for another subject; `None` if there is.
    fn full_until(&mut self, now: i64) -> Option<i64> {
        if self.0.len() < MAXIMUM_SUBJECTS {
            return None;
        }
        self.0.retain(|_, count| now < count.ends());
        if self.0.len() < MAXIMUM_SUBJECTS {
            return None;
        }
        self.0.values().map(|count| count.ends()).min()
    }

    /// Counts a wrong attempt for a local number; the next one has to wait.
    pub(super) fn wrong(&mut self, subject: &str, now: i64) -> Limit {
        let begun = self.current(subject, now).map(|count| count.begun);
        let wrong = self.0.get(subject).map_or(0, |count| count.wrong) + 1;
        let doubled = FIRST_WAIT << (wrong - 1).min(16);
        let count = Count {
            begun: begun.unwrap_or(now),
            wrong,
            ready: now.saturating_add(doubled.min(LONGEST_WAIT)),
        };
        self.set(subject, count)
    }

    /// Counts a wrong attempt with a shared PIN; there is no wait.
    pub(super) fn wrong_shared(&mut self, subject: &str, now: i64) -> Limit {
        let count = self.current(subject, now).unwrap_or(Count {
            begun: now,
            wrong: 0,
            ready: now,
        });
        let wrong = count.wrong + 1;
        self.set(subject, Count { wrong, ..count })
    }

    fn set(&mut self, subject: &str, count: Count) -> Limit {
        self.0.insert(subject.to_owned(), count);
        Limit {
            subject: subject.to_owned(),
            begun: count.begun,
            wrong: count.wrong,
            ready: count.ready,
        }
    }

    /// Removes a subject; returns the change to store.
    pub(super) fn forget(&mut self, subject: &str) -> Option<Limit> {
        self.0.remove(subject).map(|count| Limit {
            subject: subject.to_owned(),
            begun: count.begun,
            wrong: 0,
            ready: count.ready,
        })
    }
}

/// When the hour of a limit is over.
pub(super) const fn hour_ends(limit: &Limit) -> i64 {
    limit.begun.saturating_add(WINDOW)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NUMBER: &str = "number:+13125550199";
    const BEGIN: i64 = 1_700_000_000_000;

    fn gate(limits: &mut Limits, now: i64) -> Gate {
        limits.gate(NUMBER, MAXIMUM_WRONG, now)
    }

    #[test]
    fn waits_double_up_to_a_minute_and_the_hour_is_locked() {
        let mut limits = Limits::default();
        let mut now = BEGIN;
        for (index, wait) in [1, 2, 4, 8, 16, 32, 60, 60, 60].into_iter().enumerate() {
            assert_eq!(gate(&mut limits, now), Gate::Open, "try {index}");
            let limit = limits.wrong(NUMBER, now);
            assert_eq!(limit.ready - now, wait * 1000, "try {index}");
            assert_eq!(gate(&mut limits, limit.ready - 1), Gate::Early, "{index}");
            now = limit.ready;
        }
        limits.wrong(NUMBER, now);
        let end = BEGIN + WINDOW;
        assert_eq!(gate(&mut limits, now + 120_000), Gate::Locked(end));
        assert_eq!(gate(&mut limits, end - 1), Gate::Locked(end));
        assert_eq!(gate(&mut limits, end), Gate::Open);
        assert_eq!(limits.wrong(NUMBER, end).wrong, 1, "the next hour begins");
        let other = limits.gate("number:100", MAXIMUM_WRONG, now);
        assert_eq!(other, Gate::Open, "another number has tries of its own");
    }

    #[test]
    fn shared_ones_have_no_wait_and_a_limit() {
        let mut limits = Limits::default();
        for _ in 0..MAXIMUM_SHARED_WRONG {
            let gate = limits.gate("global", MAXIMUM_SHARED_WRONG, BEGIN);
            assert_eq!(gate, Gate::Open);
            limits.wrong_shared("global", BEGIN);
        }
        let gate = limits.gate("global", MAXIMUM_SHARED_WRONG, BEGIN + 5);
        assert_eq!(gate, Gate::Locked(BEGIN + WINDOW));
    }

    #[test]
    fn what_is_known_outlives_a_restart() {
        let mut limits = Limits::default();
        let mut last = Vec::new();
        for _ in 0..MAXIMUM_WRONG {
            last = vec![limits.wrong(NUMBER, BEGIN)];
        }
        let mut again = Limits::of(last);
        assert_eq!(gate(&mut again, BEGIN + 1), Gate::Locked(BEGIN + WINDOW));
        let forgotten = again.forget(NUMBER).unwrap();
        assert_eq!(
            (forgotten.wrong, gate(&mut again, BEGIN + 1)),
            (0, Gate::Open)
        );
    }

    #[test]
    fn a_clock_that_is_set_back_gives_no_tries_and_locks_no_longer_than_an_hour() {
        let mut limits = Limits::default();
        for _ in 0..MAXIMUM_WRONG {
            limits.wrong(NUMBER, BEGIN);
        }
        let earlier = BEGIN - 100 * WINDOW;
        assert_eq!(gate(&mut limits, earlier), Gate::Locked(earlier + WINDOW));
        assert_eq!(gate(&mut limits, earlier + WINDOW), Gate::Open);
    }

    #[test]
    fn those_that_find_no_room_are_locked() {
        let mut limits = Limits::default();
        for number in 0..MAXIMUM_SUBJECTS {
            limits.wrong(&format!("number:{number}"), BEGIN);
        }
        assert_eq!(gate(&mut limits, BEGIN), Gate::Locked(BEGIN + WINDOW));
        assert_eq!(
            limits.gate("number:7", MAXIMUM_WRONG, BEGIN + 1000),
            Gate::Open,
            "those that have room keep theirs"
        );
        assert_eq!(gate(&mut limits, BEGIN + WINDOW), Gate::Open);
        assert!(limits.0.len() < 2, "what is over makes room");
    }
}
