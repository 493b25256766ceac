//! The header block of an INVITE: where each header that matters begins and ends.
//!
//! Lines end with CRLF or LF; a line that begins with a blank continues the one before (RFC 3261,
//! 7.3.1). What the headers mean is read in [`crate::address`].

use crate::find::{Find, is_blank, skip_blanks};
use crate::outcome::Outcome;
use crate::repeat::{Repeat, Step};
use crate::text::{Marks, TEXT_CAPACITY, Text, WINDOW, below, exactly_zero, named, perhaps_below};
use crate::zeroed::Zeroed;

/// Header lines that are read; a message with more is ambiguous.
pub const MAXIMUM_LINES: u32 = 256;
/// Repetitions of a scan: lines, windows, and as many lone control characters as lines.
const STEPS: u32 = 2 * MAXIMUM_LINES + TEXT_CAPACITY / WINDOW;

/// From a position up to, not including, another; both 0 if there is nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
#[repr(C)]
pub struct Span {
    /// First byte.
    pub start: u32,
    /// First byte after it.
    pub end: u32,
}

impl Span {
    /// Whether there is something.
    #[inline(always)]
    pub const fn is_some(&self) -> bool {
        self.start != 0
    }

    /// Bytes.
    #[inline(always)]
    pub const fn length(&self) -> u32 {
        self.end.saturating_sub(self.start)
    }
}

/// The start line, and each header that is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub enum Field {
    /// The request line.
    StartLine = 0,
    /// `To`, `t`.
    To = 1,
    /// `From`, `f`.
    From = 2,
    /// The first `P-Asserted-Identity`.
    FirstIdentity = 3,
    /// The second one: of another header, or after a comma.
    SecondIdentity = 4,
    /// `Remote-Party-ID`.
    RemotePartyId = 5,
    /// `Call-ID`, `i`.
    CallId = 6,
    /// `Priority`.
    Priority = 7,
    /// `Privacy`.
    Privacy = 8,
    /// Any other.
    None = 9,
}

/// Places for the spans of fields; a power of two, so that a mask keeps an index inside.
pub const FIELDS: usize = 16;
const FIELD_MASK: u32 = FIELDS as u32 - 1;

/// How far a scan is, or why it gave up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
#[repr(u32)]
enum Progress {
    #[default]
    Scanning = 0,
    /// The header block has ended.
    Complete,
    /// The text ended first.
    Truncated,
    BareCr,
    RepeatedHeader,
    TooLong,
}

/// A scan and what it found. Lives in memory that the verifier does not follow.
#[derive(Clone, Copy, Debug, Default)]
#[repr(C, align(8))]
pub struct Scan {
    find: Find,
    /// Header lines so far.
    lines: u32,
    /// Field whose value goes on until the next line that is no continuation.
    open: u32,
    /// Bits of the fields that came more than once.
    repeated: u32,
    progress: Progress,
    /// 1 if the header block ended with an empty line.
    pub empty_line: u32,
    padding: u32,
    spans: [Span; FIELDS],
}

// SAFETY: integers, and an enumeration in which zero is a value.
unsafe impl Zeroed for Scan {}

impl Scan {
    /// Where a field's value is; nothing if the message has no such header.
    #[inline(always)]
    pub fn span(&self, field: Field) -> Span {
        self.span_at(field as u32)
    }

    /// As [`Self::span`], by number.
    #[inline(always)]
    pub fn span_at(&self, field: u32) -> Span {
        match self.spans.get((field & FIELD_MASK) as usize) {
            Some(span) => *span,
            None => Span::default(),
        }
    }

    /// Sets a field's value.
    #[inline(always)]
    pub fn set_span(&mut self, field: Field, span: Span) {
        if let Some(place) = self.spans.get_mut((field as u32 & FIELD_MASK) as usize) {
            *place = span;
        }
    }

    /// Whether a header came more than once.
    #[inline(always)]
    pub const fn is_repeated(&self, field: Field) -> bool {
        self.repeated & (1 << field as u32) != 0
    }

    #[inline(always)]
    fn close(&mut self, end: u32) {
        if let Some(span) = self.spans.get_mut((self.open & FIELD_MASK) as usize) {
            span.end = end;
        }
    }

