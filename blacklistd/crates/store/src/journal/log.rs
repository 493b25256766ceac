//! The log of blocked calls on disk, together with the sums: one writer, and one transaction for
//! all that belongs together.

use std::path::Path;

use blacklist_common::calls::SURELY_OVER_AFTER;
use blacklist_common::tables::Counter;
use blacklist_model::RememberedCall;
use jiff::Timestamp;
use rusqlite::{Connection, params};

use super::account::Account;
use super::call::NewCall;
use super::days::Days;
use super::ledger::{Ledger, hour_of};
use super::on_line::OnLine;
use super::open_calls::{OpenCall, OpenCalls};
use super::pseudonym::{KeyError, Pseudonyms};
use super::rows;
use super::schema::SCHEMA;
use super::state;
use super::words::Words;
use crate::database::{Database, DatabaseError, Statements as _};
use blacklist_system::Clock;

/// The database's name in the state directory.
pub const FILE_NAME: &str = "calls.db";

/// How long and in which form the log is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogSettings {
    /// Days after which a call is removed.
    pub keep_days: u32,
    /// Bytes above which the oldest calls are removed.
    pub keep_bytes: u64,
    /// Whether the external party's number is replaced by a pseudonym.
    pub pseudonyms: bool,
    /// Maximum number of calls open at once.
    pub most_open: usize,
}

impl Default for LogSettings {
    fn default() -> Self {
        Self {
            keep_days: 90,
            keep_bytes: 1 << 30,
            pseudonyms: false,
            most_open: 1 << 20,
        }
    }
}

/// Why an operation on the log failed.
#[derive(Debug, thiserror::Error)]
pub enum LogError {
    /// The database is unusable, or a statement failed.
    #[error(transparent)]
    Database(#[from] DatabaseError),
    /// The key for pseudonyms is missing.
    #[error(transparent)]
    Key(#[from] KeyError),
}

/// Which ring of events was read, and up to which byte it is in the log.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RingPosition {
    /// Identifies the ring: it changes with a reboot, or if the ring is recreated.
    pub state: String,
    /// Bytes since the ring was created.
    pub position: u64,
}

/// The result of writing a batch of calls.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Put {
    /// New rows.
    pub logged: u64,
    /// Retransmissions of calls that the kernel had forgotten.
    pub recounted: u64,
    /// Calls that are over.
    pub ended: u64,
}

/// Calls that were written, each with its id in the log.
type NewRows<'c> = Vec<(i64, &'c NewCall)>;

/// The open log.
pub struct CallLog {
    pub(super) database: Database,
    settings: LogSettings,
    pseudonyms: Option<Pseudonyms>,
    pub(super) words: Words,
    open: OpenCalls,
    pub(super) on_line: OnLine,
    days: Days,
    /// The hour in which old sums were last removed.
    pub(super) swept: i64,
    /// The sums.
    pub ledger: Ledger,
}

impl CallLog {
    /// Opens the log of a state directory; creates it if there is none.
    ///
    /// # Errors
    /// The file is damaged, of a later version, or of another program; it is not changed.
    pub fn open(directory: &Path, settings: LogSettings) -> Result<Self, LogError> {
        let database = Database::open(directory.join(FILE_NAME), &SCHEMA)?;
        let pseudonyms = settings
            .pseudonyms
            .then(|| Pseudonyms::open(directory))
            .transpose()?;
        let ledger = Ledger::load(&database.connection);
        let ledger = ledger.map_err(|source| database.unusable(&source))?;
        let mut log = Self {
            database,
            settings,
            pseudonyms,
            words: Words::default(),
            open: OpenCalls::default(),
            on_line: OnLine::default(),
            days: Days::default(),
            swept: 0,
            ledger,
        };
        log.load(&Clock::read())?;
        Ok(log)
    }

    /// The database file.
    pub fn path(&self) -> &Path {
        &self.database.path
    }

    /// The settings in use.
    pub const fn settings(&self) -> &LogSettings {
        &self.settings
    }

