//! How answers look: tables for people, one line of JSON for machines.

use comfy_table::presets::UTF8_FULL_CONDENSED;
use comfy_table::{CellAlignment, Table};
use serde::Serialize;

use super::error::CliError;

/// One line of JSON.
pub(super) fn json(object: &impl Serialize) -> Result<String, CliError> {
    serde_json::to_string(object).map_err(CliError::failed)
}

/// A table with these columns; those named in `numbers` are right-aligned.
pub(super) fn table<const N: usize>(columns: [&str; N], numbers: &[&str]) -> Table {
    let mut table = Table::new();
    table.load_preset(UTF8_FULL_CONDENSED).set_header(columns);
    for (index, name) in columns.iter().enumerate() {
        if numbers.contains(name)
            && let Some(column) = table.column_mut(index)
        {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    table
}

/// What the operator should know, a line for each.
pub(super) fn add_notes(text: &mut String, notes: &[String]) {
    for note in notes {
        text.push_str("\nnote: ");
        text.push_str(note);
    }
}

/// Names and values below each other; what is empty is left out.
pub(super) fn lines(rows: &[(&str, String)]) -> String {
    let lines: Vec<String> = rows
        .iter()
        .filter(|(_, value)| !value.is_empty())
        .map(|(name, value)| format!("{name:<11} {value}"))
        .collect();
    lines.join("\n")
}
