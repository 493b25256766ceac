//! A rule as the lookup tables hold it: where its counters are and what it asks for.

/// What a rule asks for, as the kernel distinguishes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Action {
    /// Let the call through (allow rules).
    Pass = 1,
    /// Drop the call without an answer.
    Drop = 2,
    /// Refuse with a SIP status.
    Reject = 3,
    /// Play an announcement, then refuse.
    Announce = 4,
    /// Hold music for a set time.
    Torment = 5,
    /// Ask for a PIN.
    Pin = 6,
    /// Divert to another URI.
    Redirect = 7,
    /// Count and log, let pass.
    Monitor = 8,
}

impl Action {
    /// All, in the order of their numbers.
    pub const ALL: [Self; 8] = [
        Self::Pass,
        Self::Drop,
        Self::Reject,
        Self::Announce,
        Self::Torment,
        Self::Pin,
        Self::Redirect,
        Self::Monitor,
    ];

    /// The word for people and for `--json`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Drop => "drop",
            Self::Reject => "reject",
            Self::Announce => "announce",
            Self::Torment => "torment",
            Self::Pin => "pin",
            Self::Redirect => "redirect",
            Self::Monitor => "monitor",
        }
    }

    /// From its number; `None` for a number that no action has.
    #[inline(always)]
    pub const fn from_number(number: u8) -> Option<Self> {
        Some(match number {
            1 => Self::Pass,
            2 => Self::Drop,
            3 => Self::Reject,
            4 => Self::Announce,
            5 => Self::Torment,
            6 => Self::Pin,
            7 => Self::Redirect,
            8 => Self::Monitor,
            _ => return None,
        })
    }
}

/// Which way a call goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
#[repr(u8)]
pub enum Direction {
    /// From a trunk to us: the remote party is the caller.
    #[default]
    Inbound = 0,
    /// From our users to a trunk: the remote party is the called one.
    Outbound = 1,
}

impl Direction {
    /// The word for people and for `--json`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Inbound => "inbound",
            Self::Outbound => "outbound",
        }
    }
}

/// Why a rule blocks: decides which SIP status is the honest answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
#[repr(u8)]
pub enum ReasonClass {
    /// The operator's or user's own list (603 Decline).
    #[default]
    OwnList = 0,
    /// The called user does not want this caller (607, RFC 8197).
    Unwanted = 1,
    /// Analytics of the operator (608, RFC 8688, or 603 Network Blocked).
    Analytics = 2,
    /// Withheld identity (433, RFC 5079).
    Anonymous = 3,
    /// Barred destination (403).
    Barring = 4,
    /// A number that must not or cannot call.
    Invalid = 5,
}

impl ReasonClass {
    /// From its number; [`Self::OwnList`] for a number that none has.
    pub const fn from_number(number: u8) -> Self {
        match number {
            1 => Self::Unwanted,
            2 => Self::Analytics,
            3 => Self::Anonymous,
            4 => Self::Barring,
            5 => Self::Invalid,
            _ => Self::OwnList,
        }
    }
}

/// Counter slots that a [`RuleRef`] can name.
pub const MAXIMUM_SLOTS: u32 = 1 << SLOT_BITS;

const SLOT_BITS: u32 = 24;
const ACTION_SHIFT: u32 = SLOT_BITS;
const REASON_SHIFT: u32 = 28;
const MANDATORY: u32 = 1 << 31;

/// A rule in a table, packed: slot of its counters (24 bits), action (4), reason class (3),
/// mandatory (1). Zero is no rule; slot 0 is never given to one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
#[repr(transparent)]
pub struct RuleRef(pub u32);

impl RuleRef {
    /// No rule.
    pub const NONE: Self = Self(0);

    /// Packs a rule; of `slot` the lowest 24 bits.
    pub const fn new(slot: u32, action: Action, reason: ReasonClass, mandatory: bool) -> Self {
        let packed = (slot & (MAXIMUM_SLOTS - 1))
            | ((action as u32) << ACTION_SHIFT)
            | ((reason as u32) << REASON_SHIFT);
        Self(if mandatory {
            packed | MANDATORY
        } else {
            packed
        })
    }

    /// Whether there is a rule.
    #[inline(always)]
    pub const fn is_some(self) -> bool {
        self.0 != 0
    }

    /// Where its counters are.
    #[inline(always)]
    pub const fn slot(self) -> u32 {
        self.0 & (MAXIMUM_SLOTS - 1)
    }

    /// What it asks for; [`Action::Pass`] for a number that no action has, so that a damaged
    /// entry never blocks.
    #[inline(always)]
    pub const fn action(self) -> Action {
        match Action::from_number((self.0 >> ACTION_SHIFT) as u8 & 0xF) {
            Some(action) => action,
            None => Action::Pass,
        }
    }

    /// Why it blocks.
    #[inline(always)]
    pub const fn reason(self) -> ReasonClass {
        ReasonClass::from_number((self.0 >> REASON_SHIFT) as u8 & 7)
    }

    /// Whether it comes before whitelists of narrower scopes.
    #[inline(always)]
    pub const fn is_mandatory(self) -> bool {
        self.0 & MANDATORY != 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packs_and_unpacks() {
        let rule = RuleRef::new(0xFF_FFFE, Action::Torment, ReasonClass::Analytics, true);
        assert_eq!(rule.slot(), 0xFF_FFFE);
        assert_eq!(rule.action(), Action::Torment);
        assert!(rule.is_mandatory());
        assert_eq!(rule.reason(), ReasonClass::Analytics);
        let rule = RuleRef::new(1, Action::Drop, ReasonClass::Invalid, false);
        assert!(!rule.is_mandatory());
        assert_eq!(rule.action(), Action::Drop);
    }

    #[test]
    fn a_damaged_action_passes() {
        assert_eq!(RuleRef(1 | 0xE << 24).action(), Action::Pass);
    }

    #[test]
    fn actions_have_their_numbers() {
        for action in Action::ALL {
            assert_eq!(Action::from_number(action as u8), Some(action));
        }
    }
}
