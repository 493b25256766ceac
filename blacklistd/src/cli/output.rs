//! How answers look: tables for people, one line of JSON for machines.

use comfy_table::presets::UTF8_FULL_CONDENSED;
use comfy_table::{CellAlignment, Table};
use serde::Serialize;

use super::error::CliError;

/// One line of JSON.
pub(super) fn json(object: &impl Serialize) -> Result<String, CliError> {
    serde_json::to_string(object).map_err(CliError::failed)
}

/// A table with these columns; those named in `numbers` stand right.
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

/// A number with its noun.
pub(super) fn count(number: u64, noun: &str) -> String {
    if number == 1 {
        format!("1 {noun}")
    } else {
        format!("{number} {noun}s")
    }
}
