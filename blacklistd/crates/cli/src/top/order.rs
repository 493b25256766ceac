//! Which rows of a table are seen, in which order, and which one is selected.

use std::cmp::Ordering;

use super::pane::Settings;
use super::table::{Column, Row};

/// Whether a row has the text in it, large or small.
fn matches(row: &Row, filter: &str) -> bool {
    let filter = filter.to_lowercase();
    row.cells
        .iter()
        .any(|cell| cell.text.to_lowercase().contains(&filter))
}

/// Whether the largest comes first.
pub(super) fn is_falling(columns: &[Column], settings: &Settings) -> bool {
    let falls = columns
        .get(settings.sort)
        .is_some_and(|column| column.is_falling);
    falls != settings.is_reversed
}

/// The rows that are seen. Equal ones stay as the daemon ordered them.
pub(super) fn arrange(mut rows: Vec<Row>, columns: &[Column], settings: &Settings) -> Vec<Row> {
    rows.retain(|row| matches(row, &settings.filter));
    let is_falling = is_falling(columns, settings);
    rows.sort_by(|one, other| {
        let (Some(one), Some(other)) =
            (one.cells.get(settings.sort), other.cells.get(settings.sort))
        else {
            return Ordering::Equal;
        };
        let ordering = one.compare(other);
        if is_falling {
            ordering.reverse()
        } else {
            ordering
        }
    });
    rows
}

/// The place of the selected row: where it went, or where it was if it is gone.
pub(super) fn position(rows: &[Row], settings: &Settings) -> usize {
    let Some(selected) = &settings.selected else {
        return 0;
    };
    rows.iter()
        .position(|row| row.key == *selected)
        .unwrap_or_else(|| settings.place.min(rows.len().saturating_sub(1)))
}

/// The first row that is seen if so many are: the selected one stays in the middle.
pub(super) fn first_seen(count: usize, position: usize, height: usize) -> usize {
    position
        .saturating_sub(height / 2)
        .min(count.saturating_sub(height))
}

#[cfg(test)]
mod tests {
    use super::super::table::Cell;
    use super::*;

    const COLUMNS: [Column; 2] = [
        Column::words("name", 9, 9, 0),
        Column::number("calls", 9, 0),
    ];

    fn rows() -> Vec<Row> {
        [("Carol", 5), ("alice", 10), ("Bob", 10), ("dave", 1)]
            .into_iter()
            .map(|(name, calls)| Row {
                key: name.to_owned(),
                cells: vec![Cell::words(name), Cell::count(calls)],
                ..Row::default()
            })
            .collect()
    }

    fn keys(settings: &Settings) -> String {
        let rows = arrange(rows(), &COLUMNS, settings);
        let keys: Vec<String> = rows.into_iter().map(|row| row.key).collect();
        keys.join(" ")
    }

    #[test]
    fn rows_are_sorted_and_filtered() {
        let rows = [
            ("words rise", 0, false, "", "alice Bob Carol dave"),
            ("reversed", 0, true, "", "dave Carol Bob alice"),
            (
                "numbers fall, equal ones stay",
                1,
                false,
                "",
                "alice Bob Carol dave",
            ),
            (
                "reversed, equal ones stay",
                1,
                true,
                "",
                "dave Carol alice Bob",
            ),
            ("large or small", 0, false, "A", "alice Carol dave"),
            ("any column", 0, false, "10", "alice Bob"),
            ("nothing", 0, false, "zoe", ""),
            ("no such column", 9, false, "", "Carol alice Bob dave"),
        ];
        for (name, sort, is_reversed, filter, expected) in rows {
            let settings = Settings {
                sort,
                is_reversed,
                filter: filter.to_owned(),
                ..Settings::default()
            };
            assert_eq!(keys(&settings), expected, "{name}");
        }
    }

    #[test]
    fn the_selection_follows_its_row() {
        let at = |selected: Option<&str>, place| {
            let settings = Settings {
                selected: selected.map(str::to_owned),
                place,
                ..Settings::default()
            };
            position(&rows(), &settings)
        };
        assert_eq!(at(None, 3), 0, "whatever is first");
        assert_eq!(at(Some("Bob"), 0), 2, "where it went");
        assert_eq!(at(Some("gone"), 1), 1, "where it was");
        assert_eq!(at(Some("gone"), 99), 3, "the last one");
        assert_eq!(position(&[], &Settings::default()), 0);
    }

    #[test]
    fn the_selected_row_is_seen() {
        for count in 0..30 {
            for height in 1..12 {
                for position in 0..count {
                    let first = first_seen(count, position, height);
                    assert!(first <= position && position < first + height);
                }
            }
        }
    }
}
