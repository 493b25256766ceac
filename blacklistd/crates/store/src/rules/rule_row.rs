//! A stored rule.

use blacklist_model::{
    ListId, MatchKind, NO_DIAL_PLAN, RuleAction, RuleDirection, RuleId, RuleKind, ScopeId,
};
use jiff::Timestamp;
use rusqlite::Row;

use super::column;
use super::record::{Parameters, Record};

/// A version of a rule. `None` means the list's setting.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleRow {
    /// Its id; never reused.
    pub id: RuleId,
    /// Generation in which it was created.
    pub made: u64,
    /// Its list.
    pub list: ListId,
    /// The kind of its pattern.
    pub matching: MatchKind,
    /// The pattern in its canonical spelling.
    pub canonical: String,
    /// The pattern as it was written.
    pub written: String,
    /// Block or allow.
    pub kind: Option<RuleKind>,
    /// Its own scopes; empty for the list's.
    pub scopes: Vec<ScopeId>,
    /// Direction of the calls it is for.
    pub direction: Option<RuleDirection>,
    /// Its action.
    pub action: Option<RuleAction>,
    /// Whether it takes precedence over allow rules of narrower scopes.
    pub mandatory: Option<bool>,
    /// Name of the dial plan it was read by, or `none`.
    pub dial_plan: String,
    /// The operator's comment.
    pub comment: String,
    /// Whether it is enabled.
    pub enabled: bool,
    /// Start of validity.
    pub valid_from: Option<Timestamp>,
    /// End of validity, exclusive.
    pub valid_until: Option<Timestamp>,
    /// Weekly schedule, canonical.
    pub schedule: Option<String>,
    /// Its origin: `manual`, `apply`, `import:GENERATION`, `feed:NAME`.
    pub origin: String,
}

/// The origin of rules that an operator typed.
pub const ORIGIN_MANUAL: &str = "manual";

impl Record for RuleRow {
    type Key = RuleId;
    const TABLE: &'static str = "rule";
    const KEYS: &'static [&'static str] = &["id"];
    const FIELDS: &'static [&'static str] = &[
        "made",
        "list",
        "match",
        "number",
        "pattern",
        "kind",
        "scopes",
        "direction",
        "action",
        "mandatory",
        "dial_plan",
        "comment",
        "enabled",
        "valid_from",
        "valid_until",
        "schedule",
        "origin",
    ];

    fn key(&self) -> RuleId {
        self.id
    }

    fn read(row: &Row<'_>, first: usize) -> rusqlite::Result<Self> {
        let text = |offset: usize| row.get::<_, Option<String>>(first + offset);
        let canonical: String = row.get(first + 4)?;
        Ok(Self {
            id: RuleId(row.get(first)?),
            made: row.get(first + 1)?,
            list: ListId(row.get(first + 2)?),
            matching: column::word(row, first + 3, MatchKind::from_word)?,
            written: text(5)?.unwrap_or_else(|| canonical.clone()),
            canonical,
            kind: column::optional_word(row, first + 6, RuleKind::from_word)?,
            scopes: column::scopes(row, first + 7)?,
            direction: column::optional_word(row, first + 8, RuleDirection::from_word)?,
            action: column::optional_word(row, first + 9, RuleAction::from_word)?,
            mandatory: row.get(first + 10)?,
            dial_plan: text(11)?.unwrap_or_else(|| NO_DIAL_PLAN.to_owned()),
            comment: text(12)?.unwrap_or_default(),
            enabled: row.get(first + 13)?,
            valid_from: column::optional_time(row, first + 14)?,
            valid_until: column::optional_time(row, first + 15)?,
            schedule: text(16)?,
            origin: text(17)?.unwrap_or_else(|| ORIGIN_MANUAL.to_owned()),
        })
    }

    fn bind(&self, parameters: &mut Parameters<'_, '_>) -> rusqlite::Result<()> {
        let Self {
            id,
            made,
            list,
            matching,
            canonical,
            written,
            kind,
            scopes,
            direction,
            action,
            mandatory,
            dial_plan,
            comment,
            enabled,
            valid_from,
            valid_until,
            schedule,
            origin,
        } = self;
        parameters.add(id.0)?;
        parameters.add(made)?;
        parameters.add(list.0)?;
        parameters.add(matching.as_str())?;
        parameters.add(canonical)?;
        parameters.add((written != canonical).then_some(written))?;
        parameters.add(kind.map(RuleKind::as_str))?;
        parameters.add(column::scopes_text(scopes))?;
        parameters.add(direction.map(RuleDirection::as_str))?;
        parameters.add(action.map(RuleAction::as_str))?;
        parameters.add(mandatory)?;
        parameters.add((dial_plan != NO_DIAL_PLAN).then_some(dial_plan))?;
        parameters.add(column::unless_empty(comment))?;
        parameters.add(enabled)?;
        parameters.add(valid_from.map(Timestamp::as_second))?;
        parameters.add(valid_until.map(Timestamp::as_second))?;
        parameters.add(schedule)?;
        parameters.add((origin != ORIGIN_MANUAL).then_some(origin))
    }

    fn bind_key(key: &RuleId, parameters: &mut Parameters<'_, '_>) -> rusqlite::Result<()> {
        parameters.add(key.0)
    }
}
