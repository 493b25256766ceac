//! Rows into the log: made-up events in batches as the daemon's writer takes them, each from
//! another caller and with another Call-ID, and over ten seconds after it came.

use std::ops::Range;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};
use blacklist_common::calls::SURELY_OVER_AFTER;
use blacklist_common::dial_plan::DialPlan;
use blacklist_common::event::{EVENT_CALL_ID, EVENT_USER, Event};
use blacklist_common::number::Number;
use blacklist_common::outcome::Outcome;
use blacklist_common::rule::{Action, ReasonClass, RuleRef};
use blacklist_common::tables::{Counter, IdentitySource};
use blacklist_common::user_part;
use blacklist_model::RememberedCall;
use blacklist_store::journal::{
    Account, CallLog, DecidedBy, EventContext, LogSettings, NewCall, RingPosition, hour_of,
};
use blacklist_system::Clock;
use blacklist_tests::measuring::{held, median};
use blacklist_tests::report::Report;
use jiff::{SignedDuration, Timestamp};

use crate::house::Folder;

/// Events in one transaction, as the daemon has it.
const BATCH: u32 = 8192;
/// Rows at the beginning and at the end whose rate is told, and how many of those between are
/// written at once: so are they written three times as fast.
const FIRST: u32 = 1_000_000;
const LAST: u32 = 300_000;
const HURRIED: u32 = 800_000;
/// Calls that the log ends at once.
const TURN: u64 = 20_000;
/// Between the first packets of two calls: ten million are 9.5 days, and 43,900 an hour.
const APART: SignedDuration = SignedDuration::from_millis(82);
/// Nanoseconds after it was logged until a call is over.
const OPEN: u64 = 10_000_000_000;

pub(crate) const RULES: u32 = 10_000;
const CALLED: u32 = 10_000;
const LISTS: [&str; 8] = [
    "default", "reported", "premium", "robots", "own", "bulk", "feed-a", "feed-b",
];
/// A list that blocked the first of all calls and none since.
pub(crate) const OLD_LIST: &str = "former";
const OLD: u32 = 1000;
/// One caller comes back.
pub(crate) const PEST: &str = "+390612345678";
const PEST_EVERY: u32 = 100_000;
/// Rules of which each hour has sums.
const BUSY_RULES: u32 = 1000;

/// The log, full.
pub(crate) struct Filled {
    pub(crate) log: CallLog,
    pub(crate) rows: u32,
    /// When the newest call began.
    pub(crate) end: Timestamp,
    folder: Folder,
}

impl Filled {
    pub(crate) fn path(&self) -> PathBuf {
        self.folder.path().join(blacklist_store::journal::FILE_NAME)
    }

    /// When the oldest call began.
    pub(crate) fn begin(&self) -> anyhow::Result<Timestamp> {
        time(self.end, self.rows, 0)
    }
}

fn time(end: Timestamp, rows: u32, index: u32) -> anyhow::Result<Timestamp> {
    let ago = i32::try_from(rows - index)?;
    Ok(end.checked_sub(APART * ago)?)
}

/// A number as the kernel would read it.
pub(crate) fn number(text: &str) -> anyhow::Result<Number> {
    let party = user_part::canonical(text.as_bytes(), &DialPlan::default());
    let party = party.map_err(|error| anyhow::anyhow!("{text}: {error:?}"))?;
    Ok(party.number)
}

/// A caller that is another with each index, in no order.
pub(crate) fn caller(index: u32) -> String {
    if index % PEST_EVERY == PEST_EVERY / 2 {
        return PEST.to_owned();
    }
    // Odd and not a multiple of 5: no two products are equal modulo 10^10.
    let scattered = u64::from(index) * 2_654_435_761 % 10_000_000_000;
    format!("+49{scattered:010}")
}

/// Whom a call is for.
pub(crate) fn called(index: u32) -> String {
    format!("+1312555{:04}", scattered(index) % CALLED)
}

/// The rule that blocks a call; from 1 on.
pub(crate) const fn rule(index: u32) -> u32 {
    1 + scattered(index) / 7 % RULES
}

