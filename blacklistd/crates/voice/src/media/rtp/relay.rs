//! Relays the packets of each side of a call to the other, unchanged except for their payload
//! types.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio::time::Instant;

use super::ports::Port;
use super::settings::SessionSettings;
use super::source::Source;

/// Maximum size of a relayed datagram in bytes; longer ones are dropped.
const LARGEST_DATAGRAM: usize = 1500;
/// Maximum packets per second of a side: 20 times what telephone audio needs.
const MOST_PER_SECOND: u32 = 1000;
/// Time without packets from either side after which both are considered gone. On hold some phones
/// send nothing for long.
const IDLE: Duration = Duration::from_secs(300);
/// Consecutive errors after which a socket is given up.
const MOST_ERRORS: u32 = 100;
/// Maximum number of queued commands.
const WAITING: usize = 16;

/// One of the two sides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// The caller.
    Caller,
    /// The called party.
    Called,
}

/// Relays packets until it is dropped.
#[derive(Debug)]
pub struct Relay {
    commands: mpsc::Sender<(Side, SessionSettings)>,
    task: JoinHandle<()>,
}

impl Drop for Relay {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Relay {
    /// Starts; has to be called within a runtime.
    pub fn start(caller: (Port, SessionSettings), called: (Port, SessionSettings)) -> Self {
        let (commands, receiver) = mpsc::channel(WAITING);
        let task = tokio::spawn(run(End::new(caller), End::new(called), receiver));
        Self { commands, task }
    }

    /// Applies a new session description of a side.
    pub fn renegotiate(&self, side: Side, settings: SessionSettings) {
        // If the queue is full, the previous description stays in use.
        let _ = self.commands.try_send((side, settings));
    }

    /// Waits until there is nothing left to relay.
    pub async fn ended(&mut self) {
        let _ = (&mut self.task).await;
    }
}

/// One side's end.
struct End {
    port: Port,
    settings: SessionSettings,
    source: Source,
    buffer: Vec<u8>,
    left: u32,
    errors: u32,
}

impl End {
    fn new((port, settings): (Port, SessionSettings)) -> Self {
        let allowed = settings.allowed.iter().copied();
        let source = Source::new(settings.remote, allowed, settings.may_send_first);
        Self {
            port,
            source,
            settings,
            buffer: vec![0; LARGEST_DATAGRAM + 1],
            left: MOST_PER_SECOND,
            errors: 0,
        }
    }

    async fn receive(&mut self) -> io::Result<(usize, SocketAddr)> {
        self.port.socket().recv_from(&mut self.buffer).await
    }

    /// Counts consecutive errors; returns whether the socket is still usable.
    const fn count_error(&mut self, received: &io::Result<(usize, SocketAddr)>) -> bool {
        match received {
            Ok(_) => self.errors = 0,
            Err(_) => self.errors += 1,
        }
        self.errors < MOST_ERRORS
    }

    /// Relays what this side has sent; returns false if it is dropped.
    fn pass(&mut self, length: usize, from: SocketAddr, other: &Self) -> bool {
        if length > LARGEST_DATAGRAM || self.left == 0 || !self.source.accepts(from) {
            return false;
        }
        self.left -= 1;
        let Some(to) = other.source.destination() else {
            return true;
        };
        let Some(packet) = self.buffer.get_mut(..length) else {
            return false;
        };
        if let Some(second) = packet.get_mut(1)
            && let Some(format) = format_for(*second & 0x7F, &self.settings, &other.settings)
        {
            *second = (*second & 0x80) | format;
        }
        // A packet that cannot be sent is lost, as it might be on its way.
        let _ = other.port.socket().try_send_to(packet, to);
        true
    }
}

/// The other side's number of a payload type.
fn format_for(format: u8, from: &SessionSettings, to: &SessionSettings) -> Option<u8> {
    if Some(format) == from.digits {
        to.digits
    } else if format == from.payload_type {
        Some(to.payload_type)
    } else {
        None
    }
}

async fn run(
    mut caller: End,
    mut called: End,
    mut commands: mpsc::Receiver<(Side, SessionSettings)>,
) {
    let mut second = tokio::time::interval(Duration::from_secs(1));
    second.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let mut last = Instant::now();
    loop {
        let (passed, of_use) = tokio::select! {
            received = caller.receive() => {
                let of_use = caller.count_error(&received);
                (received.is_ok_and(|(length, from)| caller.pass(length, from, &called)), of_use)
            }
            received = called.receive() => {
                let of_use = called.count_error(&received);
                (received.is_ok_and(|(length, from)| called.pass(length, from, &caller)), of_use)
            }
            command = commands.recv() => {
                let Some((side, settings)) = command else { return };
                let end = match side {
                    Side::Caller => &mut caller,
                    Side::Called => &mut called,
                };
                end.source.renegotiate(settings.remote);
                end.settings = settings;
                (true, true)
            }
            _ = second.tick() => {
                (caller.left, called.left) = (MOST_PER_SECOND, MOST_PER_SECOND);
                (false, last.elapsed() < IDLE)
            }
        };
        if passed {
            last = Instant::now();
        }
        if !of_use {
            return;
        }
    }
}
