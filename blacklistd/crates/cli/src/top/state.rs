//! The screen as values: what was learnt last, what is selected, what is asked. Keys and answers
//! go in, and what there is to do comes out.

use std::time::Duration;

use super::block;
use super::keys::Action;
use super::pane::{AllSettings, Pane};
use super::rates::Rates;
use blacklist_figures::Live;

/// Without an answer for so long, the daemon is said to be silent.
const SILENT: Duration = Duration::from_secs(5);

/// What the daemon said, and what is different from before.
#[derive(Clone, Debug, Default)]
pub(super) struct Snapshot {
    pub(super) live: Live,
    pub(super) rates: Rates,
}

/// A caller who is to be blocked, if it is confirmed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Question {
    /// As it is shown.
    pub(super) caller: String,
    /// As the rule is written.
    pub(super) pattern: String,
}

/// What the screen is doing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Mode {
    Browse,
    /// A filter is typed.
    Filter,
    Confirm(Question),
    Help,
}

/// A sentence for the operator, until the next key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Notice {
    pub(super) text: String,
    pub(super) is_bad: bool,
}

/// What comes in beside keys.
#[derive(Debug)]
pub(super) enum Report {
    Live(Box<Live>),
    /// Why the daemon did not answer.
    Failed(String),
    /// What became of a rule, or why it was refused.
    Blocked(Result<String, String>),
    /// It is time to go.
    Ended,
}

/// What is to be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Command {
    Quit,
    /// Adds a rule of this pattern.
    Block(String),
}

/// The screen.
#[derive(Debug)]
pub(super) struct State {
    pub(super) every: Duration,
    pub(super) pane: Pane,
    pub(super) settings: AllSettings,
    pub(super) mode: Mode,
    pub(super) notice: Option<Notice>,
    /// Why the daemon did not answer last time.
    pub(super) trouble: Option<String>,
    /// Rows that are seen at once, for the keys that go by pages.
    pub(super) page: usize,
    latest: Snapshot,
    /// What is shown while it is held.
    held: Option<Snapshot>,
    silence: Duration,
}

impl State {
    pub(super) fn new(every: Duration, first: Live) -> Self {
        Self {
            every,
            pane: Pane::Rules,
            settings: AllSettings::default(),
            mode: Mode::Browse,
            notice: None,
            trouble: None,
            page: 1,
            latest: Snapshot {
                rates: Rates::between(None, &first),
                live: first,
            },
            held: None,
            silence: Duration::ZERO,
        }
    }

    /// What is shown: the latest, or what is held.
    pub(super) fn shown(&self) -> &Snapshot {
        self.held.as_ref().unwrap_or(&self.latest)
    }

    /// The latest, held or not: for what nobody may overlook.
    pub(super) const fn latest(&self) -> &Live {
        &self.latest.live
    }

    pub(super) const fn is_held(&self) -> bool {
        self.held.is_some()
    }

    /// How long the daemon has not answered; none if that is as it should be.
    pub(super) fn silence(&self) -> Option<Duration> {
        (self.silence > SILENT + self.every).then_some(self.silence)
    }

    /// So long nothing has come in. True if that changes what is seen.
    pub(super) fn set_silence(&mut self, silence: Duration) -> bool {
        let before = self.silence().map(|silence| silence.as_secs());
        self.silence = silence;
        before != self.silence().map(|silence| silence.as_secs())
    }

    pub(super) fn say(&mut self, text: String, is_bad: bool) {
        self.notice = Some(Notice { text, is_bad });
    }

    /// Takes what came in.
    pub(super) fn take(&mut self, report: Report) -> Option<Command> {
        match report {
            Report::Live(live) => {
                self.trouble = None;
                self.latest = Snapshot {
                    rates: Rates::between(Some(&self.latest.live), &live),
                    live: *live,
                };
            }
            Report::Failed(sentence) => {
                self.trouble = Some(sentence);
                // What goes by now is not known.
                self.latest.rates = Rates::default();
            }
            Report::Blocked(Ok(sentence)) => self.say(sentence, false),
            Report::Blocked(Err(sentence)) => self.say(sentence, true),
            Report::Ended => return Some(Command::Quit),
        }
        None
    }

