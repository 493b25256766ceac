//! How calls ended that heard something: they last longer than other calls stay open.

use std::collections::HashMap;

use blacklist_common::tables::Counter;
use rusqlite::params;

use super::account::Account;
use super::ledger::hour_of;
use super::log::{CallLog, LogError};
use crate::database::Statements as _;
use blacklist_system::clock;

/// Maximum number of calls in progress that are tracked.
const MOST: usize = 20_000;

/// Whether a call with this status is in progress: it hears something, or was answered.
const fn is_on_line(status: u16) -> bool {
    matches!(status, 183 | 200)
}

/// How a call ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CallEnd {
    /// The hash of its Call-ID.
    pub fingerprint: u64,
    /// How long it was connected, in seconds.
    pub seconds: u64,
    /// Whether it was held with music or phrases.
    pub is_held: bool,
    /// Result of the last PIN attempt; `None` if no PIN was requested.
    pub pin: Option<&'static str>,
}

/// Calls in progress: their ids in the log, by the hash of their Call-ID.
#[derive(Debug, Default)]
pub(super) struct OnLine(HashMap<u64, i64>);

impl OnLine {
    /// Tracks a call if its status says that it is in progress.
    pub(super) fn track(&mut self, fingerprint: u64, status: u16, id: i64) {
        if is_on_line(status) && self.0.len() < MOST {
            self.0.insert(fingerprint, id);
        }
    }
}

impl CallLog {
    /// Writes how calls in progress ended, and counts the time of those that were held. Calls that
    /// are not in the log are skipped.
    ///
    /// # Errors
    /// The database failed.
    pub fn set_ends(&mut self, ends: &[CallEnd]) -> Result<(), LogError> {
        if ends.is_empty() {
            return Ok(());
        }
        let Self {
            database,
            on_line,
            words,
            ..
        } = self;
        let result = database.in_transaction(|transaction| {
            for end in ends {
                let Some(id) = on_line.0.remove(&end.fingerprint) else {
                    continue;
                };
                let pin = match end.pin {
                    Some(word) => Some(words.id(transaction, word)?),
                    None => None,
                };
                transaction.write(
                    "UPDATE call SET duration = ?2, pin = ?3 WHERE id = ?1",
                    params![id, end.seconds, pin],
                )?;
            }
            Ok(())
        });
        if result.is_err() {
            self.words.clear();
        }
        for end in ends.iter().filter(|end| end.is_held) {
            let held = Counter {
                calls: 1,
                packets: end.seconds,
            };
            self.ledger.add(Account::Held, hour_of(clock::now()), held);
        }
        Ok(result?)
    }
}
