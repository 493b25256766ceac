//! Processes the datagrams of a stream: digits and voice activity. Times are relative to the
//! stream's start.

use std::net::SocketAddr;
use std::time::Duration;

use super::digits::{Digit, Digits};
use super::incoming::Incoming;
use super::settings::SessionSettings;
use super::source::Source;
use crate::media::FRAME_TIME;
use crate::media::law::Law;
use crate::media::level::{Hearing, Level};

/// Time without audio after which it counts as silence.
const GAP: Duration = Duration::from_millis(100);

/// The result of a datagram.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Received {
    /// The source, if it is new or has changed.
    pub(super) source: Option<SocketAddr>,
    /// Digits that ended.
    pub(super) digits: [Option<Digit>; 2],
}

/// The receiving half of a stream.
#[derive(Debug)]
pub(super) struct Receiver {
    pub(super) source: Source,
    law: Law,
    payload_type: u8,
    digits_type: Option<u8>,
    digits: Digits,
    level: Level,
    /// SSRC and sequence number of the last packet.
    last: Option<(u32, u16)>,
    last_packet: Duration,
    last_audio: Duration,
}

impl Receiver {
    pub(super) fn new(settings: &SessionSettings) -> Self {
        let allowed = settings.allowed.iter().copied();
        Self {
            source: Source::new(settings.remote, allowed, settings.may_send_first),
            law: settings.law,
            payload_type: settings.payload_type,
            digits_type: settings.digits,
            digits: Digits::new(),
            level: Level::new(),
            last: None,
            last_packet: Duration::ZERO,
            last_audio: Duration::ZERO,
        }
    }

    /// Applies a new session description.
    pub(super) fn renegotiate(&mut self, settings: &SessionSettings, now: Duration) {
        self.source.renegotiate(settings.remote);
        if settings.may_send_first {
            self.source.permit();
        }
        self.law = settings.law;
        self.payload_type = settings.payload_type;
        self.digits_type = settings.digits;
        self.last_packet = now;
    }

    /// Processes a datagram.
    pub(super) fn receive(&mut self, from: SocketAddr, bytes: &[u8], now: Duration) -> Received {
        let nothing = Received::default();
        if !self.source.may_be(from) {
            return nothing;
        }
        let Some(packet) = Incoming::read(bytes) else {
            return nothing;
        };
        let before = self.source.heard();
        if !self.source.accepts(from) {
            return nothing;
        }
        let heard = self.source.heard();
        self.last_packet = now;
        let is_repeated = self.last == Some((packet.stream, packet.sequence));
        if self.last.is_none_or(|(stream, _)| stream != packet.stream) {
            // Timestamps of different streams are unrelated.
            self.digits = Digits::new();
        }
        self.last = Some((packet.stream, packet.sequence));
        let digits = if is_repeated {
            [None; 2]
        } else {
            self.read_payload(&packet, now)
        };
        Received {
            source: heard.filter(|_| heard != before),
            digits,
        }
    }

    fn read_payload(&mut self, packet: &Incoming<'_>, now: Duration) -> [Option<Digit>; 2] {
        if Some(packet.payload_type) == self.digits_type {
            return self.digits.receive(packet.timestamp, packet.payload, now);
        }
        if let Some(law) = self.law_of(packet.payload_type) {
            self.last_audio = now;
            self.level.heard(law, packet.payload);
        }
        [None; 2]
    }

    /// Each side may use any of the negotiated laws.
    fn law_of(&self, payload_type: u8) -> Option<Law> {
        if payload_type == self.payload_type {
            return Some(self.law);
        }
        Law::ALL
            .into_iter()
            .find(|law| law.payload_type() == payload_type)
    }

    /// Processes the time of a frame. Returns a digit whose end was lost.
    pub(super) fn tick(&mut self, now: Duration) -> Option<Digit> {
        if now.saturating_sub(self.last_audio) > GAP {
            self.level.missed(FRAME_TIME);
        }
        self.digits.expire(now)
    }

    /// Whether the peer is speaking.
    pub(super) const fn hearing(&self) -> Hearing {
        self.level.hearing()
    }

    /// How long nothing has been received.
    pub(super) const fn idle_for(&self, now: Duration) -> Duration {
        now.saturating_sub(self.last_packet)
    }
}
