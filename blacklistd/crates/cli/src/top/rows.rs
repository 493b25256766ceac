//! The rows of the five tables.

use ratatui::style::{Color, Style};

use super::pane::Pane;
use super::state::Snapshot;
use super::table::{Cell, Column, Row};
use blacklist_figures::{BusyNumber, RecentCall, RuleFigures, SeenParty};
use blacklist_model::RuleKind;

const RULES: &[Column] = &[
    Column::number("rule", 6, 1).rising(),
    Column::words("pattern", 16, 40, 0),
    Column::words("kind", 5, 5, 3),
    Column::words("list", 10, 30, 5),
    Column::number("calls/s", 8, 2),
    Column::number("packets/s", 10, 7),
    Column::number("calls", 9, 4),
    Column::number("packets", 9, 6),
];

const CALLERS: &[Column] = &[
    Column::words("caller", 16, 40, 0),
    Column::number("calls", 9, 1),
    Column::number("calls/s", 8, 2),
    Column::number("error", 9, 3),
];

const CALLED: &[Column] = &[
    Column::words("called", 16, 40, 0),
    Column::number("calls", 9, 1),
    Column::number("calls/s", 8, 2),
    Column::number("error", 9, 3),
];

const CALLS: &[Column] = &[
    Column::words("time", 11, 11, 3).falling(),
    Column::words("caller", 16, 40, 0),
    Column::words("called", 16, 40, 2),
    Column::words("outcome", 11, 14, 4),
    Column::number("rule", 6, 1).rising(),
    Column::words("pattern", 13, 40, 5),
];

const SEEN: &[Column] = &[
    Column::words("time", 11, 11, 2).falling(),
    Column::words("caller", 16, 40, 0),
    Column::words("called", 16, 40, 1),
    Column::words("trunk", 12, 30, 3),
    Column::words("id", 7, 12, 4),
];

/// The columns of a table.
pub(super) const fn columns(pane: Pane) -> &'static [Column] {
    match pane {
        Pane::Rules => RULES,
        Pane::Callers => CALLERS,
        Pane::Called => CALLED,
        Pane::Calls => CALLS,
        Pane::Seen => SEEN,
    }
}

/// The rows of a table, as the daemon ordered them.
pub(super) fn rows(pane: Pane, snapshot: &Snapshot) -> Vec<Row> {
    let Snapshot { live, rates } = snapshot;
    match pane {
        Pane::Rules => rules(snapshot),
        Pane::Callers => parties(&live.callers, true, |number| rates.caller(number)),
        Pane::Called => parties(&live.called, false, |number| rates.called(number)),
        Pane::Calls => calls(snapshot),
        Pane::Seen => seen(snapshot),
    }
}

/// Who could be blocked; nobody where there is no name.
fn known(caller: &str) -> Option<String> {
    (!caller.is_empty()).then(|| caller.to_owned())
}

fn rules(Snapshot { live, rates }: &Snapshot) -> Vec<Row> {
    let row = |rule: &RuleFigures| {
        let rate = rates.rule(rule);
        Row {
            key: format!("{} {}", rule.id, rule.pattern),
            caller: None,
            cells: vec![
                Cell::name(u64::from(rule.id.0)),
                Cell::words(&rule.pattern),
                Cell::words(rule.kind.as_str()),
                Cell::words(&rule.list),
                Cell::rate(rate.calls),
                Cell::rate(rate.packets),
                Cell::count(rule.calls),
                Cell::count(rule.packets),
            ],
            style: match rule.kind {
                RuleKind::Block => Style::new(),
                RuleKind::Allow => Style::new().fg(Color::Green),
            },
        }
    };
    live.rules.iter().map(row).collect()
}

fn parties(
    parties: &[BusyNumber],
    are_callers: bool,
    rate: impl Fn(&str) -> Option<f64>,
) -> Vec<Row> {
    let row = |party: &BusyNumber| Row {
        key: party.number.clone(),
        caller: known(&party.number).filter(|_| are_callers),
        cells: vec![
            Cell::words(&party.number),
            Cell::count(party.calls),
            Cell::rate(rate(&party.number)),
            Cell::count(party.error),
        ],
        style: Style::new(),
    };
    parties.iter().map(row).collect()
}

fn calls(Snapshot { live, .. }: &Snapshot) -> Vec<Row> {
    let row = |call: &RecentCall| Row {
        key: call.id.to_string(),
        caller: known(&call.caller),
        cells: vec![
            Cell::time(&call.time, &live.time),
            Cell::words(&call.caller),
            Cell::words(&call.called),
            Cell::words(&call.outcome),
            Cell::name(u64::from(call.rule.0)),
            Cell::words(&call.pattern),
        ],
        style: Style::new(),
    };
    live.calls.iter().map(row).collect()
}

fn seen(Snapshot { live, .. }: &Snapshot) -> Vec<Row> {
    let row = |call: &SeenParty| Row {
        key: call.id.clone(),
        caller: known(&call.caller),
        cells: vec![
            Cell::time(&call.time, &live.time),
            Cell::words(&call.caller),
            Cell::words(&call.called),
            Cell::words(&call.trunk),
            Cell::words(&call.id),
        ],
        style: Style::new(),
    };
    live.seen.iter().map(row).collect()
}

#[cfg(test)]
mod tests {
    use super::super::sample;
    use super::*;

    #[test]
    fn rows_have_a_cell_for_each_column() {
        let snapshot = sample::snapshot();
        for pane in Pane::ALL {
            let rows = rows(pane, &snapshot);
            assert!(!rows.is_empty(), "{pane:?}");
            for row in rows {
                assert_eq!(row.cells.len(), columns(pane).len(), "{pane:?}");
            }
        }
    }

    #[test]
    fn only_callers_can_be_blocked() {
        let snapshot = sample::snapshot();
        let first = |pane| rows(pane, &snapshot).remove(0).caller;
        let someone = Some("+14155550100".to_owned());
        assert_eq!(first(Pane::Rules), None);
        assert_eq!(first(Pane::Callers), someone);
        assert_eq!(first(Pane::Called), None);
        assert_eq!(first(Pane::Calls), someone);
        assert_eq!(first(Pane::Seen), Some("+4989123".to_owned()));
    }
}
