//! Searches in a text, 64 bytes for each repetition.

use crate::repeat::{Repeat, Step};
use crate::text::{Marks, TEXT_CAPACITY, Text, WINDOW, equal, from};

/// Windows that a whole text has, and one more.
pub const WINDOWS: u32 = TEXT_CAPACITY / WINDOW + 1;

/// How far a search is. Lives in memory that the verifier does not follow.
#[derive(Clone, Copy, Debug, Default)]
#[repr(C)]
pub struct Find {
    /// Next byte to be looked at; after a search the byte found, or `limit`.
    pub at: u32,
    /// First byte after the search.
    pub limit: u32,
}

impl Find {
    /// Moves to the first byte that `M` marks in the window, at most to the limit. False if the
    /// search must go on in the next window.
    #[inline(always)]
    pub fn advance<M: Marks, const N: usize>(&mut self, text: &Text<N>) -> bool {
        let offset = text.first::<M>(self.at);
        let reached = self.at.wrapping_add(offset);
        if reached >= self.limit {
            self.at = self.limit;
            return true;
        }
        self.at = reached;
        offset < WINDOW
    }
}

/// Moves `find.at` to the first byte that `M` marks, or to `find.limit`.
#[inline(always)]
pub fn find<R: Repeat, M: Marks, const N: usize>(text: &Text<N>, find: &mut Find) {
    R::repeat(WINDOWS, move |_| {
        if find.advance::<M, N>(text) {
            Step::Stop
        } else {
            Step::Again
        }
    });
}

/// Whether a byte separates words: SP, HTAB, and the CR and LF of folds; also every other control
/// character, which no word of SIP has.
#[inline(always)]
pub const fn is_blank(byte: u8) -> bool {
    byte <= b' '
}

/// Any byte that is not blank.
pub struct Word;

impl Marks for Word {
    #[inline(always)]
    fn marks(word: u64) -> u64 {
        from(word, b' ' + 1)
    }
}

/// Moves `find.at` past blanks. One blank, the usual case, costs no search.
#[inline(always)]
pub fn skip_blanks<R: Repeat>(text: &Text, search: &mut Find) {
    if search.at < search.limit && is_blank(text.byte(search.at)) {
        search.at = search.at.wrapping_add(1);
        if search.at < search.limit && is_blank(text.byte(search.at)) {
            find::<R, Word, _>(text, search);
        }
    }
}

/// A double quote or a backslash: what matters inside of a quoted string.
pub struct QuoteEnd;

impl Marks for QuoteEnd {
    #[inline(always)]
    fn marks(word: u64) -> u64 {
        equal(word, b'"') | equal(word, b'\\')
    }
}

/// Most windows and quoted pairs that one quoted string may have.
const QUOTE_STEPS: u32 = WINDOWS + 512;

/// `find.at` is inside of a quoted string: moves it to its closing quote, or to the limit.
/// False if there were more quoted pairs than are read.
#[inline(always)]
pub fn find_quote<R: Repeat>(text: &Text, search: &mut Find) -> bool {
    let find = &mut *search;
    R::repeat(QUOTE_STEPS, move |_| {
        if !find.advance::<QuoteEnd, _>(text) {
            return Step::Again;
        }
        if find.at >= find.limit || text.byte(find.at) == b'"' {
            return Step::Stop;
        }
        // A quoted pair (RFC 3261, 25.1).
        find.at = find.at.wrapping_add(2);
        if find.at >= find.limit {
            find.at = find.limit;
            return Step::Stop;
        }
        Step::Again
    });
    search.at >= search.limit || text.byte(search.at) == b'"'
}
