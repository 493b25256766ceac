//! Reading calls from the log, as they are shown.

use std::path::PathBuf;

use blacklist_common::number::Number;
use blacklist_figures::BlockedCall;
use blacklist_model::RememberedCall;
use rusqlite::{Connection, Row};

use super::call::{
    CALLED_HIDDEN, CALLER_HIDDEN, COMPANION, OUTBOUND, PATTERN_IS_REMOTE, shown_number,
};
use super::filter::CallFilter;
use super::log::{LogError, time_of};
use super::schema::SCHEMA;
use crate::database::{Database, ReadFailure, Statements as _};
use blacklist_system::{Clock, clock};

/// All columns, with the texts of words.
pub(super) const SELECT: &str = "SELECT c.id, c.first, c.last, c.packets, c.fingerprint, c.flags, \
    c.caller, c.caller_sent, c.called, c.called_sent, c.rule, \
    (SELECT text FROM word WHERE id = c.pattern), (SELECT text FROM word WHERE id = c.list), \
    (SELECT text FROM word WHERE id = c.scope), (SELECT text FROM word WHERE id = c.action), \
    (SELECT text FROM word WHERE id = c.outcome), c.status, c.source, \
    (SELECT text FROM word WHERE id = c.destination), (SELECT text FROM word WHERE id = c.trunk), \
    (SELECT text FROM word WHERE id = c.interface), c.call_id, \
    (SELECT text FROM word WHERE id = c.identity), (SELECT text FROM word WHERE id = c.verstat), \
    c.generation, c.duration, (SELECT text FROM word WHERE id = c.pin) FROM call c";

const FINGERPRINT: usize = 4;

/// Reads a row as it is shown.
pub(super) fn read_call(row: &Row<'_>) -> rusqlite::Result<BlockedCall> {
    let text = |column| {
        row.get::<_, Option<String>>(column)
            .map(Option::unwrap_or_default)
    };
    let flags: i64 = row.get(5)?;
    let first: i64 = row.get(1)?;
    let last: Option<i64> = row.get(2)?;
    let party = |column: usize, hidden: bool| -> rusqlite::Result<(String, String)> {
        let number = Number(row.get::<_, i64>(column)?.cast_unsigned());
        let sent: Option<String> = row.get(column + 1)?;
        let shown = shown_number(number, sent.as_deref().unwrap_or_default(), hidden);
        let sent = match sent {
            Some(sent) => sent,
            None if hidden => String::new(),
            None => shown.clone(),
        };
        Ok((shown, sent))
    };
    let (caller, caller_as_sent) = party(6, flags & CALLER_HIDDEN != 0)?;
    let (called, called_as_sent) = party(8, flags & CALLED_HIDDEN != 0)?;
    let outbound = flags & OUTBOUND != 0;
    let mut pattern = text(11)?;
    if flags & PATTERN_IS_REMOTE != 0 {
        pattern = if outbound {
            called.clone()
        } else {
            caller.clone()
        };
    }
    Ok(BlockedCall {
        id: row.get(0)?,
        time: clock::shown(time_of(first)),
        last: clock::shown(time_of(last.unwrap_or(first))),
        packets: row.get::<_, Option<u64>>(3)?.unwrap_or(1),
        open: last.is_none(),
        direction: if outbound { "outbound" } else { "inbound" }.to_owned(),
        caller,
        caller_as_sent,
        called,
        called_as_sent,
        rule: row.get(10)?,
        pattern,
        list: text(12)?,
        scope: text(13)?,
        action: text(14)?,
        outcome: text(15)?,
        status: row.get(16)?,
        source: row.get(17)?,
        destination: text(18)?,
        trunk: text(19)?,
        interface: text(20)?,
        path: path_of(flags).to_owned(),
        call_id: row.get(21)?,
        identity: text(22)?,
        verstat: text(23)?,
        generation: row.get(24)?,
        duration: row.get(25)?,
        pin: row.get(26)?,
    })
}

