//! Parses each table by itself, so that all mistakes are found at once.

use serde::de::DeserializeOwned;
use toml::Spanned;
use toml::de::{DeTable, DeValue, ValueDeserializer};

use super::{Placed, Problem, RulesFile};
use blacklist_problems::{Problems, nearest, remove_from_table, sentence};

/// Maximum number of mistakes listed; with more, the file is of another kind.
const MAXIMUM_MISTAKES: usize = 100;
/// The tables of the file.
const TABLES: [&str; 3] = ["list", "scope", "rule"];

impl RulesFile {
    /// Parses a file.
    ///
    /// # Errors
    /// All mistakes, sorted by line; at most about a hundred sentences.
    pub fn read(text: &str) -> Result<Self, Vec<Problem>> {
        let mut problems = Problems::new(text);
        let (document, errors) = DeTable::parse_recoverable(text);
        for error in errors {
            problems.add(error.span().unwrap_or(0..0), sentence(error.message()));
        }
        let mut file = Self::default();
        for (key, value) in document.into_inner() {
            match key.get_ref().as_ref() {
                "list" => file.lists = tables(value, "list", &mut problems),
                "scope" => file.scopes = tables(value, "scope", &mut problems),
                "rule" => file.rules = tables(value, "rule", &mut problems),
                other => {
                    let near = nearest(other, &TABLES);
                    problems.add(key.span(), unknown(other, near));
                }
            }
        }
        let mut problems = problems.into_sorted(file.repeated());
        if problems.is_empty() {
            return Ok(file);
        }
        problems.truncate(MAXIMUM_MISTAKES);
        Err(problems)
    }
}

fn unknown(word: &str, near: Option<&str>) -> String {
    match near {
        Some(near) => format!("unknown key \"{word}\"; did you mean [[{near}]]?"),
        None => {
            format!("unknown key \"{word}\"; a file of rules has [[list]], [[scope]] and [[rule]]")
        }
    }
}

fn tables<T: DeserializeOwned>(
    value: Spanned<DeValue<'_>>,
    name: &str,
    problems: &mut Problems,
) -> Vec<Placed<T>> {
    let span = value.span();
    let DeValue::Array(array) = value.into_inner() else {
        problems.add(
            span,
            format!("write each {name} as a table of its own: [[{name}]]"),
        );
        return Vec::new();
    };
    let mut found = Vec::new();
    for element in array {
        if problems.len() >= MAXIMUM_MISTAKES {
            break;
        }
        let line = problems.line(element.span().start);
        if let Some(value) = table(element, problems) {
            found.push(Placed { line, value });
        }
    }
    found
}

/// Parses a table; each mistake is recorded and removed until the rest can be parsed.
fn table<T: DeserializeOwned>(
    mut element: Spanned<DeValue<'_>>,
    problems: &mut Problems,
) -> Option<T> {
    let mut is_right = true;
    for _ in 0..MAXIMUM_MISTAKES {
        let error = match T::deserialize(ValueDeserializer::from(element.clone())) {
            Ok(value) => return is_right.then_some(value),
            Err(error) => error,
        };
        // A key that was removed because of its mistake is not missing.
        if !std::mem::take(&mut is_right) && error.message().starts_with("missing field") {
            return None;
        }
        let span = error.span().unwrap_or_else(|| element.span());
        problems.add(span.clone(), sentence(error.message()));
        let DeValue::Table(table) = element.get_mut() else {
            return None;
        };
        if !remove_from_table(table, &span) {
            return None;
        }
    }
    None
}
