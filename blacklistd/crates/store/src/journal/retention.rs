//! How long data is kept, and how traces of a number are removed.

use std::time::Duration;

use blacklist_common::number::Number;
use jiff::{SignedDuration, Timestamp};
use rusqlite::{Connection, params};

use super::call::shown_number;
use super::ledger::hour_of;
use super::log::{CallLog, LogError};
use super::{pseudonym, words};
use crate::database::Statements as _;
use blacklist_system::{Clock, Moment};

/// Rows removed at once.
const TURN: i64 = 5000;
/// Pages freed at once.
const PAGES: i64 = 4096;
/// Days for which sums by hour and day are kept.
const KEEP_HOURS: i64 = 400;
/// Days for which hourly sums of single rules are kept.
const KEEP_RULES: i64 = 35;

impl CallLog {
    /// Removes what exceeds the limits of age and size, for at most `patience`. Returns the number
    /// of calls removed.
    ///
    /// # Errors
    /// The database failed.
    pub fn retain(&mut self, now: Timestamp, patience: Duration) -> Result<u64, LogError> {
        let settings = self.settings();
        let swept = self.swept;
        let retain = |connection: &Connection| {
            let mut removed = 0;
            let end = Moment::now() + patience;
            let age = SignedDuration::from_hours(24 * i64::from(settings.keep_days));
            let oldest = now
                .checked_sub(age)
                .unwrap_or(Timestamp::MIN)
                .as_millisecond();
            while Moment::now() < end {
                let gone = connection.write(
                    "DELETE FROM call WHERE id IN (SELECT id FROM call WHERE first < ?1 ORDER BY first LIMIT ?2)",
                    [oldest, TURN],
                )?;
                removed += gone as u64;
                if (gone as i64) < TURN {
                    break;
                }
            }
            while Moment::now() < end && bytes_used(connection)? > settings.keep_bytes {
                let gone = connection.write(
                    "DELETE FROM call WHERE id IN (SELECT id FROM call ORDER BY id LIMIT ?1)",
                    [TURN],
                )?;
                removed += gone as u64;
                if gone == 0 {
                    break;
                }
            }
            if removed > 0 {
                give_back(connection, PAGES)?;
            }
            if swept != hour_of(now) {
                forget_hours(connection, now)?;
            }
            Ok(removed)
        };
        let removed = self.database.run(retain)?;
        self.swept = hour_of(now);
        Ok(removed)
    }

    /// Removes all traces of a number: its calls, on either side, and its counts among the most
    /// frequent. Returns the number of calls removed.
    ///
    /// # Errors
    /// The database failed; nothing is removed.
    pub fn forget(&mut self, number: Number, sent: &str) -> Result<u64, LogError> {
        let mut numbers = vec![(number, shown_number(number, sent, false))];
        if let Some(pseudonyms) = self.pseudonyms() {
            let pseudonym = pseudonyms.of(number);
            numbers.push((pseudonym, pseudonym::shown(pseudonym)));
        }
        let removed = self.database.in_transaction(|transaction| {
            let mut removed = 0;
            for (number, text) in &numbers {
                for column in ["caller", "called"] {
                    removed += transaction.execute(
                        &format!("DELETE FROM call WHERE {column} = ?1"),
                        params![number.0.cast_signed()],
                    )? as u64;
                }
                transaction.execute("DELETE FROM busiest WHERE number = ?1", params![text])?;
            }
            // As a pattern it remains only if another call has it.
            let text = shown_number(number, sent, false);
            if let Some(word) = words::find(transaction, &text)? {
                transaction.execute(
                    "DELETE FROM word WHERE id = ?1 AND id NOT IN (SELECT pattern FROM call)",
                    params![word],
                )?;
            }
            Ok(removed)
        })?;
        // The write-ahead log contains them until it is checkpointed and truncated.
        self.database.run(|connection| {
            give_back(connection, i64::MAX)?;
            connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))
        })?;
        for (_, text) in &numbers {
            self.today_mut().forget(text);
        }
        self.save_days()?;
        self.load(&Clock::read())?;
        Ok(removed)
    }

    /// Size of the log on disk in bytes, without free pages.
    ///
    /// # Errors
    /// The query failed.
    pub fn bytes(&self) -> Result<u64, LogError> {
        Ok(self.database.run(bytes_used)?)
    }
}

fn bytes_used(connection: &Connection) -> rusqlite::Result<u64> {
    let number = |pragma| connection.pragma_query_value(None, pragma, |row| row.get::<_, u64>(0));
    let pages = number("page_count")?.saturating_sub(number("freelist_count")?);
    Ok(pages * number("page_size")?)
}

fn give_back(connection: &Connection, pages: i64) -> rusqlite::Result<()> {
    let mut statement = connection.prepare(&format!("PRAGMA incremental_vacuum({pages})"))?;
    let mut rows = statement.query([])?;
    while rows.next()?.is_some() {}
    Ok(())
}

fn forget_hours(connection: &Connection, now: Timestamp) -> rusqlite::Result<()> {
    let hour = hour_of(now);
    connection.write("DELETE FROM hour WHERE hour < ?1", [hour - 24 * KEEP_HOURS])?;
    connection.write(
        "DELETE FROM hour WHERE kind = 'rule' AND hour < ?1",
        [hour - 24 * KEEP_RULES],
    )?;
    let age = SignedDuration::from_hours(24 * KEEP_HOURS);
    let day = super::days::day_of(now.checked_sub(age).unwrap_or(Timestamp::MIN));
    connection.write("DELETE FROM busiest WHERE day < ?1", [day])?;
    Ok(())
}
