//! The lookup order: what happens to a call, by which rule, in which step. The kernel program and
//! the engine both call [`decide`]; they differ only in their [`Tables`].

pub mod judge;
mod questions;
#[cfg(test)]
mod tests;
mod walk;

use crate::number::{Number, NumberKind};
use crate::repeat::Repeat;
use crate::rule::RuleRef;
use crate::scope::{NUMBER_PROTECTED, SCOPE_USER, SCOPE_USER_ALLOW, SCOPE_USER_MANDATORY};
use crate::tables::GrantKey;

pub use questions::{Call, Observe, Tables, Unobserved};
pub use walk::Walk;

/// The step of the order that decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Step {
    /// A call to a protected number, or from one that a trusted trunk asserts.
    SafetyFloor = 1,
    /// A grant for the two parties.
    Grant = 2,
    /// A block rule that no narrower whitelist lifts.
    MandatoryBlock = 3,
    /// An allow rule.
    AllowRule = 4,
    /// A block rule.
    BlockRule = 5,
    /// No rule: the default of the scope.
    Default = 6,
    /// Rules that only user space can compare might change what is decided: left to it.
    UserSpace = 7,
}

impl Step {
    /// The name for people and for `--json`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::SafetyFloor => "safety-floor",
            Self::Grant => "grant",
            Self::MandatoryBlock => "mandatory-block",
            Self::AllowRule => "allow-rule",
            Self::BlockRule => "block-rule",
            Self::Default => "default",
            Self::UserSpace => "user-space",
        }
    }
}

/// What was decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Decision {
    /// In which step.
    pub step: Step,
    /// By which rule; `None` for the steps that need none.
    pub rule: RuleRef,
}

impl Decision {
    /// Whether the call does not go through.
    #[inline(always)]
    pub const fn blocks(&self) -> bool {
        match self.step {
            Step::SafetyFloor | Step::Grant | Step::AllowRule | Step::UserSpace => false,
            Step::MandatoryBlock | Step::BlockRule => true,
            Step::Default => self.rule.is_some(),
        }
    }
}

/// Decides the call that `walk` was made of.
#[inline(never)]
pub fn decide<R: Repeat, T: Tables, O: Observe>(
    tables: &T,
    walk: &mut Walk,
    observer: &mut O,
) -> Decision {
    let known = tables.number(walk.local.number, &mut walk.entry);
    if known && walk.entry.flags & NUMBER_PROTECTED != 0 && walk.protects_local()
        || walk.protects_remote() && tables.is_protected(walk.remote.number)
    {
        return Decision {
            step: Step::SafetyFloor,
            rule: RuleRef::NONE,
        };
    }
    let pair = GrantKey {
        local: walk.local.number,
        remote: walk.remote.number,
    };
    if walk.grants != 0 && tables.granted(&pair) {
        return Decision {
            step: Step::Grant,
            rule: RuleRef::NONE,
        };
    }
    walk::run::<R, T, O>(tables, walk, observer);
    verdict(walk, T::COMPLETE)
}

/// What all scopes together say. Where rules are left to user space that could change it, the
/// verdict is theirs.
#[inline(always)]
const fn verdict(walk: &Walk, complete: bool) -> Decision {
    let (step, rule, changed_by) = if walk.mandatory.is_some() {
        (Step::MandatoryBlock, walk.mandatory, SCOPE_USER_ALLOW)
    } else if walk.user_mandatory.is_some() {
        (Step::MandatoryBlock, walk.user_mandatory, 0)
    } else if walk.allow.is_some() {
        (Step::AllowRule, walk.allow, SCOPE_USER_MANDATORY)
    } else if walk.user_allow.is_some() {
        (Step::AllowRule, walk.user_allow, 0)
    } else if walk.block.is_some() {
        (
            Step::BlockRule,
            walk.block,
            SCOPE_USER_ALLOW | SCOPE_USER_MANDATORY,
        )
    } else if walk.user_block.is_some() {
        (Step::BlockRule, walk.user_block, 0)
    } else {
        (Step::Default, walk.default_block, SCOPE_USER)
    };
    if !complete && walk.undecided & changed_by != 0 {
        return Decision {
            step: Step::UserSpace,
            rule: RuleRef::NONE,
        };
    }
    Decision { step, rule }
}

/// Whether a number has more than `digits` digits; texts have, unless `digits` is 15.
#[inline(always)]
pub const fn is_longer(number: Number, digits: u32) -> bool {
    if digits >= 15 {
        return false;
    }
    match number.kind() {
        NumberKind::E164 | NumberKind::Local => number.0 >> (56 - 4 * digits) & 0xF != 0xF,
        NumberKind::None | NumberKind::Text => true,
    }
}
