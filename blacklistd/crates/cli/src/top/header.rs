//! The head of the screen: what the daemon is, what nobody may overlook, the sums.

use blacklist_model::harmless;
use ratatui::layout::Alignment;
use ratatui::style::{Color, Modifier, Style};
use ratatui::text::{Line, Span};

use super::state::State;
use super::summary::color;
use super::text::{count, rate, wrap};
use super::totals::{Verdict, Verdicts};
use blacklist_figures::Live;

/// The look of the banner of monitoring; without colours it is turned around all the same.
const BANNER: Style = Style::new()
    .fg(Color::Yellow)
    .add_modifier(Modifier::BOLD)
    .add_modifier(Modifier::REVERSED);

/// The look of what is wrong.
pub(super) const BAD: Style = Style::new().fg(Color::Red).add_modifier(Modifier::BOLD);

const BOLD: Style = Style::new().add_modifier(Modifier::BOLD);

/// Whether nothing is blocked.
fn is_monitoring(live: &Live) -> bool {
    live.daemon.mode == "monitor"
}

/// Who it is and how it is.
pub(super) fn title(state: &State) -> Line<'static> {
    let live = state.latest();
    let shown = &state.shown().live;
    let is_well = live.daemon.health == "ok" && state.trouble.is_none();
    let mut spans = vec![
        Span::styled("blacklistd", BOLD),
        Span::raw(format!(" {}  ", harmless(&live.daemon.version))),
        Span::styled(
            harmless(&live.daemon.mode).to_uppercase(),
            if is_monitoring(live) { BANNER } else { BOLD },
        ),
        Span::raw("  "),
        Span::styled(
            harmless(&live.daemon.health),
            if is_well {
                Style::new().fg(Color::Green)
            } else {
                BAD
            },
        ),
    ];
    if state.is_held() {
        spans.push(Span::raw("  "));
        spans.push(Span::styled("PAUSED", BANNER));
    }
    spans.push(Span::raw(format!(
        "  generation {}  {}",
        shown.daemon.generation,
        harmless(&shown.time)
    )));
    Line::from(spans)
}

/// What is wrong: the connection, the problems that the daemon knows, interfaces without judgement.
fn wrongs(state: &State) -> Vec<String> {
    let live = state.latest();
    let mut wrongs = Vec::new();
    if let Some(trouble) = &state.trouble {
        wrongs.push(trouble.clone());
    }
    if let Some(silence) = state.silence() {
        wrongs.push(format!(
            "blacklistd has not answered for {} seconds, waiting",
            silence.as_secs()
        ));
    }
    wrongs.extend(live.daemon.problems.iter().cloned());
    let unjudged = live.daemon.interfaces.iter().filter(|interface| {
        let is_told = live
            .daemon
            .problems
            .iter()
            .any(|problem| problem.contains(&interface.name));
        !interface.attached && !is_told
    });
    wrongs.extend(unjudged.map(|interface| {
        format!(
            "interface {} is not judged: its calls go through",
            interface.name
        )
    }));
    wrongs
}

/// What nobody may overlook, in so many lines at most (but for the banner, which is always there).
pub(super) fn alarms(state: &State, width: usize, most: usize) -> Vec<Line<'static>> {
    let mut lines = Vec::new();
    if is_monitoring(state.latest()) {
        let text = if width < 100 {
            "*** MONITOR MODE: NOTHING IS BLOCKED ***"
        } else {
            "*** MONITOR MODE: NOTHING IS BLOCKED. Calls are decided and counted, and all go through. ***"
        };
        // What is too wide is cut on the right, not on both sides.
        let alignment = if text.len() <= width {
            Alignment::Center
        } else {
            Alignment::Left
        };
        lines.push(Line::styled(text, BANNER).alignment(alignment));
    }
    let mut texts: Vec<String> = wrongs(state)
        .iter()
        .flat_map(|wrong| wrap(&format!("!!! {}", harmless(wrong)), width))
        .collect();
    if texts.len() > most {
        let more = texts.len() - most.saturating_sub(1);
        texts.truncate(most.saturating_sub(1));
        if most > 0 {
            texts.push(format!("!!! {more} more lines: see `blacklistd status`"));
        }
    }
    lines.extend(texts.into_iter().map(|text| Line::styled(text, BAD)));
    lines
}

