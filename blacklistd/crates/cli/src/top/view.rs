//! Draws the state. From top to bottom: who and how, sums, alarms, trunks beside verdicts, the
//! table that is chosen, keys or what is asked.

use blacklist_model::harmless;
use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::style::{Color, Modifier, Style};
use ratatui::text::{Line, Span};
use ratatui::widgets::Paragraph;

use super::order::{first_seen, is_falling};
use super::pane::Pane;
use super::rows::columns;
use super::state::{Mode, State};
use super::summary::{self, Summary};
use super::table::{Fitted, Row};
use super::text::{clip, width, wrap};
use super::{header, help};

/// Below so many lines the small tables are left out.
const ROOM_FOR_SUMMARY: u16 = 16;

/// Below so many lines the sums are left out.
const ROOM_FOR_SUMS: u16 = 10;

/// From so many columns on all tables are named.
const ROOM_FOR_TABS: usize = 60;

/// From so many columns on the lists stand beside the chosen table.
const ROOM_FOR_LISTS: u16 = 140;

/// Columns of the verdicts on a small screen.
const VERDICTS: u16 = 26;

/// Columns of the lists.
const LISTS: u16 = 44;

const DIM: Style = Style::new().fg(Color::DarkGray);

const QUESTION: Style = Style::new().fg(Color::Yellow).add_modifier(Modifier::BOLD);

/// Draws everything, and remembers how many rows are seen.
pub(super) fn draw(frame: &mut Frame<'_>, state: &mut State) {
    let area = frame.area();
    let columns = usize::from(area.width);
    let head = head(state, area);
    let foot = foot(state, columns);
    let has_summary = area.height >= ROOM_FOR_SUMMARY;
    let trunks = summary::trunks(state.shown());
    let verdicts = summary::verdicts(state.shown());
    let needed = trunks.height().max(verdicts.height());
    let summary_height = if has_summary {
        rows(needed).min(area.height / 4).max(2)
    } else {
        0
    };
    // Where there is room, a line stands free above and below the small tables.
    let gap = u16::from(area.height >= 30);
    let [top, _, middle, _, tabs, rest, bottom] = area.layout(&Layout::vertical([
        Constraint::Length(rows(head.len())),
        Constraint::Length(gap),
        Constraint::Length(summary_height),
        Constraint::Length(gap),
        Constraint::Length(1),
        Constraint::Fill(1),
        Constraint::Length(rows(foot.len())),
    ]));
    frame.render_widget(Paragraph::new(head), top);
    draw_summary(frame, &trunks, &verdicts, middle);
    frame.render_widget(tab_line(state, usize::from(tabs.width)), tabs);
    draw_rest(frame, state, rest);
    frame.render_widget(Paragraph::new(foot), bottom);
    if state.mode == Mode::Help {
        help::draw(frame, area);
    }
}

fn rows(lines: usize) -> u16 {
    u16::try_from(lines).unwrap_or(u16::MAX)
}

/// Everything above the tables; alarms before sums, so that they are seen on the smallest screen.
fn head(state: &State, area: Rect) -> Vec<Line<'static>> {
    let columns = usize::from(area.width);
    let most = usize::from((area.height / 5).max(1));
    let mut lines = vec![header::title(state)];
    lines.extend(header::alarms(state, columns, most));
    if area.height >= ROOM_FOR_SUMS {
        lines.extend(header::sums(state));
    }
    if area.height >= ROOM_FOR_SUMMARY {
        lines.push(header::works(state));
    }
    lines
}

fn draw_summary(frame: &mut Frame<'_>, trunks: &Summary, verdicts: &Summary, area: Rect) {
    let width = if area.width < 120 {
        VERDICTS
    } else {
        area.width * 3 / 8
    };
    let [left, between, right] = area.layout(&Layout::horizontal([
        Constraint::Fill(1),
        Constraint::Length(1),
        Constraint::Length(width),
    ]));
    let bars = std::iter::repeat_n(Line::styled("│", DIM), usize::from(area.height));
    frame.render_widget(Paragraph::new(bars.collect::<Vec<_>>()), between);
    for (summary, place) in [(trunks, left), (verdicts, right)] {
        let lines = summary.lines(usize::from(place.width), usize::from(place.height));
        frame.render_widget(Paragraph::new(lines), place);
    }
}

