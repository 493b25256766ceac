//! A stored list.

use blacklist_model::{ListId, RuleAction, RuleDirection, RuleKind, ScopeId};
use rusqlite::Row;

use super::column;
use super::record::{Parameters, Record};

/// A version of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListRow {
    /// Its id; never reused.
    pub id: ListId,
    /// Generation in which it was created.
    pub made: u64,
    /// Its name.
    pub name: String,
    /// Kind of rules that set none.
    pub kind: RuleKind,
    /// Direction of rules that set none.
    pub direction: RuleDirection,
    /// Action of rules that set none; `None` for the default action of the kind.
    pub action: Option<RuleAction>,
    /// Whether its block rules take precedence over allow rules of narrower scopes.
    pub mandatory: bool,
    /// Whether it is enabled.
    pub enabled: bool,
    /// The scopes it is assigned to.
    pub scopes: Vec<ScopeId>,
    /// The operator's comment.
    pub comment: String,
}

impl Record for ListRow {
    type Key = ListId;
    const TABLE: &'static str = "list";
    const KEYS: &'static [&'static str] = &["id"];
    const FIELDS: &'static [&'static str] = &[
        "made",
        "name",
        "kind",
        "direction",
        "action",
        "mandatory",
        "enabled",
        "scopes",
        "comment",
    ];

    fn key(&self) -> ListId {
        self.id
    }

    fn read(row: &Row<'_>, first: usize) -> rusqlite::Result<Self> {
        Ok(Self {
            id: ListId(row.get(first)?),
            made: row.get(first + 1)?,
            name: row.get(first + 2)?,
            kind: column::word(row, first + 3, RuleKind::from_word)?,
            direction: column::word(row, first + 4, RuleDirection::from_word)?,
            action: column::optional_word(row, first + 5, RuleAction::from_word)?,
            mandatory: row.get(first + 6)?,
            enabled: row.get(first + 7)?,
            scopes: column::scopes(row, first + 8)?,
            comment: row.get::<_, Option<String>>(first + 9)?.unwrap_or_default(),
        })
    }

    fn bind(&self, parameters: &mut Parameters<'_, '_>) -> rusqlite::Result<()> {
        let Self {
            id,
            made,
            name,
            kind,
            direction,
            action,
            mandatory,
            enabled,
            scopes,
            comment,
        } = self;
        parameters.add(id.0)?;
        parameters.add(made)?;
        parameters.add(name)?;
        parameters.add(kind.as_str())?;
        parameters.add(direction.as_str())?;
        parameters.add(action.map(RuleAction::as_str))?;
        parameters.add(mandatory)?;
        parameters.add(enabled)?;
        parameters.add(column::scopes_text(scopes))?;
        parameters.add(column::unless_empty(comment))
    }

    fn bind_key(key: &ListId, parameters: &mut Parameters<'_, '_>) -> rusqlite::Result<()> {
        parameters.add(key.0)
    }
}
