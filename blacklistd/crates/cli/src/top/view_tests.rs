//! What is seen, on screens of several sizes.

use std::time::Duration;

use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::style::{Color, Modifier};

use super::keys::{Action, Motion};
use super::pane::Pane;
use super::state::{Report, State};
use super::{sample, view};
use blacklist_figures::{Live, RecentCall};

fn state_of(change: impl Fn(&mut Live)) -> State {
    let (mut first, mut second) = (sample::live(), sample::later());
    change(&mut first);
    change(&mut second);
    let mut state = State::new(Duration::from_secs(1), first);
    state.take(Report::Live(Box::new(second)));
    state
}

fn state() -> State {
    state_of(|_| {})
}

fn drawn(state: &mut State, width: u16, height: u16) -> TestBackend {
    let mut terminal = Terminal::new(TestBackend::new(width, height)).unwrap();
    terminal.draw(|frame| view::draw(frame, state)).unwrap();
    terminal.backend().clone()
}

fn lines(state: &mut State, width: u16, height: u16) -> Vec<String> {
    let backend = drawn(state, width, height);
    let buffer = backend.buffer();
    let line = |y| -> String {
        let symbols = (0..width).map(|x| buffer[(x, y)].symbol());
        symbols.collect::<String>().trim_end().to_owned()
    };
    (0..height).map(line).collect()
}

fn text(state: &mut State, width: u16, height: u16) -> String {
    lines(state, width, height).join("\n")
}

#[test]
fn a_small_screen() {
    let lines = lines(&mut state(), 80, 24);
    let text = lines.join("\n");
    assert_eq!(
        lines[0],
        "blacklistd 0.1.0  ENFORCE  ok  generation 12  2026-07-31T10:00:02Z"
    );
    let expected = [
        "per second              2.5",
        "1,205 calls",
        "events 1,205, 0 lost  log 12,345 rows  eth0 native",
        "trunk      blocked/s passed/s monitored/s ambiguous/s│verdict          packets/s",
        "carrier          2.5    120.5           0           0│dropped               17.5",
        "(no trunk)",
        " 1 rules  2 callers  3 called  4 blocked calls  5 seen",
        "  rule pattern          kind  list       calls/s▼  packets/s     calls   packets",
        "     7 +1415*           block spam            2.5       17.5       905     6,335",
        "       default of acco… block",
        "q quit  1-5 table  s sort  r reverse  / filter  b block  p pause  ? help",
    ];
    for row in expected {
        assert!(text.contains(row), "{row}\n{text}");
    }
    assert!(!text.contains("MONITOR"), "{text}");
    assert!(!text.contains("!!!"), "{text}");
}

#[test]
fn a_large_screen_shows_what_a_small_one_cuts() {
    let large = text(&mut state(), 160, 50);
    let small = text(&mut state(), 80, 24);
    let rows = [
        "default of account:acme",
        "list                     blocked/s",
        "monitored/s",
        "packets/s   packets calls/s     calls",
    ];
    for row in rows {
        assert!(large.contains(row), "{row}\n{large}");
    }
    assert!(!small.contains(rows[0]), "{small}");
    assert!(!small.contains(rows[1]), "{small}");
}

#[test]
fn columns_are_cut_from_the_least_on() {
    let rows: [(u16, &str, &str); 4] = [
        (80, "packets/s     calls   packets", "zzz"),
        (70, "packets", "packets/s"),
        (40, "calls/s▼", "list"),
        (24, "pattern", "calls/s▼"),
    ];
    for (width, seen, cut) in rows {
        let lines = lines(&mut state(), width, 24);
        let head = lines.iter().find(|line| line.contains("pattern")).unwrap();
        assert!(head.contains(seen), "{width}: {head}");
        assert!(!head.contains(cut), "{width}: {head}");
    }
}

#[test]
fn monitoring_cannot_be_overlooked() {
    for (width, height) in [(160, 50), (80, 24), (40, 10), (20, 5)] {
        let mut state = state_of(|live| live.daemon.mode = "monitor".to_owned());
        let seen = lines(&mut state, width, height);
        assert!(seen[1].contains("MONITOR MODE"), "{width}: {seen:?}");
        let backend = drawn(&mut state, width, height);
        let x = seen[1].find('*').unwrap() as u16;
        let cell = &backend.buffer()[(x, 1)];
        assert_eq!(cell.fg, Color::Yellow);
        assert!(cell.modifier.contains(Modifier::REVERSED | Modifier::BOLD));
    }
}

