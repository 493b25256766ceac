//! The hash of text keys and Call-ID fingerprints: byte by byte, the same in the kernel and
//! outside of it. Not for secrets.

/// State before the first byte.
pub const START: u64 = 0x9E37_79B9_7F4A_7C15;

/// Adds one byte.
#[inline(always)]
pub const fn add(state: u64, byte: u8) -> u64 {
    let mixed = (state ^ byte as u64).wrapping_mul(0xD6E8_FEB8_6659_FD93);
    mixed ^ (mixed >> 32)
}

/// Adds eight bytes at once; not the same as adding them one by one.
#[inline(always)]
pub const fn add_word(state: u64, word: u64) -> u64 {
    let mixed = (state ^ word).wrapping_mul(0xD6E8_FEB8_6659_FD93);
    mixed ^ (mixed >> 32)
}

/// The hash of all that was added.
#[inline(always)]
pub const fn finish(state: u64) -> u64 {
    let mixed = state.wrapping_mul(0xA076_1D64_78BD_642F);
    mixed ^ (mixed >> 29)
}
