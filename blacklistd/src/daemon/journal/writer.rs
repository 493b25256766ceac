//! The thread that writes events to the log, ends calls that are over, and keeps the sums.

use std::os::fd::AsFd as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use anyhow::Context as _;
use blacklist_common::event::{EVENT_SAMPLED, Event};
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};

use crate::daemon::names::NameTable;
use crate::daemon::problems::Problems;
use crate::daemon::rules_state::RulesState;
use crate::daemon::shipping::LogShipping;
use blacklist_engine::RuleSet;
use blacklist_kernel::{EventRing, is_blocked};
use blacklist_store::journal::{DecidedBy, EventContext, LogError, NewCall, RingPosition, hour_of};
use blacklist_system::{Clock, Moment, clock, spawn};

use super::departed::{decided_by, owner};
use super::screened::{Naming, Screened};
use super::{Journal, TrunkName};

/// Events that are taken in one transaction.
const BATCH: usize = 8192;
/// The longest wait for events.
const WAIT_MILLISECONDS: u16 = 200;
/// Between two tries when rules are being put in force.
const PAUSE: Duration = Duration::from_millis(5);
/// Between two tries when the database refuses.
const RETRY: Duration = Duration::from_secs(1);
/// How often sums are written.
const SETTLE: Duration = Duration::from_secs(10);
/// How often the busiest are written.
const SAVE_DAYS: Duration = Duration::from_secs(60);
/// How often old calls are removed, and how long that may take each time.
const RETAIN: Duration = Duration::from_secs(5);
const RETAIN_PATIENCE: Duration = Duration::from_millis(500);

/// The problem that is noted of it.
const SUBJECT: &str = "the log of calls";

/// Ends the writer.
pub(crate) struct WriterHandle(Arc<AtomicBool>);

impl WriterHandle {
    /// Lets it write what it has, and end.
    pub(crate) fn end(&self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// Starts the writer, which takes its events from the ring.
pub(crate) fn start(
    ring: EventRing,
    journal: Arc<Journal>,
    rules: Arc<RulesState>,
    problems: Arc<Problems>,
    shipping: Arc<LogShipping>,
) -> anyhow::Result<(WriterHandle, JoinHandle<()>)> {
    let end = Arc::new(AtomicBool::new(false));
    let mut writer = JournalWriter::new(ring, journal, rules, problems, shipping)?;
    let is_ending = end.clone();
    let thread = spawn("journal", move || writer.run(&is_ending))
        .context("cannot start the writer of the log")?;
    Ok((WriterHandle(end), thread))
}

/// What the thread has in hand.
struct JournalWriter {
    ring: EventRing,
    journal: Arc<Journal>,
    rules: Arc<RulesState>,
    problems: Arc<Problems>,
    shipping: Arc<LogShipping>,
    interfaces: Interfaces,
    settled: Moment,
    saved_days: Moment,
    retained: Moment,
    hour: i64,
    /// Calls that were counted, and that the database has refused so far.
    unwritten: Vec<NewCall>,
}

impl JournalWriter {
    fn new(
        mut ring: EventRing,
        journal: Arc<Journal>,
        rules: Arc<RulesState>,
        problems: Arc<Problems>,
        shipping: Arc<LogShipping>,
    ) -> Result<Self, LogError> {
        let at = journal.log().ring_position()?;
        if at.state == journal.tally.identity() {
            // In the log already, and not released when the previous daemon ended.
            ring.skip_to(at.position);
        }
        let now = Moment::now();
        Ok(Self {
            ring,
            journal,
            rules,
            problems,
            shipping,
            interfaces: Interfaces::default(),
            settled: now,
            saved_days: now,
            retained: now,
            hour: hour_of(clock::now()),
            unwritten: Vec::new(),
        })
    }

    fn run(&mut self, end: &AtomicBool) {
        loop {
            let ending = end.load(Ordering::Relaxed);
            let beat = clock::monotonic() / 1_000_000;
            self.journal.beat.store(beat, Ordering::Relaxed);
            self.journal
                .waiting
                .store(self.ring.waiting(), Ordering::Relaxed);
            match self.write_batch() {
                Ok(Taken::Batch) => {}
                Ok(Taken::Rest) => {
                    if ending {
                        break;
                    }
                    self.wait();
                }
                Ok(Taken::Later) => {
                    if ending {
                        break;
                    }
                    std::thread::sleep(PAUSE);
                }
                Err(error) => {
                    self.ring.rewind();
                    self.note(Some(format!(
                        "{error}; blocked calls are not in the log until it takes them again, and those that the ring cannot hold are lost (they are counted)"
                    )));
                    if ending {
                        break;
                    }
                    std::thread::sleep(RETRY);
                    continue;
                }
            }
            self.do_periodic_work(ending);
        }
        self.do_periodic_work(true);
    }

    fn note(&self, problem: Option<String>) {
        self.problems.note(SUBJECT, problem);
    }

    /// Waits for events.
    fn wait(&self) {
        let descriptor = self.ring.descriptor();
        let mut waited = [PollFd::new(descriptor.as_fd(), PollFlags::POLLIN)];
        // A signal or an error is no event; the next round looks anyhow.
        let _ = poll(&mut waited, PollTimeout::from(WAIT_MILLISECONDS));
    }

    /// Writes a batch of events to the log.
    fn write_batch(&mut self) -> Result<Taken, LogError> {
        let clock = Clock::read();
        let journal = self.journal.clone();
        let trunks = journal.trunks();
        let mut calls = Vec::new();
        let mut count = 0;
        {
            let Some(rules) = self.rules.in_force.try_read() else {
                return Ok(Taken::Later);
            };
            let names = self.rules.names();
            while count < BATCH
                && let Some(event) = self.ring.next_event()
            {
                count += 1;
                let trunk = trunks.get(usize::from(event.trunk));
                if event.flags & EVENT_SAMPLED != 0 {
                    let name = trunk.map_or("", |trunk| &trunk.name);
                    journal.seen().add(&event, clock.time_of(event.time), name);
                }
                if is_blocked(&event) {
                    let by = self.by(&rules, &names, &event);
                    let mut call = self.interfaces.call(&event, &clock, by, trunk);
                    call.status = journal.answers.lock().of(event.fingerprint);
                    calls.push(call);
                }
            }
            let screened = journal.take_screened(
                BATCH.saturating_sub(self.unwritten.len()),
                &clock,
                hour_of(clock.wall()),
                |screened| self.naming(&rules, &names, &trunks, screened),
            );
            self.unwritten.extend(screened);
        }
        calls.extend(self.unwritten.iter().cloned());
        let ring = RingPosition {
            state: journal.tally.identity().to_owned(),
            position: self.ring.position(),
        };
        let put = journal.log().put(calls, &ring, &clock, |fingerprint| {
            journal.known_of(fingerprint, clock.monotonic())
        })?;
        self.ring.release();
        self.unwritten.clear();
        let (answers, ends) = {
            let mut noted = journal.answers.lock();
            (noted.take_fresh(), noted.take_ends())
        };
        if let Err(error) = journal.log().set_statuses(&answers) {
            tracing::warn!("{error}; some calls are in the log without their status");
        }
        if let Err(error) = journal.log().set_ends(&ends) {
            tracing::warn!("{error}; some calls are in the log without their duration");
        }
        journal.received.fetch_add(put.logged, Ordering::Relaxed);
        self.note(None);
        if put.logged > 0 {
            self.shipping.wake();
        }
        Ok(if count == BATCH {
            Taken::Batch
        } else {
            Taken::Rest
        })
    }

    fn by(&self, rules: &RuleSet, names: &NameTable, event: &Event) -> DecidedBy {
        let slot = event.rule.slot();
        match rules.of_slot(slot) {
            Some(counted) => decided_by(rules, names, counted),
            None => self
                .journal
                .departed
                .lock()
                .of_slot(slot)
                .map(|former| former.by.clone())
                .unwrap_or_default(),
        }
    }

    /// What is said of a call that the daemon was asked about.
    fn naming<'t>(
        &self,
        rules: &RuleSet,
        names: &NameTable,
        trunks: &'t [TrunkName],
        screened: &Screened,
    ) -> Naming<'t> {
        let trunk = trunks.get(usize::from(screened.event.trunk));
        let Some(counted) = screened.decided_by else {
            return Naming {
                by: DecidedBy::default(),
                owner: None,
                trunk,
            };
        };
        if let Some(owner) = owner(rules, counted) {
            return Naming {
                by: decided_by(rules, names, counted),
                owner: Some(owner),
                trunk,
            };
        }
        let departed = self.journal.departed.lock();
        let former = departed.of_id(counted.id());
        Naming {
            // Of a rule that went with very many others no more is known than its number.
            by: former.map_or_else(
                || decided_by(rules, names, counted),
                |former| former.by.clone(),
            ),
            owner: former.map(|former| former.owner),
            trunk,
        }
    }

