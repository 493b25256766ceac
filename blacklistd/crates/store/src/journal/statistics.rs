//! Sums of a period out of the log: what was counted, by hour too, and the busiest numbers.

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

/// From when to when; whole hours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Period {
    /// From here on.
    pub since: Timestamp,
    /// Until here.
    pub until: Timestamp,
}

/// Rows up to which the busiest of a period are counted one by one.
const COUNTED_ROWS: u64 = 200_000;

impl CallReader<'_> {
    /// Everything that was counted in a period.
    ///
    /// # Errors
    /// The database refused.
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

    /// What became of calls in each hour since 1970 of a period in which any came.
    ///
    /// # Errors
    /// The database refused.
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

    /// The busiest numbers of a period, and whether they were counted one by one. Where they were
    /// not, they are those of the days that the period touches, and each says by how much its
    /// count may be too high. `today` is what was counted of the present day.
    ///
    /// # Errors
    /// The database refused.
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
            let day = day_of(Timestamp::now());
            let (first, last) = match period {
                Some(period) => (day_of(period.since), day_of(period.until)),
                None => (String::new(), day.clone()),
            };
            // The present day stands in memory; what the database has of it is older.
            let earlier = last.clone().min(previous(&day));
            let mut busiest = days::read(connection, &first, &earlier, side)?;
            if first <= day && day <= last {
                busiest.merge(today);
            }
            Ok((busiest.top(limit).collect(), false))
        };
        Ok(self.database.run(read)?)
    }

    /// Rows in a period, as far as they matter.
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

/// First hour of a period and the one behind its last.
fn hours(period: Period) -> (i64, i64) {
    let until = period.until.as_second();
    let end = until.div_euclid(3600) + i64::from(until.rem_euclid(3600) != 0);
    (hour_of(period.since), end)
}

/// The day before.
fn previous(day: &str) -> String {
    let date: Result<jiff::civil::Date, _> = day.parse();
    match date.map(jiff::civil::Date::yesterday) {
        Ok(Ok(date)) => date.to_string(),
        Ok(Err(_)) | Err(_) => String::new(),
    }
}