    /// Does what the operator wants.
    pub(super) fn apply(&mut self, action: Action) -> Option<Command> {
        self.notice = None;
        match action {
            Action::Quit => return Some(Command::Quit),
            Action::Show(pane) => self.pane = pane,
            Action::Next => self.pane = self.pane.next(),
            Action::Previous => self.pane = self.pane.previous(),
            Action::Move(motion) => self.step(motion),
            Action::Sort => self.sort_by_next(),
            Action::Reverse => {
                let settings = self.settings.of_mut(self.pane);
                settings.is_reversed = !settings.is_reversed;
            }
            Action::Pause => {
                self.held = match self.held {
                    None => Some(self.latest.clone()),
                    Some(_) => None,
                };
            }
            Action::Help => self.mode = Mode::Help,
            Action::Close => self.mode = Mode::Browse,
            Action::Filter => self.mode = Mode::Filter,
            Action::Type(_) | Action::Erase | Action::Keep | Action::Clear => {
                self.type_filter(action);
            }
            Action::Ask => self.ask(),
            Action::Yes | Action::No => return self.answer(action == Action::Yes),
        }
        None
    }

    /// Asks before anything is done.
    fn ask(&mut self) {
        let Some(caller) = self.selected().and_then(|row| row.caller) else {
            let sentence = match self.pane {
                Pane::Rules | Pane::Called => {
                    "choose a caller first: callers (2), blocked calls (4) or seen (5)"
                }
                Pane::Callers | Pane::Calls | Pane::Seen => {
                    "no caller is selected who has a number or a name"
                }
            };
            return self.say(sentence.to_owned(), true);
        };
        match block::pattern_of(&caller) {
            Ok(pattern) => self.mode = Mode::Confirm(Question { caller, pattern }),
            Err(sentence) => self.say(sentence, true),
        }
    }

    fn answer(&mut self, is_yes: bool) -> Option<Command> {
        let mode = std::mem::replace(&mut self.mode, Mode::Browse);
        let Mode::Confirm(question) = mode else {
            self.mode = mode;
            return None;
        };
        if !is_yes {
            self.say(format!("{} is not blocked", question.caller), false);
            return None;
        }
        self.say(format!("blocking {} ...", question.caller), false);
        Some(Command::Block(question.pattern))
    }
}

#[cfg(test)]
mod tests {
    use super::super::sample;
    use super::*;

    fn state() -> State {
        State::new(Duration::from_secs(1), sample::live())
    }

    fn notice(state: &State) -> &str {
        state.notice.as_ref().map_or("", |notice| &notice.text)
    }

    #[test]
    fn blocking_is_asked_for_and_done_once() {
        let mut state = state();
        state.apply(Action::Show(Pane::Calls));
        assert_eq!(state.apply(Action::Ask), None);
        let question = Question {
            caller: "+14155550100".to_owned(),
            pattern: "+14155550100".to_owned(),
        };
        assert_eq!(state.mode, Mode::Confirm(question));
        let command = state.apply(Action::Yes);
        assert_eq!(command, Some(Command::Block("+14155550100".to_owned())));
        assert_eq!(state.mode, Mode::Browse);
        assert_eq!(state.apply(Action::Yes), None, "only once");
    }

    #[test]
    fn who_was_asked_about_is_blocked_whatever_comes_in() {
        let mut state = state();
        state.apply(Action::Show(Pane::Calls));
        state.apply(Action::Ask);
        let mut live = sample::live();
        live.calls.reverse();
        live.calls[0].caller = "+99".to_owned();
        state.take(Report::Live(Box::new(live)));
        let command = state.apply(Action::Yes);
        assert_eq!(command, Some(Command::Block("+14155550100".to_owned())));
    }

