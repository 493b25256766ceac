//! The rules in force and their locks. Whoever reads them waits while they are changed; whoever judges
//! calls does not: it asks a copy of what decides, which is replaced when a change is over. So every
//! call is judged as before a change or as after it, however long the change takes.

use std::ops::{Deref, DerefMut};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use parking_lot::{RwLock, RwLockReadGuard, RwLockWriteGuard};

use blacklist_engine::{RuleSet, RulesSnapshot};

/// The rules, and what judges calls by them.
pub(crate) struct InForce {
    rules: RwLock<RuleSet>,
    /// As of the last change that is over. Nobody keeps it for longer than a decision takes.
    snapshot: RwLock<RulesSnapshot>,
    is_changing: AtomicBool,
    /// How many rules and grants are in force, as of the last change that is over.
    counts: [AtomicU64; 2],
}

impl InForce {
    pub(super) fn new(rules: RuleSet) -> Self {
        Self {
            snapshot: RwLock::new(rules.snapshot()),
            counts: counts(&rules).map(AtomicU64::new),
            rules: RwLock::new(rules),
            is_changing: AtomicBool::new(false),
        }
    }

    /// The rules; waits while they are changed.
    pub(crate) fn read(&self) -> RwLockReadGuard<'_, RuleSet> {
        self.rules.read()
    }

    /// The rules; none while they are changed.
    pub(crate) fn try_read(&self) -> Option<RwLockReadGuard<'_, RuleSet>> {
        self.rules.try_read()
    }

    /// What judges calls by the rules, as before while they are changed. Nothing is waited for while
    /// this is held.
    pub(super) fn snapshot(&self) -> RwLockReadGuard<'_, RulesSnapshot> {
        self.snapshot.read()
    }

    /// The rules, to be changed. Calls are judged as before until this is dropped.
    pub(super) fn change(&self) -> Changing<'_> {
        let rules = self.rules.write();
        self.is_changing.store(true, Ordering::Relaxed);
        Changing {
            rules,
            in_force: self,
            before: None,
        }
    }

    /// Whether calls are judged as before a change.
    pub(super) fn is_changing(&self) -> bool {
        self.is_changing.load(Ordering::Relaxed)
    }

    /// How many rules are in force, as of the last change that is over.
    pub(crate) fn rule_count(&self) -> u64 {
        let [rules, _] = &self.counts;
        rules.load(Ordering::Relaxed)
    }

    /// How many grants are in force, as of the last change that is over.
    pub(crate) fn grant_count(&self) -> u64 {
        let [_, grants] = &self.counts;
        grants.load(Ordering::Relaxed)
    }
}

fn counts(rules: &RuleSet) -> [u64; 2] {
    [rules.in_force() as u64, rules.grants() as u64]
}

/// The rules while they are changed.
pub(super) struct Changing<'a> {
    rules: RwLockWriteGuard<'a, RuleSet>,
    in_force: &'a InForce,
    /// What calls were judged by. Declared after the guard, so that it is freed after the
    /// guard is: it can be large.
    before: Option<RulesSnapshot>,
}

impl Deref for Changing<'_> {
    type Target = RuleSet;

    fn deref(&self) -> &RuleSet {
        &self.rules
    }
}

impl DerefMut for Changing<'_> {
    fn deref_mut(&mut self) -> &mut RuleSet {
        &mut self.rules
    }
}

impl Drop for Changing<'_> {
    fn drop(&mut self) {
        for (count, fresh) in self.in_force.counts.iter().zip(counts(&self.rules)) {
            count.store(fresh, Ordering::Relaxed);
        }
        // After a change that was taken back too, so that nothing is kept twice.
        let fresh = self.rules.snapshot();
        let mut snapshot = self.in_force.snapshot.write();
        self.before = Some(std::mem::replace(&mut *snapshot, fresh));
        self.in_force.is_changing.store(false, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use blacklist_common::dial_plan::DialPlan;
    use blacklist_common::tables::TrunkEntry;
    use jiff::Timestamp;

    use super::*;
    use blacklist_engine::{Counted, Mutation};
    use blacklist_model::{List, Pattern, Rule, RuleId, protected_numbers};

    fn put(id: u32, pattern: &str) -> Mutation {
        let pattern = Pattern::parse(pattern, &DialPlan::default()).unwrap();
        Mutation::PutRule(Rule::of(RuleId(id), List::standard().id, pattern))
    }

    /// The rule that decides about a caller.
    fn decider(in_force: &InForce) -> Option<Counted> {
        let message = "INVITE sip:1@x SIP/2.0\r\nFrom: <sip:+14155550100@x>\r\nTo: <sip:1@x>\r\nCall-ID: 1\r\n\r\n";
        let trunk = TrunkEntry {
            identity: [1, 0, 0, 0],
            ..TrunkEntry::default()
        };
        let snapshot = in_force.snapshot();
        let judged = snapshot.judge(message.as_bytes(), &trunk, 0);
        judged.decided_by
    }

    #[test]
    fn calls_are_judged_as_before_until_a_change_is_over() {
        let now = Timestamp::UNIX_EPOCH;
        let in_force = InForce::new(RuleSet::empty(protected_numbers(["112"], &[]), 100));
        assert_eq!(decider(&in_force), None);
        let mut rules = in_force.change();
        rules.apply(now, &[put(1, "+1415*")]).unwrap();
        assert!(in_force.try_read().is_none() && in_force.is_changing());
        assert_eq!(decider(&in_force), None);
        drop(rules);
        assert!(in_force.try_read().is_some() && !in_force.is_changing());
        assert_eq!(decider(&in_force), Some(Counted::Rule(RuleId(1))));

        let mut rules = in_force.change();
        let removed = [Mutation::RemoveRule(RuleId(1)), put(2, "+14155550100")];
        let (_, undo) = rules.apply(now, &removed).unwrap();
        assert_eq!(decider(&in_force), Some(Counted::Rule(RuleId(1))));
        rules.undo(now, undo);
        drop(rules);
        assert_eq!(decider(&in_force), Some(Counted::Rule(RuleId(1))));

        *in_force.change() = RuleSet::empty(protected_numbers(["112"], &[]), 100);
        assert_eq!(decider(&in_force), None);
    }
}
