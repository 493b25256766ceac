//! The thread that answers, and whose life the program in the kernel watches.

use std::os::fd::AsFd as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use blacklist_common::outcome::Outcome;
use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::socket::AddressFamily;

use super::socket::{Datagram, Socket};
use super::{AnswerFigures, Answering, Table, ports};
use crate::answer::{Reply, Request, Unreadable};
use crate::daemon::core::Shared;
use crate::kernel::Heart;
use crate::rules::{Judged, RejectStatus};

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
        buffer: vec![0; LARGEST],
        second: Instant::now(),
        answered: 0,
    };
    let thread = std::thread::Builder::new()
        .name("answering".to_owned())
        .spawn(move || turn.run(&told))
        .context("cannot start the thread that answers calls")?;
    Ok(Answerer { end, thread })
}

struct Turn {
    shared: Shared,
    table: Arc<Table>,
    heart: Heart,
    sockets: Vec<Socket>,
    /// When binding failed last.
    tried: Option<Instant>,
    buffer: Vec<u8>,
    /// When the second began in which answers are counted.
    second: Instant,
    answered: u32,
}

impl Turn {
    fn answering(&self) -> &Answering {
        self.shared.answering()
    }

    fn run(&mut self, end: &AtomicBool) {
        while !end.load(Ordering::Relaxed) {
            self.follow_configuration();
            if self.sockets.is_empty() {
                std::thread::sleep(Duration::from_millis(u64::from(WAIT_MILLISECONDS)));
                continue;
            }
            if let Err(error) = self.heart.beat() {
                tracing::error!("{error}");
            }
            self.turn();
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
    fn turn(&mut self) {
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
                if !self.take(index) {
                    break;
                }
            }
        }
    }

    /// Takes and answers one datagram. False if none waits.
    fn take(&mut self, index: usize) -> bool {
        let Some(socket) = self.sockets.get(index) else {
            return false;
        };
        let datagram = match socket.receive(&mut self.buffer) {
            Ok(Some(datagram)) => datagram,
            Ok(None) => return false,
            // An ICMP error for an earlier answer.
            Err(_) => return true,
        };
        let text = self.buffer.get(..datagram.length).unwrap_or_default();
        let reply = match self.answer(text, &datagram) {
            Ok(reply) => reply,
            Err(silence) => {
                silence.count(&mut self.answering().count());
                return true;
            }
        };
        match socket.send(&reply.text, reply.to, &datagram) {
            Ok(()) => {
                let mut figures = self.answering().count();
                *figures.sent.entry(reply.status).or_default() += 1;
            }
            Err(error) => {
                self.answering().count().failed += 1;
                tracing::debug!("an answer was not sent: {error}");
            }
        }
        if self.second.elapsed() >= Duration::from_secs(1) {
            self.second = Instant::now();
            self.answered = 0;
        }
        self.answered = self.answered.saturating_add(1);
        true
    }

    /// What a datagram is answered with, or why with nothing.
    fn answer(&self, text: &[u8], datagram: &Datagram) -> Result<Reply, Silence> {
        let source = datagram.source;
        let request = Request::read(text)?;
        let (trunk, named) = self.table.configuration.trunk_of(source.ip());
        let believed = named.is_some();
        let responder = &self.table.responder;
        match request.method.as_slice() {
            // The one is the end of it, and the other too late: both get nothing (RFC 3261, 8.2.7).
            b"ACK" | b"CANCEL" => Err(Silence::Absorbed),
            b"INVITE" if !request.has_dialog() => {
                let (judged, status) = self.judge(text, trunk).ok_or(Silence::Undecided)?;
                self.require_room()?;
                let reason = judged.judgement.rule.reason();
                let reply = responder.reject(&request, source, believed, status, reason)?;
                let journal = self.shared.journal();
                journal.note_answer(judged.fingerprint, reply.status);
                Ok(reply)
            }
            _ => {
                self.require_room()?;
                Ok(responder.unknown(&request, source, believed)?)
            }
        }
    }

    fn require_room(&self) -> Result<(), Silence> {
        let most = self.table.configuration.answering.maximum_per_second;
        if self.second.elapsed() < Duration::from_secs(1) && self.answered >= most {
            return Err(Silence::Overload);
        }
        Ok(())
    }

    /// Whether the rules in force refuse a call, and how. None also while others are being put in
    /// force: the caller repeats its INVITE.
    fn judge(&self, text: &[u8], trunk: u16) -> Option<(Judged, RejectStatus)> {
        let entry = self.table.trunks.get(usize::from(trunk))?;
        let rules = self.shared.try_rules()?;
        let judged = rules.judge(text, entry, self.table.flags);
        if judged.judgement.outcome != Outcome::Steered {
            return None;
        }
        Some((judged, rules.reject_status(judged.decided_by?)?))
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
