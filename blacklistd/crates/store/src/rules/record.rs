//! Versioned rows: every record has the generation in which it begins (`since`) and, once it is
//! changed or removed, the one in which it ends (`until`). A change closes one version and opens
//! another, so that every past generation can be read.

use rusqlite::{Connection, Row, Statement, ToSql};

/// A kind of record and its table.
pub trait Record: Clone + PartialEq + std::fmt::Debug + Sized {
    /// Identifies a record.
    type Key: Clone + Eq + Ord + std::hash::Hash + std::fmt::Debug;
    /// The table's name.
    const TABLE: &'static str;
    /// Columns of the key.
    const KEYS: &'static [&'static str];
    /// All columns except keys, `since` and `until`.
    const FIELDS: &'static [&'static str];

    /// The key of this record.
    fn key(&self) -> Self::Key;

    /// Reads keys and fields from a row; the first of them is column `first`.
    ///
    /// # Errors
    /// A column cannot be read.
    fn read(row: &Row<'_>, first: usize) -> rusqlite::Result<Self>;

    /// Binds keys and fields to a statement, in order.
    ///
    /// # Errors
    /// A parameter cannot be bound.
    fn bind(&self, parameters: &mut Parameters<'_, '_>) -> rusqlite::Result<()>;

    /// Binds a key to a statement.
    ///
    /// # Errors
    /// A parameter cannot be bound.
    fn bind_key(key: &Self::Key, parameters: &mut Parameters<'_, '_>) -> rusqlite::Result<()>;
}

/// Parameters of a statement, bound in order.
#[derive(Debug)]
pub struct Parameters<'s, 'c> {
    statement: &'s mut Statement<'c>,
    next: usize,
}

impl<'s, 'c> Parameters<'s, 'c> {
    pub(super) const fn of(statement: &'s mut Statement<'c>) -> Self {
        Self { statement, next: 1 }
    }

    /// Binds the next parameter.
    pub(super) fn add(&mut self, value: impl ToSql) -> rusqlite::Result<()> {
        self.statement.raw_bind_parameter(self.next, value)?;
        self.next += 1;
        Ok(())
    }
}

/// The SQL condition for the version in a generation, whose parameter is `parameter`.
fn stands_at(alias: &str, parameter: &str) -> String {
    format!(
        "{alias}.since <= {parameter} AND ({alias}.until IS NULL OR {alias}.until > {parameter})"
    )
}

fn columns<R: Record>(alias: &str) -> String {
    let names: Vec<String> = R::KEYS
        .iter()
        .chain(R::FIELDS)
        .map(|name| format!("{alias}.\"{name}\""))
        .collect();
    names.join(", ")
}

/// `x = ?1 AND y = ?2` for the key.
fn key_is<R: Record>() -> String {
    let parts: Vec<String> = (1..)
        .zip(R::KEYS)
        .map(|(index, name)| format!("{name} = ?{index}"))
        .collect();
    parts.join(" AND ")
}

/// `SELECT` of keys and fields; the table has the alias `r`.
pub(super) fn select<R: Record>() -> String {
    format!("SELECT {} FROM {} r", columns::<R>("r"), R::TABLE)
}

/// The statement that inserts a version; its last parameter is `since`.
pub(super) fn insert<R: Record>(verb: &str) -> String {
    let names: Vec<String> = R::KEYS
        .iter()
        .chain(R::FIELDS)
        .map(|name| format!("\"{name}\""))
        .collect();
    let places: Vec<String> = (1..=names.len() + 1)
        .map(|index| format!("?{index}"))
        .collect();
    format!(
        "{verb} INTO {} ({}, since) VALUES ({})",
        R::TABLE,
        names.join(", "),
        places.join(", ")
    )
}

/// The statement that ends the current version; its last parameter is the generation.
pub(super) fn close<R: Record>() -> String {
    let last = R::KEYS.len() + 1;
    format!(
        "UPDATE {} SET until = ?{last} WHERE {} AND until IS NULL AND since < ?{last}",
        R::TABLE,
        key_is::<R>()
    )
}

/// The statement that deletes a version that began in the generation that ends it.
pub(super) fn erase<R: Record>() -> String {
    let last = R::KEYS.len() + 1;
    format!(
        "DELETE FROM {} WHERE {} AND until IS NULL AND since = ?{last}",
        R::TABLE,
        key_is::<R>()
    )
}

