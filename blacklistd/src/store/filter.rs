//! Which rules are asked for: filtered and paged by the database, so that a page of ten million
//! rules costs no more memory than a page.

use rusqlite::Connection;

use super::conditions::{Conditions, contains};
use super::record::{Record as _, select};
use super::rule_row::RuleRow;
use super::scope_row::MemberRow;
use crate::rules::{ListId, MatchKind, RuleId, ScopeId};

/// What rules must be like; what is absent or empty is not asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RuleFilter {
    /// Of this list.
    pub list: Option<ListId>,
    /// For this scope: by themselves, or because their list is.
    pub scope: Option<ScopeFilter>,
    /// Matching so.
    pub matching: Option<MatchKind>,
    /// With this text in pattern or comment.
    pub search: Option<String>,
    /// Switched on or off.
    pub enabled: Option<bool>,
    /// From there, or from one of its imports: `manual`, `apply`, `import:7`, `feed:NAME`.
    pub origin: Option<String>,
    /// Restricted to a time or a schedule.
    pub timed: Option<bool>,
}

/// A scope, and the lists that are assigned to it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ScopeFilter {
    /// The scope.
    pub scope: ScopeId,
    /// The lists.
    pub lists: Vec<ListId>,
}

/// A part of what a filter lets through, by id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Page {
    /// Rules that are passed over.
    pub offset: u64,
    /// Rules at most.
    pub limit: u64,
}

impl RuleFilter {
    fn conditions(&self) -> Conditions {
        let mut conditions = Conditions::default();
        conditions.add("r.until IS NULL");
        let Self {
            list,
            scope,
            matching,
            search,
            enabled,
            origin,
            timed,
        } = self;
        if let Some(list) = list {
            let list = conditions.value(list.0);
            conditions.add(format!("r.list = {list}"));
        }
        if let Some(ScopeFilter { scope, lists }) = scope {
            let lists: Vec<String> = lists.iter().map(|list| list.0.to_string()).collect();
            let lists = lists.join(", ");
            let scope = conditions.value(format!(" {scope} "));
            conditions.add(format!(
                "CASE WHEN r.scopes IS NULL THEN r.list IN ({lists}) ELSE instr(' ' || r.scopes || ' ', {scope}) > 0 END"
            ));
        }
        if let Some(matching) = matching {
            let matching = conditions.value(matching.as_str());
            conditions.add(format!("r.match = {matching}"));
        }
        if let Some(text) = search {
            let text = conditions.value(contains(text));
            conditions.add(format!(
                "(r.number LIKE {text} ESCAPE '\\' OR r.pattern LIKE {text} ESCAPE '\\' OR r.comment LIKE {text} ESCAPE '\\')"
            ));
        }
        if let Some(enabled) = enabled {
            let enabled = conditions.value(*enabled);
            conditions.add(format!("r.enabled = {enabled}"));
        }
        if let Some(origin) = origin {
            let origin = conditions.value(origin.clone());
            conditions.add(format!("coalesce(r.origin, 'manual') = {origin}"));
        }
        if let Some(timed) = timed {
            let timed = conditions.value(*timed);
            conditions.add(format!(
                "(r.valid_from IS NOT NULL OR r.valid_until IS NOT NULL OR r.schedule IS NOT NULL) = {timed}"
            ));
        }
        conditions
    }
}

/// The rules of a page.
pub(super) fn page(
    connection: &Connection,
    filter: &RuleFilter,
    page: Page,
) -> rusqlite::Result<Vec<RuleRow>> {
    let conditions = filter.conditions();
    let sql = format!(
        "{} WHERE {} ORDER BY r.id LIMIT {} OFFSET {}",
        select::<RuleRow>(),
        conditions.sql(),
        i64::try_from(page.limit).unwrap_or(i64::MAX),
        i64::try_from(page.offset).unwrap_or(i64::MAX),
    );
    let mut statement = connection.prepare(&sql)?;
    let values = conditions.values();
    let rows = statement.query_map(values.as_slice(), |row| RuleRow::read(row, 0))?;
    rows.collect()
}

