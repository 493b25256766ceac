//! The thread that takes events into the log, ends calls that are over, and keeps the sums.

use std::os::fd::AsFd as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use blacklist_common::event::{EVENT_SAMPLED, Event};
use jiff::Timestamp;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};

use crate::daemon::core::Shared;
use crate::daemon::names::NameTable;
use crate::journal::{DecidedBy, EventContext, LogError, NewCall, RingPosition, hour_of};
use crate::kernel::{EventRing, is_blocked};
use crate::model::{Clock, clock};
use crate::rules::RuleSet;

use super::departed::{decided_by, owner};
use super::screened::{Naming, Screened};
use super::{Journal, TrunkName, lock};

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

/// Ends the writer.
pub(in crate::daemon) struct Writer(Arc<AtomicBool>);

impl Writer {
    /// Tells it to write what it has and to end.
    pub(in crate::daemon) fn end(&self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// Starts the writer.
pub(in crate::daemon) fn start(shared: &Shared) -> anyhow::Result<(Writer, JoinHandle<()>)> {
    let ring = shared.lock().kernel.take_ring();
    let ring = ring.context("the events of calls are read already")?;
    let end = Arc::new(AtomicBool::new(false));
    let mut turn = Turn::new(shared.clone(), ring)?;
    let told = end.clone();
    let thread = std::thread::Builder::new()
        .name("journal".to_owned())
        .spawn(move || turn.run(&told))
        .context("cannot start the writer of the log")?;
    Ok((Writer(end), thread))
}

/// What the writer has in hand.
struct Turn {
    shared: Shared,
    journal: Arc<Journal>,
    ring: EventRing,
    interfaces: Interfaces,
    settled: Instant,
    saved_days: Instant,
    retained: Instant,
    hour: i64,
    /// Calls that were counted, and that the database has refused so far.
    unwritten: Vec<NewCall>,
}

impl Turn {
    fn new(shared: Shared, mut ring: EventRing) -> Result<Self, LogError> {
        let journal = shared.journal().clone();
        let at = journal.log().ring_position()?;
        if at.state == journal.tally.identity() {
            // Taken into the log, and not released before the end of the daemon before.
            ring.skip_to(at.position);
        }
        let now = Instant::now();
        Ok(Self {
            shared,
            journal,
            ring,
            interfaces: Interfaces::default(),
            settled: now,
            saved_days: now,
            retained: now,
            hour: hour_of(Timestamp::now()),
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
            match self.take() {
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
            self.look_after(ending);
        }
        self.look_after(true);
    }

    fn note(&self, problem: Option<String>) {
        self.shared.lock().note("the log of calls", problem);
    }

    /// Waits for events.
    fn wait(&self) {
        let descriptor = self.ring.descriptor();
        let mut waited = [PollFd::new(descriptor.as_fd(), PollFlags::POLLIN)];
        // A signal or an error is no event; the next turn looks anyhow.
        let _ = poll(&mut waited, PollTimeout::from(WAIT_MILLISECONDS));
    }

    /// Takes a batch of events into the log.
    fn take(&mut self) -> Result<Taken, LogError> {
        let clock = Clock::read();
        let journal = self.journal.clone();
        let trunks = journal.trunks();
        let mut calls = Vec::new();
        let mut count = 0;
        {
            let Some(rules) = self.shared.try_rules() else {
                return Ok(Taken::Later);
            };
            let names = self.shared.names();
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
                    call.status = lock(&journal.answers).of(event.fingerprint);
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
            let mut noted = lock(&journal.answers);
            (noted.take_fresh(), noted.take_ends())
        };
        if let Err(error) = journal.log().set_statuses(&answers) {
            tracing::warn!("{error}; some calls are in the log without their status");
        }
        if let Err(error) = journal.log().set_ends(&ends) {
            tracing::warn!("{error}; some calls are in the log without their duration");
        }
        journal.received.fetch_add(put.logged, Ordering::Relaxed);
        self.note_well();
        if put.logged > 0 {
            self.shared.rows_came();
        }
        Ok(if count == BATCH {
            Taken::Batch
        } else {
            Taken::Rest
        })
    }

    /// The log takes calls.
    fn note_well(&self) {
        if let Some(mut core) = self.shared.try_lock() {
            core.note("the log of calls", None);
        }
    }

    fn by(&self, rules: &RuleSet, names: &NameTable, event: &Event) -> DecidedBy {
        let slot = event.rule.slot();
        match rules.of_slot(slot) {
            Some(counted) => decided_by(rules, names, counted),
            None => lock(&self.journal.departed)
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
        let departed = lock(&self.journal.departed);
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
    fn look_after(&mut self, ending: bool) {
        let now = Instant::now();
        let hour = hour_of(Timestamp::now());
        if ending || hour != self.hour || now.duration_since(self.settled) >= SETTLE {
            self.settled = now;
            self.hour = hour;
            let rules = self.shared.try_rules();
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
            let retained = self.journal.log().retain(Timestamp::now(), RETAIN_PATIENCE);
            if let Err(error) = retained {
                self.note(Some(format!("old calls are not removed: {error}")));
            }
        }
    }
}

/// How a turn ended.
enum Taken {
    /// There may be more.
    Batch,
    /// That was all.
    Rest,
    /// Rules are being put in force.
    Later,
}

/// Names of interfaces; asked once in a turn of the wheel.
#[derive(Default)]
struct Interfaces {
    index: u32,
    name: String,
    asked: Option<Instant>,
}

/// A name is asked anew after this time.
const NAME_HOLDS: Duration = Duration::from_secs(1);

impl Interfaces {
    fn name(&mut self, index: u32) -> &str {
        let fresh = self.asked.is_some_and(|asked| asked.elapsed() < NAME_HOLDS);
        if self.index != index || !fresh {
            self.index = index;
            self.asked = Some(Instant::now());
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
