//! All rules, lists and scopes, and what of them is in force.

use std::ops::Deref;

use blacklist_common::decide::Step;
use blacklist_common::dial_plan::DialPlan;
use blacklist_common::number::Number;
use blacklist_common::tables::{Direction, GrantKey};
use blacklist_generation::{GrantEnd, Tables};
use blacklist_model::{Refusal, RuleId};
use jiff::Timestamp;

use crate::counted::Counted;
use crate::enforcement::{Enforcement, grants};
use crate::register::Register;

/// All rules, lists and scopes, and what of them is in force.
#[derive(Clone, Debug, Default)]
pub struct RuleSet {
    pub(crate) register: Register,
    pub(crate) enforcement: Enforcement,
    /// The time up to which rules came into force and went out of it.
    pub(crate) now: Timestamp,
    /// How the trunks spell numbers.
    pub(crate) plans: Vec<DialPlan>,
}

/// What there is in a set is asked as of its register.
impl Deref for RuleSet {
    type Target = Register;

    fn deref(&self) -> &Register {
        &self.register
    }
}

impl RuleSet {
    /// Tells how all trunks spell numbers, so that rules which none of them can meet are warned of.
    pub fn set_trunk_plans(&mut self, plans: Vec<DialPlan>) {
        self.plans = plans;
    }

    /// Whether the program in the kernel decides calls by a rule.
    ///
    /// # Errors
    /// It does not, and why.
    pub fn is_decided_in_kernel(&self, rule: RuleId) -> Result<(), &'static str> {
        let Some(held) = self.held(rule) else {
            return Ok(());
        };
        held.rule.pattern.is_decided_in_kernel()?;
        let Some(effective) = self.effective(&held.rule) else {
            return Ok(());
        };
        if held.rule.pattern.shape().is_some() {
            for home in self.homes(&held.rule) {
                for direction in effective.directions() {
                    let partition = blacklist_common::scope::partition(home, direction);
                    if self.enforcement.tables.is_user_rule(partition, rule) {
                        return Err(
                            "its scope has wildcards of too many forms; this one is compared in user space alone",
                        );
                    }
                }
            }
        }
        Ok(())
    }

    /// The rules' part of a whole generation. The patterns are shared, not copied: drop them when
    /// they are in force, or the next change copies them.
    pub fn generation(&self) -> Tables {
        self.enforcement.generation()
    }

    /// Rules whose time has come, and which are not in force because there was no room.
    pub fn late(&self) -> impl Iterator<Item = (RuleId, &Refusal)> {
        self.enforcement
            .late
            .iter()
            .map(|(id, refusal)| (*id, refusal))
    }

    /// How many rules are in force.
    pub const fn in_force(&self) -> usize {
        self.enforcement.in_force
    }

    /// What a counter slot counts.
    pub fn of_slot(&self, slot: u32) -> Option<Counted> {
        self.enforcement.slots.counted(slot)
    }

    /// Whether no rule blocks a number.
    pub fn is_protected(&self, number: Number) -> bool {
        self.enforcement.tables.lookup.protected.contains(&number)
    }

    /// How many grants are in force.
    pub fn grants(&self) -> usize {
        self.enforcement.grants.len()
    }

    /// When the grant of a local and a remote number ends; `None` without a grant.
    pub fn grant(&self, pair: &GrantKey) -> Option<GrantEnd> {
        self.enforcement.grants.end(pair)
    }

    /// When the grant that let a call through ends; `None` if no grant did.
    pub(crate) fn granted_until(
        &self,
        step: Option<Step>,
        (caller, called): (Number, Number),
        direction: Direction,
    ) -> Option<GrantEnd> {
        match step {
            Some(Step::Grant) => self
                .enforcement
                .grants
                .end(&grants::pair(caller, called, direction)),
            _ => None,
        }
    }
}
