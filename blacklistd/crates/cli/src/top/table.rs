//! Tables that fit: columns are cut by what they are worth, the others share the place.

use std::cmp::Ordering;

use blacklist_model::harmless;
use ratatui::style::{Color, Modifier, Style};
use ratatui::text::{Line, Span};

use super::text;

/// The look of a table's head.
const HEAD: Style = Style::new().fg(Color::Cyan).add_modifier(Modifier::BOLD);

/// From this many columns on there are two blanks between cells.
const ROOMY: usize = 110;

/// A column.
#[derive(Clone, Copy, Debug)]
pub(super) struct Column {
    pub(super) title: &'static str,
    /// Its place at least.
    width: usize,
    /// Its place at most.
    most: usize,
    /// Stands right.
    is_number: bool,
    /// The largest first, if it is sorted by.
    pub(super) is_falling: bool,
    /// The higher, the sooner it is cut.
    cut: u8,
}

impl Column {
    /// Words; grows up to `most`.
    pub(super) const fn words(title: &'static str, width: usize, most: usize, cut: u8) -> Self {
        Self {
            title,
            width,
            most,
            is_number: false,
            is_falling: false,
            cut,
        }
    }

    /// A number.
    pub(super) const fn number(title: &'static str, width: usize, cut: u8) -> Self {
        Self {
            title,
            width,
            most: width,
            is_number: true,
            is_falling: true,
            cut,
        }
    }

    /// The largest first.
    pub(super) const fn falling(self) -> Self {
        Self {
            is_falling: true,
            ..self
        }
    }

    /// The smallest first.
    pub(super) const fn rising(self) -> Self {
        Self {
            is_falling: false,
            ..self
        }
    }
}

/// What a cell is sorted by.
#[derive(Clone, Debug, PartialEq)]
enum Order {
    Number(f64),
    Words(String),
}

/// A cell; whatever is in it is harmless.
#[derive(Clone, Debug)]
pub(super) struct Cell {
    pub(super) text: String,
    order: Order,
}

impl Cell {
    pub(super) fn words(words: &str) -> Self {
        let text = harmless(words);
        Self {
            order: Order::Words(text.to_lowercase()),
            text,
        }
    }

    pub(super) fn count(number: u64) -> Self {
        Self {
            text: text::count(number),
            order: Order::Number(number as f64),
        }
    }

    pub(super) fn rate(rate: Option<f64>) -> Self {
        Self {
            text: text::rate(rate),
            order: Order::Number(rate.unwrap_or(-1.0)),
        }
    }

    /// A number that names something; nothing for none.
    pub(super) fn name(number: u64) -> Self {
        Self {
            text: if number == 0 {
                String::new()
            } else {
                number.to_string()
            },
            order: Order::Number(number as f64),
        }
    }

    pub(super) fn time(time: &str, now: &str) -> Self {
        Self {
            text: text::time(time, now),
            order: Order::Words(time.to_owned()),
        }
    }

    pub(super) fn compare(&self, other: &Self) -> Ordering {
        match (&self.order, &other.order) {
            (Order::Number(one), Order::Number(other)) => one.total_cmp(other),
            (Order::Words(one), Order::Words(other)) => one.cmp(other),
            (Order::Number(_), Order::Words(_)) => Ordering::Less,
            (Order::Words(_), Order::Number(_)) => Ordering::Greater,
        }
    }
}

/// A row.
#[derive(Clone, Debug, Default)]
pub(super) struct Row {
    /// What it is, whatever place it has.
    pub(super) key: String,
    /// Who could be blocked, as the daemon spells it.
    pub(super) caller: Option<String>,
    pub(super) cells: Vec<Cell>,
    pub(super) style: Style,
}

/// A column that is shown, and its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Place {
    index: usize,
    width: usize,
}

/// How columns share the width of a screen.
#[derive(Clone, Debug)]
pub(super) struct Fitted<'a> {
    columns: &'a [Column],
    places: Vec<Place>,
    gap: usize,
    available: usize,
}

