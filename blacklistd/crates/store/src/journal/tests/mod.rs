//! The log in a real file: what is written is read back, whatever happens in between.

mod privacy;
mod questions;

use std::time::Duration;

use blacklist_common::event::{EVENT_OUTBOUND, Event};
use blacklist_common::number::{Number, NumberKind};
use blacklist_common::outcome::Outcome;
use blacklist_common::pattern::Class;
use blacklist_common::rule::{Action, ReasonClass, RuleRef};
use blacklist_figures::BlockedCall;
use blacklist_model::RememberedCall;
use jiff::Timestamp;

use super::*;
use crate::database::{DatabaseError, layout};
use blacklist_system::Clock;

const SECOND: u64 = 1_000_000_000;

/// Parses digits as a number.
fn number(text: &str) -> Number {
    let nibbles = text
        .bytes()
        .fold(0_u64, |all, digit| all << 4 | u64::from(digit - b'0'));
    let count = u32::try_from(text.len()).unwrap();
    Number::from_nibbles(NumberKind::E164, nibbles << (64 - 4 * count), count)
}

fn event(fingerprint: u64, time: u64, caller: &str) -> Event {
    let mut event = Event {
        time,
        generation: 3,
        caller: number(caller),
        called: number("13125550100"),
        fingerprint,
        source: "::ffff:192.0.2.7"
            .parse::<std::net::Ipv6Addr>()
            .unwrap()
            .octets(),
        destination: "::ffff:192.0.2.1"
            .parse::<std::net::Ipv6Addr>()
            .unwrap()
            .octets(),
        interface: 2,
        source_port: 5060,
        destination_port: 5080,
        trunk: 1,
        outcome: Outcome::Dropped as u8,
        identity: 1,
        classes: Class::NotValidated.bit(),
        rule: RuleRef::new(7, Action::Drop, ReasonClass::OwnList, false),
        ..Event::default()
    };
    let user = format!("00{caller}");
    event.caller_user[..user.len()].copy_from_slice(user.as_bytes());
    event.caller_length = u8::try_from(user.len()).unwrap();
    let id = format!("{fingerprint}@x");
    event.call_id[..id.len()].copy_from_slice(id.as_bytes());
    event.call_id_length = u8::try_from(id.len()).unwrap();
    event
}

fn by(rule: u32, pattern: &str) -> DecidedBy {
    DecidedBy {
        rule,
        pattern: pattern.to_owned(),
        list: "nuisance".to_owned(),
        scope: "global".to_owned(),
    }
}

fn call(event: &Event, clock: &Clock) -> NewCall {
    let around = Surroundings {
        by: by(40, "+4930*"),
        trunk: "carrier",
        trusted: true,
        interface: "eth0",
    };
    NewCall::new(event, clock.time_of(event.time), around)
}

/// A log in its own folder.
struct Case {
    folder: tempfile::TempDir,
    log: CallLog,
    clock: Clock,
    ring: RingPosition,
}

fn nothing(_: u64) -> Option<RememberedCall> {
    None
}

impl Case {
    fn new(settings: LogSettings) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let log = CallLog::open(folder.path(), settings).unwrap();
        Self {
            folder,
            log,
            clock: Clock::read(),
            ring: RingPosition {
                state: "a".to_owned(),
                position: 0,
            },
        }
    }

    /// Writes events to the log as if they arrived now.
    fn put(&mut self, events: &[Event]) -> Put {
        let calls = events
            .iter()
            .map(|event| call(event, &self.clock))
            .collect();
        self.ring.position += 264 * events.len() as u64;
        self.log
            .put(calls, &self.ring, &self.clock, nothing)
            .unwrap()
    }

    /// `count` calls from one caller, starting now.
    fn flood(&mut self, count: u64, caller: &str) {
        let now = self.clock.monotonic();
        let events: Vec<Event> = (0..count).map(|id| event(1000 + id, now, caller)).collect();
        self.put(&events);
    }

    fn reader(&self) -> CallReader<'static> {
        CallReader::open(self.log.path().to_owned(), |_, _| None).unwrap()
    }

    fn page(&self, filter: &CallFilter) -> Vec<BlockedCall> {
        self.reader().page(filter, Order::Newest, 100).unwrap()
    }

    /// Another daemon in the same folder.
    fn reopened(self) -> Self {
        let Self {
            folder,
            log,
            clock,
            ring,
        } = self;
        let settings = log.settings().clone();
        drop(log);
        let log = CallLog::open(folder.path(), settings).unwrap();
        Self {
            folder,
            log,
            clock,
            ring,
        }
    }
}

