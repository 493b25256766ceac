//! What is known of scopes and of local numbers, as the lookup tables hold it.

use crate::rule::{Direction, RuleRef};
use crate::zeroed::Zeroed;

/// Scopes that a local number belongs to, the global one not counted.
pub const MAXIMUM_SCOPES: usize = 8;

/// The scope that every call is in.
pub const GLOBAL_SCOPE: u32 = 0;

/// Lists that several scopes share, in one scope.
pub const MAXIMUM_LISTS: usize = 8;

/// Prefix lengths and shapes of wildcards in one partition.
pub const SCOPE_SHAPES: usize = 128;

/// Scope (or shared list) and direction in one number, as keys hold them.
#[inline(always)]
pub const fn partition(scope: u32, direction: Direction) -> u32 {
    scope << 1 | direction as u32
}

/// Calls to and from the number are never blocked (emergency services).
pub const NUMBER_PROTECTED: u32 = 1;

/// What is known of a number, local or protected.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
#[repr(C, align(8))]
pub struct NumberEntry {
    /// [`NUMBER_PROTECTED`].
    pub flags: u32,
    /// How many of `scopes` are used.
    pub scope_count: u32,
    /// The scopes it belongs to beside the global one, broadest first.
    pub scopes: [u32; MAXIMUM_SCOPES],
}

/// There are rules for whole numbers.
pub const SCOPE_HAS_EXACT: u32 = 1;
/// There are allow rules that are prefixes or wildcards.
pub const SCOPE_HAS_ALLOW_PATTERNS: u32 = 2;
/// There are block rules that are prefixes or wildcards.
pub const SCOPE_HAS_BLOCK_PATTERNS: u32 = 4;
/// There are mandatory block rules that are prefixes or wildcards.
pub const SCOPE_HAS_MANDATORY_PATTERNS: u32 = 8;
/// There are allow rules that only user space can compare, with numbers.
pub const SCOPE_USER_ALLOW: u32 = 16;
/// There are block rules that only user space can compare, with numbers.
pub const SCOPE_USER_BLOCK: u32 = 32;
/// There are mandatory block rules that only user space can compare, with numbers.
pub const SCOPE_USER_MANDATORY: u32 = 64;
/// How many bits higher the same three are of rules that are compared with names.
pub const SCOPE_NAMES_SHIFT: u32 = 4;
/// The scope says what becomes of calls that no rule names.
pub const SCOPE_HAS_DEFAULT: u32 = 128;

/// All `SCOPE_HAS_..._PATTERNS` bits; the kinds are one bit after the other.
pub const SCOPE_PATTERNS: u32 =
    SCOPE_HAS_ALLOW_PATTERNS | SCOPE_HAS_BLOCK_PATTERNS | SCOPE_HAS_MANDATORY_PATTERNS;
/// All `SCOPE_USER_...` bits; the kinds are one bit after the other.
pub const SCOPE_USER: u32 = SCOPE_USER_ALLOW | SCOPE_USER_BLOCK | SCOPE_USER_MANDATORY;
/// The same of names.
pub const SCOPE_USER_NAMES: u32 = SCOPE_USER << SCOPE_NAMES_SHIFT;

/// What a partition holds: of a scope, or of a list that several scopes share. Tables that cannot
/// hit are not asked. A bit may be set without a rule, never the other way round.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(C, align(8))]
pub struct ScopeEntry {
    /// `SCOPE_...` bits.
    pub contents: u32,
    /// Bits of the [`crate::pattern::Class`]es that have rules.
    pub classes: u32,
    /// With [`SCOPE_HAS_DEFAULT`]: the rule that blocks what no rule names (whitelist-only mode);
    /// none to let it through.
    pub default_block: RuleRef,
    /// How many of `shapes`, the first ones, are lengths of prefixes in digits, longest first.
    pub prefix_count: u8,
    /// How many of `shapes` are used: after the lengths numbers of [`crate::shape::Shape`]s,
    /// those with most literals first.
    pub shape_count: u8,
    /// How many of `lists` are used.
    pub list_count: u8,
    /// Zero.
    pub padding: u8,
    /// Indexes of shared lists that are assigned to this scope beside its own rules.
    pub lists: [u32; MAXIMUM_LISTS],
    /// See `prefix_count`.
    pub shapes: [u8; SCOPE_SHAPES],
}

// SAFETY: integers only.
unsafe impl Zeroed for ScopeEntry {}

impl Default for ScopeEntry {
    fn default() -> Self {
        Self::ZERO
    }
}

const _: () = {
    assert!(size_of::<NumberEntry>() == 40);
    assert!(size_of::<ScopeEntry>() == 176);
    assert!(SCOPE_USER_NAMES & (SCOPE_USER | SCOPE_PATTERNS | SCOPE_HAS_DEFAULT) == 0);
    assert!(MAXIMUM_LISTS.is_power_of_two());
    assert!(MAXIMUM_SCOPES.is_power_of_two());
    assert!(SCOPE_SHAPES.is_power_of_two());
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn partitions_are_scope_and_direction() {
        assert_eq!(partition(GLOBAL_SCOPE, Direction::Inbound), 0);
        assert_eq!(partition(GLOBAL_SCOPE, Direction::Outbound), 1);
        assert_eq!(partition(7, Direction::Inbound), 14);
    }

    #[test]
    fn bits_of_contents_do_not_overlap() {
        let all = [
            SCOPE_HAS_EXACT,
            SCOPE_PATTERNS,
            SCOPE_USER,
            SCOPE_HAS_DEFAULT,
            SCOPE_USER_NAMES,
        ];
        let mut seen = 0;
        for bits in all {
            assert_eq!(seen & bits, 0);
            seen |= bits;
        }
        assert_eq!(ScopeEntry::default().contents, 0);
    }
}
