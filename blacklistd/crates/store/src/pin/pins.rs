//! A try, from the digits to the answer.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::Timestamp;

use super::attempt::Attempt;
use super::digits::MAXIMUM_DIGITS;
use super::hash::is_of;
use super::limits::{Gate, Limit, Limits, MAXIMUM_SHARED_WRONG, MAXIMUM_WRONG, hour_ends};
use blacklist_figures::{AttemptFigures, Tried};

/// Comparisons at once: each takes memory and a processor.
const AT_ONCE: u32 = 2;

/// The PIN of a scope, as it is kept.
#[derive(Clone)]
pub struct ScopePin {
    /// The scope, as people write it.
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
    /// Whether it is the PIN of one local number alone: its tries are those of the number.
    fn is_own(&self, subject: &str) -> bool {
        self.scope == subject
    }
}

/// What became of a try, and what is to be stored of it.
#[derive(Clone, Debug)]
pub struct Checked {
    /// The answer.
    pub attempt: Attempt,
    /// The same for the audit.
    pub tried: Tried,
    /// Limits that are others than before; those without wrong tries are forgotten.
    pub limits: Vec<Limit>,
}

/// How many tries there were, and who compares.
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

/// The answer to a wrong try; the last one of an hour locks.
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

/// Those that were not tried too often by several numbers; if there are none, until when.
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
    /// With what was known of wrong tries.
    pub fn new(known: Vec<Limit>) -> Self {
        Self {
            limits: Mutex::new(Limits::of(known)),
            ..Self::default()
        }
    }

    /// Compares digits with the PINs of a local number's scopes; any of them is right. `subject` is
    /// the number's own scope, as people write it; `now` is in milliseconds since 1970.
    ///
    /// Blocks for as long as the comparisons take, and those of others before them: not for a thread
    /// of an asynchronous runtime.
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
            // Counted before it is compared: tries at the same time do not pass each other.
            (open, limits.wrong(subject, now))
        };
        // All of them, so that the time does not tell which one it was.
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

    /// Compares when it is this one's turn.
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

    /// Forgets the wrong tries of a local number, or with the PIN of a scope. False if there are
    /// none.
    pub fn forget(&self, subject: &str) -> bool {
        lock(&self.limits).forget(subject).is_some()
    }

    /// Tries since the daemon began.
    pub fn figures(&self) -> AttemptFigures {
        *lock(&self.figures)
    }
}

#[cfg(test)]
mod tests;
