//! Decisions for those who ask: a proxy by SIP, a script by HTTP. They are made by the same rules as
//! in the kernel, and counted and logged like those of the kernel.

mod asked_by;
mod decide;
mod screen;
mod server;
mod tcp;
mod udp;

use std::sync::Arc;
use std::time::Duration;

use parking_lot::{Mutex, MutexGuard};

pub(crate) use screen::{ScreenError, Screened};
pub(crate) use server::serve;

use super::enforcement::Enforcement;
use super::journal::Journal;
use super::rules_state::RulesState;
use super::settings::{ActiveConfiguration, Settings};
use blacklist_figures::CompanionFigures;
use blacklist_system::Moment;

/// What decides for those who ask.
pub(crate) struct Companion {
    settings: Arc<Settings>,
    pub(crate) rules: Arc<RulesState>,
    enforcement: Arc<Mutex<Enforcement>>,
    journal: Arc<Journal>,
    figures: Mutex<CompanionFigures>,
    rate: Mutex<Rate>,
}

/// Questions of the present second.
#[derive(Debug)]
struct Rate {
    second: Moment,
    asked: u32,
}

impl Default for Rate {
    fn default() -> Self {
        Self {
            second: Moment::now(),
            asked: 0,
        }
    }
}

impl Companion {
    pub(super) fn new(
        settings: Arc<Settings>,
        rules: Arc<RulesState>,
        enforcement: Arc<Mutex<Enforcement>>,
        journal: Arc<Journal>,
    ) -> Self {
        Self {
            settings,
            rules,
            enforcement,
            journal,
            figures: Mutex::default(),
            rate: Mutex::default(),
        }
    }

    fn configuration(&self) -> Arc<ActiveConfiguration> {
        self.settings.active()
    }

    fn count(&self) -> MutexGuard<'_, CompanionFigures> {
        self.figures.lock()
    }

    /// What became of questions since this daemon began.
    pub(crate) fn figures(&self) -> CompanionFigures {
        self.count().clone()
    }

    /// Counts a question, if there may be one more this second.
    fn try_count(&self, most: u32) -> bool {
        let mut rate = self.rate.lock();
        if rate.second.elapsed() >= Duration::from_secs(1) {
            rate.second = Moment::now();
            rate.asked = 0;
        }
        if rate.asked >= most {
            return false;
        }
        rate.asked += 1;
        true
    }
}
