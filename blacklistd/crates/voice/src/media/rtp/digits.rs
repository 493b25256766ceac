//! Digits as events (RFC 4733). Each is sent in several packets, and its end three times; all of
//! them have the timestamp of its start.

use std::fmt;
use std::time::Duration;

use audio_codec::telephone_event::{event_to_digit, parse_telephone_event};

use crate::media::RATE;

/// Time without a packet after which a digit whose end was lost is over.
pub(super) const LOST_AFTER: Duration = Duration::from_millis(250);

/// Number of past digits remembered, so that their late packets are not taken for new ones.
const REMEMBERED: usize = 4;

/// Maximum delay of a packet, in samples: 10 seconds.
const LATEST: u32 = 10 * RATE;

/// Maximum duration of an event with one timestamp; a longer one continues with another.
const LONGEST: u16 = u16::MAX;

/// 0 to 9, *, #, A to D.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Digit(u8);

impl Digit {
    /// The digit of an event; `None` for others, such as the hook flash.
    pub const fn from_event(event: u8) -> Option<Self> {
        if event < 16 { Some(Self(event)) } else { None }
    }

    /// Its character on the keypad.
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

/// Collects digits. Times are relative to the stream's start.
#[derive(Clone, Debug, Default)]
pub struct Digits {
    pressed: Option<Pressed>,
    /// Past events, the latest first.
    ended: [Option<(Digit, u32)>; REMEMBERED],
}

impl Digits {
    /// Before any digit.
    pub fn new() -> Self {
        Self::default()
    }

    /// Processes a packet of an event. Returns the digits that it ends: the previous one, if its
    /// end was lost, and its own.
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

    /// The digit whose end was lost, once it has timed out.
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

    /// Whether a packet belongs to a past event, or precedes the current one.
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
    /// Whether a packet belongs to this event, or to its continuation.
    fn is_same(&self, digit: Digit, timestamp: u32) -> bool {
        let goes_on = self.duration == LONGEST
            && timestamp == self.timestamp.wrapping_add(u32::from(LONGEST));
        self.digit == digit && (self.timestamp == timestamp || goes_on)
    }
}

/// Whether a timestamp precedes another by at most the delay of a late packet. A larger difference
/// means a stream that has restarted.
fn is_before(one: u32, other: u32) -> bool {
    (1..=LATEST).contains(&other.wrapping_sub(one))
}
