//! The rows of the table that is seen: the way through them, their order, their filter.

use super::keys::{Action, Motion};
use super::order::{arrange, position};
use super::rows::{columns, rows};
use super::state::{Mode, State};
use super::table::Row;

/// The longest filter.
const LONGEST: usize = 60;

impl State {
    /// The rows that are seen, and the place of the selected one.
    pub(super) fn rows(&self) -> (Vec<Row>, usize) {
        let settings = self.settings.of(self.pane);
        let rows = rows(self.pane, self.shown());
        let rows = arrange(rows, columns(self.pane), settings);
        let place = position(&rows, settings);
        (rows, place)
    }

    pub(super) fn selected(&self) -> Option<Row> {
        let (rows, place) = self.rows();
        rows.into_iter().nth(place)
    }

    /// Selects another row. The first place of all stays with whatever row is the first.
    pub(super) fn step(&mut self, motion: Motion) {
        let (rows, place) = self.rows();
        let last = rows.len().saturating_sub(1);
        let page = self.page.max(1);
        let place = match motion {
            Motion::Up => place.saturating_sub(1),
            Motion::Down => place + 1,
            Motion::PageUp => place.saturating_sub(page),
            Motion::PageDown => place + page,
            Motion::First => 0,
            Motion::Last => last,
        }
        .min(last);
        let settings = self.settings.of_mut(self.pane);
        settings.place = place;
        settings.selected = match motion {
            Motion::First => None,
            _ => rows.into_iter().nth(place).map(|row| row.key),
        };
    }

    pub(super) fn sort_by_next(&mut self) {
        let columns = columns(self.pane).len();
        let settings = self.settings.of_mut(self.pane);
        settings.sort = (settings.sort + 1) % columns;
        settings.is_reversed = false;
    }

    /// Types, keeps or clears the filter.
    pub(super) fn type_filter(&mut self, action: Action) {
        let filter = &mut self.settings.of_mut(self.pane).filter;
        match action {
            Action::Type(character) => {
                if filter.chars().count() < LONGEST {
                    filter.push(character);
                }
                return;
            }
            Action::Erase => {
                filter.pop();
                return;
            }
            Action::Clear => filter.clear(),
            _ => {}
        }
        self.mode = Mode::Browse;
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::super::pane::Pane;
    use super::super::sample;
    use super::super::state::Report;
    use super::*;
    use blacklist_figures::RecentCall;

    /// Ten blocked calls, the newest with the highest number.
    fn state() -> State {
        let mut live = sample::live();
        let call = live.calls[0].clone();
        live.calls = (1..=10)
            .rev()
            .map(|id| RecentCall {
                id,
                caller: format!("+{id}"),
                pattern: "spam".to_owned(),
                ..call.clone()
            })
            .collect();
        let mut state = State::new(Duration::from_secs(1), live);
        state.page = 4;
        state.apply(Action::Show(Pane::Calls));
        state
    }

    fn key(state: &State) -> String {
        state.selected().map_or(String::new(), |row| row.key)
    }

    #[test]
    fn ways_through_the_rows() {
        let mut state = state();
        let rows = [
            (Motion::Up, "10"),
            (Motion::Down, "9"),
            (Motion::PageDown, "5"),
            (Motion::PageDown, "1"),
            (Motion::Down, "1"),
            (Motion::PageUp, "5"),
            (Motion::First, "10"),
            (Motion::Last, "1"),
            (Motion::Up, "2"),
        ];
        for (motion, expected) in rows {
            state.apply(Action::Move(motion));
            assert_eq!(key(&state), expected, "{motion:?}");
        }
    }

    #[test]
    fn the_selected_call_stays_selected_when_new_ones_come() {
        let mut state = state();
        let mut live = state.latest().clone();
        let newest = RecentCall {
            id: 11,
            ..live.calls[0].clone()
        };
        live.calls.insert(0, newest);
        state.take(Report::Live(Box::new(live.clone())));
        assert_eq!(key(&state), "11", "at first, whatever is the newest");
        state.apply(Action::Move(Motion::Down));
        live.calls.remove(0);
        state.take(Report::Live(Box::new(live)));
        assert_eq!(key(&state), "10");
    }

    #[test]
    fn no_rows_are_no_trouble() {
        let mut state = State::new(Duration::from_secs(1), Default::default());
        for pane in Pane::ALL {
            state.apply(Action::Show(pane));
            for motion in [Motion::Down, Motion::Last, Motion::PageDown, Motion::Up] {
                state.apply(Action::Move(motion));
                assert!(state.selected().is_none());
            }
        }
    }

    #[test]
    fn a_filter_is_typed_kept_and_cleared() {
        let mut state = state();
        let count = |state: &State| state.rows().0.len();
        state.apply(Action::Filter);
        for character in "+1x".chars() {
            state.apply(Action::Type(character));
        }
        assert_eq!(count(&state), 0, "it is seen while it is typed");
        state.apply(Action::Erase);
        state.apply(Action::Keep);
        assert_eq!(state.mode, Mode::Browse);
        assert_eq!(count(&state), 2, "+1 and +10");
        state.apply(Action::Show(Pane::Callers));
        assert!(state.settings.of(Pane::Callers).filter.is_empty());
        state.apply(Action::Show(Pane::Calls));
        state.apply(Action::Filter);
        state.apply(Action::Clear);
        assert_eq!(state.mode, Mode::Browse);
        assert_eq!(count(&state), 10);
        for _ in 0..100 {
            state.apply(Action::Type('x'));
        }
        assert_eq!(state.settings.of(Pane::Calls).filter.len(), LONGEST);
    }

    #[test]
    fn sorting_goes_round() {
        let mut state = state();
        let sort = |state: &State| state.settings.of(Pane::Calls).sort;
        state.apply(Action::Reverse);
        assert_eq!(key(&state), "10", "equal times stay as they were");
        for expected in [1, 2, 3, 4, 5, 0] {
            state.apply(Action::Sort);
            assert_eq!(sort(&state), expected);
            assert!(!state.settings.of(Pane::Calls).is_reversed);
        }
    }
}
