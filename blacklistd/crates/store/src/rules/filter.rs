//! Which rules are requested: the database filters and pages, so that a page of 10 million rules
//! needs only the memory of the page.

use blacklist_model::{ListId, MatchKind, RuleId, ScopeId};
use rusqlite::Connection;

use super::record::{Record as _, select};
use super::rule_row::RuleRow;
use super::scope_row::MemberRow;
use crate::database::{Conditions, Statements as _, contains};

/// The conditions for rules; what is absent or empty sets no condition.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RuleFilter {
    /// Of this list.
    pub list: Option<ListId>,
    /// For this scope: its own, or that of its list.
    pub scope: Option<ScopeFilter>,
    /// With this kind of pattern.
    pub matching: Option<MatchKind>,
    /// With this text in pattern or comment.
    pub search: Option<String>,
    /// Enabled or disabled.
    pub enabled: Option<bool>,
    /// With this origin, or that of one of its imports: `manual`, `apply`, `import:7`, `feed:NAME`.
    pub origin: Option<String>,
    /// With a validity or a schedule.
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

/// A page of the matching rules, ordered by id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Page {
    /// Number of rules to skip.
    pub offset: u64,
    /// Maximum number of rules.
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
        conditions.compare("r.list", "=", list.map(|list| list.0));
        if let Some(ScopeFilter { scope, lists }) = scope {
            let lists: Vec<String> = lists.iter().map(|list| list.0.to_string()).collect();
            let lists = lists.join(", ");
            let scope = conditions.value(format!(" {scope} "));
            conditions.add(format!(
                "CASE WHEN r.scopes IS NULL THEN r.list IN ({lists}) ELSE instr(' ' || r.scopes || ' ', {scope}) > 0 END"
            ));
        }
        conditions.compare("r.match", "=", matching.map(MatchKind::as_str));
        if let Some(text) = search {
            let text = conditions.value(contains(text));
            conditions.add(format!(
                "(r.number LIKE {text} ESCAPE '\\' OR r.pattern LIKE {text} ESCAPE '\\' OR r.comment LIKE {text} ESCAPE '\\')"
            ));
        }
        conditions.compare("r.enabled", "=", *enabled);
        conditions.compare("coalesce(r.origin, 'manual')", "=", origin.clone());
        let is_timed =
            "(r.valid_from IS NOT NULL OR r.valid_until IS NOT NULL OR r.schedule IS NOT NULL)";
        conditions.compare(is_timed, "=", *timed);
        conditions
    }
}

/// The rules of a page.
pub(super) fn page(
    connection: &Connection,
    filter: &RuleFilter,
    page: Page,
) -> rusqlite::Result<Vec<RuleRow>> {
    let rest = format!(
        "ORDER BY r.id LIMIT {} OFFSET {}",
        i64::try_from(page.limit).unwrap_or(i64::MAX),
        i64::try_from(page.offset).unwrap_or(i64::MAX),
    );
    let select = select::<RuleRow>();
    let conditions = filter.conditions();
    conditions.list(connection, (&select, &rest), |row| RuleRow::read(row, 0))
}

/// Calls `each` with every matching rule, ordered by id.
pub(super) fn for_each<E: From<rusqlite::Error>>(
    connection: &Connection,
    filter: &RuleFilter,
    mut each: impl FnMut(RuleRow) -> Result<(), E>,
) -> Result<(), E> {
    let select = select::<RuleRow>();
    let conditions = filter.conditions();
    conditions.for_each(connection, (&select, "ORDER BY r.id"), |row| {
        each(RuleRow::read(row, 0)?)
    })
}

/// Number of matching rules.
pub(super) fn count(connection: &Connection, filter: &RuleFilter) -> rusqlite::Result<u64> {
    let select = "SELECT count(*) FROM rule r";
    let conditions = filter.conditions();
    let counts = conditions.list(connection, (select, ""), |row| row.get::<_, u64>(0))?;
    Ok(counts.into_iter().sum())
}

/// Ids of the rules of a list, in order.
pub(super) fn ids_of_list(connection: &Connection, list: ListId) -> rusqlite::Result<Vec<RuleId>> {
    connection.list(
        "SELECT id FROM rule WHERE list = ?1 AND until IS NULL ORDER BY id",
        [list.0],
        |row| row.get(0).map(RuleId),
    )
}

/// Number of rules in each list.
pub(super) fn counts_by_list(connection: &Connection) -> rusqlite::Result<Vec<(ListId, u64)>> {
    connection.list(
        "SELECT list, count(*) FROM rule WHERE until IS NULL GROUP BY list ORDER BY list",
        [],
        |row| Ok((ListId(row.get(0)?), row.get(1)?)),
    )
}

/// Number of rules that have each combination of scopes of their own.
pub(super) fn counts_by_scopes(
    connection: &Connection,
) -> rusqlite::Result<Vec<(Vec<ScopeId>, u64)>> {
    connection.list(
        "SELECT scopes, count(*) FROM rule WHERE until IS NULL AND scopes IS NOT NULL GROUP BY scopes",
        [],
        |row| Ok((super::column::scopes(row, 0)?, row.get(1)?)),
    )
}

/// The rules created in a generation that still exist, in their current version.
pub(super) fn made_in(connection: &Connection, generation: u64) -> rusqlite::Result<Vec<RuleRow>> {
    let sql = format!(
        "{} JOIN rule a ON a.id = r.id AND a.since = ?1 WHERE r.until IS NULL AND r.made = ?1 ORDER BY r.id",
        select::<RuleRow>()
    );
    connection.list(&sql, [generation], |row| RuleRow::read(row, 0))
}

/// Numbers that belong to a scope.
pub(super) fn members(connection: &Connection, scope: ScopeId) -> rusqlite::Result<Vec<MemberRow>> {
    let sql = format!(
        "{} WHERE r.scope = ?1 AND r.until IS NULL ORDER BY r.number",
        select::<MemberRow>()
    );
    connection.list(&sql, [scope.0], |row| MemberRow::read(row, 0))
}

/// Number of members of each scope that has any.
pub(super) fn counts_by_member(connection: &Connection) -> rusqlite::Result<Vec<(ScopeId, u64)>> {
    connection.list(
        "SELECT scope, count(*) FROM member WHERE until IS NULL GROUP BY scope",
        [],
        |row| Ok((ScopeId(row.get(0)?), row.get(1)?)),
    )
}
