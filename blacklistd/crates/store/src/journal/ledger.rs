//! The sums of all counters. The kernel's counters increase for as long as its tables live; what
//! they counted since the last look is added here to what it counts for at that time, and the sums
//! are written to disk together with the counter values up to which they reach. So each packet is
//! in the sums once, however the daemon ends, and a sum never decreases when a rule is removed or
//! the tables are rebuilt.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use blacklist_common::outcome::{Outcome, Share};
use blacklist_common::rule::Action;
use blacklist_common::tables::{Counter, Traffic};
use rusqlite::{Connection, params};

use super::account::Account;

/// A counter of the kernel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Place {
    Slot(u32),
    Outcome(Outcome),
    Trunk(u16, Share),
    Lost,
    Forgotten,
}

impl Place {
    const fn kind(self) -> &'static str {
        match self {
            Self::Slot(_) => "slot",
            Self::Outcome(_) => "outcome",
            Self::Trunk(..) => "trunk",
            Self::Lost => "lost",
            Self::Forgotten => "forgotten",
        }
    }

    const fn number(self) -> i64 {
        match self {
            Self::Slot(slot) => slot as i64,
            Self::Outcome(outcome) => outcome as i64,
            Self::Trunk(index, share) => index as i64 * 256 + share as i64,
            Self::Lost | Self::Forgotten => 0,
        }
    }

    fn from_words(kind: &str, number: i64) -> Option<Self> {
        Some(match kind {
            "slot" => Self::Slot(u32::try_from(number).ok()?),
            "outcome" => Self::Outcome(Outcome::from_number(u8::try_from(number).ok()?)?),
            "trunk" => {
                let share = usize::try_from(number % 256).ok()?;
                Self::Trunk(u16::try_from(number / 256).ok()?, *Share::ALL.get(share)?)
            }
            "lost" => Self::Lost,
            "forgotten" => Self::Forgotten,
            _ => return None,
        })
    }
}

/// What a counter slot counts for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Owner {
    /// Its id in the slot table.
    pub id: u32,
    /// The rule's list; 0 for a scope's default.
    pub list: u32,
    /// The action.
    pub action: Action,
}

/// The sums, and the counter values up to which they reach.
#[derive(Debug, Default)]
pub struct Ledger {
    state: String,
    totals: HashMap<Account, Counter>,
    marks: HashMap<Place, Counter>,
    /// What is not written yet, by hour since 1970.
    hours: HashMap<(i64, Account), Counter>,
    changed: HashSet<Account>,
    moved: HashSet<Place>,
    /// The kernel's tables are new: no mark is valid.
    fresh: bool,
}

impl Ledger {
    /// Sets which state of the kernel's counters is read from now on.
    pub fn look_at(&mut self, state: &str) {
        if self.state != state {
            state.clone_into(&mut self.state);
            self.marks.clear();
            self.moved.clear();
            self.fresh = true;
        }
    }

    /// Which state of the kernel's counters was read last.
    pub fn state(&self) -> &str {
        &self.state
    }

    /// A sum.
    pub fn total(&self, account: &Account) -> Counter {
        self.totals.get(account).copied().unwrap_or_default()
    }

    /// All sums, in no order.
    pub fn totals(&self) -> impl Iterator<Item = (&Account, Counter)> {
        self.totals.iter().map(|(account, sum)| (account, *sum))
    }

    /// Returns what a counter has counted since the last look, and moves its mark.
    fn take(&mut self, place: Place, now: Counter) -> Option<Counter> {
        let mark = self.marks.get(&place).copied().unwrap_or_default();
        if mark == now {
            return None;
        }
        self.marks.insert(place, now);
        self.moved.insert(place);
        Some(Counter {
            calls: more(now.calls, mark.calls),
            packets: more(now.packets, mark.packets),
        })
    }

    /// Adds to a sum.
    pub fn add(&mut self, account: Account, hour: i64, more: Counter) {
        if more == Counter::default() {
            return;
        }
        for sum in [
            self.totals.entry(account.clone()).or_default(),
            self.hours.entry((hour, account.clone())).or_default(),
        ] {
            sum.calls += more.calls;
            sum.packets += more.packets;
        }
        self.changed.insert(account);
    }

    /// Whether a slot's counter has not changed since the last look.
    pub fn is_settled(&self, slot: u32, now: Counter) -> bool {
        let mark = self.marks.get(&Place::Slot(slot)).copied();
        mark.unwrap_or_default() == now
    }

    /// Adds what a slot has counted since the last look.
    pub fn slot(&mut self, slot: u32, now: Counter, owner: Option<Owner>, hour: i64) {
        let Some(more) = self.take(Place::Slot(slot), now) else {
            return;
        };
        let Some(owner) = owner else {
            // Its rule is unknown.
            self.add(Account::Rule(0), hour, more);
            return;
        };
        self.owned(owner, hour, more);
    }

