//! The log of blocked calls on disk, and the sums beside it: one writer, one transaction for all
//! that belongs together.

use std::path::{Path, PathBuf};

use blacklist_common::calls::SURELY_OVER_AFTER;
use blacklist_common::tables::Counter;
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension as _, TransactionBehavior, params};

use super::account::Account;
use super::call::NewCall;
use super::database;
use super::days::Days;
use super::ledger::{Ledger, hour_of};
use super::on_line::OnLine;
use super::open_calls::{OpenCall, OpenCalls};
use super::pseudonym::{KeyError, Pseudonyms};
use super::rows;
use super::state;
use super::words::Words;
use crate::model::{Clock, RememberedCall};

/// The database's name in the state directory.
pub const FILE_NAME: &str = "calls.db";

/// How the log is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogSettings {
    /// Days after which a call is removed.
    pub keep_days: u32,
    /// Bytes above which the oldest calls are removed.
    pub keep_bytes: u64,
    /// Whether the party outside has a pseudonym in the place of its number.
    pub pseudonyms: bool,
    /// Calls that may be open at once.
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

/// Why the log could not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum LogError {
    /// It is damaged, or no database of ours.
    #[error("the calls' log {} cannot be used: {reason}", path.display())]
    Unusable {
        /// The database.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// The database refused (disk full, locked, ...).
    #[error("the calls' log {} refused: {source}", path.display())]
    Database {
        /// The database.
        path: PathBuf,
        /// What it said.
        source: rusqlite::Error,
    },
    /// There is no key for pseudonyms.
    #[error(transparent)]
    Key(#[from] KeyError),
}

/// Where the reader of events is: which ring, and up to where it was taken into the log.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RingPosition {
    /// A name for the state that has the ring: another one after a reboot, or if it was made anew.
    pub state: String,
    /// Bytes since the ring was made.
    pub position: u64,
}

/// What became of a batch of calls.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Put {
    /// New rows.
    pub logged: u64,
    /// Repetitions of calls that the kernel had forgotten.
    pub recounted: u64,
    /// Calls that are over.
    pub ended: u64,
}

/// The open log.
pub struct CallLog {
    pub(super) connection: Connection,
    pub(super) path: PathBuf,
    settings: LogSettings,
    pseudonyms: Option<Pseudonyms>,
    pub(super) words: Words,
    open: OpenCalls,
    pub(super) on_line: OnLine,
    days: Days,
    /// The hour in which old sums were removed last.
    pub(super) swept: i64,
    /// The sums.
    pub ledger: Ledger,
}

impl CallLog {
    /// Opens the log of a state directory; creates it if there is none.
    ///
    /// # Errors
    /// The file is damaged, of a later version, or of another program: it is left as it is.
    pub fn open(directory: &Path, settings: LogSettings) -> Result<Self, LogError> {
        let path = directory.join(FILE_NAME);
        let unusable = |source: rusqlite::Error| LogError::Unusable {
            path: path.clone(),
            reason: source.to_string(),
        };
        let connection = Connection::open(&path).map_err(unusable)?;
        database::prepare(&connection, &path)?;
        let pseudonyms = settings
            .pseudonyms
            .then(|| Pseudonyms::open(directory))
            .transpose()?;
        let ledger = Ledger::load(&connection).map_err(unusable)?;
        let mut log = Self {
            connection,
            settings,
            pseudonyms,
            words: Words::default(),
            open: OpenCalls::default(),
            on_line: OnLine::default(),
            days: Days::default(),
            swept: 0,
            ledger,
            path,
        };
        log.load(&Clock::read())
            .map_err(|source| log.refused(source))?;
        Ok(log)
    }

    /// Where the database is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// How the log is kept.
    pub const fn settings(&self) -> &LogSettings {
        &self.settings
    }

    /// Keeps the log in another way from now on.
    ///
    /// # Errors
    /// There is no key for pseudonyms.
    pub fn set_settings(&mut self, settings: LogSettings) -> Result<(), LogError> {
        if settings.pseudonyms && self.pseudonyms.is_none() {
            let directory = self.path.parent().unwrap_or(Path::new("/"));
            self.pseudonyms = Some(Pseudonyms::open(directory)?);
        } else if !settings.pseudonyms {
            self.pseudonyms = None;
        }
        self.settings = settings;
        Ok(())
    }

    fn refused(&self, source: rusqlite::Error) -> LogError {
        LogError::Database {
            path: self.path.clone(),
            source,
        }
    }

