//! What the passing of time changes: rules that come into force, and rules that go out of it.

use std::time::Duration;

use jiff::Timestamp;

use super::beats::Part;
use super::core::{Core, Shared};
use super::start::tables;
use crate::kernel::KernelError;
use crate::rules::RuleSet;

/// Sleeps at most so long, so that a clock that is set is noticed.
const LONGEST_SLEEP: Duration = Duration::from_secs(1);

/// Rules that are named in one sentence.
const NAMED: usize = 5;

/// What the kernel refused is tried again after this time.
const RETRY: Duration = Duration::from_secs(1);

/// Waits for the next transition, for ever.
pub(super) async fn run(shared: Shared) {
    // A clock that was set back leaves rules in force that should not be; each moment is judged
    // against the latest one that was judged.
    let mut judged = Timestamp::now();
    loop {
        shared.beats().beat(Part::Timer);
        let now = Timestamp::now();
        let next = shared.try_rules().and_then(|rules| rules.next_transition());
        let due = next.is_some_and(|next| next <= now);
        if due || now < judged {
            advance(&shared, now).await;
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
            () = shared.rearmed() => {}
        }
    }
}

/// Advances; for as long as the kernel refuses, the whole set is tried again.
async fn advance(shared: &Shared, now: Timestamp) {
    let (first, again) = (shared.clone(), shared.clone());
    let mut done = tokio::task::spawn_blocking(move || first.advance(now)).await;
    while !matches!(done, Ok(true)) {
        tokio::time::sleep(RETRY).await;
        let again = again.clone();
        done = tokio::task::spawn_blocking(move || again.refill()).await;
    }
}

impl Shared {
    /// Takes rules into force and out of it as of `now`. False if the kernel refused.
    fn advance(&self, now: Timestamp) -> bool {
        let mut rules = self.rules_to_change();
        let plan = rules.advance(now);
        if plan.is_nothing() {
            return true;
        }
        let mut core = self.lock();
        // The number stays: time is no change of the store.
        let number = core.kernel.generation();
        let result = core.in_kernel(&rules, &plan, number);
        core.note_transition(&rules, result)
    }

    /// Puts the whole set in force again. False if the kernel refused.
    fn refill(&self) -> bool {
        let rules = self.rules();
        let mut core = self.lock();
        let number = core.kernel.generation();
        let tables = tables(&rules, &core.configuration);
        let result = core.kernel.install(&tables, number);
        core.note_transition(&rules, result)
    }
}

impl Core {
    fn note_transition(&mut self, rules: &RuleSet, result: Result<(), KernelError>) -> bool {
        self.count_in_force(rules);
        let problem = result.err().map(|error| {
            format!("rules whose time has come are not in force, or out of it: {error}")
        });
        let is_well = problem.is_none();
        self.note("timed rules", problem);
        let late: Vec<String> = rules
            .late()
            .take(NAMED)
            .map(|(id, refusal)| format!("rule {id}: {refusal}"))
            .collect();
        let sentence = format!(
            "rules whose time has come are not in force: {}",
            late.join("; ")
        );
        self.note("late rules", (!late.is_empty()).then_some(sentence));
        is_well
    }
}