pub(crate) fn list(index: u32) -> &'static str {
    if index < OLD {
        return OLD_LIST;
    }
    let place = scattered(index) as usize / 3 % LISTS.len();
    LISTS.get(place).copied().unwrap_or_default()
}

const fn scattered(index: u32) -> u32 {
    index.wrapping_mul(2_654_435_761) >> 4
}

/// A text as an event has it.
fn fixed<const SIZE: usize>(text: &str) -> [u8; SIZE] {
    let mut bytes = [0; SIZE];
    bytes
        .iter_mut()
        .zip(text.bytes())
        .for_each(|(place, byte)| *place = byte);
    bytes
}

/// What the kernel tells of a call.
fn event(index: u32, monotonic: u64) -> anyhow::Result<Event> {
    let (caller, called) = (caller(index), called(index));
    let hash = u64::from(index + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    let call_id = format!("{hash:016x}{index:016x}@192.0.2.15");
    let mapped = |last: u8| [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF, 192, 0, 2, last];
    Ok(Event {
        time: monotonic,
        generation: 17,
        caller: number(&caller)?,
        called: number(&called)?,
        fingerprint: hash,
        source: mapped(15 + (index % 4) as u8),
        destination: mapped(1),
        interface: 2,
        source_port: 5060,
        destination_port: 5060,
        trunk: 1,
        outcome: Outcome::Dropped as u8,
        identity: IdentitySource::From as u8,
        flags: 0,
        caller_length: u8::try_from(caller.len())?,
        called_length: u8::try_from(called.len())?,
        call_id_length: u8::try_from(call_id.len())?,
        caller_user: fixed::<EVENT_USER>(&caller),
        called_user: fixed::<EVENT_USER>(&called),
        call_id: fixed::<EVENT_CALL_ID>(&call_id),
        classes: 0,
        rule: RuleRef::new(rule(index), Action::Drop, ReasonClass::OwnList, false),
    })
}

fn surroundings(index: u32) -> EventContext<'static> {
    let rule = rule(index);
    EventContext {
        by: DecidedBy {
            rule,
            pattern: format!("+49{rule:05}*"),
            list: list(index).to_owned(),
            scope: "global".to_owned(),
        },
        trunk: "carrier",
        trusted: false,
        interface: "eth0",
    }
}

/// Sums of each hour in which calls came, so that questions for sums have what to add up.
fn add_hours(log: &mut CallLog, begin: Timestamp, end: Timestamp) -> anyhow::Result<()> {
    let one = Counter {
        calls: 40,
        packets: 280,
    };
    for hour in hour_of(begin)..=hour_of(end) {
        for id in 1..=BUSY_RULES {
            log.ledger.add(Account::Rule(id), hour, one);
        }
        for list in 1..=LISTS.len() as u32 {
            log.ledger.add(Account::List(list), hour, one);
        }
        for outcome in [Outcome::Dropped, Outcome::NoRule] {
            log.ledger.add(Account::Outcome(outcome), hour, one);
        }
    }
    Ok(log.save_ledger()?)
}

/// Fills a log and tells how fast it took the first rows and the last ones.
pub(crate) fn measure(rows: u32, report: &mut Report) -> anyhow::Result<Filled> {
    report.section(&format!("{rows} rows into the log"));
    let folder = Folder::make("log")?;
    let mut filling = Filling {
        log: CallLog::open(folder.path(), LogSettings::default())?,
        rows,
        end: Timestamp::now(),
    };
    let begin = time(filling.end, rows, 0)?;
    add_hours(&mut filling.log, begin, filling.end)?;
    let (first, last) = (FIRST.min(rows / 3), rows - LAST.min(rows / 3));
    filling.measure("the first", 0..first, report)?;
    filling.hurry(first..last)?;
    filling.measure("the last", last..rows, report)?;
    let Filling { mut log, end, .. } = filling;
    log.save_days()?;
    let disk = log.bytes()? as f64;
    report.row("bytes on disk per row", "bytes", disk / f64::from(rows));
    let wal = folder.path().join("calls.db-wal").metadata()?.len();
    report.row("the database's own log beside it", "MB", wal as f64 / 1e6);
    Ok(Filled {
        log,
        rows,
        end,
        folder,
    })
}