#[test]
fn problems_are_red_and_stand_above_the_tables() {
    let mut state = state_of(|live| {
        live.daemon.health = "degraded".to_owned();
        live.daemon.problems = vec![
            "interface eth1 is gone".to_owned(),
            "a problem that needs a very long sentence, which goes on and on and therefore takes more than a line".to_owned(),
        ];
        live.daemon.events.lost = 4;
    });
    let seen = lines(&mut state, 80, 24);
    assert!(seen[0].contains("degraded"), "{seen:?}");
    assert_eq!(seen[1], "!!! interface eth1 is gone");
    assert!(seen[2].starts_with("!!! a problem that needs"), "{seen:?}");
    assert!(seen[3].ends_with("more than a line"), "{seen:?}");
    let backend = drawn(&mut state, 80, 24);
    assert_eq!(backend.buffer()[(0, 1)].fg, Color::Red);
    let lost = seen
        .iter()
        .position(|line| line.contains("4 lost"))
        .unwrap();
    let x = seen[lost].find("4 lost").unwrap() as u16;
    assert_eq!(backend.buffer()[(x, lost as u16)].fg, Color::Red);
}

#[test]
fn a_daemon_that_is_gone_is_said_and_what_was_known_stays() {
    let mut state = state();
    let sentence = "cannot reach blacklistd at /run/blacklist/control.sock: Connection refused (os error 111), trying again";
    state.take(Report::Failed(sentence.to_owned()));
    let text = text(&mut state, 80, 24);
    assert!(text.contains("!!! cannot reach blacklistd at"), "{text}");
    assert!(text.contains("trying again"), "{text}");
    assert!(text.contains("1,205 calls"), "{text}");
    assert!(text.contains("per second                -"), "{text}");
}

#[test]
fn every_table_is_seen() {
    let rows = [
        (Pane::Rules, "+1415*"),
        (Pane::Callers, "averylongnamethatwascut…"),
        (Pane::Called, "+493012345"),
        (Pane::Calls, "09:59:58    +14155550100"),
        (Pane::Seen, "+4989123"),
    ];
    for (pane, expected) in rows {
        let mut state = state();
        state.apply(Action::Show(pane));
        let text = text(&mut state, 80, 24);
        assert!(text.contains(expected), "{pane:?}\n{text}");
    }
}

#[test]
fn a_narrow_screen_names_the_chosen_table() {
    let mut state = state();
    state.apply(Action::Show(Pane::Seen));
    let seen = lines(&mut state, 20, 5);
    assert_eq!(seen[1], " 5 seen          1/2");
}

#[test]
fn nothing_to_show_is_said() {
    for pane in Pane::ALL {
        let mut state = State::new(Duration::from_secs(1), Live::default());
        state.apply(Action::Show(pane));
        let text = text(&mut state, 80, 24);
        assert!(text.contains(pane.nothing()), "{pane:?}\n{text}");
    }
    let mut state = state();
    for character in "zz".chars() {
        state.apply(Action::Type(character));
    }
    let text = text(&mut state, 80, 24);
    assert!(text.contains("nothing matches the filter"), "{text}");
    assert!(text.contains("filter \"zz\"  0/0"), "{text}");
}

#[test]
fn the_last_line_asks_and_answers() {
    let last = |state: &mut State| lines(state, 80, 24).pop().unwrap();
    let mut state = state();
    state.apply(Action::Show(Pane::Callers));
    state.apply(Action::Ask);
    assert_eq!(last(&mut state), "block +14155550100? [y/N]");
    state.apply(Action::Yes);
    assert_eq!(last(&mut state), "blocking +14155550100 ...");
    let refusal = "the number is protected ".repeat(6) + "\nand a second sentence";
    state.take(Report::Blocked(Err(refusal)));
    let seen = lines(&mut state, 80, 24);
    assert!(seen[21].starts_with("the number is protected"), "{seen:?}");
    assert_eq!(seen[23], "and a second sentence");
    state.apply(Action::Filter);
    state.apply(Action::Type('4'));
    assert_eq!(last(&mut state), "filter: 4_");
}

