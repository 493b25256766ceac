//! How patterns are written (escapes, wildcards, classes), and how they are turned back into text.

use blacklist_common::dial_plan::DialPlan;
use blacklist_common::number::{MAXIMUM_DIGITS, NIBBLE_HASH, NIBBLE_STAR, Number, NumberKind};

use super::classes::Classes;
use super::pattern::{MatchKind, Pattern};
use super::reading::{self, invalid};
use super::rule::Refusal;
use super::wildcard;

/// One character of a written pattern.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mark {
    /// Itself.
    Literal(char),
    /// `?`.
    Any,
    /// `*`.
    Gap,
}

/// Parses a pattern as an operator writes it.
pub(super) fn pattern(written: &str, plan: &DialPlan) -> Result<Pattern, Refusal> {
    let written = written.trim();
    if let Some(classes) = Classes::parse(written) {
        let (kind, classes) = classes?;
        return Ok(Pattern::of_number(kind, Number(u64::from(classes.0))));
    }
    let mut marks = marks(reading::without_scheme(written), written)?;
    if wildcard::is_numeric(&marks) && marks.iter().any(|mark| !matches!(mark, Mark::Literal(_))) {
        marks.retain(|mark| !matches!(mark, Mark::Literal(one) if wildcard::is_separator(*one)));
    }
    if marks
        .windows(2)
        .any(|pair| matches!(pair, [Mark::Gap, Mark::Gap]))
    {
        return invalid(format!(
            "pattern \"{written}\": two * in a row mean no more than one: write one, or \\* for the star that is dialled"
        ));
    }
    let literal = |marks: &[Mark]| -> Option<String> {
        let character = |mark: &Mark| match mark {
            Mark::Literal(character) => Some(*character),
            Mark::Any | Mark::Gap => None,
        };
        marks.iter().map(character).collect()
    };
    if let Some(literal) = literal(&marks) {
        return reading::exact(&literal, written, plan);
    }
    if marks == [Mark::Gap] {
        return Ok(Pattern::EVERYTHING);
    }
    if !wildcard::is_numeric(&marks) {
        return wildcard::name(&marks, written);
    }
    if let [head @ .., Mark::Gap] = marks.as_slice()
        && let Some(literal) = literal(head)
    {
        let number = reading::beginning(&literal, "*", written, plan)?;
        return Ok(Pattern::of_number(MatchKind::Prefix, number));
    }
    wildcard::number(&marks, written, plan)
}

/// Parses a canonical spelling.
pub(super) fn canonical_pattern(kind: MatchKind, text: &str) -> Result<Pattern, Refusal> {
    let plan = DialPlan::default();
    if matches!(kind, MatchKind::Exact | MatchKind::Prefix)
        && let Some(number) = plain_number(text)
    {
        return Ok(Pattern::of_number(kind, number));
    }
    let pattern = match kind {
        MatchKind::Exact => reading::exact(text, text, &plan)?,
        MatchKind::Prefix => {
            let number = reading::beginning(text, "*", text, &plan)?;
            Pattern::of_number(kind, number)
        }
        MatchKind::Wildcard
        | MatchKind::Anonymous
        | MatchKind::Unverified
        | MatchKind::Everything => pattern(text, &plan)?,
    };
    if pattern.kind() == kind {
        return Ok(pattern);
    }
    invalid(format!(
        "\"{text}\" is not a canonical text of a pattern that matches as {}",
        kind.as_str()
    ))
}

/// A fast path for a number in its canonical spelling; `None` for any other text.
fn plain_number(text: &str) -> Option<Number> {
    let (kind, digits) = match text.strip_prefix('+') {
        Some(digits) => (NumberKind::E164, digits),
        None => (NumberKind::Local, text),
    };
    if digits.is_empty() || digits.len() > MAXIMUM_DIGITS as usize {
        return None;
    }
    let mut packed = 0_u64;
    for (place, byte) in digits.bytes().enumerate() {
        packed |= u64::from(nibble(char::from(byte))?) << (60 - 4 * place);
    }
    Some(Number::from_nibbles(kind, packed, digits.len() as u32))
}

/// The nibble of a character of a number.
pub fn nibble(character: char) -> Option<u8> {
    match character {
        '0'..='9' => Some(character as u8 - b'0'),
        '*' => Some(NIBBLE_STAR),
        '#' => Some(NIBBLE_HASH),
        _ => None,
    }
}

/// Resolves the escapes of a written pattern.
fn marks(text: &str, written: &str) -> Result<Vec<Mark>, Refusal> {
    let mut marks = Vec::with_capacity(text.len());
    let mut rest = text.chars();
    while let Some(character) = rest.next() {
        marks.push(match character {
            '*' => Mark::Gap,
            '?' => Mark::Any,
            '\\' if marks.is_empty() && Classes::parse(rest.as_str()).is_some() => continue,
            '\\' => match rest.next() {
                Some(escaped @ ('*' | '?' | '#' | '\\')) => Mark::Literal(escaped),
                _ => {
                    return invalid(format!(
                        "pattern \"{written}\": a backslash is allowed only before * ? # or another backslash, and in front of the whole words anonymous and unverified"
                    ));
                }
            },
            other => Mark::Literal(other),
        });
    }
    Ok(marks)
}

/// Puts a backslash in front of what would be read as a wildcard or class.
pub fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len() + 1);
    if Classes::parse(text).is_some() {
        escaped.push('\\');
    }
    for character in text.chars() {
        if matches!(character, '*' | '?' | '\\') {
            escaped.push('\\');
        }
        escaped.push(character);
    }
    escaped
}
