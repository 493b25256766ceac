//! A bidirectional stream, run by a task that ends when it is dropped.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio::time::Instant;

use super::digits::Digit;
use super::outgoing::Outgoing;
use super::pace::Pace;
use super::ports::Port;
use super::receiver::Receiver;
use super::settings::SessionSettings;
use crate::media::player::Player;

/// Maximum number of datagrams read per frame; the kernel drops the excess of a flood.
const MOST_RECEIVED: u32 = 32;

/// Maximum size of a datagram that is read, in bytes; no usable packet is longer.
const LARGEST_DATAGRAM: usize = 2048;

/// Maximum number of queued commands and events.
const WAITING: usize = 64;

/// Consecutive errors after which the socket is given up.
const MOST_ERRORS: u32 = 100;

/// An event of a stream.
#[derive(Debug)]
pub enum Event {
    /// The peer sends from this address.
    Heard(SocketAddr),
    /// The peer has pressed a key.
    Digit(Digit),
    /// Everything has been played; silence is sent.
    Said,
    /// Nothing was received for the configured time.
    Idle,
    /// The socket is unusable; this is the last event.
    Failed(io::Error),
}

enum Command {
    Play(Player),
    Permit,
    Renegotiate(Box<SessionSettings>),
    Stop,
}

/// A command was not accepted: the stream has ended or does not keep up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the media stream has ended")]
pub struct SessionEnded;

/// A stream. Its task ends, and its port is free, when it is dropped.
#[derive(Debug)]
pub struct Session {
    port: u16,
    commands: mpsc::Sender<Command>,
    events: mpsc::Receiver<Event>,
    task: JoinHandle<Port>,
}

impl Drop for Session {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Session {
    /// Starts; has to be called within a runtime, as the port was bound in one. Nothing is sent
    /// until the destination is known, and silence until something is played.
    ///
    /// # Errors
    /// The system has no random numbers.
    pub fn start(port: Port, settings: SessionSettings) -> io::Result<Self> {
        let (commands, command_receiver) = mpsc::channel(WAITING);
        let (event_sender, events) = mpsc::channel(WAITING);
        let number = port.number();
        let stream = Stream {
            outgoing: Outgoing::new(settings.payload_type)?,
            receiver: Receiver::new(&settings),
            settings,
            port,
            player: None,
            pace: Pace::new(),
            start: Instant::now(),
            events: event_sender,
            is_idle: false,
            packet: Vec::with_capacity(LARGEST_DATAGRAM),
        };
        let task = tokio::spawn(stream.run(command_receiver));
        Ok(Self {
            port: number,
            commands,
            events,
            task,
        })
    }

    /// The local port.
    pub const fn port(&self) -> u16 {
        self.port
    }

    /// The next event; `None` when the stream has ended. Events are lost if they are not received
    /// in time.
    pub async fn event(&mut self) -> Option<Event> {
        self.events.recv().await
    }

    /// Replaces what is being played.
    ///
    /// # Errors
    /// The stream has ended.
    pub fn play(&self, player: Player) -> Result<(), SessionEnded> {
        self.send_command(Command::Play(player))
    }

    /// Sends to the negotiated address, even before anything came from it.
    ///
    /// # Errors
    /// The stream has ended.
    pub fn permit(&self) -> Result<(), SessionEnded> {
        self.send_command(Command::Permit)
    }

    /// Applies a new session description. Allowed addresses stay as they are.
    ///
    /// # Errors
    /// The stream has ended.
    pub fn renegotiate(&self, settings: SessionSettings) -> Result<(), SessionEnded> {
        self.send_command(Command::Renegotiate(Box::new(settings)))
    }

    /// Ends and returns the port for another use.
    ///
    /// # Errors
    /// The stream has already ended and released its port.
    pub async fn stop(mut self) -> Result<Port, SessionEnded> {
        self.send_command(Command::Stop)?;
        (&mut self.task).await.map_err(|_| SessionEnded)
    }

