//! The way to the daemon and back: which port calls are sent to that it answers, and from which its
//! answers leave.

use std::collections::BTreeMap;

use aya::Ebpf;
use aya::maps::MapError;
use aya::programs::LinkOrder;
use aya::programs::SchedClassifier;
use aya::programs::tc::{
    NlOptions, SchedClassifierLink, TcAttachOptions, TcAttachType, TcError, qdisc_add_clsact,
    qdisc_detach_program,
};
use blacklist_common::object::{map, program};
use blacklist_common::rule::Action;
use blacklist_common::tables::{
    MAXIMUM_ANSWER_PORTS, ReplyPort, SETTING_ANSWERS, TIME_DAEMON, TIME_STEERED, setting_answers,
};
use blacklist_model::words;

use super::maps::{Array, Hash};
use super::object::chain;
use super::preconditions::{is_older, release};
use super::side::Side;
use super::{Kernel, KernelError, interface};
use blacklist_system::clock;

/// The first Linux that attaches programs without a queueing discipline.
const TCX_SINCE: (u32, u32) = (6, 6);
/// The program on the way out.
const PROGRAM: &str = program::REPLIES;

words! {
    /// Where programs on the way out are attached.
    pub enum ReplyHook default Auto {
        /// The newer one where the kernel has it (Linux 6.6).
        Auto = "auto",
        /// Without a queueing discipline.
        Tcx = "tcx",
        /// At the queueing discipline `clsact`.
        Clsact = "clsact",
    }
}

impl ReplyHook {
    /// What `Auto` is here.
    fn here(self) -> Result<Self, KernelError> {
        Ok(match self {
            Self::Auto if is_older(&release()?, TCX_SINCE) => Self::Clsact,
            Self::Auto => Self::Tcx,
            named => named,
        })
    }
}

/// An interface that answers leave by.
struct ReplyLink {
    /// Its index when the program was attached.
    index: u32,
    hook: ReplyHook,
    /// Ends with it; none in memory.
    _link: Option<SchedClassifierLink>,
}

/// The tables of the way to the daemon.
pub(super) struct Steering {
    answer_ports: Hash<u32, u32>,
    reply_ports: Hash<u32, ReplyPort>,
    heart: Option<Heartbeat>,
    /// By interface.
    reply_links: BTreeMap<String, ReplyLink>,
}

fn table(error: &MapError) -> KernelError {
    KernelError::failed("using the kernel's tables of answers", chain(error))
}

impl Steering {
    pub(super) fn open(side: &mut Side) -> Result<Self, KernelError> {
        Ok(Self {
            answer_ports: side.table(map::ANSWER_PORTS)?,
            reply_ports: side.table(map::REPLY_PORTS)?,
            heart: Some(Heartbeat {
                times: side.table(map::TIMES)?,
                steered: side.table(map::STEERED)?,
            }),
            reply_links: BTreeMap::new(),
        })
    }

    /// New ports first, then those that are no more: none is without an answer in between.
    fn set_ports(&mut self, ports: &[(u16, u16)], mark: u32) -> Result<(), MapError> {
        let ports = ports.get(..MAXIMUM_ANSWER_PORTS as usize).unwrap_or(ports);
        for (judged, answers) in ports {
            let reply = ReplyPort {
                port: u32::from(*judged),
                mark,
            };
            let (judged, answers) = (u32::from(*judged), u32::from(*answers));
            self.reply_ports.set(&answers, reply, 0)?;
            self.answer_ports.set(&judged, answers, 0)?;
        }
        for (port, _) in self.answer_ports.entries()? {
            if !ports.iter().any(|(judged, _)| u32::from(*judged) == port) {
                self.answer_ports.remove(&port)?;
            }
        }
        for (port, _) in self.reply_ports.entries()? {
            if !ports.iter().any(|(_, answers)| u32::from(*answers) == port) {
                self.reply_ports.remove(&port)?;
            }
        }
        Ok(())
    }
}

/// Changes an entry that is there, and makes none (`BPF_EXIST`).
const EXISTING: u64 = 2;

/// Tells the program that the daemon is there, and which calls are on the line.
pub struct Heartbeat {
    times: Array<u64>,
    /// Calls that are sent to the daemon, and when they were last heard of.
    steered: Hash<u64, u64>,
}

impl Heartbeat {
    /// Whether what belongs to a call, known by the hash of its Call-ID, is sent to the daemon. It
    /// is not where another call of the same Call-ID went through.
    pub fn follows(&self, fingerprint: u64) -> bool {
        self.steered.get(&fingerprint).is_ok()
    }

