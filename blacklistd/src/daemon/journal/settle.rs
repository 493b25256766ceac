//! From the kernel's counters to the sums.

use std::sync::atomic::Ordering;

use blacklist_common::tables::Counter;

use crate::daemon::rules_state::RulesState;
use blacklist_engine::{Counted, Plan, RuleSet};
use blacklist_generation::Change;
use blacklist_kernel::{Kernel, KernelError, OtherTally};
use blacklist_store::journal::{Account, LogError, Owner, hour_of};

use super::Journal;
use super::departed::owner;
use blacklist_system::clock;

/// Why sums could not be brought up to date.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SettleError {
    /// The kernel's counters could not be read.
    #[error(transparent)]
    Kernel(#[from] KernelError),
    /// The sums could not be written.
    #[error(transparent)]
    Log(#[from] LogError),
}

fn hour() -> i64 {
    hour_of(clock::now())
}

impl Journal {
    /// Brings the sums up to date and writes them. Without rules, because they are being put in
    /// force, those of rules and lists stay as they are.
    ///
    /// # Errors
    /// The kernel's counters cannot be read, or the database refused.
    pub(crate) fn settle(&self, rules: Option<&RuleSet>) -> Result<(), SettleError> {
        let hour = hour();
        let mut log = self.log();
        let ledger = &mut log.ledger;
        ledger.look_at(self.tally.identity());
        let mut changed = false;
        for (outcome, counter) in self.tally.outcomes()? {
            changed |= ledger.outcome(outcome, counter, hour);
        }
        ledger.losses(
            self.tally.lost_events()?,
            self.tally.forgotten_calls()?,
            hour,
        );
        if changed {
            for (index, trunk) in (0..).zip(self.trunks().iter()) {
                ledger.trunk(index, &trunk.name, &self.tally.traffic(index)?, hour);
            }
        }
        // A rule counts before the outcome does: where no outcome has changed, no rule has either.
        let pending = self.pending.fetch_or(changed, Ordering::Relaxed) || changed;
        if let Some(rules) = rules.filter(|_| pending) {
            self.pending.store(false, Ordering::Relaxed);
            for (slot, counter) in self.tally.counters() {
                if ledger.is_settled(slot, counter) {
                    continue;
                }
                ledger.slot(slot, counter, self.owner_of(rules, slot), hour);
            }
        }
        log.save_ledger()?;
        Ok(())
    }

    /// Whom a slot counts for, or counted for if that has just gone.
    fn owner_of(&self, rules: &RuleSet, slot: u32) -> Option<Owner> {
        let counted = rules.of_slot(slot);
        counted
            .and_then(|counted| owner(rules, counted))
            .or_else(|| {
                let departed = self.departed.lock();
                departed.of_slot(slot).map(|former| former.owner)
            })
    }

    /// Brings the sums of one slot up to date. Whether they have changed.
    pub(super) fn settle_slot(&self, slot: u32, owner: Option<Owner>) -> bool {
        let counter = self.tally.counter(slot);
        let mut log = self.log();
        if log.ledger.is_settled(slot, counter) {
            return false;
        }
        log.ledger.slot(slot, counter, owner, hour());
        true
    }

    /// What a rule, or a scope's default, has counted.
    pub(crate) fn counted(&self, counted: Counted, slot: Option<u32>) -> Counter {
        let log = self.log();
        match slot {
            Some(slot) => log
                .ledger
                .rule(counted.id(), slot, self.tally.counter(slot)),
            None => log.ledger.total(&Account::Rule(counted.id())),
        }
    }

    /// Takes over what tables of another layout have counted, which are about to go.
    ///
    /// # Errors
    /// The database refused.
    pub(in crate::daemon) fn take_over(
        &self,
        other: &OtherTally,
        rules: &RuleSet,
    ) -> Result<(), SettleError> {
        let hour = hour();
        let mut log = self.log();
        let ledger = &mut log.ledger;
        if ledger.state() != other.identity {
            // Never looked at: all of it is new.
            ledger.look_at(&other.identity);
        }
        for (outcome, counter) in &other.outcomes {
            ledger.outcome(*outcome, *counter, hour);
        }
        for (slot, id, counter) in &other.counted {
            let owner = Counted::from_id(*id).and_then(|counted| owner(rules, counted));
            ledger.slot(*slot, *counter, owner, hour);
        }
        let trunks = self.trunks();
        for (index, traffic) in &other.traffic {
            if let Some(trunk) = trunks.get(usize::from(*index)) {
                ledger.trunk(*index, &trunk.name, traffic, hour);
            }
        }
        ledger.losses(other.lost, other.forgotten, hour);
        log.save_ledger()?;
        log.ledger.look_at(self.tally.identity());
        log.save_ledger()?;
        Ok(())
    }

    /// Settles counters of slots that a plan takes from one rule and gives to another.
    pub(in crate::daemon) fn settle_moved_slots(
        &self,
        kernel: &Kernel,
        rules: &RuleSet,
        plan: &Plan,
    ) -> Result<(), KernelError> {
        let settle = |slot: u32, before: u32| {
            let counted = Counted::from_id(before);
            let owner = counted
                .and_then(|counted| owner(rules, counted))
                .or_else(|| {
                    let departed = self.departed.lock();
                    departed.of_id(before).map(|former| former.owner)
                });
            self.settle_slot(slot, owner)
        };
        let mut settled = false;
        match plan {
            Plan::Changes { changes } => {
                for change in changes {
                    if let Change::Slot(slot, after) = change {
                        let before = kernel.slot(*slot);
                        if before != 0 && before != *after {
                            settled |= settle(*slot, before);
                        }
                    }
                }
            }
            Plan::Whole => {
                for (slot, before) in kernel.slots()? {
                    let after = rules.of_slot(slot).map_or(0, Counted::id);
                    if before != after {
                        settled |= settle(slot, before);
                    }
                }
            }
        }
        if settled && let Err(error) = self.log().save_ledger() {
            // They are settled all the same, and written the next time.
            tracing::warn!("{error}");
        }
        Ok(())
    }

    /// Brings the sums up to date, as far as rules are not being put in force. A log that takes
    /// nothing is no reason not to report them: its writer says what is wrong with it.
    ///
    /// # Errors
    /// The kernel's counters cannot be read.
    pub(crate) fn settle_for_report(&self, rules: &RulesState) -> Result<(), KernelError> {
        let rules = rules.in_force.try_read();
        match self.settle(rules.as_deref()) {
            Ok(()) => Ok(()),
            Err(SettleError::Log(error)) => {
                tracing::debug!("{error}");
                Ok(())
            }
            Err(SettleError::Kernel(error)) => Err(error),
        }
    }
}