/// The four sums: titles, rates, totals.
pub(super) fn sums(state: &State) -> [Line<'static>; 3] {
    let snapshot = state.shown();
    let totals = Verdicts::of_outcomes(&snapshot.live.daemon.outcomes);
    let rates = snapshot.rates.verdicts;
    let rows = [
        (
            Verdict::Blocked,
            "blocked",
            rates.blocked,
            totals.blocked,
            "calls",
        ),
        (
            Verdict::Passed,
            "passed",
            rates.passed,
            totals.passed,
            "calls",
        ),
        (
            Verdict::Ambiguous,
            "ambiguous",
            rates.ambiguous,
            totals.ambiguous,
            "packets",
        ),
        (
            Verdict::Monitored,
            "monitored",
            rates.monitored,
            totals.monitored,
            "calls",
        ),
    ];
    let mut titles = vec![Span::raw(format!("{:<10}", ""))];
    let mut speeds = vec![Span::raw(format!("{:<10}", "per second"))];
    let mut sums = vec![Span::raw(format!("{:<10}", "total"))];
    for (verdict, title, speed, total, unit) in rows {
        let total = format!("{} {unit}", count(total));
        titles.push(Span::styled(format!("{title:>17}"), color(verdict)));
        speeds.push(Span::styled(format!("{:>17}", rate(speed)), BOLD));
        sums.push(Span::raw(format!("{total:>17}")));
    }
    [Line::from(titles), Line::from(speeds), Line::from(sums)]
}

/// Events, the log, interfaces.
pub(super) fn works(state: &State) -> Line<'static> {
    let live = &state.shown().live;
    let mut spans = vec![
        Span::raw(format!("events {}, ", count(live.daemon.events.received))),
        Span::styled(
            format!("{} lost", count(live.daemon.events.lost)),
            if live.daemon.events.lost > 0 {
                BAD
            } else {
                Style::new()
            },
        ),
        Span::raw(format!("  log {} rows ", count(live.rows))),
    ];
    for interface in &live.daemon.interfaces {
        let name = harmless(&interface.name);
        spans.push(if interface.attached {
            Span::raw(format!(" {name} {}", harmless(&interface.xdp_mode)))
        } else {
            Span::styled(format!(" {name} NOT JUDGED"), BAD)
        });
    }
    Line::from(spans)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::super::sample;
    use super::super::state::Report;
    use super::*;

    fn state(change: impl FnOnce(&mut Live)) -> State {
        let mut live = sample::live();
        change(&mut live);
        State::new(Duration::from_secs(1), live)
    }

    fn texts(state: &State, width: usize, most: usize) -> Vec<String> {
        let lines = alarms(state, width, most);
        lines.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn what_is_wrong_is_said() {
        assert_eq!(texts(&state(|_| {}), 80, 4), [""; 0]);
        let mut state = state(|live| {
            live.daemon.mode = "monitor".to_owned();
            live.daemon.problems = vec!["interface eth1 is gone".to_owned()];
            for name in ["eth1", "eth2"] {
                let mut interface = live.daemon.interfaces[0].clone();
                interface.name = name.to_owned();
                interface.attached = false;
                live.daemon.interfaces.push(interface);
            }
        });
        let expected = [
            "*** MONITOR MODE: NOTHING IS BLOCKED ***",
            "!!! interface eth1 is gone",
            "!!! interface eth2 is not judged: its calls go through",
        ];
        assert_eq!(texts(&state, 80, 4), expected);
        state.take(Report::Failed("cannot reach blacklistd".to_owned()));
        state.set_silence(Duration::from_secs(9));
        let texts = texts(&state, 80, 2);
        assert_eq!(texts[1], "!!! cannot reach blacklistd");
        assert_eq!(texts[2], "!!! 3 more lines: see `blacklistd status`");
        assert_eq!(texts.len(), 3);
    }

    #[test]
    fn the_banner_is_there_however_little_place_there_is() {
        let state = state(|live| live.daemon.mode = "monitor".to_owned());
        assert_eq!(texts(&state, 10, 0).len(), 1);
        assert!(texts(&state, 100, 0)[0].contains("all go through"));
        assert!(title(&state).to_string().contains("MONITOR"));
    }

    #[test]
    fn sums_have_units() {
        let mut state = state(|_| {});
        state.take(Report::Live(Box::new(sample::later())));
        let [titles, speeds, sums] = sums(&state).map(|line| line.to_string());
        assert_eq!(titles.split_whitespace().next(), Some("blocked"));
        assert!(
            speeds.starts_with("per second              2.5"),
            "{speeds}"
        );
        assert!(sums.contains(" 1,205 calls "), "{sums}");
        assert!(sums.contains(" 100,243 calls "), "{sums}");
        assert!(titles.len() <= 80 && speeds.len() <= 80 && sums.len() <= 80);
    }
}
