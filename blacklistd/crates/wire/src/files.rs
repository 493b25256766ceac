//! Files of rules: how one is read and what came of it, and what was written for others.

use std::collections::BTreeMap;

use blacklist_model::{BadLine, RuleKind};
use serde::{Deserialize, Serialize};

/// How a file is to be read, and where its rules go.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ImportRequest {
    /// The file's name, for the history.
    pub file: String,
    /// List of the rules whose line names none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub list: Option<String>,
    /// Scopes of the rules whose line names none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub scopes: Vec<String>,
    /// Kind of the rules whose line names none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<RuleKind>,
    /// Dial plan of the rules whose line names none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dial_plan: Option<String>,
    /// Comment of the rules whose line has none.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub comment: String,
    /// Which column is what: `number=Phone,comment=Subject`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub map: Option<String>,
    /// The delimiter between columns; detected if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delimiter: Option<String>,
    /// The character encoding; detected if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub encoding: Option<String>,
    /// Whether the first line holds column names; detected if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub has_header: Option<bool>,
    /// Valid lines are imported even if others are not.
    #[serde(default)]
    pub skip_bad: bool,
    /// Nothing is changed.
    #[serde(default)]
    pub dry_run: bool,
    /// Despite warnings that the configuration turns into errors.
    #[serde(default)]
    pub force: bool,
    /// The bad lines are kept so that they can be fetched.
    #[serde(default)]
    pub rejects: bool,
}

/// The result of an import.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct ImportReport {
    /// The file's name.
    pub file: String,
    /// The generation that it became; the number by which it is undone. None if nothing was
    /// changed.
    pub generation: Option<u64>,
    /// Whether it was only tried.
    pub dry_run: bool,
    /// Lines that are no comment, header or empty.
    pub lines: u64,
    /// Rules that are new.
    pub added: u64,
    /// Lines that repeat another line.
    pub duplicates: u64,
    /// Lines that repeat a rule of the store.
    pub present: u64,
    /// Lines that are not rules.
    pub bad: u64,
    /// The first of them.
    pub bad_lines: Vec<BadLine>,
    /// Which column was read as what: `number=2, comment=7`.
    pub columns: Vec<String>,
    /// The delimiter between them.
    pub delimiter: String,
    /// The characters.
    pub encoding: String,
    /// Where all bad lines can be fetched, once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rejects: Option<u64>,
    /// What the operator should know.
    pub warnings: Vec<String>,
    /// Why nothing was changed, if it should have been.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refused: Option<String>,
}

/// What a list in somebody else's form holds.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct MirrorReport {
    /// Rules that were.
    pub written: u64,
    /// Rules in force that were not, by what keeps them out.
    pub left_out: BTreeMap<String, u64>,
}