    #[inline(always)]
    fn finish(&mut self, progress: Progress) -> Step {
        self.progress = progress;
        Step::Stop
    }

    /// Opens the field of a header line whose value begins at `start`.
    #[inline(always)]
    fn open(&mut self, field: Field, start: u32) -> Step {
        let mut place = field as u32;
        if let Some(span) = self.spans.get(place as usize)
            && span.is_some()
        {
            match field {
                Field::To | Field::From | Field::CallId => {
                    return self.finish(Progress::RepeatedHeader);
                }
                // Two are allowed (RFC 3325, 9.1).
                Field::FirstIdentity => place = self.second_identity(),
                Field::StartLine
                | Field::SecondIdentity
                | Field::RemotePartyId
                | Field::Priority
                | Field::Privacy
                | Field::None => {
                    self.repeated |= 1 << place;
                    place = Field::None as u32;
                }
            }
        }
        self.open = place;
        if let Some(span) = self.spans.get_mut((place & FIELD_MASK) as usize) {
            span.start = start;
        }
        Step::Again
    }

    /// The place of a further identity: the second, or nowhere, which is remembered.
    #[inline(always)]
    fn second_identity(&mut self) -> u32 {
        if self.span(Field::SecondIdentity).is_some() {
            self.repeated |= 1 << Field::SecondIdentity as u32;
            Field::None as u32
        } else {
            Field::SecondIdentity as u32
        }
    }
}

/// Control characters: ends of lines, and what a search for them must look at.
struct Control;

impl Marks for Control {
    #[inline(always)]
    fn marks(word: u64) -> u64 {
        below(word, b' ')
    }

    #[inline(always)]
    fn in_either(first: u64, second: u64) -> bool {
        perhaps_below(first, second, b' ')
    }
}

/// Neither SP nor HTAB: after a header name, the colon or something that is not a header.
struct AfterName;

impl Marks for AfterName {
    #[inline(always)]
    fn marks(word: u64) -> u64 {
        let tabs = exactly_zero(word ^ 0x0909_0909_0909_0909);
        let blanks = exactly_zero(word ^ 0x2020_2020_2020_2020);
        !(tabs | blanks) & 0x8080_8080_8080_8080
    }
}

/// The field of a header name, and the bytes of the name.
#[inline(always)]
fn field_of(text: &Text, at: u32) -> (Field, u32) {
    let word = text.word(at);
    match (word as u8) | 0x20 {
        b'f' if named!(word, b"from") => (Field::From, 4),
        b'f' => (Field::From, 1),
        b't' if named!(word, b"to") => (Field::To, 2),
        b't' => (Field::To, 1),
        b'i' => (Field::CallId, 1),
        b'c' if named!(word, b"call-id") => (Field::CallId, 7),
        b'r' if named!(word, b"remote-p") && named!(text.word(at.wrapping_add(8)), b"arty-id") => {
            (Field::RemotePartyId, 15)
        }
        b'p' if named!(word, b"p-assert")
            && named!(text.word(at.wrapping_add(8)), b"ed-ident")
            && named!(text.word(at.wrapping_add(16)), b"ity") =>
        {
            (Field::FirstIdentity, 19)
        }
        b'p' if named!(word, b"privacy") => (Field::Privacy, 7),
        b'p' if named!(word, b"priority") => (Field::Priority, 8),
        _ => (Field::None, 0),
    }
}

/// A line begins at `next`; the one before ended at `end`.
#[inline(always)]
fn line(text: &Text, scan: &mut Scan, end: u32, next: u32) -> Step {
    if next >= scan.find.limit {
        scan.close(end);
        return scan.finish(Progress::Complete);
    }
    let first = text.byte(next);
    if first == b' ' || first == b'\t' {
        scan.find.at = next.wrapping_add(1);
        return Step::Again;
    }
    scan.close(end);
    scan.open = Field::None as u32;
    if first == b'\n' {
        scan.empty_line = 1;
        return scan.finish(Progress::Complete);
    }
    if first == b'\r' {
        let second = next.wrapping_add(1);
        if second >= scan.find.limit {
            return scan.finish(Progress::Truncated);
        }
        if text.byte(second) != b'\n' {
            return scan.finish(Progress::BareCr);
        }
        scan.empty_line = 1;
        return scan.finish(Progress::Complete);
    }
    scan.lines = scan.lines.wrapping_add(1);
    if scan.lines > MAXIMUM_LINES {
        return scan.finish(Progress::TooLong);
    }
    scan.find.at = next;
    header(text, scan, next)
}

