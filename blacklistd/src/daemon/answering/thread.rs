//! The thread that answers, and whose heartbeat the program in the kernel watches.

use std::net::SocketAddr;
use std::os::fd::AsFd as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use anyhow::Context as _;
use blacklist_common::outcome::Outcome;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use tokio::runtime::Handle;

use super::Answering;
use super::planning::{self, Fate, Refused};
use super::services::HostServices;
use super::silence::Silence;
use super::sockets::{self, Bound};
use crate::daemon::settings::ActiveConfiguration;
use blacklist_kernel::Heartbeat;
use blacklist_model::RejectStatus;
use blacklist_sip::answer::{Reply, Request, call_id_of};
use blacklist_sip::companion::source_of;
use blacklist_system::{Moment, datagrams::Datagram, spawn};
use blacklist_voice::host::{Delivery, Host, NotAccepted, Onward, Treatment};

/// The longest wait for datagrams, and so between two signs of life.
const WAIT_MILLISECONDS: u16 = 250;
/// Datagrams that are read from one socket before the next one.
const READ_AT_ONCE: usize = 256;
/// The largest datagram.
const LARGEST: usize = 65_536;
/// Between two tries to bind.
const RETRY: Duration = Duration::from_secs(2);
/// How often calls on the line are looked at.
const LOOK: Duration = Duration::from_secs(1);
/// How often the kernel learns which calls are on the line: well within the time for which it
/// knows a call of which nothing is heard.
const KEEP: Duration = Duration::from_secs(16);
/// Seconds after which a call may be tried again for which there is no room now.
const TRY_AGAIN_AFTER: u32 = 30;
/// What problems are noted under.
const SUBJECT: &str = "answers";

/// Ends the thread.
pub(crate) struct AnswererHandle {
    end: Arc<AtomicBool>,
    thread: JoinHandle<()>,
}

impl AnswererHandle {
    /// Lets the thread report to the kernel that nobody answers any more, and end.
    pub(crate) fn end(self) {
        self.end.store(true, Ordering::Relaxed);
        if self.thread.join().is_err() {
            tracing::error!("the thread that answers calls had died");
        }
    }

    /// Whether it has died.
    pub(crate) fn is_dead(&self) -> bool {
        self.thread.is_finished()
    }
}

impl Answering {
    /// Starts the thread and the media host; has to be called within a runtime.
    pub(crate) fn start(self: &Arc<Self>, heart: Heartbeat) -> anyhow::Result<AnswererHandle> {
        let end = Arc::new(AtomicBool::new(false));
        let is_ending = end.clone();
        let mut answerer = Answerer::new(self.clone(), heart);
        let thread = spawn("answering", move || answerer.run(&is_ending))
            .context("cannot start the thread that answers calls")?;
        Ok(AnswererHandle { end, thread })
    }
}

/// What becomes of a request that no call on the line has.
enum Verdict {
    /// It belongs to a dialog, and there is none.
    InDialog,
    /// A rule refuses the call.
    Refused(Box<Refused>),
}

/// What the thread has in hand.
struct Answerer {
    answering: Arc<Answering>,
    configuration: Arc<ActiveConfiguration>,
    host: Host,
    heart: Heartbeat,
    bound: Vec<Bound>,
    /// When binding failed last.
    tried: Option<Moment>,
    /// When the second began in which answers are counted.
    second: Moment,
    answered: u32,
    /// When calls on the line were looked at last, and when they were reported to the kernel.
    looked: Moment,
    kept: Moment,
    prompts_read: bool,
}

impl Answerer {
    fn new(answering: Arc<Answering>, heart: Heartbeat) -> Self {
        let configuration = answering.settings.active();
        let services = Arc::new(HostServices(answering.clone()));
        let settings = configuration.answering.host.clone();
        let host = Host::new(Handle::current(), services, settings);
        // There is one thread that sets it.
        let _ = answering.host.set(host.clone());
        Self {
            answering,
            configuration,
            host,
            heart,
            bound: Vec::new(),
            tried: None,
            second: Moment::now(),
            answered: 0,
            looked: Moment::now(),
            kept: Moment::now(),
            prompts_read: false,
        }
    }

