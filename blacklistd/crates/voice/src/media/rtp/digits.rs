//! Digits as events (RFC 4733). Each is sent in several packets, and its end three times; all of
//! them have the timestamp of its start.

use std::fmt;
use std::time::Duration;

use audio_codec::telephone_event::{event_to_digit, parse_telephone_event};

use crate::media::RATE;

/// Time without a packet after which a digit is over whose end was lost.
pub(super) const LOST_AFTER: Duration = Duration::from_millis(250);

/// Digits that are remembered, so that late packets of them are not taken for others.
const REMEMBERED: usize = 4;

/// How late a packet can be, in samples: ten seconds.
const LATEST: u32 = 10 * RATE;

/// The longest event that one timestamp can have; what is longer goes on with another one.
const LONGEST: u16 = u16::MAX;

/// 0 to 9, *, #, A to D.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Digit(u8);

impl Digit {
    /// Of an event; none if it is something else, like the hook flash.
    pub const fn from_event(event: u8) -> Option<Self> {
        if event < 16 { Some(Self(event)) } else { None }
    }

    /// As it stands on the key.
    pub fn as_char(self) -> char {
        event_to_digit(self.0)
    }
}

impl fmt::Display for Digit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.as_char())
    }
}

/// An event that has begun and not ended.
#[derive(Clone, Copy, Debug)]
struct Pressed {
    digit: Digit,
    timestamp: u32,
    duration: u16,
    last_packet: Duration,
}

/// Collects digits. Times are counted from the stream's start.
#[derive(Clone, Debug, Default)]
pub struct Digits {
    pressed: Option<Pressed>,
    /// Events that are over, the last one first.
    ended: [Option<(Digit, u32)>; REMEMBERED],
}

impl Digits {
    /// None yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes an event's packet. Returns the digits that it ends: the one before whose end was
    /// lost, and its own.
    pub fn receive(&mut self, timestamp: u32, payload: &[u8], now: Duration) -> [Option<Digit>; 2] {
        let Some(event) = parse_telephone_event(payload) else {
            return [None; 2];
        };
        let Some(digit) = Digit::from_event(event.event) else {
            return [None; 2];
        };
        if self.is_late(digit, timestamp) {
            return [None; 2];
        }
        let before = match &mut self.pressed {
            Some(pressed) if pressed.is_same(digit, timestamp) => {
                pressed.timestamp = timestamp;
                None
            }
            _ => self.end(),
        };
        self.pressed = Some(Pressed {
            digit,
            timestamp,
            duration: event.duration,
            last_packet: now,
        });
        let own = if event.end { self.end() } else { None };
        [before, own]
    }

    /// The digit whose end did not come, when it is time.
    pub fn expire(&mut self, now: Duration) -> Option<Digit> {
        let last = self.pressed?.last_packet;
        if now.saturating_sub(last) < LOST_AFTER {
            return None;
        }
        self.end()
    }

    fn end(&mut self) -> Option<Digit> {
        let pressed = self.pressed.take()?;
        self.ended.rotate_right(1);
        if let Some(last) = self.ended.first_mut() {
            *last = Some((pressed.digit, pressed.timestamp));
        }
        Some(pressed.digit)
    }

    /// Whether a packet belongs to an event that is over, or to one before what is pressed.
    fn is_late(&self, digit: Digit, timestamp: u32) -> bool {
        let is_over = self.ended.contains(&Some((digit, timestamp)));
        let last = self.ended.first().copied().flatten();
        let is_behind = |other: u32| is_before(timestamp, other);
        is_over
            || last.is_some_and(|(_, ended)| is_behind(ended))
            || self
                .pressed
                .is_some_and(|pressed| is_behind(pressed.timestamp))
    }
}

impl Pressed {
    /// Whether a packet belongs to this event, or to the part of it that follows.
    fn is_same(&self, digit: Digit, timestamp: u32) -> bool {
        let goes_on = self.duration == LONGEST
            && timestamp == self.timestamp.wrapping_add(u32::from(LONGEST));
        self.digit == digit && (self.timestamp == timestamp || goes_on)
    }
}

/// Whether a timestamp is before another by no more than a late packet is. What is farther away
/// belongs to a stream that has begun again.
fn is_before(one: u32, other: u32) -> bool {
    (1..=LATEST).contains(&other.wrapping_sub(one))
}