    /// Adds to all sums of an owner.
    pub fn owned(&mut self, owner: Owner, hour: i64, more: Counter) {
        self.add(Account::Rule(owner.id), hour, more);
        self.add(Account::List(owner.list), hour, more);
        self.add(Account::Action(owner.action), hour, more);
    }

    /// What a rule has counted, including its slot's counts since the last look.
    pub fn rule(&self, id: u32, slot: u32, now: Counter) -> Counter {
        let mut sum = self.total(&Account::Rule(id));
        let mark = self.marks.get(&Place::Slot(slot));
        let mark = mark.copied().unwrap_or_default();
        sum.calls += more(now.calls, mark.calls);
        sum.packets += more(now.packets, mark.packets);
        sum
    }

    /// Adds what an outcome's counter has counted since the last look; returns whether that was
    /// anything.
    pub fn outcome(&mut self, outcome: Outcome, now: Counter, hour: i64) -> bool {
        let Some(more) = self.take(Place::Outcome(outcome), now) else {
            return false;
        };
        self.add(Account::Outcome(outcome), hour, more);
        true
    }

    /// Adds what a trunk's counters have counted since the last look.
    pub fn trunk(&mut self, index: u16, name: &Arc<str>, now: &Traffic, hour: i64) {
        for (share, counter) in Share::ALL.into_iter().zip(now.shares) {
            if let Some(more) = self.take(Place::Trunk(index, share), counter) {
                self.add(Account::Trunk(name.clone(), share), hour, more);
            }
        }
    }

    /// Adds the counters of lost and forgotten calls.
    pub fn losses(&mut self, lost: u64, forgotten: u64, hour: i64) {
        for (place, account, now) in [
            (Place::Lost, Account::Lost, lost),
            (Place::Forgotten, Account::Forgotten, forgotten),
        ] {
            let now = Counter {
                calls: now,
                packets: 0,
            };
            if let Some(more) = self.take(place, now) {
                self.add(account, hour, more);
            }
        }
    }

    /// Whether there is anything to write.
    pub fn is_changed(&self) -> bool {
        self.fresh || !self.changed.is_empty() || !self.moved.is_empty()
    }

    /// Loads the sums.
    pub(super) fn load(connection: &Connection) -> rusqlite::Result<Self> {
        let mut ledger = Self {
            state: super::state::get(connection, STATE)?.unwrap_or_default(),
            ..Self::default()
        };
        let mut statement = connection.prepare("SELECT kind, key, calls, packets FROM total")?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let (kind, key) = (row.get_ref(0)?.as_str()?, row.get_ref(1)?.as_str()?);
            if let Some(account) = Account::from_words(kind, key) {
                let sum = Counter {
                    calls: row.get(2)?,
                    packets: row.get(3)?,
                };
                ledger.totals.insert(account, sum);
            }
        }
        let mut statement = connection.prepare("SELECT kind, place, calls, packets FROM mark")?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            if let Some(place) = Place::from_words(row.get_ref(0)?.as_str()?, row.get(1)?) {
                let mark = Counter {
                    calls: row.get(2)?,
                    packets: row.get(3)?,
                };
                ledger.marks.insert(place, mark);
            }
        }
        Ok(ledger)
    }

    /// Writes what has changed, within a transaction; [`Self::saved`] follows its commit.
    pub(super) fn save(&self, connection: &Connection) -> rusqlite::Result<()> {
        if self.fresh {
            connection.execute("DELETE FROM mark", [])?;
        }
        super::state::set(connection, STATE, &self.state)?;
        let mut total = connection.prepare_cached(
            "INSERT INTO total (kind, key, calls, packets) VALUES (?1, ?2, ?3, ?4) \
             ON CONFLICT (kind, key) DO UPDATE SET calls = ?3, packets = ?4",
        )?;
        for account in &self.changed {
            let sum = self.total(account);
            total.execute(params![
                account.kind(),
                account.key(),
                sum.calls,
                sum.packets
            ])?;
        }
        let mut mark = connection.prepare_cached(
            "INSERT INTO mark (kind, place, calls, packets) VALUES (?1, ?2, ?3, ?4) \
             ON CONFLICT (kind, place) DO UPDATE SET calls = ?3, packets = ?4",
        )?;
        for place in &self.moved {
            let at = self.marks.get(place).copied().unwrap_or_default();
            mark.execute(params![place.kind(), place.number(), at.calls, at.packets])?;
        }
        let mut hours = connection.prepare_cached(
            "INSERT INTO hour (hour, kind, key, calls, packets) VALUES (?1, ?2, ?3, ?4, ?5) \
             ON CONFLICT (hour, kind, key) DO UPDATE SET calls = calls + ?4, packets = packets + ?5",
        )?;
        for ((hour, account), more) in &self.hours {
            hours.execute(params![
                hour,
                account.kind(),
                account.key(),
                more.calls,
                more.packets
            ])?;
        }
        Ok(())
    }

    /// Marks everything as written.
    pub(super) fn saved(&mut self) {
        self.fresh = false;
        self.changed.clear();
        self.moved.clear();
        self.hours.clear();
    }
}

