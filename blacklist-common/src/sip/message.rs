//! What an INVITE says that rules can speak of: who calls, who is called, which call it is.

#[cfg(test)]
mod tests;

use crate::address::{Address, Addresses, Scheme};
use crate::addresses::read_all;
use crate::class;
use crate::find::{find, is_blank, skip_blanks};
use crate::flaw::Flaw;
use crate::hash;
use crate::number::{NumberKind, Party};
use crate::outcome::Outcome;
use crate::repeat::{Repeat, Step};
use crate::scan::{Field, Scan, Span, scan, trim};
use crate::tables::{
    IDENTITY_PLACES, IDENTITY_SOURCES, IdentitySource, TRUNK_CALLED_FROM_TO, TRUNK_TRUSTED,
    TrunkEntry,
};
use crate::text::{Marks, TEXT_CAPACITY, Text, exactly_zero, named, word_of};
use crate::user_part::{self, UserPart};
use crate::zeroed::Zeroed as _;

pub use crate::reader::{Message, Reader};

/// How a text was understood.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reading {
    /// An INVITE that opens a dialog.
    Call,
    /// Nothing that is judged: passes.
    NotOurs(Outcome),
    /// An INVITE that can be read in more than one way: passes, counted.
    Ambiguous(Outcome),
}

/// `INVITE` and the blank after it. Methods are case-sensitive (RFC 3261, 7.1), but servers relay this
/// one in any case.
const INVITE: u64 = word_of(b"invite ");
/// The bits that differ in the other case.
const OTHER_CASE: u64 = 0x0000_2020_2020_2020;
/// Bytes of [`INVITE`].
const INVITE_LENGTH: u32 = 7;

/// What a datagram is by the bytes it begins with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Start {
    /// Empty, or nothing but NULs (RFC 5626, 3.5.1).
    KeepAlive,
    /// An INVITE.
    Invite,
    /// Another message, or a response.
    Message,
    /// Anything else.
    NoMessage,
    /// Line ends, blanks or NULs, which may be all of it or be in front of a message, or bytes that are
    /// not there.
    Unknown,
    /// A first fragment without the bytes that would say what it is.
    Incomplete,
}

impl Start {
    /// Of a datagram's first eight bytes, the first in the lowest byte; `length` is that of the
    /// datagram, or of its first fragment if this is one.
    #[inline(always)]
    pub const fn of(word: Option<u64>, length: u32, fragment: bool) -> Self {
        if fragment && length < INVITE_LENGTH {
            return Self::Incomplete;
        }
        if length == 0 {
            return Self::KeepAlive;
        }
        let Some(word) = word else {
            return Self::Unknown;
        };
        match word as u8 {
            0 if word == 0 && length <= 8 => Self::KeepAlive,
            byte if is_leading(byte) => Self::Unknown,
            _ if length >= INVITE_LENGTH && ((word | OTHER_CASE) ^ INVITE) << 8 == 0 => {
                Self::Invite
            }
            b'A'..=b'Z' | b'a'..=b'z' => Self::Message,
            _ => Self::NoMessage,
        }
    }

    /// Whether a datagram that begins so is read: false if it is an INVITE or may be one, true if it
    /// is another message, which is read with `dialogs` alone. `has_right_length` is of its UDP
    /// header.
    ///
    /// # Errors
    /// It is not read.
    #[inline(always)]
    pub const fn admit(self, dialogs: bool, has_right_length: bool) -> Result<bool, Outcome> {
        let not_invite = match self {
            Self::Incomplete => return Err(Outcome::IncompleteFragment),
            Self::KeepAlive => return Err(Outcome::KeepAlive),
            Self::Message if dialogs => true,
            Self::Message | Self::NoMessage => return Err(Outcome::NotInvite),
            Self::Invite | Self::Unknown => false,
        };
        if has_right_length {
            Ok(not_invite)
        } else if not_invite {
            Err(Outcome::NotInvite)
        } else {
            Err(Outcome::LengthMismatch)
        }
    }

