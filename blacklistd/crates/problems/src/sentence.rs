//! Turns serde's messages into sentences for operators, and removes a mistake from a document so
//! that the rest of it can be read.

use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// Whether the span of a value or key contains that of a mistake.
fn holds(place: &Range<usize>, span: &Range<usize>) -> bool {
    place.start <= span.start && span.end <= place.end
}

/// Removes the innermost key or element at `span`; returns whether there was one.
pub fn remove_from_table(table: &mut DeTable<'_>, span: &Range<usize>) -> bool {
    let mut found = None;
    for (key, value) in table.iter_mut() {
        if remove_inside(value, span) {
            return true;
        }
        if holds(&key.span(), span) || holds(&value.span(), span) {
            found = Some(key.get_ref().to_string());
        }
    }
    match found {
        Some(key) => table.remove(key.as_str()).is_some(),
        None => false,
    }
}

fn remove_inside(value: &mut Spanned<DeValue<'_>>, span: &Range<usize>) -> bool {
    match value.get_mut() {
        DeValue::Table(table) => remove_from_table(table, span),
        DeValue::Array(array) => {
            for element in array.iter_mut() {
                if remove_inside(element, span) {
                    return true;
                }
            }
            let before = array.len();
            *array = array
                .iter()
                .filter(|element| !holds(&element.span(), span))
                .cloned()
                .collect();
            array.len() < before
        }
        DeValue::String(_)
        | DeValue::Integer(_)
        | DeValue::Float(_)
        | DeValue::Boolean(_)
        | DeValue::Datetime(_) => false,
    }
}

/// Turns a message into a sentence; for an unknown word, suggests the nearest known one.
pub fn sentence(message: &str) -> String {
    let message = message.trim();
    for (start, what) in [("unknown field ", "key"), ("unknown variant ", "value")] {
        if let Some(rest) = message.strip_prefix(start) {
            return unknown(what, rest);
        }
    }
    if let Some(rest) = message.strip_prefix("missing field ") {
        return format!("the key {} is missing here", rest.replace('`', "\""));
    }
    if let Some(rest) = message.strip_prefix("invalid type: ") {
        return format!("the wrong kind of value: {}", rest.replace('`', "\""));
    }
    message.replace('`', "\"").replace('\n', "; ")
}

/// `rest` is "`word`, expected one of `a`, `b`".
fn unknown(what: &str, rest: &str) -> String {
    let mut quoted = rest.split('`').skip(1).step_by(2);
    let word = quoted.next().unwrap_or_default();
    let known: Vec<&str> = quoted.collect();
    match nearest(word, &known) {
        Some(near) => format!("unknown {what} \"{word}\"; did you mean \"{near}\"?"),
        None => format!(
            "unknown {what} \"{word}\"; known here: {}",
            known.join(", ")
        ),
    }
}

/// The known word most similar to `word`, if one is similar enough.
pub fn nearest<'a>(word: &str, known: &[&'a str]) -> Option<&'a str> {
    known
        .iter()
        .map(|candidate| (strsim::jaro_winkler(word, candidate), *candidate))
        .filter(|(likeness, _)| *likeness >= 0.7)
        .max_by(|(one, _), (other, _)| one.total_cmp(other))
        .map(|(_, candidate)| candidate)
}
