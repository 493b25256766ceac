//! A call with its media: what is played, the keys that are pressed, and renegotiation.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use super::plan::{Plan, Refusal};
use super::services::{CallNote, CallServices};
use crate::dialog::{CallEvent, InboundCall, Renegotiation};
use crate::media::law::Law;
use crate::media::player::{Player, Step};
use crate::media::rtp::{Event, Port, Session, SessionSettings};
use crate::media::sdp::{Direction, Local, Offer, SdpError, make_offer, read_answer};
use crate::media::sound::Sound;
use blacklist_system::random;

/// Silence before a prompt, until the media path is open.
const LEAD_IN: Duration = Duration::from_millis(300);

/// How much longer than its length playing a prompt may take.
const SLACK: Duration = Duration::from_secs(5);

/// A call could not be opened; the status with which it was rejected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct NotOpened(pub(super) u16);

/// The call is over: the peer has ended it or stopped responding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Gone;

/// An event of a call with media.
#[derive(Debug)]
pub(super) enum LineEvent {
    /// A key was pressed.
    Digit(char),
    /// Everything has been played.
    Said,
}

/// This side's session description in a leg.
#[derive(Clone, Copy, Debug)]
pub(super) struct Description {
    local: Local,
}

impl Description {
    /// Describes a media port. The session id is random (RFC 8866, section 5.2).
    pub(super) fn new(address: SocketAddr) -> Option<Self> {
        let session = random::u64().ok()? >> 2;
        Some(Self {
            local: Local {
                address,
                session,
                version: session,
                direction: Direction::Both,
            },
        })
    }

    /// The current description.
    pub(super) const fn get(&self) -> &Local {
        &self.local
    }

    /// The next version.
    pub(super) const fn next(&mut self) -> &Local {
        self.local.version += 1;
        &self.local
    }
}

/// Which media sources and destinations are trusted.
#[derive(Clone, Copy, Debug)]
pub(super) struct Trust {
    source: SocketAddr,
    is_believed: bool,
}

impl Trust {
    pub(super) const fn from_plan(plan: &Plan) -> Self {
        Self {
            source: plan.source,
            is_believed: plan.is_believed,
        }
    }

    /// Applies the trust to settings.
    pub(super) fn apply(self, mut settings: SessionSettings) -> SessionSettings {
        settings.allowed = vec![self.source.ip()];
        settings.may_send_first = self.is_believed;
        settings
    }

    /// Whether media may be sent to an address after the ACK, which proves that the caller receives
    /// what is sent there.
    fn is_proven(self, remote: Option<SocketAddr>) -> bool {
        remote.is_some_and(|remote| remote.ip().to_canonical() == self.source.ip().to_canonical())
    }
}

/// A call with its media.
pub(super) struct Line {
    pub(super) call: InboundCall,
    pub(super) media: Session,
    pub(super) description: Description,
    pub(super) settings: SessionSettings,
    pub(super) trust: Trust,
    /// The answer to the caller's offer; `None` if the caller was sent an offer.
    answer: Option<Vec<u8>>,
    pub(super) is_answered: bool,
    services: Arc<dyn CallServices>,
    fingerprint: u64,
}