#[test]
fn held_and_helped() {
    let mut state = state();
    state.apply(Action::Pause);
    assert!(lines(&mut state, 80, 24)[0].contains("PAUSED"));
    state.apply(Action::Help);
    let text = text(&mut state, 80, 24);
    for row in ["keys", "blocks the selected caller", "any key closes this"] {
        assert!(text.contains(row), "{row}\n{text}");
    }
    state.apply(Action::Close);
    assert!(!self::text(&mut state, 80, 24).contains("any key closes"));
}

#[test]
fn pages_are_as_long_as_the_table() {
    let mut state = state_of(|live| {
        let call = live.calls[0].clone();
        live.calls = (0..100)
            .map(|id| RecentCall {
                id: 100 - id,
                caller: format!("+{}", 100 - id),
                ..call.clone()
            })
            .collect();
    });
    state.apply(Action::Show(Pane::Calls));
    drawn(&mut state, 80, 24);
    let page = state.page;
    assert!(page >= 8, "{page}");
    state.apply(Action::Move(Motion::PageDown));
    let caller = format!(" +{} ", 100 - page);
    let text = text(&mut state, 80, 24);
    assert!(text.contains(&caller), "{text}");
    assert!(text.contains(&format!("{}/100", page + 1)), "{text}");
}

#[test]
fn screens_of_any_size_are_drawn() {
    let mut state = state_of(|live| {
        live.daemon.mode = "monitor".to_owned();
        live.daemon.problems = vec!["something is wrong with something".to_owned(); 9];
    });
    state.say(
        "a sentence that is longer than a narrow screen".to_owned(),
        true,
    );
    for action in [Action::Close, Action::Help, Action::Filter, Action::Ask] {
        state.apply(action);
        for (width, height) in [
            (20, 5),
            (1, 1),
            (5, 40),
            (200, 2),
            (80, 9),
            (33, 17),
            (300, 90),
        ] {
            for pane in Pane::ALL {
                state.pane = pane;
                drawn(&mut state, width, height);
            }
        }
    }
}

#[test]
fn nothing_that_strangers_wrote_steers_the_terminal() {
    let bad = "x\x1b]0;t\x07\u{9b}2J\r\n\t\u{202e}y";
    let mut state = state_of(|live| {
        live.daemon.version = bad.to_owned();
        live.daemon.health = bad.to_owned();
        live.daemon.mode = bad.to_owned();
        live.time = bad.to_owned();
        live.daemon.problems = vec![bad.to_owned()];
        live.daemon.interfaces[0].name = bad.to_owned();
        live.daemon.interfaces[0].xdp_mode = bad.to_owned();
        live.trunks[0].name = bad.to_owned();
        live.lists[0].name = bad.to_owned();
        live.rules[0].pattern = bad.to_owned();
        live.rules[0].list = bad.to_owned();
        live.callers[0].number = bad.to_owned();
        live.called[0].number = bad.to_owned();
        for call in &mut live.calls {
            call.time = bad.to_owned();
            call.caller = bad.to_owned();
            call.outcome = bad.to_owned();
        }
        for call in &mut live.seen {
            call.id = bad.to_owned();
            call.trunk = bad.to_owned();
            call.called = bad.to_owned();
        }
        let counts = live.daemon.outcomes["dropped"];
        live.daemon.outcomes.insert(bad.to_owned(), counts);
    });
    state.take(Report::Failed(bad.to_owned()));
    for pane in Pane::ALL {
        state.apply(Action::Show(pane));
        state.settings.of_mut(pane).filter = "\u{fffd}".to_owned();
        state.take(Report::Blocked(Err(bad.to_owned())));
        let backend = drawn(&mut state, 160, 50);
        let mut marks = 0;
        for cell in backend.buffer().content() {
            let symbol = cell.symbol();
            let harmful = |c: char| c.is_control() || c == '\u{202e}';
            assert!(!symbol.contains(harmful), "{pane:?} {symbol:?}");
            marks += usize::from(symbol == "\u{fffd}");
        }
        assert!(marks > 20, "{pane:?} shows where something was");
    }
}