/// A header begins at `at`: opens its field if it is one that matters.
#[inline(always)]
fn header(text: &Text, scan: &mut Scan, at: u32) -> Step {
    let (field, length) = field_of(text, at);
    if length == 0 {
        return Step::Again;
    }
    let mut colon = at.wrapping_add(length);
    let mut byte = text.byte(colon);
    if byte == b' ' || byte == b'\t' {
        let blanks = text.first::<AfterName>(colon);
        if blanks >= WINDOW {
            if colon.wrapping_add(WINDOW) > scan.find.limit {
                // Some of them are beyond the text.
                return Step::Again;
            }
            return scan.finish(Progress::TooLong);
        }
        colon = colon.wrapping_add(blanks);
        byte = text.byte(colon);
    }
    if byte != b':' || colon >= scan.find.limit {
        return Step::Again;
    }
    let start = colon.wrapping_add(1);
    scan.find.at = start;
    scan.open(field, start)
}

/// Looks for the next end of a line.
#[inline(always)]
fn step(text: &Text, scan: &mut Scan) -> Step {
    if !scan.find.advance::<Control, _>(text) {
        return Step::Again;
    }
    let at = scan.find.at;
    let limit = scan.find.limit;
    if at >= limit {
        return scan.finish(Progress::Truncated);
    }
    let next = at.wrapping_add(1);
    match text.byte(at) {
        b'\n' => line(text, scan, at, next),
        b'\r' => {
            if next >= limit {
                return scan.finish(Progress::Truncated);
            }
            if text.byte(next) != b'\n' {
                return scan.finish(Progress::BareCr);
            }
            line(text, scan, at, next.wrapping_add(1))
        }
        _ => {
            scan.find.at = next;
            Step::Again
        }
    }
}

/// Finds the headers of a message whose start line begins at `begin` and whose text ends at
/// `length`. Not complete if the text was cut at [`TEXT_CAPACITY`] before an empty line.
#[inline(never)]
pub fn scan<R: Repeat>(
    text: &Text,
    scan: &mut Scan,
    begin: u32,
    length: u32,
) -> Result<(), Outcome> {
    scan.clear();
    scan.find.at = begin;
    scan.find.limit = length;
    scan.set_span(
        Field::StartLine,
        Span {
            start: begin,
            end: 0,
        },
    );
    let found = &mut *scan;
    R::repeat(STEPS, move |_| step(text, found));
    match scan.progress {
        Progress::Complete => Ok(()),
        Progress::BareCr => Err(Outcome::BareCr),
        Progress::RepeatedHeader => Err(Outcome::RepeatedHeader),
        // A text that fills all memory was cut, not sent so.
        Progress::Truncated if length < TEXT_CAPACITY => Err(Outcome::Truncated),
        Progress::Scanning | Progress::Truncated | Progress::TooLong => Err(Outcome::TooLong),
    }
}

/// A field's value without the blanks around it; of blanks at its end at most four are removed.
#[inline(always)]
pub fn trim<R: Repeat>(text: &Text, find: &mut Find, span: Span) -> Span {
    find.at = span.start;
    find.limit = span.end;
    skip_blanks::<R>(text, find);
    let mut end = span.end;
    let mut turns = 0;
    while turns < 4 && end > find.at && is_blank(text.byte(end.wrapping_sub(1))) {
        end = end.wrapping_sub(1);
        turns += 1;
    }
    Span {
        start: find.at,
        end,
    }
}

#[cfg(test)]
mod tests {
    extern crate std;
    use std::boxed::Box;
    use std::format;
    use std::vec::Vec;

    use super::*;
    use crate::repeat::PlainLoop;

    fn scanned(text: &[u8]) -> (Box<Text>, Scan, Result<(), Outcome>) {
        let mut memory = Box::<Text>::default();
        // What follows the text is left over from a longer one.
        let length = memory.fill(text);
        memory.fill(&[text, b": <sip:left@over>\r\n\r\n"].concat());
        let mut found = Scan::default();
        let end = scan::<PlainLoop>(&memory, &mut found, 0, length);
        (memory, found, end)
    }