/// The tables by their keys, and how the chosen one is sorted and filtered.
fn tab_line(state: &State, columns: usize) -> Line<'static> {
    let settings = state.settings.of(state.pane);
    let (seen, place) = state.rows();
    let mut spans = Vec::new();
    let tabs = Style::new().add_modifier(Modifier::BOLD);
    // Where not all have room, the chosen one is seen.
    let has_room = columns >= ROOM_FOR_TABS;
    let keyed = (1..).zip(Pane::ALL);
    for (key, pane) in keyed.filter(|(_, pane)| has_room || *pane == state.pane) {
        let style = if pane == state.pane {
            tabs.add_modifier(Modifier::REVERSED)
        } else {
            DIM
        };
        spans.push(Span::styled(format!(" {key} {} ", pane.title()), style));
    }
    let at = if seen.is_empty() { 0 } else { place + 1 };
    let mut right = format!("{at}/{}", seen.len());
    if !settings.filter.is_empty() {
        right = format!("filter \"{}\"  {right}", harmless(&settings.filter));
    }
    let taken: usize = spans.iter().map(Span::width).sum();
    let room = columns.saturating_sub(taken + 2);
    let right = clip(&right, room);
    let blanks = columns.saturating_sub(taken + width(&right));
    spans.push(Span::raw(" ".repeat(blanks)));
    spans.push(Span::raw(right));
    Line::from(spans)
}

/// The chosen table, and the lists if there is room for them.
fn draw_rest(frame: &mut Frame<'_>, state: &mut State, area: Rect) {
    let lists = if area.width >= ROOM_FOR_LISTS && !state.shown().live.lists.is_empty() {
        LISTS
    } else {
        0
    };
    let [left, _, right] = area.layout(&Layout::horizontal([
        Constraint::Fill(1),
        Constraint::Length(if lists > 0 { 3 } else { 0 }),
        Constraint::Length(lists),
    ]));
    draw_table(frame, state, left);
    if lists > 0 {
        let lines = summary::lists(state.shown());
        let lines = lines.lines(usize::from(right.width), usize::from(right.height));
        frame.render_widget(Paragraph::new(lines), right);
    }
}

fn draw_table(frame: &mut Frame<'_>, state: &mut State, area: Rect) {
    let columns = columns(state.pane);
    let settings = state.settings.of(state.pane);
    let fitted = Fitted::new(columns, usize::from(area.width));
    let (seen, place) = state.rows();
    let sorted = Some((settings.sort, is_falling(columns, settings)));
    let mut lines = vec![fitted.head(sorted)];
    let height = usize::from(area.height.saturating_sub(1));
    if seen.is_empty() {
        let nothing = if settings.filter.is_empty() {
            state.pane.nothing()
        } else {
            "nothing matches the filter"
        };
        lines.push(Line::styled(nothing, DIM));
    } else {
        let first = first_seen(seen.len(), place, height);
        let line = |(index, row): (usize, &Row)| fitted.row(row, index == place);
        let shown = seen.iter().enumerate().skip(first).take(height);
        lines.extend(shown.map(line));
    }
    frame.render_widget(Paragraph::new(lines), area);
    state.page = height.max(1);
}

/// What is asked, typed or said; else the keys.
fn foot(state: &State, columns: usize) -> Vec<Line<'static>> {
    let styled = |text: &str, style: Style| -> Vec<Line<'static>> {
        let sentences = text.lines().flat_map(|line| wrap(&harmless(line), columns));
        sentences.map(|line| Line::styled(line, style)).collect()
    };
    match (&state.mode, &state.notice) {
        (Mode::Confirm(question), _) => {
            styled(&format!("block {}? [y/N]", question.caller), QUESTION)
        }
        (Mode::Filter, _) => {
            let filter = harmless(&state.settings.of(state.pane).filter);
            vec![Line::styled(format!("filter: {filter}_"), QUESTION)]
        }
        (Mode::Browse | Mode::Help, Some(notice)) => styled(
            &notice.text,
            if notice.is_bad {
                header::BAD
            } else {
                Style::new().fg(Color::Green)
            },
        ),
        (Mode::Browse | Mode::Help, None) => vec![Line::styled(
            clip(
                "q quit  1-5 table  s sort  r reverse  / filter  b block  p pause  ? help",
                columns,
            ),
            DIM,
        )],
    }
}
