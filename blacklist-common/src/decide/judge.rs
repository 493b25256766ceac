//! A datagram's text in, an outcome out: reads the call and decides it. The kernel program and the
//! engine call the same function.

use crate::message::{Reader, Reading, read};
use crate::outcome::Outcome;
use crate::repeat::Repeat;
use crate::rule::{Action, RuleRef};
use crate::tables::{
    IdentitySource, SETTING_GRANTS, SETTING_MONITOR, TRUNK_BYPASS, TRUNK_MONITOR, TRUNK_TRUSTED,
    TrunkEntry, setting_answers,
};

use super::{Call, Decision, Observe, Step, Tables, Walk, decide};

/// What becomes of a datagram, and by which rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Judgement {
    /// Where its way ends.
    pub outcome: Outcome,
    /// The rule that named the call; `None` if none did.
    pub rule: RuleRef,
    /// The step that decided; `None` if the call was not decided.
    pub step: Option<Step>,
}

impl Judgement {
    /// An end without a rule.
    #[inline(always)]
    pub const fn of(outcome: Outcome) -> Self {
        Self {
            outcome,
            rule: RuleRef::NONE,
            step: None,
        }
    }
}

/// What a decision means for the packet. `monitor` lets through what would be blocked; `settings`
/// say which answers the daemon gives.
#[inline(always)]
pub const fn outcome_of(decision: &Decision, monitor: bool, settings: u32) -> Outcome {
    match decision.step {
        Step::SafetyFloor => Outcome::SafetyFloor,
        Step::Grant => Outcome::Granted,
        Step::AllowRule => Outcome::Allowed,
        Step::UserSpace => Outcome::UserSpace,
        Step::Default if !decision.rule.is_some() => Outcome::NoRule,
        Step::MandatoryBlock | Step::BlockRule | Step::Default => match decision.rule.action() {
            Action::Monitor => Outcome::Monitored,
            Action::Pass => Outcome::Allowed,
            _ if monitor => Outcome::Monitored,
            Action::Drop => Outcome::Dropped,
            action if settings & setting_answers(action) != 0 => Outcome::Steered,
            Action::Reject
            | Action::Announce
            | Action::Torment
            | Action::Pin
            | Action::Redirect => Outcome::Unanswered,
        },
    }
}

/// Judges the text in `reader`. `settings` are the `SETTING_...` bits.
#[inline(always)]
pub fn judge<R: Repeat, T: Tables, O: Observe>(
    reader: &mut Reader,
    walk: &mut Walk,
    trunk: &TrunkEntry,
    tables: &T,
    settings: u32,
    observer: &mut O,
) -> Judgement {
    if trunk.has(TRUNK_BYPASS) {
        return Judgement::of(if reader.not_invite == 0 {
            Outcome::Bypass
        } else {
            Outcome::NotInvite
        });
    }
    match read::<R>(reader, trunk) {
        Reading::Call => {}
        Reading::NotOurs(outcome) | Reading::Ambiguous(outcome) => return Judgement::of(outcome),
    }
    if reader.message.emergency != 0 {
        return Judgement {
            step: Some(Step::SafetyFloor),
            ..Judgement::of(Outcome::SafetyFloor)
        };
    }
    let call = Call {
        caller: reader.message.caller,
        called: reader.message.called,
        classes: reader.message.classes,
        asserted: u32::from(
            trunk.has(TRUNK_TRUSTED) && reader.message.identity > IdentitySource::From as u32,
        ),
    };
    walk.begin(trunk.direction(), &call, settings & SETTING_GRANTS != 0);
    let decision = decide::<R, T, O>(tables, walk, observer);
    let monitor = settings & SETTING_MONITOR != 0 || trunk.has(TRUNK_MONITOR);
    Judgement {
        outcome: outcome_of(&decision, monitor, settings),
        rule: decision.rule,
        step: Some(decision.step),
    }
}
