//! A snapshot of the rules, as far as judging calls needs them: what is asked while the set itself
//! is being changed. A copy shares with the set what neither has changed since.

use blacklist_common::decide::{Call, Decision, Observe, Unobserved, Walk, decide};
use blacklist_common::judge::{Judgement, judge};
use blacklist_common::message::fingerprint;
use blacklist_common::repeat::PlainLoop;
use blacklist_common::rule::RuleRef;
use blacklist_common::tables::{Direction, GrantKey, SETTING_GRANTS, TrunkEntry};
use blacklist_generation::{GrantEnd, Shards};
use blacklist_model::RuleAction;

use crate::counted::Counted;
use crate::enforcement::lookup::Lookup;
use crate::enforcement::slots::Owners;
use crate::judge::explain::{Judged, MessageRead};
use crate::judge::view::{Remote, View};
use crate::set::RuleSet;

/// The rules as they stood when this was made.
#[derive(Clone, Debug, Default)]
pub struct RulesSnapshot {
    lookup: Lookup,
    owners: Owners,
    grants: Shards<GrantKey, GrantEnd>,
}

/// What judges calls: the parts of a set, or of a copy of what decides in it.
#[derive(Clone, Copy)]
pub(crate) struct Judge<'a> {
    pub(crate) lookup: &'a Lookup,
    pub(crate) owners: &'a Owners,
    pub(crate) grants: &'a Shards<GrantKey, GrantEnd>,
}

impl RuleSet {
    /// A snapshot of the rules, for judging calls while the set is changed.
    pub fn snapshot(&self) -> RulesSnapshot {
        RulesSnapshot {
            lookup: self.enforcement.tables.lookup.clone(),
            owners: self.enforcement.slots.owners.clone(),
            grants: self.enforcement.grants.ends.clone(),
        }
    }

    pub(crate) const fn judge_of_calls(&self) -> Judge<'_> {
        Judge {
            lookup: &self.enforcement.tables.lookup,
            owners: &self.enforcement.slots.owners,
            grants: &self.enforcement.grants.ends,
        }
    }
}

impl RulesSnapshot {
    pub(crate) const fn judge_of_calls(&self) -> Judge<'_> {
        Judge {
            lookup: &self.lookup,
            owners: &self.owners,
            grants: &self.grants,
        }
    }

    /// Judges a message as a packet of a trunk would be; `settings` are the kernel's.
    pub fn judge(&self, message: &[u8], trunk: &TrunkEntry, settings: u32) -> Judged {
        let mut subject = MessageRead::new(message, trunk);
        self.judge_of_calls()
            .judge_read(&mut subject, trunk, settings)
    }

    /// What a rule asks for; none for what is no rule.
    pub fn action_of(&self, rule: RuleRef) -> Option<RuleAction> {
        self.owners.action_of(rule)
    }
}

impl Judge<'_> {
    /// Judges a message that was read.
    pub(crate) fn judge_read(
        &self,
        subject: &mut MessageRead,
        trunk: &TrunkEntry,
        settings: u32,
    ) -> Judged {
        let judgement = self.judge_as::<true, _>(subject, trunk, settings, &mut Unobserved);
        Judged {
            judgement,
            decided_by: self.owners.counted(judgement.rule.slot()),
            fingerprint: fingerprint::<PlainLoop>(&mut subject.reader),
            caller: subject.reader.message.caller.number,
            called: subject.reader.message.called.number,
        }
    }

    /// Judges a message with all rules, or with those alone that the kernel has.
    pub(crate) fn judge_as<const COMPLETE: bool, O: Observe>(
        &self,
        subject: &mut MessageRead,
        trunk: &TrunkEntry,
        settings: u32,
        observer: &mut O,
    ) -> Judgement {
        let MessageRead { reader, remote } = subject;
        let grants = if self.grants.is_empty() {
            0
        } else {
            SETTING_GRANTS
        };
        let view = View::<COMPLETE>::new(*self, remote);
        judge::<PlainLoop, _, _>(
            reader,
            &mut Walk::default(),
            trunk,
            &view,
            settings & !SETTING_GRANTS | grants,
            observer,
        )
    }

    /// Decides a call with all that is known of its remote party.
    pub(crate) fn decide_as(
        &self,
        call: &Call,
        direction: Direction,
        remote: &Remote,
    ) -> (Decision, Option<Counted>) {
        let view = View::<true>::new(*self, remote);
        let mut walk = Walk::default();
        walk.begin(direction, call, false);
        let decision = decide::<PlainLoop, _, _>(&view, &mut walk, &mut Unobserved);
        (decision, self.owners.counted(decision.rule.slot()))
    }
}
