//! What a key means, by what the screen is doing.

use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyEventKind, KeyModifiers};

use super::pane::Pane;
use super::state::Mode;

/// A way through the rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Motion {
    Up,
    Down,
    PageUp,
    PageDown,
    First,
    Last,
}

/// What the operator wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Action {
    Quit,
    Show(Pane),
    Next,
    Previous,
    Move(Motion),
    Sort,
    Reverse,
    Pause,
    Help,
    /// Closes what is in front.
    Close,
    /// Begins to type a filter.
    Filter,
    Type(char),
    Erase,
    Keep,
    Clear,
    /// Asks whether to block the selected caller.
    Ask,
    Yes,
    No,
}

/// The action of a key; none for keys without one.
pub(super) fn action(mode: &Mode, key: KeyEvent) -> Option<Action> {
    if key.kind == KeyEventKind::Release {
        return None;
    }
    let modifiers = key.modifiers - KeyModifiers::SHIFT;
    if modifiers == KeyModifiers::CONTROL && matches!(key.code, KeyCode::Char('c' | 'C')) {
        return Some(Action::Quit);
    }
    if !modifiers.is_empty() {
        return None;
    }
    match mode {
        Mode::Browse => browse(key.code),
        Mode::Filter => filter(key.code),
        Mode::Confirm(_) => Some(match key.code {
            KeyCode::Char('y' | 'Y') => Action::Yes,
            _ => Action::No,
        }),
        Mode::Help => Some(Action::Close),
    }
}

fn browse(code: KeyCode) -> Option<Action> {
    Some(match code {
        KeyCode::Char('q') | KeyCode::Esc => Action::Quit,
        KeyCode::Tab | KeyCode::Right => Action::Next,
        KeyCode::BackTab | KeyCode::Left => Action::Previous,
        KeyCode::Up | KeyCode::Char('k') => Action::Move(Motion::Up),
        KeyCode::Down | KeyCode::Char('j') => Action::Move(Motion::Down),
        KeyCode::PageUp => Action::Move(Motion::PageUp),
        KeyCode::PageDown => Action::Move(Motion::PageDown),
        KeyCode::Home => Action::Move(Motion::First),
        KeyCode::End => Action::Move(Motion::Last),
        KeyCode::Char('s') => Action::Sort,
        KeyCode::Char('r') => Action::Reverse,
        KeyCode::Char('/') => Action::Filter,
        KeyCode::Char('p' | ' ') => Action::Pause,
        KeyCode::Char('b') => Action::Ask,
        KeyCode::Char('?' | 'h') => Action::Help,
        KeyCode::Char(key) => Action::Show(Pane::of_key(key)?),
        _ => return None,
    })
}

fn filter(code: KeyCode) -> Option<Action> {
    Some(match code {
        KeyCode::Enter => Action::Keep,
        KeyCode::Esc => Action::Clear,
        KeyCode::Backspace => Action::Erase,
        KeyCode::Char(character) if !character.is_control() => Action::Type(character),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::super::state::Question;
    use super::*;

    fn plain(mode: &Mode, code: KeyCode) -> Option<Action> {
        action(mode, KeyEvent::from(code))
    }

    #[test]
    fn keys_of_the_tables() {
        let letter = KeyCode::Char;
        let rows = [
            (letter('q'), Some(Action::Quit)),
            (KeyCode::Esc, Some(Action::Quit)),
            (KeyCode::Tab, Some(Action::Next)),
            (KeyCode::BackTab, Some(Action::Previous)),
            (letter('1'), Some(Action::Show(Pane::Rules))),
            (letter('4'), Some(Action::Show(Pane::Calls))),
            (letter('6'), None),
            (KeyCode::Up, Some(Action::Move(Motion::Up))),
            (letter('k'), Some(Action::Move(Motion::Up))),
            (letter('j'), Some(Action::Move(Motion::Down))),
            (KeyCode::PageUp, Some(Action::Move(Motion::PageUp))),
            (KeyCode::PageDown, Some(Action::Move(Motion::PageDown))),
            (KeyCode::Home, Some(Action::Move(Motion::First))),
            (KeyCode::End, Some(Action::Move(Motion::Last))),
            (letter('s'), Some(Action::Sort)),
            (letter('r'), Some(Action::Reverse)),
            (letter('/'), Some(Action::Filter)),
            (letter('p'), Some(Action::Pause)),
            (letter(' '), Some(Action::Pause)),
            (letter('b'), Some(Action::Ask)),
            (letter('?'), Some(Action::Help)),
            (letter('y'), None),
            (KeyCode::Enter, None),
        ];
        for (code, expected) in rows {
            assert_eq!(plain(&Mode::Browse, code), expected, "{code:?}");
        }
    }

    #[test]
    fn only_y_is_yes() {
        let question = Mode::Confirm(Question::default());
        for code in [KeyCode::Char('y'), KeyCode::Char('Y')] {
            assert_eq!(plain(&question, code), Some(Action::Yes), "{code:?}");
        }
        for code in [
            KeyCode::Char('n'),
            KeyCode::Char('b'),
            KeyCode::Char('q'),
            KeyCode::Enter,
            KeyCode::Esc,
            KeyCode::Down,
        ] {
            assert_eq!(plain(&question, code), Some(Action::No), "{code:?}");
        }
    }

    #[test]
    fn a_filter_takes_every_letter() {
        for letter in ['q', 's', '?', '1', ' ', 'ä', 'Q'] {
            let typed = plain(&Mode::Filter, KeyCode::Char(letter));
            assert_eq!(typed, Some(Action::Type(letter)));
        }
        let rows = [
            (KeyCode::Enter, Some(Action::Keep)),
            (KeyCode::Esc, Some(Action::Clear)),
            (KeyCode::Backspace, Some(Action::Erase)),
            (KeyCode::Char('\u{1b}'), None),
            (KeyCode::Tab, None),
        ];
        for (code, expected) in rows {
            assert_eq!(plain(&Mode::Filter, code), expected, "{code:?}");
        }
    }

    #[test]
    fn control_c_always_ends_and_other_controls_do_nothing() {
        let modes = [
            Mode::Browse,
            Mode::Filter,
            Mode::Confirm(Question::default()),
            Mode::Help,
        ];
        let with = |letter, modifiers| KeyEvent::new(KeyCode::Char(letter), modifiers);
        for mode in modes {
            let quit = with('c', KeyModifiers::CONTROL);
            assert_eq!(action(&mode, quit), Some(Action::Quit), "{mode:?}");
            for key in [
                with('y', KeyModifiers::ALT),
                with('b', KeyModifiers::CONTROL),
            ] {
                assert_eq!(action(&mode, key), None, "{mode:?}");
            }
            let mut released = with('q', KeyModifiers::NONE);
            released.kind = KeyEventKind::Release;
            assert_eq!(action(&mode, released), None, "{mode:?}");
        }
    }
}
