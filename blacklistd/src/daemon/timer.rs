//! What the passing of time changes: rules that come into force, and rules that go out of it.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use parking_lot::Mutex;
use tokio::task::spawn_blocking;

use super::enforcement::Enforcement;
use super::heartbeats::{Heartbeats, Part};
use super::problems::Problems;
use super::rules_state::RulesState;
use blacklist_engine::RuleSet;
use blacklist_kernel::KernelError;
use blacklist_system::clock;

/// The longest sleep, so that a clock that is set is noticed.
const LONGEST_SLEEP: Duration = Duration::from_secs(1);

/// Rules that are named in one sentence.
const NAMED: usize = 5;

/// What the kernel refused is tried again after this time.
const RETRY: Duration = Duration::from_secs(1);

/// Takes rules into force and out of it when their time comes.
pub(crate) struct Timer {
    pub(super) rules: Arc<RulesState>,
    pub(super) enforcement: Arc<Mutex<Enforcement>>,
    pub(super) problems: Arc<Problems>,
    pub(super) heartbeats: Arc<Heartbeats>,
}

impl Timer {
    /// Waits for the next transition, for ever.
    pub(crate) async fn run(self: Arc<Self>) {
        // A clock that was set back leaves rules in force that should not be; each moment is judged
        // against the latest one that was judged.
        let mut judged = clock::now();
        loop {
            self.heartbeats.beat(Part::Timer);
            let now = clock::now();
            let rules = self.rules.in_force.try_read();
            let next = rules.and_then(|rules| rules.next_transition());
            let due = next.is_some_and(|next| next <= now);
            if due || now < judged {
                self.advance_until_done(now).await;
                judged = now;
                continue;
            }
            judged = now;
            let sleep = match next {
                Some(next) => Duration::try_from(next.duration_since(now))
                    .unwrap_or(LONGEST_SLEEP)
                    .min(LONGEST_SLEEP),
                None => LONGEST_SLEEP,
            };
            tokio::select! {
                () = tokio::time::sleep(sleep) => {}
                () = self.rules.rescheduled.notified() => {}
            }
        }
    }

    /// Advances; for as long as the kernel refuses, the whole set is tried again.
    async fn advance_until_done(self: &Arc<Self>, now: Timestamp) {
        let timer = self.clone();
        let mut done = spawn_blocking(move || timer.advance(now)).await;
        while !matches!(done, Ok(true)) {
            tokio::time::sleep(RETRY).await;
            let timer = self.clone();
            done = spawn_blocking(move || timer.refill()).await;
        }
    }

    /// Takes rules into force and out of it as of `now`. False if the kernel refused.
    fn advance(&self, now: Timestamp) -> bool {
        let mut rules = self.rules.in_force.change();
        let plan = rules.advance(now);
        if plan.is_nothing() {
            return true;
        }
        let mut enforcement = self.enforcement.lock();
        // The number stays: time is no change of the store.
        let number = enforcement.kernel.generation();
        let result = enforcement.apply(&rules, &plan, number);
        self.note_transition(&rules, result)
    }

    /// Puts the whole set in force again. False if the kernel refused.
    fn refill(&self) -> bool {
        let rules = self.rules.in_force.read();
        let mut enforcement = self.enforcement.lock();
        let number = enforcement.kernel.generation();
        let result = enforcement.install(&rules, number);
        self.note_transition(&rules, result)
    }

    fn note_transition(&self, rules: &RuleSet, result: Result<(), KernelError>) -> bool {
        let problem = result.err().map(|error| {
            format!("rules whose time has come are not in force, or out of it: {error}")
        });
        let is_well = problem.is_none();
        self.problems.note("timed rules", problem);
        let late: Vec<String> = rules
            .late()
            .take(NAMED)
            .map(|(id, refusal)| format!("rule {id}: {refusal}"))
            .collect();
        let sentence = format!(
            "rules whose time has come are not in force: {}",
            late.join("; ")
        );
        let late = (!late.is_empty()).then_some(sentence);
        self.problems.note("late rules", late);
        is_well
    }
}
