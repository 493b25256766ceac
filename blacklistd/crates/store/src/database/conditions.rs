//! Conditions of a query, with their parameters.

use rusqlite::{Connection, Row, ToSql, params_from_iter};

/// The conditions that rows must meet.
#[derive(Default)]
pub(crate) struct Conditions {
    parts: Vec<String>,
    values: Vec<Box<dyn ToSql>>,
}

impl Conditions {
    /// Adds a condition.
    pub(crate) fn add(&mut self, part: impl Into<String>) {
        self.parts.push(part.into());
    }

    /// Adds a parameter; returns its placeholder, such as `?3`.
    pub(crate) fn value(&mut self, value: impl ToSql + 'static) -> String {
        self.values.push(Box::new(value));
        format!("?{}", self.values.len())
    }

    /// Compares a column with a value; adds no condition for `None`.
    pub(crate) fn compare(
        &mut self,
        column: &str,
        operator: &str,
        value: Option<impl ToSql + 'static>,
    ) {
        if let Some(value) = value {
            let value = self.value(value);
            self.add(format!("{column} {operator} {value}"));
        }
    }

    /// Calls `each` with every row of `select` that meets all conditions, until it fails; `rest` is
    /// the end of the statement.
    pub(crate) fn for_each<E: From<rusqlite::Error>>(
        &self,
        connection: &Connection,
        (select, rest): (&str, &str),
        mut each: impl FnMut(&Row<'_>) -> Result<(), E>,
    ) -> Result<(), E> {
        let all = if self.parts.is_empty() {
            "1".to_owned()
        } else {
            self.parts.join(" AND ")
        };
        let mut statement = connection.prepare(&format!("{select} WHERE {all} {rest}"))?;
        let mut rows = statement.query(params_from_iter(&self.values))?;
        while let Some(row) = rows.next()? {
            each(row)?;
        }
        Ok(())
    }

    /// As [`Self::for_each`], but returns what `read` makes of the rows.
    pub(crate) fn list<T>(
        &self,
        connection: &Connection,
        statement: (&str, &str),
        read: impl Fn(&Row<'_>) -> rusqlite::Result<T>,
    ) -> rusqlite::Result<Vec<T>> {
        let mut list = Vec::new();
        self.for_each(connection, statement, |row| {
            list.push(read(row)?);
            Ok::<(), rusqlite::Error>(())
        })?;
        Ok(list)
    }
}

/// The pattern of `LIKE ... ESCAPE '\'` that finds a text anywhere in a column.
pub(crate) fn contains(text: &str) -> String {
    let mut pattern = String::with_capacity(text.len() + 2);
    pattern.push('%');
    for character in text.chars() {
        if matches!(character, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(character);
    }
    pattern.push('%');
    pattern
}
