//! The help, in front of everything else.

use ratatui::Frame;
use ratatui::layout::{Constraint, Rect};
use ratatui::style::{Color, Modifier, Style};
use ratatui::text::{Line, Span};
use ratatui::widgets::{Block, Clear, Paragraph};

const KEYS: &[(&str, &str)] = &[
    ("1 .. 5, Tab", "another table"),
    ("arrows, j k", "another row; also PgUp, PgDn, Home, End"),
    ("s", "sorts by the next column"),
    ("r", "turns the order around"),
    ("/", "filters: Enter keeps it, Esc clears it"),
    ("b", "blocks the selected caller, after a question"),
    ("p, space", "holds the screen; alarms are still shown"),
    ("q, Esc", "ends"),
];

const NOTES: &[&str] = &[
    "blocked, monitored, passed: calls, each once. ambiguous: packets.",
    "ambiguous: not read with certainty, so it went through.",
    "error: how much too high a count may be. callers, called: today.",
    "seen: a sample of the calls that passed.",
    "A dash is a rate that is not known (yet).",
];

fn lines() -> Vec<Line<'static>> {
    let key = |(key, meaning): &(&'static str, &'static str)| {
        let bold = Style::new().add_modifier(Modifier::BOLD);
        Line::from(vec![
            Span::styled(format!(" {key:<13}"), bold),
            Span::raw(*meaning),
        ])
    };
    let mut lines: Vec<Line<'_>> = KEYS.iter().map(key).collect();
    lines.push(Line::default());
    lines.extend(NOTES.iter().map(|note| Line::raw(format!(" {note}"))));
    lines
}

/// Draws it in the middle.
pub(super) fn draw(frame: &mut Frame<'_>, area: Rect) {
    let lines = lines();
    let width = lines.iter().map(Line::width).max().unwrap_or(0) + 3;
    let height = lines.len() + 2;
    let place = area.centered(length(width), length(height));
    let block = Block::bordered()
        .title(" keys ")
        .title_bottom(" any key closes this ")
        .border_style(Style::new().fg(Color::Cyan));
    frame.render_widget(Clear, place);
    frame.render_widget(Paragraph::new(lines).block(block), place);
}

fn length(cells: usize) -> Constraint {
    Constraint::Length(u16::try_from(cells).unwrap_or(u16::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_fits_on_a_small_screen() {
        let lines = lines();
        assert!(lines.len() + 2 <= 24);
        for line in lines {
            assert!(line.width() + 3 <= 80, "{line}");
        }
    }
}