impl Line {
    /// Opens the media path; with `early` before the call is answered, if possible.
    pub(super) fn open(
        call: InboundCall,
        port: Port,
        plan: &Plan,
        services: Arc<dyn CallServices>,
        early: bool,
    ) -> Result<Self, Box<(InboundCall, NotOpened)>> {
        let trust = Trust::from_plan(plan);
        let address = SocketAddr::new(plan.local.ip(), port.number());
        let opened = Description::new(address)
            .ok_or(NotOpened(500))
            .and_then(|description| {
                let (settings, answer) = negotiate(call.offer(), &description)?;
                let settings = trust.apply(settings);
                let media = Session::start(port, settings.clone());
                let media = media.map_err(|_| NotOpened(500))?;
                Ok((description, settings, answer, media))
            });
        let (description, settings, answer, media) = match opened {
            Ok(opened) => opened,
            Err(error) => return Err(Box::new((call, error))),
        };
        let mut line = Self {
            call,
            media,
            description,
            settings,
            trust,
            answer,
            is_answered: false,
            services,
            fingerprint: plan.fingerprint,
        };
        let said = match &line.answer {
            Some(answer) if early && plan.is_believed => {
                line.services
                    .record(line.fingerprint, CallNote::Status(183));
                line.call.progress(answer.clone())
            }
            _ => line.accept(),
        };
        match said {
            Ok(()) => Ok(line),
            Err(_) => Err(Box::new((line.call, NotOpened(500)))),
        }
    }

    /// Answers the call.
    pub(super) fn accept(&mut self) -> Result<(), crate::dialog::DialogEnded> {
        if self.is_answered {
            return Ok(());
        }
        let description = match &self.answer {
            Some(answer) => answer.clone(),
            None => make_offer(self.description.get(), Law::A),
        };
        self.call.answer(description)?;
        self.is_answered = true;
        self.services
            .record(self.fingerprint, CallNote::Status(200));
        Ok(())
    }

    /// The next event. While only silence is sent, the peer's media shows whether it is still
    /// there.
    pub(super) async fn next(&mut self) -> Result<LineEvent, Gone> {
        loop {
            tokio::select! {
                event = self.call.event() => match event {
                    CallEvent::Acknowledged(answer) => self.acknowledged(&answer)?,
                    CallEvent::Renegotiate(wish) => self.renegotiate(wish).await,
                    CallEvent::Info(body) => if let Some(digit) = digit_of(&body) {
                        return Ok(LineEvent::Digit(digit));
                    },
                    CallEvent::Ended(_) => return Err(Gone),
                },
                event = self.media.event() => match event {
                    Some(Event::Digit(digit)) => return Ok(LineEvent::Digit(digit.as_char())),
                    Some(Event::Said) => return Ok(LineEvent::Said),
                    Some(Event::Heard(_)) => {}
                    // Before the answer many phones send nothing.
                    Some(Event::Idle) if !self.is_answered => {}
                    Some(Event::Idle | Event::Failed(_)) | None => return Err(Gone),
                },
            }
        }
    }

    fn acknowledged(&mut self, answer: &[u8]) -> Result<(), Gone> {
        if self.answer.is_none() {
            let answer = read_answer(answer).map_err(|_| Gone)?;
            self.change(SessionSettings::of_answer(&answer));
        }
        if self.trust.is_proven(self.settings.remote) {
            self.media.permit().map_err(|_| Gone)?;
        }
        Ok(())
    }

    fn change(&mut self, settings: SessionSettings) {
        self.settings = self.trust.apply(settings);
        // A stream that has ended reports it by its events.
        let _ = self.media.renegotiate(self.settings.clone());
    }

    async fn renegotiate(&mut self, wish: Renegotiation) {
        if wish.offer.is_empty() {
            let offer = make_offer(self.description.next(), self.settings.law);
            wish.accept(offer).await;
            return;
        }
        let before = self.description;
        self.description.next();
        match negotiate(&wish.offer, &self.description) {
            Ok((settings, Some(answer))) => {
                self.change(settings);
                wish.accept(answer).await;
            }
            Ok((_, None)) => wish.refuse(488).await,
            Err(NotOpened(status)) => {
                self.description = before;
                wish.refuse(status).await;
            }
        }
    }

    /// Plays a sound after a short silence.
    pub(super) fn say(&self, sound: Sound, ends_by_digit: bool) -> Result<(), Gone> {
        let player = Player::new([Step::Wait(LEAD_IN), Step::Play(sound)]);
        let player = if ends_by_digit {
            player.ends_by_digit()
        } else {
            player
        };
        self.media.play(player).map_err(|_| Gone)
    }