    fn run(&mut self, end: &AtomicBool) {
        let mut buffer = vec![0; LARGEST];
        while !end.load(Ordering::Relaxed) {
            self.follow_configuration();
            self.read_prompts();
            if self.bound.is_empty() {
                std::thread::sleep(Duration::from_millis(u64::from(WAIT_MILLISECONDS)));
                continue;
            }
            if let Err(error) = self.heart.beat() {
                tracing::error!("{error}");
            }
            self.keep_calls();
            self.answer_waiting(&mut buffer);
        }
        self.host.hang_up_all();
        if let Err(error) = self.heart.stop() {
            tracing::error!("{error}");
        }
    }

    /// Forgets calls that are over, and reports to the kernel which are on the line: nothing may be sent
    /// in them for long.
    fn keep_calls(&mut self) {
        if self.looked.elapsed() < LOOK {
            return;
        }
        self.looked = Moment::now();
        let on_line = self.host.prune();
        if self.kept.elapsed() >= KEEP {
            self.kept = Moment::now();
            if let Err(error) = self.heart.keep(&on_line) {
                tracing::error!("{error}");
            }
        }
    }

    /// Reads all prompts, so that a mistake in one is reported before a call needs it.
    fn read_prompts(&mut self) {
        if self.prompts_read {
            return;
        }
        self.prompts_read = true;
        let settings = self.host.settings();
        let problem = self.host.prompts().check(settings.language).err();
        let problem =
            problem.map(|error| format!("{error}: calls that need it are refused with a status"));
        self.answering.problems.note("prompts", problem);
    }

    /// Binds the ports of the configuration, again if it is another one.
    fn follow_configuration(&mut self) {
        let new = self.answering.settings.active();
        if !Arc::ptr_eq(&new, &self.configuration) {
            let old = &self.configuration;
            if sockets_of(old) != sockets_of(&new) {
                self.unbind();
                if !new.answering.enabled
                    && let Err(error) = self.heart.stop()
                {
                    tracing::error!("{error}");
                }
            }
            self.host.configure(new.answering.host.clone());
            self.prompts_read = false;
            self.configuration = new;
        }
        let due = self.tried.is_none_or(|tried| tried.elapsed() >= RETRY);
        if !self.bound.is_empty() || !self.configuration.answering.enabled || !due {
            return;
        }
        let problem = match sockets::bind(&self.configuration) {
            Ok(bound) => {
                self.answering.open.set(&bound);
                self.bound = bound;
                None
            }
            Err((port, error)) => Some(format!(
                "UDP port {port} cannot be listened on ({}): calls whose rule asks for an answer are not answered; free it, or set another port in [answering]",
                error.desc()
            )),
        };
        self.tried = Some(Moment::now());
        self.answering.problems.note(SUBJECT, problem);
    }

    fn unbind(&mut self) {
        self.host.hang_up_all();
        self.answering.open.set(&[]);
        self.bound.clear();
        self.tried = None;
    }

    /// Waits for datagrams and answers them.
    fn answer_waiting(&mut self, buffer: &mut [u8]) {
        let mut waited: Vec<PollFd<'_>> = self
            .bound
            .iter()
            .map(|bound| PollFd::new(bound.socket.as_fd(), PollFlags::POLLIN))
            .collect();
        // A signal or an error is no datagram; the next round looks anyhow.
        let _ = poll(&mut waited, PollTimeout::from(WAIT_MILLISECONDS));
        let ready: Vec<Bound> = waited
            .iter()
            .zip(&self.bound)
            .filter(|(socket, _)| socket.any().unwrap_or(true))
            .map(|(_, bound)| bound.clone())
            .collect();
        for bound in ready {
            for _ in 0..READ_AT_ONCE {
                if !self.answer_one(&bound, buffer) {
                    break;
                }
            }
        }
    }

    /// Reads and answers one datagram. False if none waits.
    fn answer_one(&mut self, bound: &Bound, buffer: &mut [u8]) -> bool {
        let datagram = match bound.socket.receive(buffer) {
            Ok(Some(datagram)) => datagram,
            Ok(None) => return false,
            // An ICMP error for an earlier answer.
            Err(_) => return true,
        };
        let text = buffer.get(..datagram.length).unwrap_or_default();
        match self.answer(text, bound, &datagram) {
            Ok(Some(reply)) => self.send(bound, &reply, &datagram),
            Ok(None) => {}
            Err(silence) => silence.count(&mut self.answering.count()),
        }
        true
    }

