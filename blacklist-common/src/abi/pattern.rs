//! Keys of the one table that holds every pattern a bounded lookup can decide: whole numbers,
//! prefixes and wildcards as numbers with gaps, and classes of callers.

use crate::number::{NIBBLE_FILL, Number};
use crate::rule::RuleRef;

/// Nibble in the place of a `?`.
pub const NIBBLE_ANY: u8 = 0xD;
/// Nibble in the places of a `*`, and of the kind of number where a pattern leaves it open.
pub const NIBBLE_GAP: u8 = 0xE;

/// Which of a scope's rules an entry is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u32)]
pub enum Kind {
    /// Lets calls through.
    Allow = 0,
    /// Blocks calls that no allow rule names.
    Block = 1,
    /// Blocks calls whatever allow rules of narrower scopes say.
    Mandatory = 2,
}

impl Kind {
    /// All, in the order of their numbers.
    pub const ALL: [Self; 3] = [Self::Allow, Self::Block, Self::Mandatory];
}

/// Places for one rule of each kind; a power of two, so that a mask keeps an index inside.
pub const KIND_PLACES: usize = 4;

/// The rules of one key, by the number of their [`Kind`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
#[repr(C, align(8))]
pub struct Found {
    /// By kind; the last place is always empty.
    pub rules: [RuleRef; KIND_PLACES],
}

impl Found {
    /// Nothing found.
    pub const NONE: Self = Self {
        rules: [RuleRef::NONE; KIND_PLACES],
    };

    /// The rule of a kind.
    #[inline(always)]
    pub const fn of(&self, kind: Kind) -> RuleRef {
        let [allow, block, mandatory, _] = self.rules;
        match kind {
            Kind::Allow => allow,
            Kind::Block => block,
            Kind::Mandatory => mandatory,
        }
    }

    /// Back to nothing.
    #[inline(always)]
    pub fn clear(&mut self) {
        *self = Self::NONE;
    }
}

/// Bits of a tag below the partition: pattern (1), kind (2).
const PARTITION_SHIFT: u32 = 3;
const PATTERN: u32 = 1 << 2;
const KIND_MASK: u32 = 3;
/// Bit above the partition, the table's own.
pub(crate) const SPILLED: u32 = 1 << 31;

/// Key of the rules of all kinds with one pattern in one partition.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(C)]
pub struct EntryKey {
    /// The number, a number with gaps, or a class.
    pub number: Number,
    /// Partition and whether the number has gaps; the bits of the kind are zero.
    pub place: u32,
    /// Zero.
    pub padding: u32,
}

impl EntryKey {
    /// Of one whole number, or of a class.
    #[inline(always)]
    pub const fn exact(partition: u32, number: Number) -> Self {
        Self {
            number,
            place: partition << PARTITION_SHIFT,
            padding: 0,
        }
    }

    /// Of a number with gaps.
    #[inline(always)]
    pub const fn pattern(partition: u32, number: Number) -> Self {
        Self {
            number,
            place: partition << PARTITION_SHIFT | PATTERN,
            padding: 0,
        }
    }

    /// Of all numbers that begin with the first `digits` digits of `number`.
    #[inline(always)]
    pub const fn prefix(partition: u32, number: Number, digits: u32) -> Self {
        let shift = 60 - 4 * (if digits > 15 { 15 } else { digits });
        let gap = (1_u64 << shift) - 1;
        Self::pattern(partition, Number(number.0 & !gap | GAPS & gap))
    }

    /// The partition.
    #[inline(always)]
    pub const fn partition(&self) -> u32 {
        (self.place & !SPILLED) >> PARTITION_SHIFT
    }

    /// Whether the number has gaps.
    pub const fn is_pattern(&self) -> bool {
        self.place & PATTERN != 0
    }

    /// The digits of a prefix; `None` for every other key.
    pub const fn prefix_digits(&self) -> Option<u32> {
        if !self.is_pattern() {
            return None;
        }
        let mut digits = 0;
        while digits < 15 && self.number.nibble(digits) < NIBBLE_ANY {
            digits += 1;
        }
        let mut index = digits;
        while index < 15 {
            if self.number.nibble(index) != NIBBLE_GAP {
                return None;
            }
            index += 1;
        }
        if self.number.0 >> 60 == NIBBLE_GAP as u64 {
            return None;
        }
        Some(digits)
    }

