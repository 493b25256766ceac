//! The decision for who asks: a proxy by SIP, a script by HTTP. By the same rules as in the kernel,
//! and counted and logged like what the kernel has decided.

mod asked_by;
mod decide;
mod screen;
mod server;
mod tcp;
mod udp;

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

pub(crate) use screen::{ScreenError, Screened};
pub(super) use server::{serve, trunk_for};

use crate::figures::CompanionFigures;

/// What those who are asked share.
#[derive(Debug, Default)]
pub(crate) struct Companion {
    figures: Mutex<CompanionFigures>,
    rate: Mutex<Rate>,
}

/// Questions of the present second.
#[derive(Debug)]
struct Rate {
    second: Instant,
    asked: u32,
}

impl Default for Rate {
    fn default() -> Self {
        Self {
            second: Instant::now(),
            asked: 0,
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Companion {
    fn count(&self) -> MutexGuard<'_, CompanionFigures> {
        lock(&self.figures)
    }

    /// What became of questions since this daemon began.
    pub(crate) fn figures(&self) -> CompanionFigures {
        self.count().clone()
    }

    /// Counts a question, if there may be one more this second.
    fn has_room(&self, most: u32) -> bool {
        let mut rate = lock(&self.rate);
        if rate.second.elapsed() >= Duration::from_secs(1) {
            rate.second = Instant::now();
            rate.asked = 0;
        }
        if rate.asked >= most {
            return false;
        }
        rate.asked += 1;
        true
    }
}
