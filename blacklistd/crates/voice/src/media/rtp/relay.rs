//! Two streams of one call, each side's packets passed on to the other: as they came, but for the
//! numbers of their payload types.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio::time::Instant;

use super::ports::Port;
use super::settings::SessionSettings;
use super::source::Source;

/// Bytes that are passed on of a datagram at most; a longer one is thrown away.
const LARGEST_DATAGRAM: usize = 1500;
/// Packets of one side in a second at most: twenty times what telephone audio needs.
const MOST_PER_SECOND: u32 = 1000;
/// Time in which neither side sends anything after which both are taken to be gone. On hold some
/// phones send nothing for long.
const IDLE: Duration = Duration::from_secs(300);
/// Errors of a socket, one behind the other, after which it is of no use.
const MOST_ERRORS: u32 = 100;
/// Commands that may wait.
const WAITING: usize = 16;

/// One of the two sides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// Who called.
    Caller,
    /// Who was called.
    Called,
}

/// Passes packets on until it is dropped.
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
    /// Begins; has to be called within a runtime.
    pub fn start(caller: (Port, SessionSettings), called: (Port, SessionSettings)) -> Self {
        let (commands, receiver) = mpsc::channel(WAITING);
        let task = tokio::spawn(run(End::new(caller), End::new(called), receiver));
        Self { commands, task }
    }

    /// Goes on with another description of one side.
    pub fn renegotiate(&self, side: Side, settings: SessionSettings) {
        // Above what may wait the description before stays in force.
        let _ = self.commands.try_send((side, settings));
    }

    /// Waits until there is nothing to pass on any more.
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

    /// Whether the socket is of use still.
    const fn count_error(&mut self, received: &io::Result<(usize, SocketAddr)>) -> bool {
        match received {
            Ok(_) => self.errors = 0,
            Err(_) => self.errors += 1,
        }
        self.errors < MOST_ERRORS
    }

    /// Passes on what this side has sent. False if it is not passed on.
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
        // A packet that cannot be sent is lost, as one on the way is.
        let _ = other.port.socket().try_send_to(packet, to);
        true
    }
}

/// What a payload type is called on the other side.
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