    #[test]
    fn no_blocks_nobody() {
        let mut state = state();
        state.apply(Action::Show(Pane::Callers));
        state.apply(Action::Ask);
        assert_eq!(state.apply(Action::No), None);
        assert_eq!(notice(&state), "+14155550100 is not blocked");
        assert_eq!(state.apply(Action::Yes), None);
    }

    #[test]
    fn without_a_caller_nothing_is_asked() {
        let rows = [
            ("a rule", Pane::Rules, 0, "choose a caller first"),
            ("a called party", Pane::Called, 0, "choose a caller first"),
            (
                "a call without a caller",
                Pane::Calls,
                2,
                "no caller is selected",
            ),
            ("no row", Pane::Seen, 0, "no caller is selected"),
            ("a cut name", Pane::Callers, 2, "only the beginning"),
        ];
        for (name, pane, down, expected) in rows {
            let mut live = sample::live();
            live.seen.clear();
            let mut state = State::new(Duration::from_secs(1), live);
            state.apply(Action::Show(pane));
            for _ in 0..down {
                state.apply(Action::Move(super::super::keys::Motion::Down));
            }
            assert_eq!(state.apply(Action::Ask), None);
            assert_eq!(state.mode, Mode::Browse, "{name}");
            assert!(notice(&state).starts_with(expected), "{name}");
        }
    }

    #[test]
    fn answers_are_said_until_the_next_key() {
        let mut state = state();
        state.take(Report::Blocked(Err("refused: protected number".to_owned())));
        assert!(state.notice.as_ref().unwrap().is_bad);
        state.take(Report::Blocked(Ok("rule 7 is added".to_owned())));
        assert!(!state.notice.as_ref().unwrap().is_bad);
        state.take(Report::Live(Box::new(sample::live())));
        assert_eq!(notice(&state), "rule 7 is added");
        state.apply(Action::Sort);
        assert_eq!(notice(&state), "");
    }

    #[test]
    fn a_daemon_that_goes_and_comes_is_shown_so() {
        let mut state = state();
        state.take(Report::Live(Box::new(sample::later())));
        assert_eq!(state.shown().rates.verdicts.blocked, Some(2.5));
        state.take(Report::Failed("cannot reach blacklistd".to_owned()));
        assert!(state.trouble.is_some());
        assert_eq!(state.shown().rates.verdicts.blocked, None, "not known");
        assert_eq!(
            state.shown().live.daemon.generation,
            12,
            "what was known stays"
        );
        state.take(Report::Live(Box::new(sample::live())));
        assert_eq!(state.trouble, None);
        assert_eq!(state.shown().rates.verdicts.blocked, None, "started anew");
        state.take(Report::Live(Box::new(sample::later())));
        assert_eq!(state.shown().rates.verdicts.blocked, Some(2.5));
        assert_eq!(state.take(Report::Ended), Some(Command::Quit));
    }

    #[test]
    fn a_held_screen_stands_still() {
        let mut state = state();
        state.apply(Action::Pause);
        let mut live = sample::later();
        live.daemon.mode = "monitor".to_owned();
        live.daemon.generation = 13;
        state.take(Report::Live(Box::new(live)));
        assert!(state.is_held());
        assert_eq!(state.shown().live.daemon.generation, 12);
        assert_eq!(
            state.latest().daemon.mode,
            "monitor",
            "alarms are never held"
        );
        state.apply(Action::Pause);
        assert_eq!(state.shown().live.daemon.generation, 13);
        assert_eq!(state.shown().rates.verdicts.blocked, Some(2.5));
    }

    #[test]
    fn silence_is_noticed_by_the_second() {
        let mut state = state();
        let rows = [
            (0, false),
            (4, false),
            (7, true),
            (7, false),
            (8, true),
            (0, true),
        ];
        for (seconds, changes) in rows {
            let changed = state.set_silence(Duration::from_secs(seconds));
            assert_eq!(changed, changes, "{seconds}");
        }
        assert_eq!(state.silence(), None);
    }
}