/// Which path decided a call.
const fn path_of(flags: i64) -> &'static str {
    if flags & COMPANION != 0 {
        "companion"
    } else {
        "xdp"
    }
}

/// The order of calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// Newest first.
    Newest,
    /// Oldest first.
    Oldest,
}

/// Reads the log next to its writer.
pub struct CallReader<'k> {
    pub(super) database: Database,
    clock: Clock,
    remembered: Box<dyn Fn(u64, u64) -> Option<RememberedCall> + 'k>,
}

impl<'k> CallReader<'k> {
    /// Opens the log. `remembered` returns what the kernel knows of an open call, by the hash of
    /// its Call-ID and the time.
    ///
    /// # Errors
    /// The log cannot be opened.
    pub fn open(
        path: PathBuf,
        remembered: impl Fn(u64, u64) -> Option<RememberedCall> + 'k,
    ) -> Result<Self, LogError> {
        Ok(Self {
            database: Database::reader(path, &SCHEMA)?,
            clock: Clock::read(),
            remembered: Box::new(remembered),
        })
    }

    /// Reads a row, updated with what the kernel knows of an open call.
    fn call(&self, row: &Row<'_>) -> rusqlite::Result<BlockedCall> {
        let mut call = read_call(row)?;
        if call.open {
            let fingerprint = row.get::<_, i64>(FINGERPRINT)?.cast_unsigned();
            if let Some(seen) = (self.remembered)(fingerprint, self.clock.monotonic()) {
                call.packets = u64::from(seen.packets).max(call.packets);
                let last = clock::shown(self.clock.time_of(seen.last));
                call.last = call.last.max(last);
            }
        }
        Ok(call)
    }

    /// The call with an id.
    ///
    /// # Errors
    /// The query failed.
    pub fn get(&self, id: u64) -> Result<Option<BlockedCall>, LogError> {
        let sql = format!("{SELECT} WHERE c.id = ?1");
        let get = |connection: &Connection| connection.find(&sql, [id], |row| self.call(row));
        Ok(self.database.run(get)?)
    }

    /// At most `limit` calls that match a filter.
    ///
    /// # Errors
    /// The query failed.
    pub fn page(
        &self,
        filter: &CallFilter,
        order: Order,
        limit: usize,
    ) -> Result<Vec<BlockedCall>, LogError> {
        let mut calls = Vec::new();
        self.for_each(filter, order, limit, |call| {
            calls.push(call);
            Ok::<(), LogError>(())
        })?;
        Ok(calls)
    }

    /// Calls `each` with at most `limit` calls that match a filter, until it fails.
    ///
    /// # Errors
    /// The query or `each` failed.
    pub fn for_each<E: From<LogError>>(
        &self,
        filter: &CallFilter,
        order: Order,
        limit: usize,
        mut each: impl FnMut(BlockedCall) -> Result<(), E>,
    ) -> Result<(), E> {
        let order = match order {
            Order::Newest => "DESC",
            Order::Oldest => "ASC",
        };
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let rest = format!("ORDER BY c.id {order} LIMIT {limit}");
        let read = |connection: &Connection| {
            let conditions = filter.conditions(connection)?;
            let read = conditions.for_each(connection, (SELECT, &rest), |row| {
                each(self.call(row)?).map_err(ReadFailure::Reader)
            });
            match read {
                Ok(()) => Ok(Ok(())),
                Err(ReadFailure::Reader(error)) => Ok(Err(error)),
                Err(ReadFailure::Database(source)) => Err(source),
            }
        };
        self.database.run(read).map_err(LogError::from)?
    }

    /// Oldest and newest id in the log; both 0 if it is empty.
    ///
    /// # Errors
    /// The query failed.
    pub fn ends(&self) -> Result<(u64, u64), LogError> {
        let sql = "SELECT coalesce((SELECT min(id) FROM call), 0), coalesce((SELECT max(id) FROM call), 0)";
        let ends = |connection: &Connection| {
            connection.query_row(sql, [], |row| Ok((row.get(0)?, row.get(1)?)))
        };
        Ok(self.database.run(ends)?)
    }
}
