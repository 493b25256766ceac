//! The rules as they stand, as far as judging calls needs them: what is asked while the set itself
//! is being changed. A copy shares with the set what neither has changed since.

use blacklist_common::decide::{Call, Decision, Observe, Unobserved, Walk, decide};
use blacklist_common::judge::{Judgement, judge};
use blacklist_common::message::fingerprint;
use blacklist_common::repeat::PlainLoop;
use blacklist_common::rule::RuleRef;
use blacklist_common::tables::{Direction, GrantKey, SETTING_GRANTS, TrunkEntry};
use blacklist_generation::{GrantEnd, Shards};
use blacklist_model::RuleAction;

use super::counted::Counted;
use super::explain::{Judged, MessageRead};
use super::lookup::Lookup;
use super::set::RuleSet;
use super::slots::Owners;
use super::view::{Remote, View};

/// The rules as they stood when this was made.
#[derive(Clone, Debug, Default)]
pub struct Standing {
    lookup: Lookup,
    owners: Owners,
    grants: Shards<GrantKey, GrantEnd>,
}

/// What judges calls: the parts of a set, or of a copy of what decides in it.
#[derive(Clone, Copy)]
pub(super) struct Court<'a> {
    pub(super) lookup: &'a Lookup,
    pub(super) owners: &'a Owners,
    pub(super) grants: &'a Shards<GrantKey, GrantEnd>,
}

impl RuleSet {
    /// The rules as they stand, for judging calls while the set is changed.
    pub fn standing(&self) -> Standing {
        Standing {
            lookup: self.tables.lookup.clone(),
            owners: self.slots.owners.clone(),
            grants: self.grants.ends.clone(),
        }
    }

    pub(super) const fn court(&self) -> Court<'_> {
        Court {
            lookup: &self.tables.lookup,
            owners: &self.slots.owners,
            grants: &self.grants.ends,
        }
    }
}

impl Standing {
    pub(super) const fn court(&self) -> Court<'_> {
        Court {
            lookup: &self.lookup,
            owners: &self.owners,
            grants: &self.grants,
        }
    }

    /// Judges a message as a packet of a trunk would be; `settings` are the kernel's.
    pub fn judge(&self, message: &[u8], trunk: &TrunkEntry, settings: u32) -> Judged {
        let mut subject = MessageRead::new(message, trunk);
        self.court().judge_read(&mut subject, trunk, settings)
    }

    /// What a rule asks for; none for what is no rule.
    pub fn action_of(&self, rule: RuleRef) -> Option<RuleAction> {
        self.owners.action_of(rule)
    }
}

impl Court<'_> {
    /// Judges a message that was read.
    pub(super) fn judge_read(
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
    pub(super) fn judge_as<const COMPLETE: bool, O: Observe>(
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
    pub(super) fn decide_as(
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
