//! The SIP text of one datagram in memory of a fixed size, and the only door to its bytes: every
//! position is masked, so that no position can lead outside, in the kernel or out of it.

use crate::zeroed::Zeroed;

/// Bytes of a datagram that are read; a longer header block is ambiguous.
pub const TEXT_CAPACITY: u32 = 16384;
/// Bytes after the text that a word or window may touch.
const TEXT_PADDING: usize = 128;

/// Bytes that one window of a search covers.
pub const WINDOW: u32 = 64;

const LOW_BITS: u64 = 0x0101_0101_0101_0101;
const HIGH_BITS: u64 = 0x8080_8080_8080_8080;

/// A text of at most `CAPACITY` bytes, a power of two. What follows its length is left over from
/// others and must not influence anything.
#[repr(C, align(8))]
pub struct Text<const CAPACITY: usize = { TEXT_CAPACITY as usize }> {
    bytes: [u8; CAPACITY],
    /// Belongs to the bytes, for words and windows that begin at their end.
    padding: [u8; TEXT_PADDING],
}

// SAFETY: bytes.
unsafe impl<const CAPACITY: usize> Zeroed for Text<CAPACITY> {}

impl Default for Text {
    fn default() -> Self {
        Self::ZERO
    }
}

impl<const CAPACITY: usize> core::fmt::Debug for Text<CAPACITY> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Text").finish_non_exhaustive()
    }
}

impl<const CAPACITY: usize> Text<CAPACITY> {
    /// A pointer to the byte at a masked position, for all bytes from there to the end of the padding.
    #[inline(always)]
    const fn at(&self, position: u32) -> *const u8 {
        const { assert!(CAPACITY.is_power_of_two()) };
        let masked = position as usize & (CAPACITY - 1);
        // SAFETY: the mask keeps the position inside of `bytes`; the padding follows them without a
        // gap, and the pointer is derived from the whole value.
        unsafe { core::ptr::from_ref(self).cast::<u8>().add(masked) }
    }

    /// The memory that a datagram is copied into.
    #[inline(always)]
    pub fn as_mut_ptr(&mut self) -> *mut u8 {
        self.bytes.as_mut_ptr()
    }

    /// Copies a datagram's text; what is longer than the capacity is cut. Returns the length
    /// that is held.
    pub fn fill(&mut self, text: &[u8]) -> u32 {
        let mut held = 0;
        for (place, byte) in self.bytes.iter_mut().zip(text) {
            *place = *byte;
            held += 1;
        }
        held
    }

    /// Bytes from `start` up to `end`, for people and logs.
    pub fn slice(&self, start: u32, end: u32) -> &[u8] {
        self.bytes
            .get(start as usize..(end as usize).min(CAPACITY))
            .unwrap_or_default()
    }

    /// The byte at a position.
    #[inline(always)]
    pub fn byte(&self, at: u32) -> u8 {
        // SAFETY: the pointer is to a byte of the text.
        unsafe { *self.at(at) }
    }

    /// Eight bytes from a position, the first in the lowest byte.
    #[inline(always)]
    pub fn word(&self, at: u32) -> u64 {
        // SAFETY: the padding has more than the seven bytes that may be beyond the text.
        let word = unsafe { self.at(at).cast::<u64>().read_unaligned() };
        u64::from_le(word)
    }

    /// Offset of the first byte that `M` marks in the window at `at`; [`WINDOW`] if there is none.
    #[inline(always)]
    pub fn first<M: Marks>(&self, at: u32) -> u32 {
        // The position is masked once: a window never wraps.
        let window = self.at(at);
        let mut offset = 0;
        while offset < WINDOW {
            // SAFETY: `offset` is at most 48, and the padding is longer than a window.
            let (first, second) = unsafe {
                let pair = window.add(offset as usize).cast::<u64>();
                (
                    u64::from_le(pair.read_unaligned()),
                    u64::from_le(pair.add(1).read_unaligned()),
                )
            };
            if M::in_either(first, second) {
                let marks = M::marks(first);
                if marks != 0 {
                    return offset + lowest_byte(marks);
                }
                let marks = M::marks(second);
                if marks != 0 {
                    return offset + 8 + lowest_byte(marks);
                }
            }
            offset += 16;
        }
        WINDOW
    }
}

/// Which bytes a search is for.
pub trait Marks {
    /// The highest bit of each byte that is looked for; exact for the lowest of them, marks above
    /// it may be wrong.
    fn marks(word: u64) -> u64;

    /// Whether one of two words may have such a byte; a cheaper test may say so without one.
    #[inline(always)]
    fn in_either(first: u64, second: u64) -> bool {
        Self::marks(first) | Self::marks(second) != 0
    }
}

/// Index of the lowest marked byte.
#[inline(always)]
const fn lowest_byte(marks: u64) -> u32 {
    let below = ((marks & marks.wrapping_neg()) >> 7).wrapping_sub(1);
    (((below & LOW_BITS).wrapping_mul(LOW_BITS)) >> 56) as u32
}

