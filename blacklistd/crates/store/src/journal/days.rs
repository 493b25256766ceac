//! The most frequent callers and called numbers of each local calendar day.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use rusqlite::{Connection, params};

use super::busiest::Busiest;
use super::reading::read_call;
use super::state;
use crate::database::Statements as _;

/// A side of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// The caller.
    Caller,
    /// The called party.
    Called,
}

impl Side {
    /// Its word in the database.
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Caller => "caller",
            Self::Called => "called",
        }
    }
}

/// The most frequent numbers of the current day.
#[derive(Clone, Debug, Default)]
pub struct Days {
    /// `2026-11-25`; empty before the first call.
    day: String,
    callers: Busiest,
    called: Busiest,
    /// The newest row that has been counted.
    through: i64,
    changed: bool,
    /// Earlier days that are not written yet.
    earlier: BTreeMap<String, (Busiest, Busiest)>,
}

/// The local date of a time.
pub(super) fn day_of(time: Timestamp) -> String {
    time.to_zoned(TimeZone::system()).date().to_string()
}

const THROUGH: &str = "busiest through";

impl Days {
    /// Begins a new day if the date has changed.
    pub(super) fn turn_to(&mut self, now: Timestamp) {
        let day = day_of(now);
        if day == self.day {
            return;
        }
        let callers = std::mem::take(&mut self.callers);
        let called = std::mem::take(&mut self.called);
        let day = std::mem::replace(&mut self.day, day);
        if !day.is_empty() {
            self.earlier.insert(day, (callers, called));
        }
    }

    /// Counts a row.
    pub(super) fn add(&mut self, id: i64, caller: &str, called: &str) {
        if !caller.is_empty() {
            self.callers.add(caller);
        }
        if !called.is_empty() {
            self.called.add(called);
        }
        self.through = self.through.max(id);
        self.changed = true;
    }

    /// The most frequent numbers of a side today.
    pub const fn busiest(&self, side: Side) -> &Busiest {
        match side {
            Side::Caller => &self.callers,
            Side::Called => &self.called,
        }
    }

    /// Removes a number.
    pub(super) fn forget(&mut self, number: &str) {
        self.changed |= self.callers.forget(number);
        self.changed |= self.called.forget(number);
        for (callers, called) in self.earlier.values_mut() {
            callers.forget(number);
            called.forget(number);
        }
    }

    /// Loads the current day, and counts the rows after it.
    pub(super) fn load(connection: &Connection, now: Timestamp) -> rusqlite::Result<Self> {
        let through = state::get(connection, THROUGH)?;
        let mut days = Self {
            day: day_of(now),
            through: through
                .and_then(|text| text.parse().ok())
                .unwrap_or_default(),
            ..Self::default()
        };
        days.callers = read(connection, &days.day, &days.day, Side::Caller)?;
        days.called = read(connection, &days.day, &days.day, Side::Called)?;
        let sql = format!("{} WHERE c.id > ?1 ORDER BY c.id", super::reading::SELECT);
        let mut statement = connection.prepare(&sql)?;
        let mut rows = statement.query(params![days.through])?;
        while let Some(row) = rows.next()? {
            let call = read_call(row)?;
            let id = i64::try_from(call.id).unwrap_or(i64::MAX);
            days.add(id, &call.caller, &call.called);
        }
        Ok(days)
    }

    /// Writes the days that have changed, within a transaction.
    pub(super) fn save(&mut self, connection: &Connection) -> rusqlite::Result<()> {
        if !self.changed && self.earlier.is_empty() {
            return Ok(());
        }
        for (day, (callers, called)) in &self.earlier {
            write(connection, day, Side::Caller, callers)?;
            write(connection, day, Side::Called, called)?;
        }
        write(connection, &self.day, Side::Caller, &self.callers)?;
        write(connection, &self.day, Side::Called, &self.called)?;
        state::set(connection, THROUGH, &self.through.to_string())?;
        self.earlier.clear();
        self.changed = false;
        Ok(())
    }
}

fn write(
    connection: &Connection,
    day: &str,
    side: Side,
    busiest: &Busiest,
) -> rusqlite::Result<()> {
    connection.write(
        "DELETE FROM busiest WHERE day = ?1 AND side = ?2",
        [day, side.as_str()],
    )?;
    let mut insert = connection.prepare_cached(
        "INSERT INTO busiest (day, side, number, calls, error) VALUES (?1, ?2, ?3, ?4, ?5)",
    )?;
    for busy in busiest.top(usize::MAX) {
        insert.execute(params![
            day,
            side.as_str(),
            busy.number,
            busy.calls,
            busy.error
        ])?;
    }
    Ok(())
}

/// The most frequent numbers of several days together.
pub(super) fn read(
    connection: &Connection,
    first: &str,
    last: &str,
    side: Side,
) -> rusqlite::Result<Busiest> {
    let mut busiest = Busiest::default();
    let mut statement = connection.prepare_cached(
        "SELECT number, sum(calls), sum(error) FROM busiest \
         WHERE day BETWEEN ?1 AND ?2 AND side = ?3 GROUP BY number ORDER BY 2 DESC",
    )?;
    let mut rows = statement.query(params![first, last, side.as_str()])?;
    while let Some(row) = rows.next()? {
        busiest.add_many(row.get_ref(0)?.as_str()?, row.get(1)?, row.get(2)?);
    }
    Ok(busiest)
}