    /// Changes the settings.
    ///
    /// # Errors
    /// The key for pseudonyms is missing.
    pub fn set_settings(&mut self, settings: LogSettings) -> Result<(), LogError> {
        if settings.pseudonyms && self.pseudonyms.is_none() {
            let directory = self.path().parent().unwrap_or(Path::new("/"));
            self.pseudonyms = Some(Pseudonyms::open(directory)?);
        } else if !settings.pseudonyms {
            self.pseudonyms = None;
        }
        self.settings = settings;
        Ok(())
    }

    /// Loads what is kept in memory: open calls and the most frequent numbers of the day.
    pub(super) fn load(&mut self, clock: &Clock) -> Result<(), LogError> {
        self.open = OpenCalls::default();
        self.words.clear();
        (self.open, self.days) = self.database.run(|connection| {
            let mut open = OpenCalls::default();
            let mut statement = connection.prepare(
                "SELECT id, fingerprint, first FROM call WHERE last IS NULL ORDER BY id",
            )?;
            let mut rows = statement.query([])?;
            while let Some(row) = rows.next()? {
                let ago = clock.wall().as_millisecond() - row.get::<_, i64>(2)?;
                let ago = u64::try_from(ago)
                    .unwrap_or_default()
                    .saturating_mul(1_000_000);
                let call = OpenCall {
                    id: row.get(0)?,
                    last: clock.monotonic().saturating_sub(ago),
                    packets: 1,
                    incomplete: false,
                };
                open.insert(row.get::<_, i64>(1)?.cast_unsigned(), call);
            }
            Ok((open, Days::load(connection, clock.wall())?))
        })?;
        Ok(())
    }

    /// Up to where a ring is in the log.
    ///
    /// # Errors
    /// The query failed.
    pub fn ring_position(&self) -> Result<RingPosition, LogError> {
        let read = |connection: &Connection| {
            let position = state::get(connection, RING_POSITION)?;
            Ok(RingPosition {
                state: state::get(connection, RING)?.unwrap_or_default(),
                position: position
                    .and_then(|text| text.parse().ok())
                    .unwrap_or_default(),
            })
        };
        Ok(self.database.run(read)?)
    }

    /// Writes calls and closes those that are over, in one transaction with the position of the
    /// ring they came from.
    ///
    /// # Errors
    /// The database failed; nothing is written.
    pub fn put(
        &mut self,
        mut calls: Vec<NewCall>,
        ring: &RingPosition,
        clock: &Clock,
        remembered: impl Fn(u64) -> Option<RememberedCall>,
    ) -> Result<Put, LogError> {
        if let Some(pseudonyms) = &self.pseudonyms {
            for call in &mut calls {
                call.hide_remote(pseudonyms);
            }
        }
        let over = self
            .open
            .take_over(clock.monotonic(), self.settings.most_open, remembered);
        if calls.is_empty() && over.is_empty() {
            return Ok(Put::default());
        }
        let written = self.write(&calls, over, ring, clock);
        match written {
            Ok((put, logged)) => {
                self.days.turn_to(clock.wall());
                for (id, call) in logged {
                    self.days
                        .add(id, &call.caller_shown(), &call.called_shown());
                }
                Ok(put)
            }
            Err(reason) => {
                // Memory is ahead of the disk.
                self.load(clock)?;
                Err(reason.into())
            }
        }
    }

