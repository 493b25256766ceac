//! The terminal and the loop: keys and reports go to the state, what it wants is done, and what
//! changed is drawn.

use std::io;
use std::sync::mpsc::{Sender, TryRecvError, channel};
use std::time::{Duration, Instant};

use ratatui::DefaultTerminal;
use ratatui::crossterm::cursor::Show;
use ratatui::crossterm::event::{self, Event};
use ratatui::crossterm::execute;

use super::state::{Command, Report, State};
use super::{TopCommand, keys, poller, signals, view};
use crate::client::Client;
use crate::error::CliError;
use blacklist_figures::Live;

/// How long a report waits for its turn at most.
const TURN: Duration = Duration::from_millis(50);

/// Gives the terminal back, however the screen ends. Panics give it back before they are told:
/// `ratatui` sees to that.
struct Taken;

impl Drop for Taken {
    fn drop(&mut self) {
        // There is nobody left to be told if the terminal is gone.
        let _ = ratatui::try_restore();
        let _ = execute!(io::stdout(), Show);
    }
}

pub(super) fn run(command: &TopCommand, client: &Client, first: Live) -> Result<(), CliError> {
    let (orders, taken_orders) = channel();
    let (reports, told) = channel();
    signals::watch(reports.clone())?;
    let looks = command.count.map(|count| u64::from(count) - 1);
    let poller = poller::start(client.clone(), command.every, looks, taken_orders, reports)?;
    let mut state = State::new(command.every, first);
    let _taken = Taken;
    let mut terminal = ratatui::try_init().map_err(|error| broken(&error))?;
    let next_report = || match told.try_recv() {
        Ok(report) => Ok(Some(report)),
        Err(TryRecvError::Empty) if !poller.is_finished() => Ok(None),
        // It may have reported the end between the two questions.
        Err(TryRecvError::Empty | TryRecvError::Disconnected) => match told.try_recv() {
            Ok(report) => Ok(Some(report)),
            Err(_) => Err(CliError::Failed(
                "the thread that asks blacklistd ended unexpectedly".to_owned(),
            )),
        },
    };
    run_loop(&mut terminal, &mut state, &orders, next_report)
}

fn broken(error: &io::Error) -> CliError {
    CliError::Failed(format!("the terminal cannot be used: {error}"))
}

fn run_loop(
    terminal: &mut DefaultTerminal,
    state: &mut State,
    orders: &Sender<String>,
    next_report: impl Fn() -> Result<Option<Report>, CliError>,
) -> Result<(), CliError> {
    let mut heard = Instant::now();
    let mut changed = true;
    loop {
        if changed {
            let draw = |frame: &mut ratatui::Frame<'_>| view::draw(frame, state);
            terminal.draw(draw).map_err(|error| broken(&error))?;
        }
        changed = false;
        let mut commands = Vec::new();
        if event::poll(TURN).map_err(|error| broken(&error))? {
            changed = true;
            if let Event::Key(key) = event::read().map_err(|error| broken(&error))?
                && let Some(action) = keys::action(&state.mode, key)
            {
                commands.extend(state.apply(action));
            }
        }
        while let Some(report) = next_report()? {
            heard = Instant::now();
            changed = true;
            let command = state.take(report);
            if command == Some(Command::Quit) {
                return Ok(());
            }
            commands.extend(command);
        }
        changed |= state.set_silence(heard.elapsed());
        for command in commands {
            match command {
                Command::Quit => return Ok(()),
                // Nobody takes it if the poller is gone, which is noticed next.
                Command::Block(pattern) => drop(orders.send(pattern)),
            }
        }
    }
}