    #[test]
    fn headers_in_every_spelling() {
        use Field::{CallId, FirstIdentity, From, None, Priority, Privacy, RemotePartyId, To};
        for (header, field) in [
            ("From: a", From),
            ("f:a", From),
            ("FROM \t : a", From),
            ("To: a", To),
            ("t: a", To),
            ("Call-ID: a", CallId),
            ("i: a", CallId),
            ("P-Asserted-Identity: a", FirstIdentity),
            ("Remote-Party-ID: a", RemotePartyId),
            ("Privacy: a", Privacy),
            ("Priority: a", Priority),
            ("From: \r\n a", From),
            ("Froma: a", None),
            ("Fro: a", None),
            ("From a", None),
            ("X-From: a", None),
        ] {
            for line_end in ["\r\n", "\n"] {
                let text = format!("INVITE x{line_end}{header}{line_end}X: y{line_end}{line_end}");
                let (memory, found, end) = scanned(text.as_bytes());
                assert_eq!(end, Ok(()), "{header}");
                assert_eq!(found.empty_line, 1, "{header}");
                for other in [
                    From,
                    To,
                    CallId,
                    FirstIdentity,
                    RemotePartyId,
                    Privacy,
                    Priority,
                ] {
                    assert_eq!(found.span(other).is_some(), other == field, "{header}");
                }
                let span = found.span(field);
                if field != None {
                    let value = memory.slice(span.start, span.end).trim_ascii();
                    assert_eq!(value, b"a", "{header}");
                }
            }
        }
    }

    #[test]
    fn what_ends_a_scan() {
        let many: Vec<u8> = b"X: y\r\n".repeat(300);
        let wide = [&b"From"[..], &[b' '; 80], b": a\r\n\r\n"].concat();
        for (name, text, expected) in [
            ("empty line", &b"I\r\nX: y\r\n\r\nbody"[..], Ok(())),
            ("bare LF", b"I\nX: y\n\n", Ok(())),
            ("ends behind a line", b"I\r\nX: y\r\n", Ok(())),
            (
                "ends inside of a line",
                b"I\r\nX: y",
                Err(Outcome::Truncated),
            ),
            (
                "ends between CR and LF",
                b"I\r\nX: y\r",
                Err(Outcome::Truncated),
            ),
            ("CR alone", b"I\r\nX: y\rz\r\n\r\n", Err(Outcome::BareCr)),
            ("empty line of CR alone", b"I\r\n\rX", Err(Outcome::BareCr)),
            (
                "two From",
                b"I\r\nf: a\r\nFrom: b\r\n\r\n",
                Err(Outcome::RepeatedHeader),
            ),
            (
                "two To",
                b"I\r\nTo: a\r\nt: b\r\n\r\n",
                Err(Outcome::RepeatedHeader),
            ),
            (
                "two Call-ID",
                b"I\r\ni: a\r\ni: b\r\n\r\n",
                Err(Outcome::RepeatedHeader),
            ),
            (
                "two Privacy",
                b"I\r\nPrivacy: a\r\nPrivacy: b\r\n\r\n",
                Ok(()),
            ),
            ("too many lines", &many, Err(Outcome::TooLong)),
            ("blanks in front of the colon", &wide, Err(Outcome::TooLong)),
        ] {
            let text = if text.first() == Some(&b'I') {
                text.to_vec()
            } else {
                [b"I\r\n", text].concat()
            };
            assert_eq!(scanned(&text).2, expected, "{name}");
        }
    }

    #[test]
    fn identities_may_come_twice() {
        let text = b"I\r\nP-Asserted-Identity: a\r\nP-Asserted-Identity: b\r\n\r\n";
        let (_, found, end) = scanned(text);
        assert_eq!(end, Ok(()));
        assert!(found.span(Field::FirstIdentity).is_some());
        assert!(found.span(Field::SecondIdentity).is_some());
        assert!(!found.is_repeated(Field::SecondIdentity));
        let third = [&text[..text.len() - 2], b"P-Asserted-Identity: c\r\n\r\n"].concat();
        assert!(scanned(&third).1.is_repeated(Field::SecondIdentity));
    }
}