/// A log that is not full yet.
struct Filling {
    log: CallLog,
    rows: u32,
    end: Timestamp,
}

impl Filling {
    /// Rows as the daemon writes them, and the ends of their calls.
    fn measure(
        &mut self,
        which: &str,
        indices: Range<u32>,
        report: &mut Report,
    ) -> anyhow::Result<()> {
        let count = indices.len();
        let of = format!("{which} {count} rows, {BATCH} at once");
        let mut figures = Vec::new();
        for batch in batches(indices, BATCH) {
            figures.push(self.put(batch)?.as_secs_f64());
        }
        let (bytes, open) = (held("self")?, self.log.open_calls());
        let closing = self.close_all()?.as_secs_f64();
        let all: f64 = figures.iter().sum();
        let rate = |seconds: f64| count as f64 / seconds;
        report.row(
            &format!("{of}, ends of calls included"),
            "rows/s",
            rate(all + closing),
        );
        let longest = figures.iter().copied().fold(0.0, f64::max) * 1000.0;
        let middle = median(figures) * 1000.0;
        report.row(&format!("{of}: a transaction, median"), "ms", middle);
        report.row(&format!("{of}: a transaction, longest"), "ms", longest);
        report.row(&format!("{of}: calls open then"), "calls", open as f64);
        report.row(&format!("{of}: memory then"), "MB", bytes / 1e6);
        Ok(())
    }

    /// Rows that nobody measures, many at once.
    fn hurry(&mut self, indices: Range<u32>) -> anyhow::Result<()> {
        for batch in batches(indices, HURRIED) {
            let upto = batch.end;
            let took = self.put(batch)?;
            while self.end_calls()? >= TURN {}
            eprintln!("{upto} rows, the last {HURRIED} in {took:.1?}");
        }
        self.close_all().map(drop)
    }

    /// Puts rows into the log; how long that took.
    fn put(&mut self, indices: Range<u32>) -> anyhow::Result<Duration> {
        let clock = Clock::read();
        let count = indices.len() as u64;
        let ring = RingPosition {
            state: "made up".to_owned(),
            position: u64::from(indices.end),
        };
        let mut events = Vec::new();
        for index in indices {
            let told = clock.monotonic().saturating_sub(SURELY_OVER_AFTER - OPEN);
            let time = time(self.end, self.rows, index)?;
            events.push((event(index, told)?, time, surroundings(index)));
        }
        let began = Instant::now();
        let calls = events
            .into_iter()
            .map(|(event, time, around)| NewCall::new(&event, time, around))
            .collect();
        let put = self.log.put(calls, &ring, &clock, repeated)?;
        let took = began.elapsed();
        if put.logged != count {
            bail!("{count} calls were put, {} are in the log", put.logged);
        }
        Ok(took)
    }

    /// Ends calls that are over; how many.
    fn end_calls(&mut self) -> anyhow::Result<u64> {
        let ring = self.log.ring_position()?;
        let put = self.log.put(Vec::new(), &ring, &Clock::read(), repeated)?;
        Ok(put.ended)
    }

    /// Ends all calls; how long that took.
    fn close_all(&mut self) -> anyhow::Result<Duration> {
        self.log.set_settings(LogSettings {
            most_open: 0,
            ..LogSettings::default()
        })?;
        let began = Instant::now();
        while self.log.open_calls() > 0 {
            self.end_calls()?;
        }
        let took = began.elapsed();
        self.log.set_settings(LogSettings::default())?;
        Ok(took)
    }
}

fn batches(indices: Range<u32>, most: u32) -> impl Iterator<Item = Range<u32>> {
    let end = indices.end;
    indices
        .step_by(most as usize)
        .map(move |begin| begin..end.min(begin + most))
}

/// What the kernel says of each call that is over.
const fn repeated(_fingerprint: u64) -> Option<RememberedCall> {
    Some(RememberedCall {
        packets: 7,
        last: 0,
    })
}

/// A time so long before the newest call.
pub(crate) fn before(end: Timestamp, hours: i64) -> anyhow::Result<Timestamp> {
    end.checked_sub(SignedDuration::from_hours(hours))
        .context("a time before all times")
}