/// The difference between two values of a counter, which was reset if it decreased.
fn more(now: u64, before: u64) -> u64 {
    now.checked_sub(before).unwrap_or(now)
}

const STATE: &str = "counters";

/// The hour of a time, counted since 1970.
pub fn hour_of(time: jiff::Timestamp) -> i64 {
    time.as_second().div_euclid(3600)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counter(calls: u64, packets: u64) -> Counter {
        Counter { calls, packets }
    }

    fn owner(id: u32, list: u32) -> Option<Owner> {
        Some(Owner {
            id,
            list,
            action: Action::Drop,
        })
    }

    fn database() -> Connection {
        let connection = Connection::open_in_memory().unwrap();
        connection
            .execute_batch(include_str!("schema.sql"))
            .unwrap();
        connection
    }

    fn reloaded(ledger: &mut Ledger, connection: &Connection) -> Ledger {
        ledger.save(connection).unwrap();
        ledger.saved();
        Ledger::load(connection).unwrap()
    }

    #[test]
    fn what_came_since_the_last_look_is_added_once() {
        let mut ledger = Ledger::default();
        ledger.look_at("a");
        for now in [counter(1, 3), counter(1, 3), counter(2, 9)] {
            ledger.slot(7, now, owner(40, 2), 100);
            ledger.outcome(Outcome::Dropped, now, 100);
        }
        for account in [
            Account::Rule(40),
            Account::List(2),
            Account::Action(Action::Drop),
            Account::Outcome(Outcome::Dropped),
        ] {
            assert_eq!(ledger.total(&account), counter(2, 9), "{account:?}");
        }
    }

    #[test]
    fn a_daemon_that_was_killed_goes_on_where_it_had_written() {
        let connection = database();
        let mut ledger = Ledger::default();
        ledger.look_at("a");
        ledger.slot(7, counter(1, 3), owner(40, 2), 100);
        let mut after = reloaded(&mut ledger, &connection);
        // Looked at, but never written.
        ledger.slot(7, counter(5, 9), owner(40, 2), 100);
        after.look_at("a");
        after.slot(7, counter(6, 10), owner(40, 2), 101);
        assert_eq!(after.total(&Account::Rule(40)), counter(6, 10));
        let after = reloaded(&mut after, &connection);
        assert_eq!(after.total(&Account::List(2)), counter(6, 10));
        let hours: Vec<(i64, u64)> = connection
            .prepare("SELECT hour, packets FROM hour WHERE kind = 'rule' ORDER BY hour")
            .unwrap()
            .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))
            .unwrap()
            .collect::<Result<_, _>>()
            .unwrap();
        assert_eq!(hours, [(100, 3), (101, 7)]);
    }

    #[test]
    fn sums_outlive_tables_rules_and_moves() {
        let connection = database();
        let mut ledger = Ledger::default();
        ledger.look_at("a");
        ledger.slot(7, counter(1, 3), owner(40, 2), 100);
        // The slot belongs to another rule, in another list.
        ledger.slot(7, counter(2, 4), owner(41, 3), 100);
        assert_eq!(ledger.total(&Account::Rule(40)), counter(1, 3));
        assert_eq!(ledger.total(&Account::Rule(41)), counter(1, 1));
        assert_eq!(ledger.total(&Account::List(2)), counter(1, 3));
        // The tables are rebuilt: counters start at 0.
        let mut ledger = reloaded(&mut ledger, &connection);
        ledger.look_at("b");
        ledger.slot(7, counter(1, 2), owner(40, 2), 100);
        assert_eq!(ledger.total(&Account::Rule(40)), counter(2, 5));
        let mut ledger = reloaded(&mut ledger, &connection);
        ledger.look_at("b");
        ledger.slot(7, counter(1, 2), owner(40, 2), 100);
        assert_eq!(ledger.total(&Account::Rule(40)), counter(2, 5));
        assert!(!ledger.is_changed());
    }

    #[test]
    fn places_come_back_from_their_words() {
        for place in [
            Place::Slot(0xFF_FFFF),
            Place::Outcome(Outcome::UserSpace),
            Place::Trunk(1023, Share::Monitored),
            Place::Lost,
            Place::Forgotten,
        ] {
            assert_eq!(Place::from_words(place.kind(), place.number()), Some(place));
        }
    }
}
