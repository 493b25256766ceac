//! The thread that answers, and whose life the program in the kernel watches.

use std::net::SocketAddr;
use std::os::fd::AsFd as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use blacklist_common::outcome::Outcome;
use blacklist_common::rule::ReasonClass;
use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::socket::AddressFamily;

use super::socket::{Datagram, Socket};
use super::{AnswerFigures, Answering, Table, ports};
use crate::answer::{Reply, Request, Unreadable};
use crate::daemon::core::Shared;
use crate::kernel::Heart;
use crate::rules::RejectStatus;

/// The longest wait for datagrams, and so between two signs of life.
const WAIT_MILLISECONDS: u16 = 250;
/// Datagrams that are taken from one socket before the next one.
const TURN: usize = 256;
/// The largest datagram.
const LARGEST: usize = 65_536;
/// Between two tries to bind.
const RETRY: Duration = Duration::from_secs(2);
/// What problems are noted under.
const SUBJECT: &str = "answers";

/// Why a message gets no answer.
#[derive(Clone, Copy, Debug)]
enum Silence {
    /// It needs none.
    Absorbed,
    /// No rule refuses the call.
    Undecided,
    /// It lacks what an answer needs.
    Unreadable,
    /// There were too many this second.
    Overload,
}

impl From<Unreadable> for Silence {
    fn from(why: Unreadable) -> Self {
        match why {
            Unreadable::Response => Self::Absorbed,
            Unreadable::NotSip | Unreadable::Header(_) => Self::Unreadable,
        }
    }
}

impl Silence {
    const fn count(self, figures: &mut AnswerFigures) {
        let place = match self {
            Self::Absorbed => &mut figures.absorbed,
            Self::Undecided => &mut figures.undecided,
            Self::Unreadable => &mut figures.unreadable,
            Self::Overload => &mut figures.overload,
        };
        *place += 1;
    }
}

/// Ends the thread.
pub(in crate::daemon) struct Answerer {
    end: Arc<AtomicBool>,
    thread: JoinHandle<()>,
}

impl Answerer {
    /// Tells the kernel that nobody answers any more, and ends.
    pub(in crate::daemon) fn end(self) {
        self.end.store(true, Ordering::Relaxed);
        if self.thread.join().is_err() {
            tracing::error!("the thread that answers calls had died");
        }
    }

    /// Whether it has died.
    pub(in crate::daemon) fn is_dead(&self) -> bool {
        self.thread.is_finished()
    }
}

/// Starts the thread.
pub(in crate::daemon) fn start(shared: &Shared) -> anyhow::Result<Answerer> {
    let heart = shared.lock().kernel.take_heart();
    let heart = heart.context("calls are answered already")?;
    let end = Arc::new(AtomicBool::new(false));
    let told = end.clone();
    let mut turn = Turn {
        shared: shared.clone(),
        table: shared.answering().table(),
        heart,
        sockets: Vec::new(),
        tried: None,
        second: Instant::now(),
        answered: 0,
    };
    let thread = std::thread::Builder::new()
        .name("answering".to_owned())
        .spawn(move || turn.run(&told))
        .context("cannot start the thread that answers calls")?;
    Ok(Answerer { end, thread })
}

/// What becomes of a request that came here.
enum Fate {
    /// It belongs to a dialog, and there is none.
    InDialog,
    /// A rule refuses the call with this Call-ID's hash, so, and for this reason.
    Refused(u64, RejectStatus, ReasonClass),
}

struct Turn {
    shared: Shared,
    table: Arc<Table>,
    heart: Heart,
    sockets: Vec<Socket>,
    /// When binding failed last.
    tried: Option<Instant>,
    /// When the second began in which answers are counted.
    second: Instant,
    answered: u32,
}

impl Turn {
    fn answering(&self) -> &Answering {
        self.shared.answering()
    }

    fn run(&mut self, end: &AtomicBool) {
        let mut buffer = vec![0; LARGEST];
        while !end.load(Ordering::Relaxed) {
            self.follow_configuration();
            if self.sockets.is_empty() {
                std::thread::sleep(Duration::from_millis(u64::from(WAIT_MILLISECONDS)));
                continue;
            }
            if let Err(error) = self.heart.beat() {
                tracing::error!("{error}");
            }
            self.turn(&mut buffer);
        }
        if let Err(error) = self.heart.stop() {
            tracing::error!("{error}");
        }
    }

    /// Binds the ports of the configuration, again if it is another one.
    fn follow_configuration(&mut self) {
        let table = self.answering().table();
        if !Arc::ptr_eq(&table, &self.table) {
            let (old, new) = (&self.table.configuration, &table.configuration);
            if ports(old) != ports(new) || old.answering != new.answering {
                self.sockets.clear();
                self.tried = None;
                if !new.answering.enabled
                    && let Err(error) = self.heart.stop()
                {
                    tracing::error!("{error}");
                }
            }
            self.table = table;
        }
        let due = self.tried.is_none_or(|tried| tried.elapsed() >= RETRY);
        if !self.sockets.is_empty() || !self.table.configuration.answering.enabled || !due {
            return;
        }
        let problem = match bind(&self.table) {
            Ok(sockets) => {
                self.sockets = sockets;
                None
            }
            Err((port, error)) => Some(format!(
                "UDP port {port} cannot be listened on ({}): calls whose rule asks for an answer are not answered; free it, or set another port in [answering]",
                error.desc()
            )),
        };
        self.tried = Some(Instant::now());
        self.shared.lock().note(SUBJECT, problem);
    }