    /// Plays a sound to its end. The time passes for a caller on hold too.
    pub(super) async fn say_all(&mut self, sound: Sound) -> Result<(), Gone> {
        let length = sound.duration() + LEAD_IN + SLACK;
        self.say(sound, false)?;
        let said = async {
            while !matches!(self.next().await?, LineEvent::Said) {}
            Ok(())
        };
        tokio::time::timeout(length, said).await.unwrap_or(Ok(()))
    }

    /// Waits, ignoring keys.
    pub(super) async fn pause(&mut self, time: Duration) -> Result<(), Gone> {
        let end = tokio::time::sleep(time);
        tokio::pin!(end);
        loop {
            tokio::select! {
                () = &mut end => return Ok(()),
                happened = self.next() => { happened?; }
            }
        }
    }

    /// Ends the call: rejects it, or hangs up if it was answered.
    pub(super) async fn close(self, refusal: &Refusal) {
        if !self.is_answered {
            let status = CallNote::Status(refusal.status);
            self.services.record(self.fingerprint, status);
        }
        let Self { call, media, .. } = self;
        drop(media);
        let Refusal {
            status,
            phrase,
            reason,
        } = refusal.clone();
        call.refuse(status, &phrase, reason).await;
    }

    /// Redirects the call to a URI.
    pub(super) async fn move_to(self, uri: &str) {
        self.services
            .record(self.fingerprint, CallNote::Status(302));
        let Self { call, media, .. } = self;
        drop(media);
        call.move_to(uri).await;
    }
}

/// The settings and answer for an offer; without an offer, no answer, and settings until our offer
/// is answered.
fn negotiate(
    offer: &[u8],
    description: &Description,
) -> Result<(SessionSettings, Option<Vec<u8>>), NotOpened> {
    match Offer::read(offer) {
        Ok(offer) => {
            let settings = SessionSettings::of_offer(offer.audio());
            Ok((settings, Some(offer.answer(description.get()))))
        }
        Err(SdpError::Missing) => Ok((unknown(), None)),
        Err(error) if error.is_not_acceptable() => Err(NotOpened(488)),
        Err(_) => Err(NotOpened(400)),
    }
}

/// Settings of a stream whose peer has not described itself yet.
fn unknown() -> SessionSettings {
    SessionSettings {
        law: Law::A,
        payload_type: Law::A.payload_type(),
        digits: None,
        remote: None,
        allowed: Vec::new(),
        may_send_first: false,
        sends: false,
        receives: false,
        idle: Duration::from_secs(20),
    }
}

/// The key in the body of an INFO: `Signal=5` (`application/dtmf-relay`) or only the key
/// (`application/dtmf`).
fn digit_of(body: &[u8]) -> Option<char> {
    let text = std::str::from_utf8(body).ok()?;
    let signal = text.lines().find_map(|line| {
        let (name, value) = line.split_once('=')?;
        name.trim()
            .eq_ignore_ascii_case("signal")
            .then(|| value.trim())
    });
    let key = signal.unwrap_or_else(|| text.trim());
    let mut characters = key.chars();
    let key = characters.next()?.to_ascii_uppercase();
    let is_key = matches!(key, '0'..='9' | '*' | '#' | 'A'..='D');
    (is_key && characters.next().is_none()).then_some(key)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_read_from_info() {
        let rows: [(&str, &str, Option<char>); 6] = [
            ("relay", "Signal=5\r\nDuration=160\r\n", Some('5')),
            (
                "relay with blanks",
                "Signal= # \r\nDuration= 160\r\n",
                Some('#'),
            ),
            ("the key alone", "7", Some('7')),
            ("small", "a\r\n", Some('A')),
            ("several", "12", None),
            ("nothing", "", None),
        ];
        for (name, body, expected) in rows {
            assert_eq!(digit_of(body.as_bytes()), expected, "{name}");
        }
    }
}
