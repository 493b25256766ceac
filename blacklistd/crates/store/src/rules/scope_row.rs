//! A stored scope, and the local numbers that belong to it.

use blacklist_model::{DefaultPolicy, ScopeId};
use rusqlite::Row;

use super::column;
use super::record::{Parameters, Record};

/// A version of a scope.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScopeRow {
    /// Its id, never reused; 0 is the global scope.
    pub id: ScopeId,
    /// Generation in which it was created.
    pub made: u64,
    /// `global`, `account:NAME`, `group:NAME` or `number:NUMBER`.
    pub name: String,
    /// What happens to calls that no rule matches.
    pub policy: DefaultPolicy,
    /// The operator's comment.
    pub comment: String,
}

impl Record for ScopeRow {
    type Key = ScopeId;
    const TABLE: &'static str = "scope";
    const KEYS: &'static [&'static str] = &["id"];
    const FIELDS: &'static [&'static str] = &["made", "name", "policy", "comment"];

    fn key(&self) -> ScopeId {
        self.id
    }

    fn read(row: &Row<'_>, first: usize) -> rusqlite::Result<Self> {
        Ok(Self {
            id: ScopeId(row.get(first)?),
            made: row.get(first + 1)?,
            name: row.get(first + 2)?,
            policy: column::word(row, first + 3, DefaultPolicy::from_word)?,
            comment: row.get::<_, Option<String>>(first + 4)?.unwrap_or_default(),
        })
    }

    fn bind(&self, parameters: &mut Parameters<'_, '_>) -> rusqlite::Result<()> {
        let Self {
            id,
            made,
            name,
            policy,
            comment,
        } = self;
        parameters.add(id.0)?;
        parameters.add(made)?;
        parameters.add(name)?;
        parameters.add(policy.as_str())?;
        parameters.add(column::unless_empty(comment))
    }

    fn bind_key(key: &ScopeId, parameters: &mut Parameters<'_, '_>) -> rusqlite::Result<()> {
        parameters.add(key.0)
    }
}

/// A local number that belongs to an account or a group.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MemberRow {
    /// The account or group.
    pub scope: ScopeId,
    /// The number's canonical spelling.
    pub number: String,
}

impl Record for MemberRow {
    type Key = Self;
    const TABLE: &'static str = "member";
    const KEYS: &'static [&'static str] = &["scope", "number"];
    const FIELDS: &'static [&'static str] = &[];

    fn key(&self) -> Self {
        self.clone()
    }

    fn read(row: &Row<'_>, first: usize) -> rusqlite::Result<Self> {
        Ok(Self {
            scope: ScopeId(row.get(first)?),
            number: row.get(first + 1)?,
        })
    }

    fn bind(&self, parameters: &mut Parameters<'_, '_>) -> rusqlite::Result<()> {
        Self::bind_key(self, parameters)
    }

    fn bind_key(key: &Self, parameters: &mut Parameters<'_, '_>) -> rusqlite::Result<()> {
        parameters.add(key.scope.0)?;
        parameters.add(&key.number)
    }
}