    /// Of the text of a datagram, after what may be in front of a message.
    pub fn of_text(text: &[u8]) -> Self {
        let text = without_leading(text);
        let first = text.get(..8).unwrap_or(text);
        Self::of(Some(word_of(first)), text.len() as u32, false)
    }
}

/// Whether servers skip a byte in front of a message: line ends (RFC 3261, 7.5), and also blanks and
/// NULs, with which a message is no other.
const fn is_leading(byte: u8) -> bool {
    matches!(byte, b'\r' | b'\n' | b' ' | b'\t' | 0)
}

/// A datagram's text from the first byte that is not skipped.
pub fn without_leading(text: &[u8]) -> &[u8] {
    let begin = text.iter().position(|byte| !is_leading(*byte));
    text.get(begin.unwrap_or(text.len())..).unwrap_or_default()
}

/// A byte that is not skipped in front of a message.
struct NotLeading;

impl Marks for NotLeading {
    #[inline(always)]
    fn marks(word: u64) -> u64 {
        let mut leading = exactly_zero(word);
        for byte in *b"\r\n \t" {
            leading |= exactly_zero(word ^ (u64::MAX / 255 * byte as u64));
        }
        !leading & 0x8080_8080_8080_8080
    }
}

/// Reads one of the parties: 0 is the called one, the others are the caller by each identity
/// source of the trunk, two addresses for each.
struct PartyStep<'a> {
    text: &'a Text,
    scan: &'a Scan,
    addresses: &'a Addresses,
    message: &'a mut Message,
    part: &'a mut UserPart,
    trunk: &'a TrunkEntry,
}

const PARTIES: u32 = 1 + 2 * IDENTITY_SOURCES as u32;

impl PartyStep<'_> {
    /// The address to be read at `index`, and its source; or whether to go on without one.
    #[inline(always)]
    fn candidate(&self, index: u32) -> Result<(u32, u32), Step> {
        if index == 0 {
            let field = if self.trunk.has(TRUNK_CALLED_FROM_TO) {
                Field::To
            } else {
                Field::StartLine
            };
            return Ok((field as u32, 0));
        }
        // Masked, because older verifiers do not conclude from the comparison above that this is
        // not negative.
        let place = (index.wrapping_sub(1) >> 1) as usize & (IDENTITY_PLACES - 1);
        let second = index & 1 == 0;
        let Some(source) = self.trunk.identity.get(place) else {
            return Err(Step::Stop);
        };
        if !second && self.message.identity != 0 && self.message.caller.number.is_some() {
            return Err(Step::Stop);
        }
        let field = match (IdentitySource::from_number(*source), second) {
            (Some(IdentitySource::From), false) => Field::From,
            (Some(IdentitySource::PAssertedIdentity), false) => Field::FirstIdentity,
            (Some(IdentitySource::PAssertedIdentity), true) => Field::SecondIdentity,
            (Some(IdentitySource::RemotePartyId), false) => Field::RemotePartyId,
            (Some(_), true) => return Err(Step::Again),
            (None, _) => return Err(Step::Stop),
        };
        if !self.scan.span(field).is_some() {
            return Err(Step::Again);
        }
        if self.scan.is_repeated(field) {
            return Ok((field as u32, u32::from(*source) | SEVERAL));
        }
        Ok((field as u32, u32::from(*source)))
    }

    #[inline(always)]
    fn give_up(&mut self, flaw: Flaw) -> Step {
        self.message.flaw = flaw;
        Step::Stop
    }

    /// Accepts what a source says of the caller.
    #[inline(always)]
    fn accept(&mut self, party: Party, user: Span, source: u32, field: u32) -> Step {
        let message = &mut *self.message;
        if field == Field::SecondIdentity as u32
            && message.identity == source
            && message.caller.number.is_some()
        {
            let is_number = |party: &Party| {
                matches!(party.leading.kind(), NumberKind::E164 | NumberKind::Local)
            };
            if !is_number(&party) || party == message.caller {
                return Step::Stop;
            }
            if is_number(&message.caller) {
                return self.give_up(Flaw::IdentityConflict);
            }
        } else if !party.number.is_some() && message.identity != 0 {
            return Step::Again;
        }
        message.caller = party;
        message.zeros = self.part.zeros;
        message.caller_user = user;
        message.identity = source;
        Step::Again
    }
}