/// The current version of a record.
pub(super) fn current<R: Record>(
    connection: &Connection,
    key: &R::Key,
) -> rusqlite::Result<Option<R>> {
    let sql = format!(
        "{} WHERE {} AND until IS NULL",
        select::<R>(),
        key_is::<R>()
    );
    let mut statement = connection.prepare_cached(&sql)?;
    R::bind_key(key, &mut Parameters::of(&mut statement))?;
    let mut rows = statement.raw_query();
    rows.next()?.map(|row| R::read(row, 0)).transpose()
}

/// The version of a record in a generation.
pub(super) fn at<R: Record>(
    connection: &Connection,
    key: &R::Key,
    generation: u64,
) -> rusqlite::Result<Option<R>> {
    let parameter = format!("?{}", R::KEYS.len() + 1);
    let sql = format!(
        "{} WHERE {} AND {}",
        select::<R>(),
        key_is::<R>(),
        stands_at("r", &parameter)
    );
    let mut statement = connection.prepare_cached(&sql)?;
    let mut parameters = Parameters::of(&mut statement);
    R::bind_key(key, &mut parameters)?;
    parameters.add(generation)?;
    let mut rows = statement.raw_query();
    rows.next()?.map(|row| R::read(row, 0)).transpose()
}

/// Calls `each` with every record of a generation (`None` for the current one), ordered by key.
pub(super) fn for_each<R: Record, E: From<rusqlite::Error>>(
    connection: &Connection,
    generation: Option<u64>,
    mut each: impl FnMut(R) -> Result<(), E>,
) -> Result<(), E> {
    let which = match generation {
        None => "r.until IS NULL".to_owned(),
        Some(_) => stands_at("r", "?1"),
    };
    let order = R::KEYS.join(", ");
    let sql = format!("{} WHERE {which} ORDER BY {order}", select::<R>());
    let mut statement = connection.prepare_cached(&sql)?;
    if let Some(generation) = generation {
        statement.raw_bind_parameter(1, generation)?;
    }
    let mut rows = statement.raw_query();
    while let Some(row) = rows.next()? {
        each(R::read(row, 0)?)?;
    }
    Ok(())
}

/// The difference of a record between two generations.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference<R> {
    /// The version in the first; `None` if it was absent.
    pub before: Option<R>,
    /// The version in the second; `None` if it was absent.
    pub after: Option<R>,
}

/// Calls `each` with the differences between two generations, ordered by key.
pub(super) fn for_each_difference<R: Record, E: From<rusqlite::Error>>(
    connection: &Connection,
    from: u64,
    to: u64,
    mut each: impl FnMut(Difference<R>) -> Result<(), E>,
) -> Result<(), E> {
    let table = R::TABLE;
    let keys = R::KEYS.join(", ");
    let same = |alias: &str| {
        let parts: Vec<String> = R::KEYS
            .iter()
            .map(|name| format!("{alias}.{name} = t.{name}"))
            .collect();
        parts.join(" AND ")
    };
    let sql = format!(
        "WITH t AS (SELECT {keys} FROM {table} WHERE since > ?3 AND since <= ?4 \
         UNION SELECT {keys} FROM {table} WHERE until > ?3 AND until <= ?4) \
         SELECT b.since IS NOT NULL, {before}, a.since IS NOT NULL, {after} FROM t \
         LEFT JOIN {table} b ON {same_b} AND {stands_b} \
         LEFT JOIN {table} a ON {same_a} AND {stands_a} \
         ORDER BY {order}",
        before = columns::<R>("b"),
        after = columns::<R>("a"),
        same_b = same("b"),
        same_a = same("a"),
        stands_b = stands_at("b", "?1"),
        stands_a = stands_at("a", "?2"),
        order = R::KEYS
            .iter()
            .map(|name| format!("t.{name}"))
            .collect::<Vec<_>>()
            .join(", "),
    );
    let mut statement = connection.prepare_cached(&sql)?;
    let width = R::KEYS.len() + R::FIELDS.len();
    let mut rows = statement.query(rusqlite::params![from, to, from.min(to), from.max(to)])?;
    while let Some(row) = rows.next()? {
        let read = |there: usize| -> rusqlite::Result<Option<R>> {
            row.get::<_, bool>(there)?
                .then(|| R::read(row, there + 1))
                .transpose()
        };
        let difference = Difference {
            before: read(0)?,
            after: read(width + 1)?,
        };
        if difference.before != difference.after {
            each(difference)?;
        }
    }
    Ok(())
}
