//! What the passing of time changes.

use blacklist_model::RuleId;
use jiff::Timestamp;

use super::Editor;
use crate::plan::Plan;
use crate::register::index::Place;
use crate::set::RuleSet;

impl RuleSet {
    /// What the passing of time changes, up to `now`. Where a clock was set back, all rules with a
    /// time of their own are looked at.
    pub fn advance(&mut self, now: Timestamp) -> Plan {
        self.enforcement.tables.touched.begin();
        let due: Vec<RuleId> = if now < self.now {
            self.enforcement.timers.clear();
            let timed = self
                .register
                .index
                .iter()
                .filter(|(_, held)| held.rule.timing.is_some());
            timed.map(|(_, held)| held.rule.id).collect()
        } else {
            let later = self
                .enforcement
                .timers
                .split_off(&(now.as_second() + 1, RuleId(0)));
            let due = std::mem::replace(&mut self.enforcement.timers, later);
            due.into_iter().map(|(_, id)| id).collect()
        };
        let was_set_back = now < self.now;
        self.now = now;
        let mut editor = self.editor(now);
        editor.advance_grants(was_set_back);
        for id in due {
            if let Some(place) = editor.register.index.find(id) {
                editor.review(place);
            }
        }
        self.enforcement.plan()
    }

    /// When time changes something next. It may turn out that nothing does.
    pub fn next_transition(&self) -> Option<Timestamp> {
        let next = [self.next_rule_second(), self.enforcement.grants.next_end()];
        Timestamp::from_second(next.into_iter().flatten().min()?).ok()
    }

    /// When a rule comes into force or goes out of it next. It may turn out that none does.
    pub fn next_rule_transition(&self) -> Option<Timestamp> {
        Timestamp::from_second(self.next_rule_second()?).ok()
    }

    fn next_rule_second(&self) -> Option<i64> {
        let (second, _) = self.enforcement.timers.iter().find(|(second, id)| {
            // A rule that is gone or has another time by now leaves its old timer in place; one that
            // is due is looked at in any case.
            if *second <= self.now.as_second() {
                return true;
            }
            let held = self.held(*id);
            let timing = held.and_then(|held| held.rule.timing.as_ref());
            let next = timing.and_then(|timing| timing.next_change(self.now));
            next.is_some_and(|next| next.as_second() == *second)
        })?;
        Some(*second)
    }
}

impl Editor<'_> {
    /// Puts a rule in force or out of it, as its time says.
    fn review(&mut self, place: Place) {
        let Some(held) = self.register.index.at(place) else {
            return;
        };
        let due = self.register.is_due(&held.rule, self.now);
        let needs = due && held.slot == 0;
        let id = held.rule.id;
        if held.in_force && !due {
            self.leave(place);
        }
        if needs && let Err(refusal) = self.ensure_slots(1, &format!("rule {id}")) {
            self.enforcement.late.insert(id, refusal);
            return;
        }
        self.enforcement.late.remove(&id);
        self.enter(place);
    }
}