    /// The tag of a cell.
    #[inline(always)]
    pub(crate) const fn tag(&self, kind: Kind) -> u32 {
        self.place | kind as u32
    }

    /// Key and kind of a cell; `None` for a kind that does not exist.
    pub const fn of_cell(number: u64, tag: u32) -> Option<(Self, Kind)> {
        let kind = match tag & KIND_MASK {
            0 => Kind::Allow,
            1 => Kind::Block,
            2 => Kind::Mandatory,
            _ => return None,
        };
        let key = Self {
            number: Number(number),
            place: tag & !SPILLED & !KIND_MASK,
            padding: 0,
        };
        Some((key, kind))
    }
}

/// Every nibble a [`NIBBLE_GAP`].
pub(crate) const GAPS: u64 = 0xEEEE_EEEE_EEEE_EEEE;

const _: () = {
    assert!(size_of::<EntryKey>() == 16);
    assert!(size_of::<Found>() == 16);
    assert!(NIBBLE_ANY < NIBBLE_GAP && NIBBLE_GAP < NIBBLE_FILL);
};

/// What a call is beside its number; bits of a set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u32)]
pub enum Class {
    /// Every call.
    Everything = 0,
    /// `Privacy: id` or `user` (RFC 3323, 4.2; RFC 3325, 9.3).
    Withheld = 1,
    /// An anonymous URI or display name in From (RFC 3323, 4.1.1.3).
    AnonymousUri = 2,
    /// No number: no user, or a word that says so (`unavailable`, `restricted`, `unknown`).
    NoNumber = 3,
    /// A number that nobody has: nothing but zeros.
    Unusable = 4,
    /// `verstat=TN-Validation-Failed` (3GPP TS 24.229, 7.2A.20).
    ValidationFailed = 5,
    /// No validation: `No-TN-Validation`, or no `verstat` at all from a trusted trunk.
    NotValidated = 6,
    /// Validated, attestation B.
    AttestationB = 7,
    /// Validated, attestation C.
    AttestationC = 8,
}

/// How many classes there are.
pub const CLASSES: u32 = 9;

impl Class {
    /// All, in the order of their numbers.
    pub const ALL: [Self; CLASSES as usize] = [
        Self::Everything,
        Self::Withheld,
        Self::AnonymousUri,
        Self::NoNumber,
        Self::Unusable,
        Self::ValidationFailed,
        Self::NotValidated,
        Self::AttestationB,
        Self::AttestationC,
    ];

    /// Its bit in a set.
    #[inline(always)]
    pub const fn bit(self) -> u32 {
        1 << self as u32
    }

    /// Its place in the table: a number of a kind that no packet has.
    #[inline(always)]
    pub const fn number(self) -> Number {
        class_number(self as u32)
    }
}

/// See [`Class::number`].
#[inline(always)]
pub(crate) const fn class_number(class: u32) -> Number {
    Number(4 << 60 | class as u64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::number::NumberKind;

    #[test]
    fn prefixes_are_keys_of_their_own() {
        let number = Number::from_nibbles(NumberKind::E164, 0x4940_1234_0000_0000, 8);
        let whole = EntryKey::exact(5, number);
        let all = EntryKey::prefix(5, number, 15);
        assert_eq!(all.number, number);
        assert_ne!(whole, all);
        for digits in 1..=8 {
            let key = EntryKey::prefix(5, number, digits);
            assert_eq!(key.prefix_digits(), Some(digits));
            assert_eq!(key.partition(), 5);
        }
        assert_eq!(whole.prefix_digits(), None);
    }

    #[test]
    fn cells_come_back() {
        let key = EntryKey::pattern((SPILLED >> PARTITION_SHIFT) - 1, Number(7));
        for kind in Kind::ALL {
            assert_eq!(EntryKey::of_cell(7, key.tag(kind)), Some((key, kind)));
            assert_eq!(
                EntryKey::of_cell(7, key.tag(kind) | SPILLED),
                Some((key, kind))
            );
        }
        assert_eq!(EntryKey::of_cell(7, 3), None);
    }
}
