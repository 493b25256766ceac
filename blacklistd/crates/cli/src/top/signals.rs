//! Signals that would end the program: the terminal is given back first.

use std::sync::mpsc::Sender;
use std::thread;
use std::time::Duration;

use tokio::runtime::Builder;
use tokio::signal::unix::{SignalKind, signal};

use super::state::Report;
use crate::error::CliError;

/// How long the screen may take to end by itself.
const PATIENCE: Duration = Duration::from_secs(1);

/// Reports the end when one of them comes. Afterwards none of them ends the program by itself.
pub(super) fn watch(reports: Sender<Report>) -> Result<(), CliError> {
    let runtime = Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(CliError::failed)?;
    let entered = runtime.enter();
    let open = |kind| signal(kind).map_err(CliError::failed);
    let mut hangup = open(SignalKind::hangup())?;
    let mut interrupt = open(SignalKind::interrupt())?;
    let mut quit = open(SignalKind::quit())?;
    let mut terminate = open(SignalKind::terminate())?;
    drop(entered);
    let first = async move {
        tokio::select! {
            _ = hangup.recv() => {}
            _ = interrupt.recv() => {}
            _ = quit.recv() => {}
            _ = terminate.recv() => {}
        }
    };
    thread::Builder::new()
        .name("signals".to_owned())
        .spawn(move || {
            runtime.block_on(first);
            // Nobody listens if the screen is gone already.
            let _ = reports.send(Report::Ended);
            // The library that reads keys never comes back from a terminal that has hung up.
            thread::sleep(PATIENCE);
            std::process::exit(1);
        })
        .map_err(CliError::failed)?;
    Ok(())
}
