//! `blacklistd run`: starts, serves, and ends without taking the program off its interfaces.

use std::path::Path;
use std::time::Duration;

use anyhow::Context as _;
use sd_notify::NotifyState;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::task::JoinError;

use super::beats::Part;
use super::core::Shared;
use super::{answering, companion, feeds, journal, lock, start, timer};
use crate::{api, config, log};

/// How often interfaces are looked at; one that came back is judged within 2 s.
const WATCH_INTERVAL: Duration = Duration::from_millis(500);

/// Runs the daemon until it is told to end.
///
/// # Errors
/// It could not start, with a sentence that says what to do; nothing is changed then.
pub fn run(path: &Path) -> anyhow::Result<()> {
    let configuration = config::load(path)?;
    log::start(configuration.log_level);
    start::make_state_directory(&configuration.state_directory)?;
    let _lock = lock::take(&configuration.state_directory)?;
    start::remove_leftovers(&configuration.state_directory);
    let group = api::control_group(&configuration)?;
    api::require_free_socket(&configuration.control_socket)?;
    let shared = start::start(path, configuration)?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .context("cannot start the runtime")?;
    runtime.block_on(serve(shared, group))
}

async fn serve(shared: Shared, group: Option<nix::unistd::Gid>) -> anyhow::Result<()> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let hangup = signal(SignalKind::hangup())?;
    let socket = shared.lock().configuration.control_socket.clone();
    let server = api::serve(&socket, group, shared.clone())?;
    tokio::pin!(server);
    let metrics = shared.lock().configuration.metrics.listen;
    let figures = serve_figures(metrics, shared.clone());
    tokio::pin!(figures);
    let screen = serve_screen(shared.clone());
    tokio::pin!(screen);
    let redirect = companion::serve(shared.clone());
    tokio::pin!(redirect);
    let sinks = shared.lock().configuration.ship.clone();
    shared.ship(sinks);
    let (writer, writing) = journal::start(&shared)?;
    let mut writing = tokio::task::spawn_blocking(move || writing.join());
    let answerer = answering::start(&shared)?;
    let timer = tokio::spawn(timer::run(shared.clone()));
    tokio::pin!(timer);
    let feeds = tokio::spawn(feeds::run(shared.clone()));
    tokio::pin!(feeds);
    // Beside the servers, which are asked meanwhile.
    let reloads = tokio::spawn(reload_when_told(shared.clone(), hangup));
    tokio::pin!(reloads);
    let mut watch = tokio::time::interval(WATCH_INTERVAL);
    watch.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    notify(&[NotifyState::Ready]);
    tracing::info!("ready, control socket {}", socket.display());
    loop {
        tokio::select! {
            result = &mut server => return result.context("the control socket failed"),
            result = &mut figures => return result.context("the metrics' address failed"),
            result = &mut screen => return result.context("the screen API's address failed"),
            result = &mut redirect => return result.context("the redirect server failed"),
            _ = &mut writing => anyhow::bail!("the writer of the log ended before its time"),
            result = &mut feeds => result.context("the timer of feeds failed")?,
            result = &mut timer => result.context("the timer of rules failed")?,
            _ = watch.tick() => {
                anyhow::ensure!(!answerer.is_dead(), "the thread that answers calls ended before its time");
                let shared = shared.clone();
                tokio::task::spawn_blocking(move || {
                    shared.watch_interfaces();
                    shared.beats().beat(Part::Interfaces);
                })
                .await?;
                notify(&[NotifyState::Watchdog]);
            }
            result = &mut reloads => {
                result.flatten().context("reading the configuration again failed")?;
            }
            _ = terminate.recv() => break,
            _ = interrupt.recv() => break,
        }
    }
    notify(&[NotifyState::Stopping]);
    tokio::task::spawn_blocking(move || answerer.end()).await?;
    writer.end();
    end_journal(writing, shared.clone()).await?;
    let _ = std::fs::remove_file(&socket);
    if shared.lock().problems().is_empty() {
        tracing::info!(
            "ends; the program stays attached and goes on judging calls (`blacklistd detach` takes it off)"
        );
    } else {
        tracing::warn!("ends; what is attached stays attached (`blacklistd detach` takes it off)");
    }
    Ok(())
}

/// Reads the configuration again at each signal, for ever.
async fn reload_when_told(shared: Shared, mut hangup: Signal) -> Result<(), JoinError> {
    while hangup.recv().await.is_some() {
        let told = shared.clone();
        let reloaded = tokio::task::spawn_blocking(move || told.reload()).await?;
        if let Err(error) = reloaded {
            tracing::error!(
                "the configuration was not read again, the one before stays in force: {error:#}"
            );
        }
    }
    std::future::pending().await
}

/// Waits until the log is written, and for what is on its way to others.
async fn end_journal(
    writing: tokio::task::JoinHandle<std::thread::Result<()>>,
    shared: Shared,
) -> anyhow::Result<()> {
    let written = writing.await?;
    tokio::task::spawn_blocking(move || shared.end_shipping()).await?;
    if written.is_err() {
        tracing::error!(
            "the writer of the log failed; what it had not written is read again at the next start"
        );
    }
    Ok(())
}

/// Serves metrics on TCP if that is asked for.
async fn serve_figures(
    address: Option<std::net::SocketAddr>,
    shared: Shared,
) -> anyhow::Result<()> {
    match address {
        Some(address) => api::serve_metrics(address, shared).await,
        None => std::future::pending().await,
    }
}

/// Serves the screen API on TCP if that is asked for.
async fn serve_screen(shared: Shared) -> anyhow::Result<()> {
    let (address, most) = {
        let core = shared.lock();
        let settings = &core.configuration.companion;
        (settings.http, settings.maximum_connections)
    };
    match address {
        Some(address) => api::serve_screen(address, most as usize, shared).await,
        None => std::future::pending().await,
    }
}

/// Tells systemd, if it is there.
fn notify(states: &[NotifyState<'_>]) {
    if let Err(error) = sd_notify::notify(states) {
        tracing::debug!("systemd was not told: {error}");
    }
}
