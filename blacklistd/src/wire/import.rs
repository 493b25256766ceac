//! Files of rules on their way in: how one is read, and what came of it.

use serde::{Deserialize, Serialize};

use crate::exchange::{ColumnMap, CsvSettings, TextEncoding, delimiter_from_name};
use crate::rules::{DEFAULT_LIST, RuleKind, RuleSpec};
use blacklist_model::BadLine;

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
    /// What stands between columns; found out if it is not named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delimiter: Option<String>,
    /// The characters; found out if they are not named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub encoding: Option<String>,
    /// Whether the first line holds names; found out if it is not said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub has_header: Option<bool>,
    /// Lines that are no rules do not keep the others out.
    #[serde(default)]
    pub skip_bad: bool,
    /// Nothing is changed.
    #[serde(default)]
    pub dry_run: bool,
    /// In spite of warnings that the configuration makes refusals.
    #[serde(default)]
    pub force: bool,
    /// The bad lines are kept to be fetched.
    #[serde(default)]
    pub rejects: bool,
}

/// What came of a file.
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
    /// Lines that say again what another line has said.
    pub duplicates: u64,
    /// Lines that say what a rule has said that was there already.
    pub present: u64,
    /// Lines that are no rules.
    pub bad: u64,
    /// The first of them.
    pub bad_lines: Vec<BadLine>,
    /// What was taken for what: `number=2, comment=7`.
    pub columns: Vec<String>,
    /// What stands between them.
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

impl ImportRequest {
    /// What a rule has whose line says nothing else.
    pub(crate) fn base(&self) -> RuleSpec {
        RuleSpec {
            list: self.list.clone().unwrap_or(DEFAULT_LIST.to_owned()),
            scopes: self.scopes.clone(),
            kind: self.kind,
            dial_plan: self.dial_plan.clone(),
            comment: self.comment.clone(),
            ..RuleSpec::of("")
        }
    }

    /// How its lines are read; a sentence for a word that says nothing.
    pub(crate) fn settings(&self) -> Result<CsvSettings, String> {
        let delimiter = self.delimiter.as_deref().map(delimiter_from_name);
        let encoding = self.encoding.as_deref().map(TextEncoding::from_name);
        let map = self.map.as_deref().map(ColumnMap::parse);
        Ok(CsvSettings {
            delimiter: delimiter.transpose()?,
            encoding: encoding.transpose()?.unwrap_or_default(),
            has_header: self.has_header,
            map: map.transpose()?,
        })
    }
}
