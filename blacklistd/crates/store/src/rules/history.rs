//! Queries of the history.

use blacklist_model::RuleId;
use jiff::Timestamp;
use rusqlite::Connection;

use super::generation_row::{GenerationRow, SELECT};
use crate::database::{Conditions, Statements as _};

/// Which generations are requested; `None` sets no condition.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HistoryFilter {
    /// Made at this time or later.
    pub since: Option<Timestamp>,
    /// By an author whose name contains this text.
    pub author: Option<String>,
    /// Made by this command.
    pub action: Option<String>,
    /// In which this rule was changed.
    pub rule: Option<RuleId>,
    /// In which a list that ever had this name, or a rule of it, was changed.
    pub list: Option<String>,
    /// Older than this one.
    pub before: Option<u64>,
}

/// Generations, newest first.
pub(super) fn newest(
    connection: &Connection,
    filter: &HistoryFilter,
    limit: u64,
) -> rusqlite::Result<Vec<GenerationRow>> {
    let mut conditions = Conditions::default();
    let HistoryFilter {
        since,
        author,
        action,
        rule,
        list,
        before,
    } = filter;
    conditions.compare("at", ">=", since.map(Timestamp::as_second));
    if let Some(author) = author {
        let author = conditions.value(author.clone());
        conditions.add(format!("instr(author, {author}) > 0"));
    }
    conditions.compare("action", "=", action.clone());
    if let Some(rule) = rule {
        let rule = conditions.value(rule.0);
        conditions.add(format!(
            "number IN (SELECT since FROM rule WHERE id = {rule} UNION SELECT until FROM rule WHERE id = {rule})"
        ));
    }
    if let Some(list) = list {
        let list = conditions.value(list.clone());
        conditions.add(format!(
            "number IN (WITH l(id) AS (SELECT id FROM list WHERE name = {list}) \
             SELECT since FROM rule WHERE list IN l UNION SELECT until FROM rule WHERE list IN l \
             UNION SELECT since FROM list WHERE id IN l UNION SELECT until FROM list WHERE id IN l)"
        ));
    }
    conditions.compare("number", "<", *before);
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let rest = format!("ORDER BY number DESC LIMIT {limit}");
    conditions.list(connection, (SELECT, &rest), GenerationRow::read)
}

/// A generation by its number.
pub(super) fn get(connection: &Connection, number: u64) -> rusqlite::Result<Option<GenerationRow>> {
    let sql = format!("{SELECT} WHERE number = ?1");
    connection.find(&sql, [number], GenerationRow::read)
}

/// The number of the newest generation.
pub(super) fn head(connection: &Connection) -> rusqlite::Result<u64> {
    let sql = "SELECT coalesce(max(number), 0) FROM generation";
    connection.one(sql, [], |row| row.get(0))
}