    /// Waits for datagrams and answers them.
    fn turn(&mut self, buffer: &mut [u8]) {
        let mut waited: Vec<PollFd<'_>> = self
            .sockets
            .iter()
            .map(|socket| PollFd::new(socket.as_fd(), PollFlags::POLLIN))
            .collect();
        // A signal or an error is no datagram; the next turn looks anyhow.
        let _ = poll(&mut waited, PollTimeout::from(WAIT_MILLISECONDS));
        let ready: Vec<usize> = waited
            .iter()
            .enumerate()
            .filter(|(_, socket)| socket.any().unwrap_or(true))
            .map(|(index, _)| index)
            .collect();
        for index in ready {
            for _ in 0..TURN {
                if !self.take(index, buffer) {
                    break;
                }
            }
        }
    }

    /// Takes and answers one datagram. False if none waits.
    fn take(&mut self, index: usize, buffer: &mut [u8]) -> bool {
        let received = match self.sockets.get(index) {
            Some(socket) => socket.receive(buffer),
            None => return false,
        };
        let datagram = match received {
            Ok(Some(datagram)) => datagram,
            Ok(None) => return false,
            // An ICMP error for an earlier answer.
            Err(_) => return true,
        };
        let text = buffer.get(..datagram.length).unwrap_or_default();
        match self.answer(text, datagram.source) {
            Ok(reply) => self.send(index, &reply, &datagram),
            Err(silence) => silence.count(&mut self.answering().count()),
        }
        true
    }

    fn send(&self, index: usize, reply: &Reply, datagram: &Datagram) {
        let Some(socket) = self.sockets.get(index) else {
            return;
        };
        let sent = socket.send(&reply.text, reply.to, datagram);
        let mut figures = self.answering().count();
        match sent {
            Ok(()) => *figures.sent.entry(reply.status).or_default() += 1,
            Err(error) => {
                figures.failed += 1;
                tracing::debug!("an answer was not sent: {error}");
            }
        }
    }

    /// What a message is answered with, or why with nothing.
    fn answer(&mut self, text: &[u8], source: SocketAddr) -> Result<Reply, Silence> {
        let request = Request::read(text)?;
        let table = self.table.clone();
        let (trunk, named) = table.configuration.trunk_of(source.ip());
        let believed = named.is_some();
        let fate = match request.method.as_slice() {
            // The one is the end of it, and the other too late: both get nothing (RFC 3261, 8.2.7).
            b"ACK" | b"CANCEL" => return Err(Silence::Absorbed),
            b"INVITE" => self.judge(text, trunk).ok_or(Silence::Undecided)?,
            _ => Fate::InDialog,
        };
        self.take_room()?;
        let responder = &table.responder;
        let Fate::Refused(fingerprint, status, reason) = fate else {
            return Ok(responder.unknown(&request, source, believed)?);
        };
        let reply = responder.reject(&request, source, believed, status, reason)?;
        self.shared.journal().note_answer(fingerprint, reply.status);
        Ok(reply)
    }

    /// Counts an answer, if there may be one more this second.
    fn take_room(&mut self) -> Result<(), Silence> {
        if self.second.elapsed() >= Duration::from_secs(1) {
            self.second = Instant::now();
            self.answered = 0;
        }
        if self.answered >= self.table.configuration.answering.maximum_per_second {
            return Err(Silence::Overload);
        }
        self.answered += 1;
        Ok(())
    }

    /// What the rules in force say of an INVITE. None if they do not refuse it, also while others
    /// are being put in force: the caller repeats it.
    fn judge(&self, text: &[u8], trunk: u16) -> Option<Fate> {
        let entry = self.table.trunks.get(usize::from(trunk))?;
        let rules = self.shared.try_rules()?;
        let judged = rules.judge(text, entry, self.table.flags);
        match judged.judgement.outcome {
            Outcome::InDialog => Some(Fate::InDialog),
            Outcome::Steered => Some(Fate::Refused(
                judged.fingerprint,
                rules.reject_status(judged.decided_by?)?,
                judged.judgement.rule.reason(),
            )),
            _ => None,
        }
    }
}

/// Binds all ports.
fn bind(table: &Table) -> Result<Vec<Socket>, (u16, Errno)> {
    let mut sockets = Vec::new();
    let mark = table.configuration.answering.mark;
    for (_, port) in ports(&table.configuration) {
        for family in [AddressFamily::Inet, AddressFamily::Inet6] {
            match Socket::bind(family, port, mark) {
                Ok(socket) => sockets.push(socket),
                // A host without IPv6.
                Err(Errno::EAFNOSUPPORT) if family == AddressFamily::Inet6 => {}
                Err(error) => return Err((port, error)),
            }
        }
    }
    Ok(sockets)
}
