//! What a lab found out: cases with what was expected and what was seen, for people as a table,
//! for machines as one JSON object.

use comfy_table::{ContentArrangement, Table, presets};
use serde_json::{Map, Value, json};

/// One thing that was tried.
#[derive(Debug)]
pub(crate) struct Case {
    /// What was tried.
    pub(crate) name: String,
    /// What should have come of it.
    pub(crate) expected: String,
    /// What came of it.
    pub(crate) seen: String,
    /// Whether that is as it should be.
    pub(crate) ok: bool,
    /// What else is worth knowing, by column.
    pub(crate) details: Map<String, Value>,
}

/// All that was tried in a lab.
#[derive(Debug, Default)]
pub(crate) struct Report {
    /// The lab.
    pub(crate) name: String,
    /// Columns of the table between a case's name and what was expected.
    pub(crate) columns: &'static [&'static str],
    /// The cases.
    pub(crate) cases: Vec<Case>,
    /// Names of cases that were not tried, as somebody has asked.
    pub(crate) skipped: Vec<String>,
    /// Figures about the whole.
    pub(crate) figures: Map<String, Value>,
    /// A sentence for people, under the table.
    pub(crate) summary: String,
}

impl Case {
    /// A case that is as it should be if what was seen equals what was expected.
    pub(crate) fn new(name: &str, expected: &str, seen: String) -> Self {
        let ok = seen == expected;
        Self {
            name: name.to_owned(),
            expected: expected.to_owned(),
            seen,
            ok,
            details: Map::new(),
        }
    }
}

impl Report {
    /// Notes what was tried, as it should be if what was seen equals what was expected.
    #[expect(
        clippy::needless_pass_by_value,
        reason = "what was seen is a number or a text that was just made"
    )]
    pub(crate) fn case(&mut self, name: &str, expected: &str, seen: impl ToString) {
        self.cases.push(Case::new(name, expected, seen.to_string()));
    }

    /// How many cases were as expected, and how many were not.
    pub(crate) fn counts(&self) -> (usize, usize) {
        let passed = self.cases.iter().filter(|case| case.ok).count();
        (passed, self.cases.len() - passed)
    }

    /// For machines.
    pub(crate) fn json(&self) -> Value {
        let (passed, failed) = self.counts();
        let mut object = Map::new();
        object.insert("name".into(), json!(self.name));
        object.extend(self.figures.clone());
        object.insert("passed".into(), json!(passed));
        object.insert("failed".into(), json!(failed));
        if !self.skipped.is_empty() {
            object.insert("skipped".into(), json!(self.skipped.len()));
            object.insert("skipped_cases".into(), json!(self.skipped));
        }
        object.insert("cases".into(), self.cases.iter().map(Case::json).collect());
        Value::Object(object)
    }

    /// For people.
    pub(crate) fn table(&self) -> String {
        let mut table = Table::new();
        table.load_preset(presets::UTF8_FULL_CONDENSED);
        table.set_content_arrangement(ContentArrangement::Disabled);
        let fixed = ["case", "expected", "seen"];
        let (first, rest) = fixed.split_at(1);
        table.set_header(first.iter().chain(self.columns).chain(rest).chain(&[""]));
        for case in &self.cases {
            let mut row = vec![case.name.clone()];
            row.extend(
                self.columns
                    .iter()
                    .map(|column| text(case.details.get(*column))),
            );
            row.extend([case.expected.clone(), case.seen.clone()]);
            row.push(if case.ok { "ok" } else { "FAILED" }.to_owned());
            table.add_row(row);
        }
        for name in &self.skipped {
            let mut row = vec![name.clone()];
            row.extend(self.columns.iter().map(|_| String::new()));
            row.extend([String::new(), String::new(), "skipped".to_owned()]);
            table.add_row(row);
        }
        let (passed, failed) = self.counts();
        let skipped = match self.skipped.len() {
            0 => String::new(),
            skipped => format!(", {skipped} skipped"),
        };
        format!(
            "{table}\n{}{passed} passed, {failed} failed{skipped}",
            self.summary
        )
    }
}

impl Case {
    fn json(&self) -> Value {
        let mut object = Map::new();
        object.insert("name".into(), json!(self.name));
        object.insert("expected".into(), json!(self.expected));
        object.insert("seen".into(), json!(self.seen));
        object.insert("ok".into(), json!(self.ok));
        object.extend(self.details.clone());
        Value::Object(object)
    }
}

fn text(value: Option<&Value>) -> String {
    match value {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
    }
}
