//! Conversion of columns that are words, ids or times.

use blacklist_model::ScopeId;
use jiff::Timestamp;
use rusqlite::Row;
use rusqlite::types::Type;

/// The database error of a column that cannot be read.
fn bad(column: usize, text: String) -> rusqlite::Error {
    rusqlite::Error::FromSqlConversionFailure(column, Type::Text, text.into())
}

/// Reads a word.
pub(super) fn word<T>(
    row: &Row<'_>,
    column: usize,
    from_word: impl Fn(&str) -> Option<T>,
) -> rusqlite::Result<T> {
    let text = row.get_ref(column)?.as_str()?;
    from_word(text).ok_or_else(|| bad(column, format!("\"{text}\" is not a word that is known")))
}

/// Reads an optional word.
pub(super) fn optional_word<T>(
    row: &Row<'_>,
    column: usize,
    from_word: impl Fn(&str) -> Option<T>,
) -> rusqlite::Result<Option<T>> {
    match row.get_ref(column)? {
        rusqlite::types::ValueRef::Null => Ok(None),
        _ => word(row, column, from_word).map(Some),
    }
}

/// Reads an optional time, in whole seconds.
pub(super) fn optional_time(row: &Row<'_>, column: usize) -> rusqlite::Result<Option<Timestamp>> {
    row.get::<_, Option<i64>>(column)?
        .map(|seconds| {
            Timestamp::from_second(seconds).map_err(|error| bad(column, error.to_string()))
        })
        .transpose()
}

/// Scope ids as one text, `0 3 17`; `None` if there are none.
pub(super) fn scopes_text(scopes: &[ScopeId]) -> Option<String> {
    if scopes.is_empty() {
        return None;
    }
    let texts: Vec<String> = scopes.iter().map(|scope| scope.0.to_string()).collect();
    Some(texts.join(" "))
}

/// Reads scope ids from such a text.
pub(super) fn scopes(row: &Row<'_>, column: usize) -> rusqlite::Result<Vec<ScopeId>> {
    let Some(text) = row.get_ref(column)?.as_str_or_null()? else {
        return Ok(Vec::new());
    };
    text.split(' ')
        .map(|id| {
            id.parse()
                .map(ScopeId)
                .map_err(|_| bad(column, format!("\"{text}\" are not scopes")))
        })
        .collect()
}

/// `None` for an empty text, to save space.
pub(super) fn unless_empty(text: &str) -> Option<&str> {
    (!text.is_empty()).then_some(text)
}