/// Calls `each` with every rule of a filter, by id.
pub(super) fn for_each<E: From<rusqlite::Error>>(
    connection: &Connection,
    filter: &RuleFilter,
    mut each: impl FnMut(RuleRow) -> Result<(), E>,
) -> Result<(), E> {
    let conditions = filter.conditions();
    let sql = format!(
        "{} WHERE {} ORDER BY r.id",
        select::<RuleRow>(),
        conditions.sql()
    );
    let mut statement = connection.prepare(&sql)?;
    let mut rows = statement.query(conditions.values().as_slice())?;
    while let Some(row) = rows.next()? {
        each(RuleRow::read(row, 0)?)?;
    }
    Ok(())
}

/// How many rules a filter lets through.
pub(super) fn count(connection: &Connection, filter: &RuleFilter) -> rusqlite::Result<u64> {
    let conditions = filter.conditions();
    connection.query_row(
        &format!("SELECT count(*) FROM rule r WHERE {}", conditions.sql()),
        conditions.values().as_slice(),
        |row| row.get(0),
    )
}

/// Ids of the rules of a list, by id.
pub(super) fn ids_of_list(connection: &Connection, list: ListId) -> rusqlite::Result<Vec<RuleId>> {
    connection
        .prepare_cached("SELECT id FROM rule WHERE list = ?1 AND until IS NULL ORDER BY id")?
        .query_map([list.0], |row| row.get(0).map(RuleId))?
        .collect()
}

/// How many rules each list has.
pub(super) fn counts_by_list(connection: &Connection) -> rusqlite::Result<Vec<(ListId, u64)>> {
    connection
        .prepare_cached(
            "SELECT list, count(*) FROM rule WHERE until IS NULL GROUP BY list ORDER BY list",
        )?
        .query_map([], |row| Ok((ListId(row.get(0)?), row.get(1)?)))?
        .collect()
}

/// How many rules name each scope by themselves.
pub(super) fn counts_by_scopes(
    connection: &Connection,
) -> rusqlite::Result<Vec<(Vec<ScopeId>, u64)>> {
    connection
        .prepare_cached(
            "SELECT scopes, count(*) FROM rule WHERE until IS NULL AND scopes IS NOT NULL GROUP BY scopes",
        )?
        .query_map([], |row| Ok((super::column::scopes(row, 0)?, row.get(1)?)))?
        .collect()
}

/// The rules that were made in a generation, as they stand.
pub(super) fn made_in(connection: &Connection, generation: u64) -> rusqlite::Result<Vec<RuleRow>> {
    connection
        .prepare_cached(&format!(
            "{} JOIN rule a ON a.id = r.id AND a.since = ?1 WHERE r.until IS NULL AND r.made = ?1 ORDER BY r.id",
            select::<RuleRow>()
        ))?
        .query_map([generation], |row| RuleRow::read(row, 0))?
        .collect()
}

/// Numbers that belong to a scope.
pub(super) fn members(connection: &Connection, scope: ScopeId) -> rusqlite::Result<Vec<MemberRow>> {
    connection
        .prepare_cached(&format!(
            "{} WHERE r.scope = ?1 AND r.until IS NULL ORDER BY r.number",
            select::<MemberRow>()
        ))?
        .query_map([scope.0], |row| MemberRow::read(row, 0))?
        .collect()
}

/// How many numbers belong to each scope that has any.
pub(super) fn counts_by_member(connection: &Connection) -> rusqlite::Result<Vec<(ScopeId, u64)>> {
    connection
        .prepare_cached("SELECT scope, count(*) FROM member WHERE until IS NULL GROUP BY scope")?
        .query_map([], |row| Ok((ScopeId(row.get(0)?), row.get(1)?)))?
        .collect()
}