impl<'a> Fitted<'a> {
    pub(super) fn new(columns: &'a [Column], available: usize) -> Self {
        let gap = if available >= ROOMY { 2 } else { 1 };
        let mut kept: Vec<(usize, &Column)> = columns.iter().enumerate().collect();
        let needed = |kept: &[(usize, &Column)]| {
            let widths: usize = kept.iter().map(|(_, column)| column.width).sum();
            widths + gap * kept.len().saturating_sub(1)
        };
        while kept.len() > 1 && needed(&kept) > available {
            let Some(worst) =
                (0..kept.len()).max_by_key(|place| kept.get(*place).map(|(_, column)| column.cut))
            else {
                break;
            };
            kept.remove(worst);
        }
        let mut spare = available.saturating_sub(needed(&kept));
        let mut growing = kept
            .iter()
            .filter(|(_, column)| column.most > column.width)
            .count();
        let mut places = Vec::with_capacity(kept.len());
        for (index, column) in kept {
            let mut width = column.width;
            if column.most > column.width {
                let more = (spare / growing).min(column.most - column.width);
                width += more;
                spare -= more;
                growing -= 1;
            }
            places.push(Place {
                index,
                width: width.min(available),
            });
        }
        Self {
            columns,
            places,
            gap,
            available,
        }
    }

    /// The titles; the column that is sorted by has an arrow.
    pub(super) fn head(&self, sorted: Option<(usize, bool)>) -> Line<'static> {
        let texts = self.places.iter().filter_map(|place| {
            let column = self.columns.get(place.index)?;
            let arrow = match sorted {
                Some((index, is_falling)) if index == place.index => {
                    if is_falling {
                        "▼"
                    } else {
                        "▲"
                    }
                }
                _ => "",
            };
            Some((*place, *column, format!("{}{arrow}", column.title)))
        });
        self.line(texts).style(HEAD)
    }

    /// A row; the selected one is turned around.
    pub(super) fn row(&self, row: &Row, is_selected: bool) -> Line<'static> {
        let texts = self.places.iter().filter_map(|place| {
            let column = self.columns.get(place.index)?;
            let text = row.cells.get(place.index).map(|cell| cell.text.clone());
            Some((*place, *column, text.unwrap_or_default()))
        });
        let style = if is_selected {
            Style::new().add_modifier(Modifier::REVERSED)
        } else {
            row.style
        };
        self.line(texts).style(style)
    }

    fn line(&self, cells: impl Iterator<Item = (Place, Column, String)>) -> Line<'static> {
        let mut line = String::new();
        for (place, column, text) in cells {
            if !line.is_empty() {
                line.extend(std::iter::repeat_n(' ', self.gap));
            }
            let text = text::clip(&text, place.width);
            let blanks = place.width.saturating_sub(text::width(&text));
            let blanks = std::iter::repeat_n(' ', blanks);
            if column.is_number {
                line.extend(blanks);
                line.push_str(&text);
            } else {
                line.push_str(&text);
                line.extend(blanks);
            }
        }
        let rest = self.available.saturating_sub(text::width(&line));
        line.extend(std::iter::repeat_n(' ', rest));
        Line::from(Span::raw(line))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const COLUMNS: [Column; 3] = [
        Column::words("name", 4, 10, 0),
        Column::number("calls", 6, 1),
        Column::number("packets", 8, 2),
    ];

    fn line(width: usize) -> (String, String) {
        let row = Row {
            cells: vec![Cell::words("Alexander"), Cell::count(7), Cell::count(4321)],
            ..Row::default()
        };
        let fitted = Fitted::new(&COLUMNS, width);
        let head = fitted.head(Some((1, true))).to_string();
        (head, fitted.row(&row, false).to_string())
    }

    #[test]
    fn columns_share_the_place_and_the_least_are_cut() {
        let rows = [
            (
                26,
                "name       calls▼  packets",
                "Alexander       7    4,321",
            ),
            (20, "name calls▼  packets", "Ale…      7    4,321"),
            (19, "name       calls▼  ", "Alexander       7  "),
            (9, "name     ", "Alexander"),
            (3, "na…", "Al…"),
            (0, "", ""),
        ];
        for (width, head, row) in rows {
            assert_eq!(line(width), (head.to_owned(), row.to_owned()), "{width}");
        }
    }

    #[test]
    fn cells_are_compared_by_what_they_are() {
        let rows = [
            ("numbers", Cell::count(9), Cell::count(10)),
            ("unknown rate", Cell::rate(None), Cell::rate(Some(0.0))),
            ("words", Cell::words("Anna"), Cell::words("bert")),
            (
                "times",
                Cell::time("2026-07-30T23:00:00Z", "2026-07-31T10:00:00Z"),
                Cell::time("2026-07-31T09:00:00Z", "2026-07-31T10:00:00Z"),
            ),
        ];
        for (name, small, large) in rows {
            assert_eq!(small.compare(&large), Ordering::Less, "{name}");
            assert_eq!(large.compare(&small), Ordering::Greater, "{name}");
        }
    }
}