    fn send_command(&self, command: Command) -> Result<(), SessionEnded> {
        self.commands.try_send(command).map_err(|_| SessionEnded)
    }
}

/// The state of the task.
struct Stream {
    settings: SessionSettings,
    port: Port,
    outgoing: Outgoing,
    receiver: Receiver,
    player: Option<Player>,
    pace: Pace,
    start: Instant,
    events: mpsc::Sender<Event>,
    is_idle: bool,
    packet: Vec<u8>,
}

impl Stream {
    async fn run(mut self, mut commands: mpsc::Receiver<Command>) -> Port {
        let mut datagram = vec![0; LARGEST_DATAGRAM];
        let mut received = 0;
        let mut errors = 0;
        let sleep = tokio::time::sleep_until(self.start);
        tokio::pin!(sleep);
        loop {
            tokio::select! {
                biased;
                () = &mut sleep => {
                    self.tick();
                    received = 0;
                    sleep.as_mut().reset(self.start + self.pace.due());
                }
                command = commands.recv() => match command {
                    Some(Command::Stop) | None => return self.port,
                    Some(command) => self.obey(command),
                },
                result = self.port.socket().recv_from(&mut datagram), if received < MOST_RECEIVED => {
                    received += 1;
                    match result {
                        Ok((length, from)) => {
                            errors = 0;
                            self.receive(from, datagram.get(..length).unwrap_or_default());
                        }
                        Err(error) if errors >= MOST_ERRORS => {
                            self.emit(Event::Failed(error));
                            return self.port;
                        }
                        // The socket also reports unreachable ports.
                        Err(_) => errors += 1,
                    }
                }
            }
        }
    }

    fn now(&self) -> Duration {
        self.start.elapsed()
    }

    fn obey(&mut self, command: Command) {
        match command {
            Command::Play(player) => self.player = Some(player),
            Command::Permit => self.receiver.source.permit(),
            Command::Renegotiate(settings) => {
                let now = self.now();
                self.receiver.renegotiate(&settings, now);
                self.outgoing.change_payload_type(settings.payload_type);
                self.settings = *settings;
                self.is_idle = false;
            }
            // Ends the loop.
            Command::Stop => {}
        }
    }

    fn receive(&mut self, from: SocketAddr, bytes: &[u8]) {
        let received = self.receiver.receive(from, bytes, self.now());
        if let Some(source) = received.source {
            self.emit(Event::Heard(source));
        }
        for digit in received.digits.into_iter().flatten() {
            self.digit(digit);
        }
    }

    fn digit(&mut self, digit: Digit) {
        self.emit(Event::Digit(digit));
        // A player that this ends reports it with the next frame.
        if let Some(player) = &mut self.player {
            player.digit();
        }
    }

    /// Sends a frame, if the destination is known.
    fn tick(&mut self) {
        let now = self.now();
        let left_out = self.pace.advance(now);
        let hearing = self.receiver.hearing();
        if left_out > 0 {
            self.outgoing
                .skip(u32::try_from(left_out).unwrap_or(u32::MAX));
            if let Some(player) = &mut self.player {
                player.skip(left_out, hearing);
            }
        }
        if let Some(digit) = self.receiver.tick(now) {
            self.digit(digit);
        }
        self.watch(now);
        match self.receiver.source.destination() {
            Some(destination) if self.settings.sends => self.send(destination),
            _ => self.outgoing.skip(1),
        }
    }

    fn send(&mut self, destination: SocketAddr) {
        let (law, hearing) = (self.settings.law, self.receiver.hearing());
        let is_playing = self.player.is_some();
        let frame = self
            .player
            .as_mut()
            .and_then(|player| player.next_frame(law, hearing));
        let is_over = is_playing && frame.is_none();
        let (bytes, is_start) = frame.map_or((law.silent_frame().as_slice(), false), |frame| {
            (frame.bytes, frame.is_start)
        });
        self.outgoing.write(bytes, is_start, &mut self.packet);
        // A frame that cannot be sent is lost, as it might be on its way.
        let _ = self.port.socket().try_send_to(&self.packet, destination);
        if is_over {
            self.player = None;
            self.emit(Event::Said);
        }
    }

    /// Reports once that nothing is received.
    fn watch(&mut self, now: Duration) {
        let is_idle = self.settings.receives && self.receiver.idle_for(now) >= self.settings.idle;
        if is_idle && !self.is_idle {
            self.emit(Event::Idle);
        }
        self.is_idle = is_idle;
    }

    fn emit(&self, event: Event) {
        let _ = self.events.try_send(event);
    }
}