    /// Reads what is in memory: open calls and the busiest of the day.
    fn load(&mut self, clock: &Clock) -> rusqlite::Result<()> {
        self.open = OpenCalls::default();
        self.words.clear();
        let mut statement = self
            .connection
            .prepare("SELECT id, fingerprint, first FROM call WHERE last IS NULL ORDER BY id")?;
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
            self.open
                .insert(row.get::<_, i64>(1)?.cast_unsigned(), call);
        }
        self.days = Days::load(&self.connection, clock.wall())?;
        Ok(())
    }

    /// Up to where a ring was taken into the log.
    ///
    /// # Errors
    /// The database refused.
    pub fn ring_position(&self) -> Result<RingPosition, LogError> {
        let read = || -> rusqlite::Result<RingPosition> {
            let position = state::get(&self.connection, RING_POSITION)?;
            Ok(RingPosition {
                state: state::get(&self.connection, RING)?.unwrap_or_default(),
                position: position
                    .and_then(|text| text.parse().ok())
                    .unwrap_or_default(),
            })
        };
        read().map_err(|source| self.refused(source))
    }

    /// Writes calls, and ends those that are over, in one transaction with the position of the
    /// ring they came from. Nothing of it is written if the database refuses.
    ///
    /// # Errors
    /// The database refused.
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
            Err(source) => {
                // What is in memory is ahead of the disk.
                let reason = self.refused(source);
                self.load(clock).map_err(|source| self.refused(source))?;
                Err(reason)
            }
        }
    }

    fn write<'c>(
        &mut self,
        calls: &'c [NewCall],
        over: Vec<OpenCall>,
        ring: &RingPosition,
        clock: &Clock,
    ) -> rusqlite::Result<(Put, Vec<(i64, &'c NewCall)>)> {
        let Self {
            connection,
            words,
            open,
            ..
        } = self;
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let mut put = Put {
            ended: over.len() as u64,
            ..Put::default()
        };
        let mut ended = over;
        let mut logged = Vec::with_capacity(calls.len());
        {
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
                let id = rows::insert(&transaction, &mut insert, words, call)?;
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
        }
        rows::end(&transaction, &ended, clock)?;
        state::set(&transaction, RING, &ring.state)?;
        state::set(&transaction, RING_POSITION, &ring.position.to_string())?;
        let hour = hour_of(clock.wall());
        let mut count = |account, calls| {
            let more = Counter { calls, packets: 0 };
            self.ledger.add(account, hour, more);
        };
        count(Account::Logged, put.logged);
        count(Account::Recounted, put.recounted);
        self.ledger.save(&transaction)?;
        transaction.commit()?;
        self.ledger.saved();
        Ok((put, logged))
    }

    /// Writes sums that have changed.
    ///
    /// # Errors
    /// The database refused; they are written the next time.
    pub fn save_ledger(&mut self) -> Result<(), LogError> {
        if !self.ledger.is_changed() {
            return Ok(());
        }
        let mut save = || -> rusqlite::Result<()> {
            let transaction = self
                .connection
                .transaction_with_behavior(TransactionBehavior::Immediate)?;
            self.ledger.save(&transaction)?;
            transaction.commit()
        };
        save().map_err(|source| LogError::Database {
            path: self.path.clone(),
            source,
        })?;
        self.ledger.saved();
        Ok(())
    }

    /// Writes with which statuses calls that are not over were answered, by the hash of their
    /// Call-ID. Others are left out. What was said on the way, 183 or that it is diverted, gives way
    /// to the end.
    ///
    /// # Errors
    /// The database refused.
    pub fn set_statuses(&mut self, answers: &[(u64, u16)]) -> Result<(), LogError> {
        if answers.is_empty() {
            return Ok(());
        }
        let mut set = || -> rusqlite::Result<()> {
            let transaction = self
                .connection
                .transaction_with_behavior(TransactionBehavior::Immediate)?;
            {
                let mut update = transaction.prepare_cached(
                    "UPDATE call SET status = ?2 WHERE id = ?1 AND (status IS NULL OR status < 200 OR status = 302)",
                )?;
                for (fingerprint, status) in answers {
                    if let Some(call) = self.open.get_mut(*fingerprint) {
                        update.execute(params![call.id, status])?;
                        self.on_line.note(*fingerprint, *status, call.id);
                    }
                }
            }
            transaction.commit()
        };
        set().map_err(|source| LogError::Database {
            path: self.path.clone(),
            source,
        })
    }

    /// Writes the busiest of the day.
    ///
    /// # Errors
    /// The database refused; they are counted anew from the log at the next start.
    pub fn save_days(&mut self) -> Result<(), LogError> {
        let mut save = || -> rusqlite::Result<()> {
            let transaction = self
                .connection
                .transaction_with_behavior(TransactionBehavior::Immediate)?;
            self.days.save(&transaction)?;
            transaction.commit()
        };
        save().map_err(|source| LogError::Database {
            path: self.path.clone(),
            source,
        })
    }

    /// How far a sink of the log has got; none for one that never took a call.
    ///
    /// # Errors
    /// The database refused.
    pub fn cursor(&self, sink: &str) -> Result<Option<u64>, LogError> {
        self.connection
            .prepare_cached("SELECT id FROM cursor WHERE sink = ?1")
            .and_then(|mut statement| {
                statement
                    .query_row(params![sink], |row| row.get(0))
                    .optional()
            })
            .map_err(|source| self.refused(source))
    }

    /// Remembers how far a sink has got.
    ///
    /// # Errors
    /// The database refused.
    pub fn keep_cursor(&self, sink: &str, id: u64) -> Result<(), LogError> {
        self.connection
            .prepare_cached(
                "INSERT INTO cursor (sink, id) VALUES (?1, ?2) ON CONFLICT (sink) DO UPDATE SET id = ?2",
            )
            .and_then(|mut statement| statement.execute(params![sink, id]))
            .map(drop)
            .map_err(|source| self.refused(source))
    }

    /// How many calls are not over.
    pub fn open_calls(&self) -> usize {
        self.open.len()
    }

    /// The busiest of today.
    pub const fn today(&self) -> &Days {
        &self.days
    }

    pub(super) const fn today_mut(&mut self) -> &mut Days {
        &mut self.days
    }

    pub(super) const fn connection(&self) -> &Connection {
        &self.connection
    }

    /// Pseudonyms, if they are used.
    pub const fn pseudonyms(&self) -> Option<&Pseudonyms> {
        self.pseudonyms.as_ref()
    }

    pub(super) fn forget_open(&mut self, clock: &Clock) -> Result<(), LogError> {
        self.load(clock).map_err(|source| self.refused(source))
    }
}

const RING: &str = "ring";
const RING_POSITION: &str = "ring position";

/// Milliseconds since 1970 as a time.
pub(super) fn time_of(milliseconds: i64) -> Timestamp {
    Timestamp::from_millisecond(milliseconds).unwrap_or_default()
}