    fn send(&self, bound: &Bound, reply: &Reply, datagram: &Datagram) {
        let sent = bound.socket.send(&reply.text, reply.to, datagram.local);
        let mut figures = self.answering.count();
        match sent {
            Ok(()) => *figures.sent.entry(reply.status).or_default() += 1,
            Err(error) => {
                figures.failed += 1;
                tracing::debug!("an answer was not sent: {error}");
            }
        }
    }

    /// What a message is answered with here, or why with nothing. None if it went to a call on the
    /// line.
    fn answer(
        &mut self,
        text: &[u8],
        bound: &Bound,
        datagram: &Datagram,
    ) -> Result<Option<Reply>, Silence> {
        let source = datagram.source;
        let request = match Request::read(text) {
            Ok(request) => request,
            Err(why) => {
                let call_id = call_id_of(text).unwrap_or_default();
                let is_delivered = self.deliver(text, &call_id, None, source)?;
                return if is_delivered {
                    Ok(None)
                } else {
                    Err(why.into())
                };
            }
        };
        let begins = request.method == b"INVITE" && !request.is_in_dialog();
        let branch = begins.then(|| request.branch());
        if self.deliver(text, &request.call_id, branch.as_deref(), source)? {
            return Ok(None);
        }
        let configuration = self.configuration.clone();
        let (trunk, believed) = if !bound.is_leg {
            let (trunk, named) = configuration.trunk_of(source.ip());
            (trunk, named.is_some())
        } else if self.may_send_here(datagram) {
            (configuration.trunk_for(source_of(text), source), true)
        } else {
            return Err(Silence::Absorbed);
        };
        let verdict = match request.method.as_slice() {
            // The one is the end of it, and the other too late: both get nothing (RFC 3261, 8.2.7).
            b"ACK" | b"CANCEL" => return Err(Silence::Absorbed),
            b"INVITE" => self.judge(text, trunk).ok_or(Silence::Undecided)?,
            _ => Verdict::InDialog,
        };
        self.count_answer()?;
        let Verdict::Refused(refused) = verdict else {
            let reply = configuration
                .responder
                .unknown(&request, source, believed)?;
            return Ok(Some(reply));
        };
        let local = datagram
            .local
            .map(|address| SocketAddr::new(address, bound.port));
        let caller = Caller {
            source,
            local,
            believed,
            is_sent: bound.is_leg,
        };
        self.refuse(text, &request, &refused, caller)
    }

    /// Whether a proxy that may ask has sent a call to the media host.
    fn may_send_here(&self, datagram: &Datagram) -> bool {
        let companion = &self.configuration.companion;
        let is_here = companion.media_host.is_some() && companion.media_host == datagram.local;
        is_here && companion.allows(datagram.source.ip())
    }

    /// Hands a message to the call on the line that it belongs to. False if there is none.
    fn deliver(
        &self,
        text: &[u8],
        call_id: &[u8],
        branch: Option<&[u8]>,
        source: SocketAddr,
    ) -> Result<bool, Silence> {
        let call_id = std::str::from_utf8(call_id).unwrap_or_default();
        // One that is no text belongs to no call on the line.
        let branch = branch.map(|branch| std::str::from_utf8(branch).unwrap_or("\0"));
        match self.host.deliver(text, (call_id, branch), source) {
            Delivery::NotOurs => Ok(false),
            Delivery::Delivered => Ok(true),
            Delivery::Flooded => Err(Silence::Overload),
        }
    }