/// Bit beside a source: its header came more often than it may.
const SEVERAL: u32 = 0x100;

impl PartyStep<'_> {
    #[inline(always)]
    fn step<R: Repeat>(&mut self, index: u32) -> Step {
        let (field, source) = match self.candidate(index) {
            Ok(candidate) => candidate,
            Err(step) => return step,
        };
        let address: &Address = self.addresses.of(field);
        if address.flaw.is_some() {
            let flaw = address.flaw;
            return self.give_up(flaw);
        }
        if source & SEVERAL != 0 {
            return self.give_up(Flaw::SeveralAddresses);
        }
        let user = address.user;
        self.part.zeros = 0;
        let party = if user.length() == 0 {
            Party::NONE
        } else {
            match user_part::read::<R, _>(self.text, self.part, user, &self.trunk.dial_plan) {
                Ok(party) => party,
                Err(flaw) => return self.give_up(flaw),
            }
        };
        if index == 0 {
            self.message.called = party;
            self.message.called_user = user;
            return Step::Again;
        }
        self.accept(party, user, source, field)
    }
}

/// Takes method and version off the request line, so that the Request-URI is left.
#[inline(always)]
fn request_uri(text: &Text, line: Span) -> Option<Span> {
    let mut end = line.end;
    let start = line.start.wrapping_add(INVITE_LENGTH);
    let mut turns = 0;
    while turns < 8 && end > start && is_blank(text.byte(end.wrapping_sub(1))) {
        end = end.wrapping_sub(1);
        turns += 1;
    }
    // ` SIP/2.0`: any version of one digit each, any case.
    let version = end.wrapping_sub(8);
    if end < start.wrapping_add(8) {
        return None;
    }
    let word = text.word(version);
    let dot = (word >> 48) as u8;
    if !is_blank(word as u8) || !named!(word >> 8, b"sip/") || dot != b'.' {
        return None;
    }
    Some(Span {
        start,
        end: version,
    })
}

#[inline(always)]
fn is_emergency<R: Repeat>(reader: &mut Reader, trunk: &TrunkEntry) -> bool {
    if reader.addresses.of(Field::StartLine as u32).scheme == Scheme::Emergency {
        return true;
    }
    if !trunk.has(TRUNK_TRUSTED) {
        return false;
    }
    // A proxy may have replaced the Request-URI by the number of a service.
    if reader.addresses.of(Field::To as u32).scheme == Scheme::Emergency {
        return true;
    }
    let priority = reader.scan.span(Field::Priority);
    if !priority.is_some() {
        return false;
    }
    let Reader { text, find, .. } = reader;
    find.at = priority.start;
    find.limit = priority.end;
    skip_blanks::<R>(text, find);
    let end = find.at.wrapping_add(13);
    named!(text.word(find.at), b"psap-cal")
        && named!(text.word(find.at.wrapping_add(8)), b"lback")
        && (end == priority.end || (end < priority.end && is_blank(text.byte(end))))
}