    /// What belongs to these calls is sent to the daemon for another while, where it is so far.
    ///
    /// # Errors
    /// A system call that fails.
    pub fn keep(&mut self, fingerprints: &[u64]) -> Result<(), KernelError> {
        let now = clock::monotonic();
        for fingerprint in fingerprints {
            match self.steered.set(fingerprint, now, EXISTING) {
                // Not followed, or pushed out by others.
                Ok(()) | Err(MapError::SyscallError(_)) => {}
                Err(error) => return Err(table(&error)),
            }
        }
        if !fingerprints.is_empty() {
            self.times
                .set(&TIME_STEERED, now, 0)
                .map_err(|error| table(&error))?;
        }
        Ok(())
    }

    /// It is, now.
    ///
    /// # Errors
    /// A system call that fails.
    pub fn beat(&mut self) -> Result<(), KernelError> {
        self.times
            .set(&TIME_DAEMON, clock::monotonic(), 0)
            .map_err(|error| table(&error))
    }

    /// It is not, from now on.
    ///
    /// # Errors
    /// A system call that fails.
    pub fn stop(&mut self) -> Result<(), KernelError> {
        self.times
            .set(&TIME_DAEMON, 0, 0)
            .map_err(|error| table(&error))
    }
}

impl Kernel {
    /// Says to which port of the daemon calls of each judged port are sent, with which mark the
    /// daemon's answers leave, and calls of which actions it answers. Nothing is sent before
    /// [`Heartbeat::beat`].
    ///
    /// # Errors
    /// A system call that fails.
    pub fn set_answers(
        &mut self,
        ports: &[(u16, u16)],
        mark: u32,
        actions: &[Action],
    ) -> Result<(), KernelError> {
        self.steering
            .set_ports(ports, mark)
            .map_err(|error| table(&error))?;
        let mut settings = self.in_force;
        settings.flags &= !SETTING_ANSWERS;
        for action in actions {
            settings.flags |= setting_answers(*action);
        }
        self.write_settings(settings)
    }

    /// The daemon's sign of life, for whoever answers; once.
    pub fn take_heart(&mut self) -> Option<Heartbeat> {
        self.steering.heart.take()
    }

    /// Attaches the program on the way out to an interface, for as long as this daemon lives.
    /// Again, if the interface is another one of the same name, or the hook another one.
    ///
    /// # Errors
    /// No such interface, or the kernel refuses.
    pub fn attach_replies(&mut self, name: &str, hook: ReplyHook) -> Result<(), KernelError> {
        let index = interface::index(name)?;
        let hook = hook.here()?;
        let before = self.steering.reply_links.get(name);
        if before.is_some_and(|way| (way.index, way.hook) == (index, hook)) {
            return Ok(());
        }
        self.steering.reply_links.remove(name);
        let link = match &mut self.side {
            Side::Kernel(loaded) => Some(attach_replies(&mut loaded.ebpf, name, hook)?),
            Side::Memory(_) => None,
        };
        let way = ReplyLink {
            index,
            hook,
            _link: link,
        };
        self.steering.reply_links.insert(name.to_owned(), way);
        Ok(())
    }

    /// Where answers that leave by an interface get their port; none if they do not leave by it.
    pub fn reply_hook(&self, name: &str) -> Option<ReplyHook> {
        self.steering.reply_links.get(name).map(|way| way.hook)
    }

    /// Takes the programs on the way out off their interfaces.
    pub fn detach_replies(&mut self) {
        self.steering.reply_links.clear();
    }
}

fn attach_replies(
    ebpf: &mut Ebpf,
    name: &str,
    hook: ReplyHook,
) -> Result<SchedClassifierLink, KernelError> {
    let fail = |error: &dyn std::error::Error| {
        KernelError::failed(
            format!("attaching the program for answers to interface {name}"),
            chain(error),
        )
    };
    let program: &mut SchedClassifier = ebpf
        .program_mut(PROGRAM)
        .ok_or_else(|| KernelError::failed("looking for a program", format!("no {PROGRAM}")))?
        .try_into()
        .map_err(|error: aya::programs::ProgramError| fail(&error))?;
    let options = if hook == ReplyHook::Clsact {
        clsact(name).map_err(|error| fail(&error))?;
        TcAttachOptions::Netlink(NlOptions::default())
    } else {
        TcAttachOptions::TcxOrder(LinkOrder::default())
    };
    let id = program
        .attach_with_options(name, TcAttachType::Egress, options)
        .map_err(|error| fail(&error))?;
    program.take_link(id).map_err(|error| fail(&error))
}

/// Makes the queueing discipline, and removes what a daemon that was killed left there: unlike a
/// link it outlives its maker.
fn clsact(name: &str) -> Result<(), TcError> {
    match qdisc_add_clsact(name) {
        Ok(()) => return Ok(()),
        Err(TcError::NetlinkError(error)) if error.raw_os_error() == Some(nix::libc::EEXIST) => {}
        Err(error) => return Err(error),
    }
    // There may be none.
    let _ = qdisc_detach_program(name, TcAttachType::Egress, PROGRAM);
    Ok(())
}