    fn write<'c>(
        &mut self,
        calls: &'c [NewCall],
        over: Vec<OpenCall>,
        ring: &RingPosition,
        clock: &Clock,
    ) -> Result<(Put, NewRows<'c>), DatabaseError> {
        let Self {
            database,
            words,
            open,
            ledger,
            ..
        } = self;
        let written = database.in_transaction(|transaction| {
            let mut put = Put {
                ended: over.len() as u64,
                ..Put::default()
            };
            let mut ended = over;
            let mut logged = Vec::with_capacity(calls.len());
            let mut insert = transaction.prepare_cached(rows::INSERT)?;
            for call in calls {
                if let Some(known) = open.get_mut(call.fingerprint)
                    && call.monotonic < known.last.saturating_add(SURELY_OVER_AFTER)
                {
                    known.incomplete = true;
                    known.packets += 1;
                    put.recounted += 1;
                    continue;
                }
                let id = rows::insert(transaction, &mut insert, words, call)?;
                put.logged += 1;
                logged.push((id, call));
                let new = OpenCall {
                    id,
                    last: call.monotonic,
                    packets: 1,
                    incomplete: false,
                };
                ended.extend(open.insert(call.fingerprint, new));
            }
            rows::end(transaction, &ended, clock)?;
            state::set(transaction, RING, &ring.state)?;
            state::set(transaction, RING_POSITION, &ring.position.to_string())?;
            let hour = hour_of(clock.wall());
            let mut count = |account, calls| {
                let more = Counter { calls, packets: 0 };
                ledger.add(account, hour, more);
            };
            count(Account::Logged, put.logged);
            count(Account::Recounted, put.recounted);
            ledger.save(transaction)?;
            Ok((put, logged))
        })?;
        ledger.saved();
        Ok(written)
    }

    /// Writes the sums that have changed.
    ///
    /// # Errors
    /// The database failed; they are written the next time.
    pub fn save_ledger(&mut self) -> Result<(), LogError> {
        let Self {
            database, ledger, ..
        } = self;
        if ledger.is_changed() {
            database.in_transaction(|transaction| ledger.save(transaction))?;
            ledger.saved();
        }
        Ok(())
    }

    /// Writes the statuses with which open calls were answered, by the hash of their Call-ID; calls
    /// that are not open are skipped. A provisional status (183, or a redirection) is replaced by
    /// the final one.
    ///
    /// # Errors
    /// The database failed.
    pub fn set_statuses(&mut self, answers: &[(u64, u16)]) -> Result<(), LogError> {
        if answers.is_empty() {
            return Ok(());
        }
        let Self {
            database,
            open,
            on_line,
            ..
        } = self;
        database.in_transaction(|transaction| {
            let mut update = transaction.prepare_cached(
                "UPDATE call SET status = ?2 WHERE id = ?1 AND (status IS NULL OR status < 200 OR status = 302)",
            )?;
            for (fingerprint, status) in answers {
                if let Some(call) = open.get_mut(*fingerprint) {
                    update.execute(params![call.id, status])?;
                    on_line.note(*fingerprint, *status, call.id);
                }
            }
            Ok(())
        })?;
        Ok(())
    }

    /// Writes the most frequent numbers of the day.
    ///
    /// # Errors
    /// The database failed; they are counted again from the log at the next start.
    pub fn save_days(&mut self) -> Result<(), LogError> {
        let Self { database, days, .. } = self;
        database.in_transaction(|transaction| days.save(transaction))?;
        Ok(())
    }

    /// The id up to which a sink has delivered; `None` if it never has.
    ///
    /// # Errors
    /// The query failed.
    pub fn cursor(&self, sink: &str) -> Result<Option<u64>, LogError> {
        let sql = "SELECT id FROM cursor WHERE sink = ?1";
        let find = |connection: &Connection| connection.find(sql, [sink], |row| row.get(0));
        Ok(self.database.run(find)?)
    }

    /// Stores the id up to which a sink has delivered.
    ///
    /// # Errors
    /// The database failed.
    pub fn keep_cursor(&self, sink: &str, id: u64) -> Result<(), LogError> {
        let sql = "INSERT INTO cursor (sink, id) VALUES (?1, ?2) ON CONFLICT (sink) DO UPDATE SET id = ?2";
        self.database
            .run(|connection| connection.write(sql, params![sink, id]))?;
        Ok(())
    }

    /// Number of calls that are not over.
    pub fn open_calls(&self) -> usize {
        self.open.len()
    }

    /// The most frequent numbers of today.
    pub const fn today(&self) -> &Days {
        &self.days
    }

    pub(super) const fn today_mut(&mut self) -> &mut Days {
        &mut self.days
    }

    /// The pseudonyms, if they are used.
    pub const fn pseudonyms(&self) -> Option<&Pseudonyms> {
        self.pseudonyms.as_ref()
    }
}

const RING: &str = "ring";
const RING_POSITION: &str = "ring position";

/// Milliseconds since 1970 as a time.
pub(super) fn time_of(milliseconds: i64) -> Timestamp {
    Timestamp::from_millisecond(milliseconds).unwrap_or_default()
}
