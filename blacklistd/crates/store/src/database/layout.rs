//! The layout of a database file as another program sees it, for tests.

use std::path::Path;

use rusqlite::Connection;

/// Marks, persistent settings, and the SQL of every table and index.
pub(crate) fn layout(path: &Path) -> Vec<String> {
    let connection = Connection::open(path).unwrap();
    let pragmas = [
        "application_id",
        "user_version",
        "auto_vacuum",
        "journal_mode",
    ];
    let list = |sql: &str| -> Vec<String> {
        let mut statement = connection.prepare(sql).unwrap();
        let rows = statement.query_map([], |row| {
            row.get::<_, rusqlite::types::Value>(0)
                .map(|value| format!("{value:?}"))
        });
        rows.unwrap().map(Result::unwrap).collect()
    };
    pragmas
        .into_iter()
        .flat_map(|pragma| list(&format!("PRAGMA {pragma}")))
        .chain(list("SELECT sql FROM sqlite_schema ORDER BY name"))
        .collect()
}