    /// What is due from time to time.
    fn do_periodic_work(&mut self, ending: bool) {
        let now = Moment::now();
        let hour = hour_of(clock::now());
        if ending || hour != self.hour || now.duration_since(self.settled) >= SETTLE {
            self.settled = now;
            self.hour = hour;
            let rules = self.rules.in_force.try_read();
            let settled = self.journal.settle(rules.as_deref());
            drop(rules);
            if let Err(error) = settled {
                self.note(Some(format!("sums are not up to date: {error}")));
            }
        }
        if ending || now.duration_since(self.saved_days) >= SAVE_DAYS {
            self.saved_days = now;
            if let Err(error) = self.journal.log().save_days() {
                tracing::warn!("{error}");
            }
        }
        if now.duration_since(self.retained) >= RETAIN {
            self.retained = now;
            let retained = self.journal.log().retain(clock::now(), RETAIN_PATIENCE);
            if let Err(error) = retained {
                self.note(Some(format!("old calls are not removed: {error}")));
            }
        }
    }
}

/// How a round ended.
enum Taken {
    /// There may be more.
    Batch,
    /// That was all.
    Rest,
    /// Rules are being put in force.
    Later,
}

/// The name of the interface that was asked for last.
#[derive(Default)]
struct Interfaces {
    index: u32,
    name: String,
    asked: Option<Moment>,
}

/// A name is asked anew after this time.
const NAME_HOLDS: Duration = Duration::from_secs(1);

impl Interfaces {
    fn name(&mut self, index: u32) -> &str {
        let fresh = self.asked.is_some_and(|asked| asked.elapsed() < NAME_HOLDS);
        if self.index != index || !fresh {
            self.index = index;
            self.asked = Some(Moment::now());
            self.name = match nix::net::if_::if_indextoname(index) {
                Ok(name) => name.to_string_lossy().into_owned(),
                Err(_) => format!("index {index}"),
            };
        }
        &self.name
    }

    fn call(
        &mut self,
        event: &Event,
        clock: &Clock,
        by: DecidedBy,
        trunk: Option<&TrunkName>,
    ) -> NewCall {
        let around = EventContext {
            by,
            trunk: trunk.map_or("", |trunk| &trunk.name),
            trusted: trunk.is_some_and(|trunk| trunk.trusted),
            interface: self.name(event.interface),
        };
        NewCall::new(event, clock.time_of(event.time), around)
    }
}
