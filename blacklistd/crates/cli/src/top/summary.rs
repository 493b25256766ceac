//! The small tables that are always seen: trunks, what became of packets, lists.

use std::cmp::Reverse;

use ratatui::style::{Color, Style};
use ratatui::text::Line;

use super::state::Snapshot;
use super::table::{Cell, Column, Fitted, Row};
use super::totals::{Verdict, Verdicts};
use blacklist_figures::{ListFigures, TrunkFigures};

/// The peers that no trunk names.
const NO_TRUNK: &str = "(no trunk)";

const TRUNKS: &[Column] = &[
    Column::words("trunk", 10, 30, 0),
    Column::number("blocked/s", 9, 1),
    Column::number("passed/s", 8, 2),
    Column::number("monitored/s", 11, 3),
    Column::number("ambiguous/s", 11, 4),
    Column::number("blocked", 9, 5),
    Column::number("passed", 9, 6),
    Column::number("monitored", 9, 7),
    Column::number("ambiguous", 9, 8),
];

const VERDICTS: &[Column] = &[
    Column::words("verdict", 16, 22, 0),
    Column::number("packets/s", 9, 1),
    Column::number("packets", 9, 2),
    Column::number("calls/s", 7, 4),
    Column::number("calls", 9, 3),
];

const LISTS: &[Column] = &[
    Column::words("list", 10, 30, 0),
    Column::number("blocked/s", 9, 1),
    Column::number("blocked", 9, 2),
];

/// A small table.
pub(super) struct Summary {
    columns: &'static [Column],
    rows: Vec<Row>,
}

impl Summary {
    /// The lines that it needs.
    pub(super) const fn height(&self) -> usize {
        1 + self.rows.len()
    }

    /// Its lines; the last one says how many are missing.
    pub(super) fn lines(&self, width: usize, height: usize) -> Vec<Line<'static>> {
        let fitted = Fitted::new(self.columns, width);
        let mut lines = vec![fitted.head(None)];
        let room = height.saturating_sub(1);
        let shown = if self.rows.len() > room {
            room.saturating_sub(1)
        } else {
            self.rows.len()
        };
        let rows = self.rows.iter().take(shown);
        lines.extend(rows.map(|row| fitted.row(row, false)));
        if shown < self.rows.len() && room > 0 {
            let more = format!("… {} more", self.rows.len() - shown);
            lines.push(Line::styled(more, Style::new().fg(Color::DarkGray)));
        }
        lines
    }
}

/// The busiest trunk first.
pub(super) fn trunks(Snapshot { live, rates }: &Snapshot) -> Summary {
    let mut trunks: Vec<&TrunkFigures> = live.trunks.iter().collect();
    trunks.sort_by_key(|trunk| {
        let Verdicts {
            blocked,
            monitored,
            passed,
            ambiguous,
        } = Verdicts::of_trunk(trunk);
        let sum = [blocked, monitored, passed, ambiguous]
            .into_iter()
            .fold(0_u64, u64::saturating_add);
        Reverse(sum)
    });
    let row = |trunk: &TrunkFigures| {
        let totals = Verdicts::of_trunk(trunk);
        let rate = rates.trunk(&trunk.name);
        let name = if trunk.name.is_empty() {
            NO_TRUNK
        } else {
            &trunk.name
        };
        Row {
            cells: vec![
                Cell::words(name),
                Cell::rate(rate.blocked),
                Cell::rate(rate.passed),
                Cell::rate(rate.monitored),
                Cell::rate(rate.ambiguous),
                Cell::count(totals.blocked),
                Cell::count(totals.passed),
                Cell::count(totals.monitored),
                Cell::count(totals.ambiguous),
            ],
            style: if rate.monitored.is_some_and(|rate| rate > 0.0) {
                color(Verdict::Monitored)
            } else {
                Style::new()
            },
            ..Row::default()
        }
    };
    Summary {
        columns: TRUNKS,
        rows: trunks.into_iter().map(row).collect(),
    }
}

pub(super) const fn color(verdict: Verdict) -> Style {
    Style::new().fg(match verdict {
        Verdict::Blocked => Color::Red,
        Verdict::Monitored => Color::Yellow,
        Verdict::Ambiguous => Color::Magenta,
        Verdict::Passed => Color::Green,
        Verdict::Other => Color::Gray,
    })
}

/// Outcomes that there were, blocked ones first, of one verdict the most frequent first.
pub(super) fn verdicts(Snapshot { live, rates }: &Snapshot) -> Summary {
    let mut outcomes: Vec<_> = live
        .daemon
        .outcomes
        .iter()
        .filter(|(_, counts)| counts.packets > 0)
        .map(|(name, counts)| (Verdict::of(name), Reverse(counts.packets), name, counts))
        .collect();
    outcomes.sort_by_key(|(verdict, packets, name, _)| (*verdict, *packets, *name));
    let rows = outcomes.into_iter().map(|(verdict, _, name, counts)| {
        let rate = rates.outcome(name);
        let has_calls = counts.calls > 0;
        let of_calls = |cell| {
            if has_calls { cell } else { Cell::words("") }
        };
        Row {
            cells: vec![
                Cell::words(name),
                Cell::rate(rate.packets),
                Cell::count(counts.packets),
                of_calls(Cell::rate(rate.calls)),
                of_calls(Cell::count(counts.calls)),
            ],
            style: color(verdict),
            ..Row::default()
        }
    });
    Summary {
        columns: VERDICTS,
        rows: rows.collect(),
    }
}

/// The list that blocked most first.
pub(super) fn lists(Snapshot { live, rates }: &Snapshot) -> Summary {
    let mut lists: Vec<&ListFigures> = live.lists.iter().collect();
    lists.sort_by_key(|list| Reverse(list.blocked.calls));
    let row = |list: &ListFigures| Row {
        cells: vec![
            Cell::words(&list.name),
            Cell::rate(rates.list(&list.name).calls),
            Cell::count(list.blocked.calls),
        ],
        ..Row::default()
    };
    Summary {
        columns: LISTS,
        rows: lists.into_iter().map(row).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::sample;
    use super::*;

    fn text(lines: &[Line<'_>]) -> Vec<String> {
        let line = |line: &Line<'_>| line.to_string().trim_end().to_owned();
        lines.iter().map(line).collect()
    }

    #[test]
    fn trunks_at_half_of_a_small_screen() {
        let lines = trunks(&sample::snapshot()).lines(53, 5);
        assert_eq!(
            text(&lines),
            [
                "trunk      blocked/s passed/s monitored/s ambiguous/s",
                "carrier          2.5    120.5           0           0",
                "backup             0        0           0           0",
                "(no trunk)         0        0           0           0",
            ]
        );
    }

    #[test]
    fn verdicts_stand_in_their_order_and_say_what_is_missing() {
        let verdicts = verdicts(&sample::snapshot());
        assert_eq!(
            verdicts.height(),
            6,
            "outcomes that nothing had are left out"
        );
        assert_eq!(
            text(&verdicts.lines(26, 5)),
            [
                "verdict          packets/s",
                "dropped               17.5",
                "open-quote               0",
                "no-rule              120.5",
                "… 2 more",
            ]
        );
        assert_eq!(text(&verdicts.lines(26, 1)).len(), 1);
    }

    #[test]
    fn lists_have_totals() {
        let lines = lists(&sample::snapshot()).lines(30, 9);
        assert_eq!(text(&lines)[1], "default            0     1,000");
    }
}
