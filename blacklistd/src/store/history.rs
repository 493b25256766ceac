//! What the history is asked.

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension as _, params};

use super::conditions::Conditions;
use super::generation_row::{GenerationRow, SELECT};
use crate::rules::RuleId;

/// Which generations are asked for; what is absent is not asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HistoryFilter {
    /// Made at this time or later.
    pub since: Option<Timestamp>,
    /// By somebody whose name has this text in it.
    pub author: Option<String>,
    /// Made by this command.
    pub action: Option<String>,
    /// In which this rule was changed.
    pub rule: Option<RuleId>,
    /// In which this list, or a rule of it, was changed: any list that ever had the name.
    pub list: Option<String>,
    /// Older than this one.
    pub before: Option<u64>,
}

/// Generations, the newest first.
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
    if let Some(since) = since {
        let since = conditions.value(since.as_second());
        conditions.add(format!("at >= {since}"));
    }
    if let Some(author) = author {
        let author = conditions.value(author.clone());
        conditions.add(format!("instr(author, {author}) > 0"));
    }
    if let Some(action) = action {
        let action = conditions.value(action.clone());
        conditions.add(format!("action = {action}"));
    }
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
    if let Some(before) = before {
        let before = conditions.value(*before);
        conditions.add(format!("number < {before}"));
    }
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let sql = format!(
        "{SELECT} WHERE {} ORDER BY number DESC LIMIT {limit}",
        conditions.sql()
    );
    let mut statement = connection.prepare(&sql)?;
    let values = conditions.values();
    let rows = statement.query_map(values.as_slice(), GenerationRow::read)?;
    rows.collect()
}

/// A generation by its number.
pub(super) fn get(connection: &Connection, number: u64) -> rusqlite::Result<Option<GenerationRow>> {
    connection
        .prepare_cached(&format!("{SELECT} WHERE number = ?1"))?
        .query_row(params![number], GenerationRow::read)
        .optional()
}

/// The number of the newest generation.
pub(super) fn head(connection: &Connection) -> rusqlite::Result<u64> {
    connection
        .prepare_cached("SELECT coalesce(max(number), 0) FROM generation")?
        .query_row([], |row| row.get(0))
}
