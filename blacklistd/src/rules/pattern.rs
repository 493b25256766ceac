//! Patterns: how they are written (`*` at the end, `\*` for the dialable star), and the packed
//! form that is compared.

use blacklist_common::dial_plan::DialPlan;
use blacklist_common::number::{Number, NumberKind};
use blacklist_common::pattern::EntryKey;
use serde::{Deserialize, Serialize};

use super::reading;
use super::rule::Refusal;

/// How a pattern matches.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PatternKind {
    /// This number.
    Exact,
    /// Every number that begins so.
    Prefix,
}

impl PatternKind {
    /// The word for people, for `--json` and for the store.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Exact => "exact",
            Self::Prefix => "prefix",
        }
    }

    /// From its word.
    pub fn from_word(word: &str) -> Option<Self> {
        match word {
            "exact" => Some(Self::Exact),
            "prefix" => Some(Self::Prefix),
            _ => None,
        }
    }
}

/// A canonical pattern.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pattern {
    /// How it matches.
    pub kind: PatternKind,
    /// Canonical spelling, without the star of a prefix: reading it without a dial plan gives
    /// `number` again.
    pub text: Box<str>,
    /// The key.
    pub number: Number,
}

impl Pattern {
    /// Reads a pattern as it was written, by a dial plan.
    ///
    /// # Errors
    /// The pattern could never match, or can be read in two ways.
    pub fn parse(written: &str, plan: &DialPlan) -> Result<Self, Refusal> {
        let (kind, literal) = unescape(written.trim())?;
        match kind {
            PatternKind::Exact => reading::exact(&literal, written, plan),
            PatternKind::Prefix => reading::prefix(&literal, written, plan),
        }
    }

    /// Reads a canonical spelling, as the store keeps it.
    ///
    /// # Errors
    /// The spelling is not canonical.
    pub fn from_canonical(kind: PatternKind, text: &str) -> Result<Self, Refusal> {
        let plan = DialPlan::default();
        match kind {
            PatternKind::Exact => reading::exact(text, text, &plan),
            PatternKind::Prefix => reading::prefix(text, text, &plan),
        }
    }

    /// Bits of the number that are fixed.
    pub fn bits(&self) -> u32 {
        Number::prefix_bits(self.number.digits())
    }

    /// Key in the tables.
    pub fn key(&self, partition: u32) -> EntryKey {
        match self.kind {
            PatternKind::Exact => EntryKey::exact(partition, self.number),
            PatternKind::Prefix => EntryKey::prefix(partition, self.number, self.number.digits()),
        }
    }

    /// Whether the pattern matches a number.
    pub fn matches(&self, number: Number) -> bool {
        match self.kind {
            PatternKind::Exact => self.number == number,
            PatternKind::Prefix => {
                matches!(number.kind(), NumberKind::E164 | NumberKind::Local)
                    && masked(number, self.bits()) == masked(self.number, self.bits())
            }
        }
    }
}

/// The leading bits of a number, zero behind them.
pub(super) const fn masked(number: Number, bits: u32) -> Number {
    let shift = 64 - if bits > 64 { 64 } else { bits };
    if shift >= 64 {
        return Number(0);
    }
    Number((number.0 >> shift) << shift)
}

/// Takes the escapes out of a written pattern and tells the kind.
fn unescape(written: &str) -> Result<(PatternKind, String), Refusal> {
    let invalid = |text: String| Err(Refusal::Invalid(text));
    let mut literal = String::with_capacity(written.len());
    let mut characters = written.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            '\\' => match characters.next() {
                Some(escaped @ ('*' | '?' | '\\')) => literal.push(escaped),
                _ => {
                    return invalid(format!(
                        "pattern \"{written}\": a backslash stands only in front of *, ? or another backslash"
                    ));
                }
            },
            '*' if characters.peek().is_none() => return Ok((PatternKind::Prefix, literal)),
            '*' => {
                return invalid(format!(
                    "pattern \"{written}\": * stands for any digits only at the end; write \\* for the star that is dialled"
                ));
            }
            '?' => {
                return invalid(format!(
                    "pattern \"{written}\": ? is no wildcard here; write \\? for the character itself, or a shorter prefix with * at the end"
                ));
            }
            _ => literal.push(character),
        }
    }
    Ok((PatternKind::Exact, literal))
}
