//! Sums of a period: what was counted, overall and by hour, and the most frequent numbers.

use std::collections::HashMap;

use blacklist_common::tables::Counter;
use jiff::Timestamp;
use rusqlite::{Connection, params};

use super::account::Account;
use super::busiest::Busiest;
use super::days::{self, Side, day_of};
use super::ledger::hour_of;
use super::log::LogError;
use super::reading::{CallReader, SELECT, read_call};
use crate::database::Statements as _;
use blacklist_figures::{BusyNumber, Shares};
use blacklist_system::clock;

/// A period of whole hours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Period {
    /// Its start.
    pub since: Timestamp,
    /// Its end, exclusive.
    pub until: Timestamp,
}

/// Maximum number of rows for which the most frequent numbers of a period are counted exactly.
const COUNTED_ROWS: u64 = 200_000;

impl CallReader<'_> {
    /// All sums of a period.
    ///
    /// # Errors
    /// The query failed.
    pub fn sums(&self, period: Period) -> Result<HashMap<Account, Counter>, LogError> {
        let read = |connection: &Connection| {
            let mut statement = connection.prepare_cached(
                "SELECT kind, key, sum(calls), sum(packets) FROM hour \
                 WHERE hour >= ?1 AND hour < ?2 GROUP BY kind, key",
            )?;
            let (first, end) = hours(period);
            let mut rows = statement.query(params![first, end])?;
            let mut sums = HashMap::new();
            while let Some(row) = rows.next()? {
                let (kind, key) = (row.get_ref(0)?.as_str()?, row.get_ref(1)?.as_str()?);
                if let Some(account) = Account::from_words(kind, key) {
                    let sum = Counter {
                        calls: row.get(2)?,
                        packets: row.get(3)?,
                    };
                    sums.insert(account, sum);
                }
            }
            Ok(sums)
        };
        Ok(self.database.run(read)?)
    }

    /// What happened to calls, by hour since 1970; hours without calls are omitted.
    ///
    /// # Errors
    /// The query failed.
    pub fn hours(&self, period: Period) -> Result<Vec<(i64, Shares)>, LogError> {
        let read = |connection: &Connection| {
            let mut statement = connection.prepare_cached(
                "SELECT hour, key, calls, packets, kind FROM hour \
                 WHERE hour >= ?1 AND hour < ?2 AND kind IN ('outcome', 'companion') ORDER BY hour",
            )?;
            let (first, end) = hours(period);
            let mut rows = statement.query(params![first, end])?;
            let mut list: Vec<(i64, Shares)> = Vec::new();
            while let Some(row) = rows.next()? {
                let hour = row.get(0)?;
                if list.last().is_none_or(|(last, _)| *last != hour) {
                    list.push((hour, Shares::default()));
                }
                let sum = Counter {
                    calls: row.get(2)?,
                    packets: row.get(3)?,
                };
                let account =
                    Account::from_words(row.get_ref(4)?.as_str()?, row.get_ref(1)?.as_str()?);
                if let (Some((_, shares)), Some(account)) = (list.last_mut(), account) {
                    account.add_to(shares, sum);
                }
            }
            Ok(list)
        };
        Ok(self.database.run(read)?)
    }

    /// The most frequent numbers of a period, and whether they were counted exactly. If not, they
    /// are those of the days that the period touches, and each says how much too high its count may
    /// be. `today` holds the counts of the current day.
    ///
    /// # Errors
    /// The query failed.
    pub fn busiest(
        &self,
        period: Option<Period>,
        side: Side,
        limit: usize,
        today: &Busiest,
    ) -> Result<(Vec<BusyNumber>, bool), LogError> {
        let read = |connection: &Connection| {
            if let Some(period) = period
                && self.rows_in(period)? <= COUNTED_ROWS
            {
                return Ok((self.counted(period, side, limit)?, true));
            }
            let day = day_of(clock::now());
            let (first, last) = match period {
                Some(period) => (day_of(period.since), day_of(period.until)),
                None => (String::new(), day.clone()),
            };
            // The current day is in memory; its counts in the database are older.
            let earlier = last.clone().min(previous(&day));
            let mut busiest = days::read(connection, &first, &earlier, side)?;
            if first <= day && day <= last {
                busiest.merge(today);
            }
            Ok((busiest.top(limit).collect(), false))
        };
        Ok(self.database.run(read)?)
    }

    /// Number of rows in a period, up to the limit that matters.
    fn rows_in(&self, period: Period) -> rusqlite::Result<u64> {
        let sql =
            "SELECT count(*) FROM (SELECT 1 FROM call WHERE first >= ?1 AND first < ?2 LIMIT ?3)";
        let (since, until) = (period.since.as_millisecond(), period.until.as_millisecond());
        self.database
            .connection
            .one(sql, params![since, until, COUNTED_ROWS + 1], |row| {
                row.get(0)
            })
    }

    fn counted(
        &self,
        period: Period,
        side: Side,
        limit: usize,
    ) -> rusqlite::Result<Vec<BusyNumber>> {
        let column = side.as_str();
        let sql = format!(
            "WITH busy(number, calls, newest) AS MATERIALIZED \
             (SELECT {column}, count(*), max(id) FROM call WHERE first >= ?1 AND first < ?2 \
             AND {column} <> 0 GROUP BY {column} ORDER BY 2 DESC, 3 DESC LIMIT ?3) \
             SELECT one.*, busy.calls FROM busy JOIN ({SELECT}) one ON one.id = busy.newest \
             ORDER BY busy.calls DESC, busy.newest DESC"
        );
        let mut statement = self.database.connection.prepare_cached(&sql)?;
        let mut rows = statement.query(params![
            period.since.as_millisecond(),
            period.until.as_millisecond(),
            i64::try_from(limit).unwrap_or(i64::MAX)
        ])?;
        let mut list = Vec::new();
        while let Some(row) = rows.next()? {
            let call = read_call(row)?;
            list.push(BusyNumber {
                number: match side {
                    Side::Caller => call.caller,
                    Side::Called => call.called,
                },
                calls: row.get("calls")?,
                error: 0,
            });
        }
        Ok(list)
    }
}

/// First hour of a period and the one after its last.
fn hours(period: Period) -> (i64, i64) {
    let until = period.until.as_second();
    let end = until.div_euclid(3600) + i64::from(until.rem_euclid(3600) != 0);
    (hour_of(period.since), end)
}

/// The previous day.
fn previous(day: &str) -> String {
    let date: Result<jiff::civil::Date, _> = day.parse();
    match date.map(jiff::civil::Date::yesterday) {
        Ok(Ok(date)) => date.to_string(),
        Ok(Err(_)) | Err(_) => String::new(),
    }
}