#[test]
fn a_call_comes_out_as_it_went_in() {
    let mut case = Case::new(LogSettings::default());
    let now = case.clock.monotonic();
    assert_eq!(
        case.put(&[event(9, now - 2 * SECOND, "493012345678")])
            .logged,
        1
    );
    let call = case.page(&CallFilter::default()).remove(0);
    let ago = Timestamp::now().duration_since(call.time.parse().unwrap());
    assert!((2..4).contains(&ago.as_secs()), "{ago}");
    let expected = BlockedCall {
        id: 1,
        time: call.time.clone(),
        last: call.time.clone(),
        packets: 1,
        open: true,
        direction: "inbound".to_owned(),
        caller: "+493012345678".to_owned(),
        caller_as_sent: "00493012345678".to_owned(),
        called: "+13125550100".to_owned(),
        called_as_sent: "+13125550100".to_owned(),
        rule: 40,
        pattern: "+4930*".to_owned(),
        list: "nuisance".to_owned(),
        scope: "global".to_owned(),
        action: "drop".to_owned(),
        outcome: "dropped".to_owned(),
        status: None,
        identity: "from".to_owned(),
        verstat: "none".to_owned(),
        source: "192.0.2.7:5060".to_owned(),
        destination: "192.0.2.1:5080".to_owned(),
        trunk: "carrier".to_owned(),
        interface: "eth0".to_owned(),
        path: "xdp".to_owned(),
        call_id: "9@x".to_owned(),
        generation: 3,
        duration: None,
        pin: None,
    };
    assert_eq!(call, expected);
    assert_eq!(case.reader().get(1).unwrap(), Some(expected));
    assert_eq!(case.reader().get(2).unwrap(), None);
}

#[test]
fn a_call_is_closed_with_all_its_packets() {
    let mut case = Case::new(LogSettings::default());
    let now = case.clock.monotonic();
    let begun = now.saturating_sub(100 * SECOND);
    case.put(&[event(9, begun, "493012345678")]);
    let seen = |_: u64| {
        Some(RememberedCall {
            packets: 7,
            last: begun + 31 * SECOND,
        })
    };
    let put = case
        .log
        .put(Vec::new(), &case.ring, &case.clock, seen)
        .unwrap();
    assert_eq!(put.ended, 1);
    let call = case.page(&CallFilter::default()).remove(0);
    assert_eq!((call.packets, call.open), (7, false));
    let length = call.last.parse::<Timestamp>().unwrap() - call.time.parse::<Timestamp>().unwrap();
    assert_eq!(length.get_seconds(), 31);
}

#[test]
fn a_call_that_the_kernel_forgot_is_one_row() {
    let mut case = Case::new(LogSettings::default());
    let now = case.clock.monotonic();
    let first = event(9, now - 8 * SECOND, "493012345678");
    let again = event(9, now - 4 * SECOND, "493012345678");
    assert_eq!(case.put(&[first, again]).recounted, 1);
    let later = event(9, now, "493012345678");
    let put = case.put(&[later]);
    assert_eq!((put.logged, put.recounted), (0, 1));
    assert_eq!(case.page(&CallFilter::default()).len(), 1);
    assert_eq!(case.log.ledger.total(&Account::Recounted).calls, 2);
    assert_eq!(case.log.ledger.total(&Account::Logged).calls, 1);
}

