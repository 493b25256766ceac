//! What the kernel program answers to a test run.

use crate::number::Number;

/// The answer; without numbers where the text was not judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
#[repr(C)]
pub struct Answer {
    /// Number of an [`crate::outcome::Outcome`].
    pub outcome: u32,
    /// Counter slot of the rule; 0 for none.
    pub slot: u32,
    /// Canonical caller.
    pub caller: Number,
    /// Canonical called party.
    pub called: Number,
    /// Number of the [`crate::tables::IdentitySource`] that named the caller.
    pub identity: u32,
    /// Zero.
    pub padding: u32,
}

const _: () = assert!(size_of::<Answer>() == 32);
