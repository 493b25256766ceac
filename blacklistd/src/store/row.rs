//! One rule as a row: columns to values and back.

use jiff::Timestamp;
use rusqlite::{CachedStatement, Connection, named_params, params};

use super::StoreError;
use crate::rules::{
    Draft, ListKind, Pattern, PatternKind, Rule, RuleAction, RuleDirection, RuleId, Scope,
};

/// A rule as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredRule {
    /// The rule, its dial plan and comment.
    pub draft: Draft,
    /// When it was made.
    pub created_at: Timestamp,
    /// Who made it.
    pub created_by: String,
}

impl StoredRule {
    /// The rule.
    pub const fn rule(&self) -> &Rule {
        &self.draft.rule
    }
}

/// The columns of a row.
pub(super) struct Row {
    id: i64,
    pattern: String,
    kind: String,
    number: String,
    list: String,
    scope: String,
    direction: String,
    action: String,
    dial_plan: String,
    comment: String,
    enabled: bool,
    created_at: i64,
    created_by: String,
}

const SELECT: &str = "SELECT id, pattern, kind, number, list, scope, direction, action, dial_plan, comment, enabled, created_at, created_by FROM rule";

impl Row {
    /// Takes the columns of a row.
    pub(super) fn of(row: &rusqlite::Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            id: row.get(0)?,
            pattern: row.get(1)?,
            kind: row.get(2)?,
            number: row.get(3)?,
            list: row.get(4)?,
            scope: row.get(5)?,
            direction: row.get(6)?,
            action: row.get(7)?,
            dial_plan: row.get(8)?,
            comment: row.get(9)?,
            enabled: row.get(10)?,
            created_at: row.get(11)?,
            created_by: row.get(12)?,
        })
    }

    /// The rule that the columns mean.
    pub(super) fn read(self) -> Result<StoredRule, StoreError> {
        let id = self.id;
        let bad = |reason: String| StoreError::BadRule { id, reason };
        let word = |column: &str, text: &str| bad(format!("{column} is \"{text}\""));
        let kind = PatternKind::from_word(&self.kind).ok_or_else(|| word("kind", &self.kind))?;
        let pattern = Pattern::from_canonical(kind, &self.number)
            .map_err(|refusal| bad(refusal.to_string()))?;
        let scope =
            Scope::from_canonical(&self.scope).map_err(|refusal| bad(refusal.to_string()))?;
        Ok(StoredRule {
            draft: Draft {
                rule: Rule {
                    id: RuleId(
                        u32::try_from(id).map_err(|_| bad("its id is too large".to_owned()))?,
                    ),
                    written: self.pattern.into(),
                    pattern,
                    list: ListKind::from_word(&self.list)
                        .ok_or_else(|| word("list", &self.list))?,
                    scope,
                    direction: RuleDirection::from_word(&self.direction)
                        .ok_or_else(|| word("direction", &self.direction))?,
                    action: RuleAction::from_word(&self.action)
                        .ok_or_else(|| word("action", &self.action))?,
                    enabled: self.enabled,
                },
                dial_plan: self.dial_plan,
                comment: self.comment,
            },
            created_at: Timestamp::from_second(self.created_at)
                .map_err(|error| bad(error.to_string()))?,
            created_by: self.created_by,
        })
    }
}

/// Writes a new row, with an id of its own or a given one.
pub(super) fn insert(
    connection: &Connection,
    stored: &StoredRule,
    id: Option<RuleId>,
) -> rusqlite::Result<()> {
    let StoredRule {
        draft: Draft {
            rule,
            dial_plan,
            comment,
        },
        created_at,
        created_by,
    } = stored;
    connection
        .prepare_cached(
            "INSERT INTO rule (id, pattern, kind, number, list, scope, direction, action, dial_plan, comment, enabled, created_at, created_by)
             VALUES (:id, :pattern, :kind, :number, :list, :scope, :direction, :action, :dial_plan, :comment, :enabled, :created_at, :created_by)",
        )?
        .execute(named_params! {
            ":id": id.map(|id| id.0),
            ":pattern": &*rule.written,
            ":kind": rule.pattern.kind.as_str(),
            ":number": &*rule.pattern.text,
            ":list": rule.list.as_str(),
            ":scope": rule.scope.to_string(),
            ":direction": rule.direction.as_str(),
            ":action": rule.action.as_str(),
            ":dial_plan": dial_plan,
            ":comment": comment,
            ":enabled": rule.enabled,
            ":created_at": created_at.as_second(),
            ":created_by": created_by,
        })?;
    Ok(())
}

/// Writes a row in place of the one with its id; who made it when stays.
pub(super) fn update(connection: &Connection, stored: &StoredRule) -> rusqlite::Result<()> {
    let Draft {
        rule,
        dial_plan,
        comment,
    } = &stored.draft;
    let changed = connection
        .prepare_cached(
            "UPDATE rule SET pattern = :pattern, kind = :kind, number = :number, list = :list, scope = :scope, direction = :direction, action = :action, dial_plan = :dial_plan, comment = :comment, enabled = :enabled WHERE id = :id",
        )?
        .execute(named_params! {
            ":id": rule.id.0,
            ":pattern": &*rule.written,
            ":kind": rule.pattern.kind.as_str(),
            ":number": &*rule.pattern.text,
            ":list": rule.list.as_str(),
            ":scope": rule.scope.to_string(),
            ":direction": rule.direction.as_str(),
            ":action": rule.action.as_str(),
            ":dial_plan": dial_plan,
            ":comment": comment,
            ":enabled": rule.enabled,
        })?;
    found(changed)
}

/// Removes a row.
pub(super) fn delete(connection: &Connection, id: RuleId) -> rusqlite::Result<()> {
    found(
        connection
            .prepare_cached("DELETE FROM rule WHERE id = ?1")?
            .execute(params![id.0])?,
    )
}

const fn found(changed: usize) -> rusqlite::Result<()> {
    if changed == 1 {
        Ok(())
    } else {
        Err(rusqlite::Error::QueryReturnedNoRows)
    }
}

/// The row of an id.
pub(super) fn get(connection: &Connection, id: RuleId) -> rusqlite::Result<Row> {
    connection
        .prepare_cached(&format!("{SELECT} WHERE id = ?1"))?
        .query_row(params![id.0], Row::of)
}

/// All rows, by id.
pub(super) fn select_all(connection: &Connection) -> rusqlite::Result<CachedStatement<'_>> {
    connection.prepare_cached(&format!("{SELECT} ORDER BY id"))
}