    /// Gives a call to the media host, or what answers it here.
    fn refuse(
        &self,
        text: &[u8],
        request: &Request,
        refused: &Refused,
        caller: Caller,
    ) -> Result<Option<Reply>, Silence> {
        let Caller {
            source, believed, ..
        } = caller;
        let responder = &self.configuration.responder;
        let by_status = |status| {
            let reason = refused.reason();
            responder.reject(request, source, believed, status, reason)
        };
        let reply = match planning::fate(refused, &self.host) {
            Fate::Status(status) => by_status(status)?,
            Fate::Moved(target) => {
                let headers = planning::headers(refused, request);
                let contacts = target.addresses.iter().map(ToString::to_string);
                let contacts: Vec<String> = contacts.collect();
                responder.moved(request, source, believed, &contacts, &headers)?
            }
            // The library would ignore what the request requires.
            Fate::Host(_) if !request.requires.is_empty() => {
                responder.not_supported(request, source, believed)?
            }
            Fate::Host(treatment) if self.has_all_of(refused, caller) => {
                let may_go_on = matches!(treatment, Treatment::Pin | Treatment::Redirect(_));
                match self.host_takes(text, request, refused, treatment, caller) {
                    Ok(()) => return Ok(None),
                    Err(NotAccepted::Full) if may_go_on => {
                        responder.busy(request, source, believed, TRY_AGAIN_AFTER)?
                    }
                    Err(why) => {
                        tracing::debug!("a call is refused instead: {why:?}");
                        by_status(RejectStatus::ByReason)?
                    }
                }
            }
            Fate::Host(_) => by_status(RejectStatus::ByReason)?,
        };
        self.answering
            .journal
            .note_answer(refused.judged.fingerprint, reply.status);
        Ok(Some(reply))
    }

    /// Whether everything that belongs to a call comes here.
    fn has_all_of(&self, refused: &Refused, caller: Caller) -> bool {
        caller.is_sent || self.heart.follows(refused.judged.fingerprint)
    }

    /// Gives a call to the media host.
    fn host_takes(
        &self,
        text: &[u8],
        request: &Request,
        refused: &Refused,
        treatment: Treatment,
        caller: Caller,
    ) -> Result<(), NotAccepted> {
        // Without the address that was called nothing can be sent from there.
        let local = caller.local.ok_or(NotAccepted::Unreadable)?;
        let onward = match treatment {
            Treatment::Pin => {
                let settings = &self.host.settings().pin;
                planning::onward(request, caller.is_sent, settings).ok_or(NotAccepted::Off)?
            }
            _ => Onward::Leg,
        };
        let shall = (treatment, onward);
        let address = (caller.source, local, caller.believed);
        let plan = planning::plan(
            refused,
            shall,
            (text, request),
            &self.configuration,
            address,
        );
        self.host.accept(text, plan)
    }

    /// Counts an answer, if there may be one more this second.
    fn count_answer(&mut self) -> Result<(), Silence> {
        if self.second.elapsed() >= Duration::from_secs(1) {
            self.second = Moment::now();
            self.answered = 0;
        }
        if self.answered >= self.configuration.answering.maximum_per_second {
            return Err(Silence::Overload);
        }
        self.answered += 1;
        Ok(())
    }

    /// What the rules in force say of an INVITE. None if they do not refuse it.
    fn judge(&self, text: &[u8], trunk: u16) -> Option<Verdict> {
        let entry = self.configuration.trunk_entries.get(usize::from(trunk))?;
        let rules = self.answering.rules.in_force.snapshot();
        let judged = rules.judge(text, entry, self.configuration.flags);
        match judged.judgement.outcome {
            Outcome::InDialog => Some(Verdict::InDialog),
            Outcome::Steered => Some(Verdict::Refused(Box::new(Refused {
                action: rules.action_of(judged.judgement.rule)?,
                judged,
                entry: *entry,
            }))),
            _ => None,
        }
    }
}

/// Who calls, by addresses.
#[derive(Clone, Copy)]
struct Caller {
    source: SocketAddr,
    /// Where the call came to, as the caller sees it; none where the system does not say.
    local: Option<SocketAddr>,
    believed: bool,
    /// A proxy has sent it here, and so sends everything that belongs to it.
    is_sent: bool,
}

/// What sockets are made by.
fn sockets_of(configuration: &ActiveConfiguration) -> (bool, Vec<(u16, u16)>, u32, bool, u16) {
    let answering = &configuration.answering;
    (
        answering.enabled,
        configuration.answer_ports(),
        answering.mark,
        answering.host.enabled,
        answering.host.leg_port,
    )
}