/// Marks bytes equal to `byte`.
#[inline(always)]
pub const fn equal(word: u64, byte: u8) -> u64 {
    let x = word ^ (LOW_BITS * byte as u64);
    x.wrapping_sub(LOW_BITS) & !x & HIGH_BITS
}

/// Marks the zero bytes, each exactly.
#[inline(always)]
pub const fn exactly_zero(word: u64) -> u64 {
    !(((word & !HIGH_BITS).wrapping_add(!HIGH_BITS)) | word | !HIGH_BITS)
}

/// Marks bytes below `limit`, which is at most 128.
#[inline(always)]
pub const fn below(word: u64, limit: u8) -> u64 {
    word.wrapping_sub(LOW_BITS * limit as u64) & !word & HIGH_BITS
}

/// Whether one of two words may have a byte below `limit`: certainly if it has, and perhaps where
/// it has one from 128 up.
#[inline(always)]
pub const fn perhaps_below(first: u64, second: u64, limit: u8) -> bool {
    let limits = LOW_BITS * limit as u64;
    (first.wrapping_sub(limits) | second.wrapping_sub(limits)) & HIGH_BITS != 0
}

/// Marks bytes from `limit` up, which is at most 128.
#[inline(always)]
pub const fn from(word: u64, limit: u8) -> u64 {
    (word.wrapping_add(LOW_BITS * (128 - limit as u64)) | word) & HIGH_BITS
}

/// Whether the lowest `count` bytes of `word` are the lower-case `name`, letters of any case.
/// `letters` has 0x20 in the bytes of `name` that are letters.
#[inline(always)]
pub const fn is_name(word: u64, name: u64, letters: u64, count: u32) -> bool {
    ((word | letters) ^ name) << (64 - 8 * count) == 0
}

/// Up to eight bytes as a word, the first in the lowest byte.
pub const fn word_of(name: &[u8]) -> u64 {
    let mut word = 0;
    let mut rest = name;
    let mut shift = 0;
    while let [first, others @ ..] = rest {
        word |= (*first as u64) << shift;
        shift += 8;
        rest = others;
    }
    word
}

/// 0x20 in each byte of a name of up to eight bytes that is a letter.
pub const fn letters_of(name: &[u8]) -> u64 {
    let mut word = 0;
    let mut rest = name;
    let mut shift = 0;
    while let [first, others @ ..] = rest {
        if first.is_ascii_alphabetic() {
            word |= 0x20 << shift;
        }
        shift += 8;
        rest = others;
    }
    word
}

/// Compares a word with the first bytes of a literal, letters in any case.
macro_rules! named {
    ($word:expr, $name:literal) => {
        $crate::text::is_name(
            $word,
            const { $crate::text::word_of($name) },
            const { $crate::text::letters_of($name) },
            $name.len() as u32,
        )
    };
}
pub(crate) use named;

#[cfg(test)]
mod tests {
    extern crate std;
    use super::*;
    use std::boxed::Box;
    use std::format;

    struct Comma;
    impl Marks for Comma {
        fn marks(word: u64) -> u64 {
            equal(word, b',')
        }
    }

    #[test]
    fn finds_the_first_mark_at_every_offset() {
        let mut text = Box::<Text>::default();
        for offset in 0..200_u32 {
            let mut bytes = [b'-'; 300];
            bytes[offset as usize] = b',';
            bytes[offset as usize + 1] = b',';
            text.fill(&bytes);
            let expected = if offset < WINDOW { offset } else { WINDOW };
            assert_eq!(text.first::<Comma>(0), expected, "{offset}");
        }
    }

    #[test]
    fn marks_agree_with_bytes() {
        for byte in 0..=255_u8 {
            for other in [0, 0x1f, 0x20, 0x7f, 0x80, 0xff, b'"'] {
                let word = u64::from_le_bytes([other, byte, other, 0, 1, 2, 3, 4]);
                let lowest = |marks: u64| (marks != 0).then(|| lowest_byte(marks) as usize);
                let bytes = word.to_le_bytes();
                let name = format!("{byte} among {other}");
                assert_eq!(
                    lowest(equal(word, byte)),
                    bytes.iter().position(|b| *b == byte),
                    "{name}"
                );
                assert_eq!(
                    lowest(below(word, 0x21)),
                    bytes.iter().position(|b| *b < 0x21),
                    "{name}"
                );
                assert_eq!(
                    lowest(from(word, 0x21)),
                    bytes.iter().position(|b| *b >= 0x21),
                    "{name}"
                );
            }
        }
    }

    #[test]
    fn names_in_any_case_and_nothing_else() {
        let word = |text: &[u8; 8]| u64::from_le_bytes(*text);
        assert!(named!(word(b"call-ID:"), b"call-id"));
        assert!(named!(word(b"CALL-id "), b"call-id"));
        assert!(!named!(word(b"call\x0did:"), b"call-id"));
        assert!(!named!(word(b"cal\x0c-id:"), b"call-id"));
        assert!(named!(word(b"p-AssErt"), b"p-assert"));
    }
}