/// Reads the text as a trunk's settings say.
#[inline(always)]
pub fn read<R: Repeat>(reader: &mut Reader, trunk: &TrunkEntry) -> Reading {
    let length = reader.length;
    reader.message.clear();
    let mut begin = 0;
    let mut start = Start::of(Some(reader.text.word(0)), length, reader.fragment != 0);
    if start == Start::Unknown {
        reader.find.at = 0;
        reader.find.limit = length;
        find::<R, NotLeading, _>(&reader.text, &mut reader.find);
        begin = reader.find.at;
        let word = reader.text.word(begin);
        start = Start::of(Some(word), length.wrapping_sub(begin), false);
        if start == Start::NoMessage && reader.text.byte(0) == 0 {
            // STUN is a keep-alive too (RFC 5626, 3.5.2).
            start = Start::KeepAlive;
        }
    }
    let not_invite = match start {
        Start::Incomplete => return Reading::Ambiguous(Outcome::IncompleteFragment),
        Start::KeepAlive | Start::Unknown => return Reading::NotOurs(Outcome::KeepAlive),
        Start::Message | Start::NoMessage => true,
        Start::Invite => false,
    };
    if not_invite && reader.dialogs == 0 {
        return Reading::NotOurs(Outcome::NotInvite);
    }
    let headers = read_headers::<R>(reader, begin);
    if not_invite {
        return Reading::NotOurs(Outcome::NotInvite);
    }
    if let Err(outcome) = headers {
        return Reading::Ambiguous(outcome);
    }
    read_all::<R>(&reader.text, &mut reader.scan, &mut reader.addresses);
    let to = reader.addresses.of(Field::To as u32);
    if let Some(outcome) = to.flaw.outcome() {
        return Reading::Ambiguous(outcome);
    }
    if to.tag != 0 {
        return Reading::NotOurs(Outcome::InDialog);
    }
    if is_emergency::<R>(reader, trunk) {
        reader.message.emergency = 1;
    }
    read_parties::<R>(reader, trunk);
    match reader.message.flaw.outcome() {
        Some(outcome) => Reading::Ambiguous(outcome),
        None => {
            reader.message.classes = class::read::<R>(reader, trunk);
            Reading::Call
        }
    }
}

/// Reads the numbers of both parties.
#[inline(never)]
fn read_parties<R: Repeat>(reader: &mut Reader, trunk: &TrunkEntry) {
    let mut party = PartyStep {
        text: &reader.text,
        scan: &reader.scan,
        addresses: &reader.addresses,
        message: &mut reader.message,
        part: &mut reader.part,
        trunk,
    };
    R::repeat(PARTIES, move |index| party.step::<R>(index));
}

/// Finds the headers; on return the start line's span is that of the Request-URI.
#[inline(always)]
fn read_headers<R: Repeat>(reader: &mut Reader, begin: u32) -> Result<(), Outcome> {
    let length = reader.length;
    let fragment = reader.fragment != 0;
    match scan::<R>(&reader.text, &mut reader.scan, begin, length) {
        Ok(()) => {}
        Err(Outcome::Truncated) if fragment => return Err(Outcome::IncompleteFragment),
        Err(outcome) => return Err(outcome),
    }
    if reader.scan.empty_line == 0 {
        if fragment {
            return Err(Outcome::IncompleteFragment);
        }
        if length >= TEXT_CAPACITY {
            return Err(Outcome::TooLong);
        }
    }
    let has = |field| reader.scan.span(field).is_some();
    if !has(Field::From) || !has(Field::To) || !has(Field::CallId) {
        return Err(Outcome::MissingHeader);
    }
    let call_id = reader.scan.span(Field::CallId);
    reader.message.call_id = trim::<R>(&reader.text, &mut reader.find, call_id);
    match request_uri(&reader.text, reader.scan.span(Field::StartLine)) {
        Some(span) => {
            reader.scan.set_span(Field::StartLine, span);
            Ok(())
        }
        None => Err(Outcome::BadStartLine),
    }
}

/// Words of a Call-ID that are hashed; of a longer one its first bytes and its length.
const FINGERPRINT_WORDS: u32 = 64;

/// A hash of the Call-ID that was read: distinguishes a retransmission from another call.
#[inline(never)]
pub fn fingerprint<R: Repeat>(reader: &mut Reader) -> u64 {
    let call_id = reader.message.call_id;
    reader.find.at = call_id.start;
    reader.find.limit = call_id.end;
    reader.fingerprint = hash::START ^ u64::from(call_id.length());
    let Reader {
        text,
        find,
        fingerprint,
        ..
    } = &mut *reader;
    R::repeat(FINGERPRINT_WORDS, move |_| {
        let at = find.at;
        let limit = find.limit;
        if at >= limit {
            return Step::Stop;
        }
        let rest = limit - at;
        let mut word = text.word(at);
        if rest < 8 {
            word &= (1_u64 << (8 * (rest & 7))) - 1;
        }
        *fingerprint = hash::add_word(*fingerprint, word);
        find.at = at.wrapping_add(8);
        Step::Again
    });
    hash::finish(reader.fingerprint)
}
