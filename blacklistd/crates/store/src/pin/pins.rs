//! A PIN attempt, from the digits to the result.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::Timestamp;

use super::attempt::Attempt;
use super::digits::MAXIMUM_DIGITS;
use super::hash::is_of;
use super::limits::{Gate, Limit, Limits, MAXIMUM_SHARED_WRONG, MAXIMUM_WRONG, hour_ends};
use blacklist_figures::{AttemptFigures, Tried};

/// Maximum number of concurrent comparisons: each takes memory and a processor.
const AT_ONCE: u32 = 2;

/// The stored PIN of a scope.
#[derive(Clone)]
pub struct ScopePin {
    /// The scope's name.
    pub scope: String,
    /// Its hash.
    pub hash: String,
}

impl std::fmt::Debug for ScopePin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "PIN of {}", self.scope)
    }
}

impl ScopePin {
    /// Whether it is the PIN of a single local number, so that only that number's attempts count.
    fn is_own(&self, subject: &str) -> bool {
        self.scope == subject
    }
}

/// The result of an attempt, and what has to be stored.
#[derive(Clone, Debug)]
pub struct Checked {
    /// The result.
    pub attempt: Attempt,
    /// The same for the audit.
    pub tried: Tried,
    /// Limits that have changed; those without wrong attempts are to be deleted.
    pub limits: Vec<Limit>,
}

/// Limits, comparisons and figures of PIN attempts.
#[derive(Debug, Default)]
pub struct Pins {
    limits: Mutex<Limits>,
    comparing: Mutex<u32>,
    done: Condvar,
    figures: Mutex<AttemptFigures>,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn time(milliseconds: i64) -> Timestamp {
    Timestamp::from_millisecond(milliseconds).unwrap_or(Timestamp::MAX)
}

/// The result of a wrong attempt; the last one of an hour locks.
fn refused(limit: &Limit, now: i64) -> Attempt {
    if limit.wrong >= MAXIMUM_WRONG {
        return Attempt::Locked {
            until: time(hour_ends(limit)),
        };
    }
    let wait = u64::try_from(limit.ready - now).unwrap_or_default();
    Attempt::Wrong {
        wait: Duration::from_millis(wait),
    }
}

/// The PINs that are not locked by shared attempts; if there are none, the end of the lock.
fn still_open<'p>(
    limits: &mut Limits,
    subject: &str,
    pins: &'p [ScopePin],
    now: i64,
) -> Result<Vec<&'p ScopePin>, i64> {
    let mut open = Vec::new();
    let mut until = i64::MAX;
    for pin in pins {
        match limits.gate(&pin.scope, MAXIMUM_SHARED_WRONG, now) {
            Gate::Locked(end) if !pin.is_own(subject) => until = until.min(end),
            Gate::Open | Gate::Early | Gate::Locked(_) => open.push(pin),
        }
    }
    if open.is_empty() {
        Err(until)
    } else {
        Ok(open)
    }
}

impl Pins {
    /// Restores the limits of earlier wrong attempts.
    pub fn new(known: Vec<Limit>) -> Self {
        Self {
            limits: Mutex::new(Limits::of(known)),
            ..Self::default()
        }
    }

    /// Compares digits with the PINs of a local number's scopes; any of them is right. `subject` is
    /// the name of the number's own scope; `now` is in milliseconds since 1970.
    ///
    /// Blocks for the time of the comparisons, including those of others before it: not for a
    /// thread of an asynchronous runtime.
    pub fn check(&self, subject: &str, pins: &[ScopePin], digits: &[u8], now: i64) -> Checked {
        let checked = self.check_uncounted(subject, pins, digits, now);
        lock(&self.figures).count(checked.tried);
        checked
    }

    fn check_uncounted(
        &self,
        subject: &str,
        pins: &[ScopePin],
        digits: &[u8],
        now: i64,
    ) -> Checked {
        let answer = |attempt, tried, limits| Checked {
            attempt,
            tried,
            limits,
        };
        if pins.is_empty() {
            return answer(Attempt::NoPin, Tried::NoPin, Vec::new());
        }
        let locked = |until| {
            let until = time(until);
            answer(Attempt::Locked { until }, Tried::Locked, Vec::new())
        };
        let (open, reserved) = {
            let mut limits = lock(&self.limits);
            match limits.gate(subject, MAXIMUM_WRONG, now) {
                Gate::Open => {}
                Gate::Locked(until) => return locked(until),
                Gate::Early => {
                    let limit = limits.wrong(subject, now);
                    return answer(refused(&limit, now), Tried::Early, vec![limit]);
                }
            }
            let open = match still_open(&mut limits, subject, pins, now) {
                Ok(open) => open,
                Err(until) => return locked(until),
            };
            // Counted before it is compared, so that concurrent attempts cannot bypass the limit.
            (open, limits.wrong(subject, now))
        };
        // All PINs are compared, so that the time does not reveal which one was right.
        let right: Vec<&ScopePin> = open
            .iter()
            .filter(|pin| self.compare(&pin.hash, digits))
            .copied()
            .collect();
        let mut limits = lock(&self.limits);
        if let Some(pin) = right.first() {
            let scope = pin.scope.clone();
            let forgotten = limits.forget(subject).into_iter().collect();
            return answer(Attempt::Right { scope }, Tried::Right, forgotten);
        }
        let shared = open.iter().filter(|pin| !pin.is_own(subject));
        let mut changed: Vec<Limit> = shared
            .map(|pin| limits.wrong_shared(&pin.scope, now))
            .collect();
        let attempt = refused(&reserved, now);
        changed.push(reserved);
        answer(attempt, Tried::Wrong, changed)
    }

    /// Waits for its turn, then compares.
    fn compare(&self, hash: &str, digits: &[u8]) -> bool {
        let mut comparing = self
            .done
            .wait_while(lock(&self.comparing), |comparing| *comparing >= AT_ONCE)
            .unwrap_or_else(PoisonError::into_inner);
        *comparing += 1;
        drop(comparing);
        let is_right = digits.len() <= MAXIMUM_DIGITS && is_of(hash, digits);
        *lock(&self.comparing) -= 1;
        self.done.notify_one();
        is_right
    }

    /// Forgets the wrong attempts for a local number, or with the PIN of a scope. Returns false if
    /// there were none.
    pub fn forget(&self, subject: &str) -> bool {
        lock(&self.limits).forget(subject).is_some()
    }

    /// Attempts since the daemon's start.
    pub fn figures(&self) -> AttemptFigures {
        *lock(&self.figures)
    }
}

#[cfg(test)]
mod tests;