#[test]
fn the_same_call_id_after_a_while_is_another_call() {
    let mut case = Case::new(LogSettings::default());
    let now = case.clock.monotonic();
    case.put(&[event(9, now.saturating_sub(70 * SECOND), "493012345678")]);
    assert_eq!(case.put(&[event(9, now, "493012345678")]).logged, 1);
    let calls = case.page(&CallFilter::default());
    assert_eq!(
        calls.iter().map(|call| call.open).collect::<Vec<_>>(),
        [true, false]
    );
}

#[test]
fn a_daemon_that_was_killed_knows_where_it_was() {
    let mut case = Case::new(LogSettings::default());
    case.flood(5, "493012345678");
    let mut case = case.reopened();
    assert_eq!(case.log.ring_position().unwrap(), case.ring);
    assert_eq!(case.log.open_calls(), 5);
    let busy: Vec<_> = case.log.today().busiest(Side::Caller).top(9).collect();
    assert_eq!(
        (busy[0].number.as_str(), busy[0].calls),
        ("+493012345678", 5)
    );
    // What is reported again is recognised.
    let now = case.clock.monotonic();
    assert_eq!(case.put(&[event(1002, now, "493012345678")]).recounted, 1);
    case.log.save_days().unwrap();
    let case = case.reopened();
    assert_eq!(
        case.log
            .today()
            .busiest(Side::Caller)
            .top(9)
            .next()
            .unwrap()
            .calls,
        5
    );
}

/// A database written by version 1, as `sqlite3 calls.db .dump` shows it.
const VERSION_1: &str = include_str!("version_1_kept.sql");

#[test]
fn a_log_of_the_present_version_is_read_and_a_new_one_looks_the_same() {
    let kept = tempfile::tempdir().unwrap();
    let path = kept.path().join(FILE_NAME);
    rusqlite::Connection::open(&path)
        .unwrap()
        .execute_batch(VERSION_1)
        .unwrap();
    let log = CallLog::open(kept.path(), LogSettings::default()).unwrap();
    let reader = CallReader::open(path.clone(), |_, _| None).unwrap();
    let calls = reader
        .page(&CallFilter::default(), Order::Newest, 9)
        .unwrap();
    let call = &calls[0];
    assert_eq!(calls.len(), 1);
    assert_eq!(
        (call.caller.as_str(), call.pattern.as_str()),
        ("+493012345678", "+4930*")
    );
    assert_eq!((call.packets, call.open), (7, false));
    assert_eq!(log.ledger.total(&Account::Logged).calls, 1);
    assert_eq!(log.ring_position().unwrap().position, 264);
    let new = Case::new(LogSettings::default());
    assert_eq!(layout(&path), layout(new.log.path()));
}

#[test]
fn another_file_is_refused_and_left_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(FILE_NAME);
    let rows: [(&str, &[u8]); 2] = [
        (
            "no database",
            b"this is no database at all, but it is long enough to be looked at as one",
        ),
        ("a cut one", b"SQLite format 3\0"),
    ];
    for (name, bytes) in rows {
        std::fs::write(&path, bytes).unwrap();
        let error = CallLog::open(folder.path(), LogSettings::default())
            .err()
            .unwrap();
        assert!(
            matches!(error, LogError::Database(DatabaseError::Unusable { .. })),
            "{name}: {error}"
        );
        assert_eq!(std::fs::read(&path).unwrap(), bytes, "{name}");
    }
    std::fs::remove_file(&path).unwrap();
    let other = rusqlite::Connection::open(&path).unwrap();
    other.execute_batch("CREATE TABLE theirs (x)").unwrap();
    drop(other);
    let error = CallLog::open(folder.path(), LogSettings::default())
        .err()
        .unwrap()
        .to_string();
    assert!(error.contains("of another program"), "{error}");
}
