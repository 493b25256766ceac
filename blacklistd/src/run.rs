//! `blacklistd run`: puts the daemon and the servers of its API together, serves, and ends without
//! taking the program off its interfaces.

use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context as _, anyhow};
use sd_notify::NotifyState;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::task::{JoinError, JoinHandle, spawn_blocking};

use crate::daemon::{self, Daemon, Part, WriterHandle};
use crate::{api, config, log};
use blacklist_sip::companion::CompanionSettings;
use blacklist_system::Machine;

/// How often interfaces are looked at; one that came back is judged within 2 s.
const WATCH_INTERVAL: Duration = Duration::from_millis(500);
/// How long what is under way may take to end.
const END_WITHIN: Duration = Duration::from_secs(10);

/// Runs the daemon until a signal ends it.
///
/// # Errors
/// It could not start, with a sentence that says what to do; nothing is changed then.
pub(crate) fn run(path: &Path) -> anyhow::Result<()> {
    let configuration = config::load(path)?;
    log::start(configuration.log_level);
    daemon::make_state_directory(&configuration.state_directory)?;
    let _lock = daemon::lock_state_directory(&configuration.state_directory)?;
    daemon::remove_leftovers(&configuration.state_directory);
    let group = api::control_group(&configuration)?;
    api::require_free_socket(&configuration.control_socket)?;
    let pin_directory = configuration.kernel.pin_directory.clone();
    let pins = daemon::lock_pin_directory(&pin_directory)?;
    let daemon = daemon::start(path, configuration)?;
    let _pins = match pins {
        None => daemon::lock_pin_directory(&pin_directory)?,
        owned => owned,
    };
    let machine = Machine::here();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .on_thread_start(move || {
            if let Some(machine) = &machine {
                // For as long as the thread lives.
                std::mem::forget(machine.clone().enter());
            }
        })
        .build()
        .context("cannot start the runtime")?;
    let result = runtime.block_on(serve(daemon, group));
    runtime.shutdown_timeout(END_WITHIN);
    result
}

async fn serve(daemon: Daemon, group: Option<nix::unistd::Gid>) -> anyhow::Result<()> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let hangup = signal(SignalKind::hangup())?;
    let configuration = daemon.settings.active();
    let socket = &configuration.control_socket;
    let server = api::serve(socket, group, daemon.clone())?;
    tokio::pin!(server);
    let metrics = serve_metrics(configuration.metrics.listen, daemon.clone());
    tokio::pin!(metrics);
    let screen = serve_screen(&configuration.companion, daemon.clone());
    tokio::pin!(screen);
    let redirect = daemon::serve_redirect(daemon.companion.clone());
    tokio::pin!(redirect);
    daemon.shipping.ship_to(configuration.ship.clone());
    let (writer, mut writing) = start_journal(&daemon)?;
    let heart = daemon.enforcement.lock().kernel.take_heart();
    let answerer = daemon
        .answering
        .start(heart.context("calls are answered already")?)?;
    let timer = tokio::spawn(daemon.timer.clone().run());
    tokio::pin!(timer);
    let feeds = tokio::spawn(daemon.subscriptions.clone().run());
    tokio::pin!(feeds);
    // Beside the servers, which answer meanwhile.
    let reloads = tokio::spawn(reload_at_signals(daemon.clone(), hangup));
    tokio::pin!(reloads);
    let mut watch = tokio::time::interval(WATCH_INTERVAL);
    watch.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let mut is_ready = false;
    let result: anyhow::Result<()> = loop {
        tokio::select! {
            // The servers first: one that cannot listen says so before anything is called ready.
            biased;
            result = &mut server => break result.context("the control socket failed"),
            result = &mut metrics => break result.context("the metrics' address failed"),
            result = &mut screen => break result.context("the screen API's address failed"),
            result = &mut redirect => break result.context("the redirect server failed"),
            _ = &mut writing => anyhow::bail!("the writer of the log ended before its time"),
            result = &mut feeds => break result.context("the timer of feeds failed"),
            result = &mut timer => break result.context("the timer of rules failed"),
            result = &mut reloads => {
                break result.flatten().context("reading the configuration again failed");
            }
            _ = terminate.recv() => break Ok(()),
            _ = interrupt.recv() => break Ok(()),
            () = std::future::ready(()), if !is_ready => {
                is_ready = true;
                notify(&[NotifyState::Ready]);
                tracing::info!("ready, control socket {}", socket.display());
            }
            _ = watch.tick() => {
                if answerer.is_dead() {
                    break Err(anyhow!("the thread that answers calls ended before its time"));
                }
                let daemon = daemon.clone();
                spawn_blocking(move || watch_interfaces(&daemon)).await?;
                notify(&[NotifyState::Watchdog]);
            }
        }
    };
    notify(&[NotifyState::Stopping]);
    spawn_blocking(move || answerer.end()).await?;
    writer.end();
    end_journal(writing, &daemon).await?;
    let _ = std::fs::remove_file(socket);
    result?;
    if daemon.problems.sentences().is_empty() {
        tracing::info!(
            "ends; the program stays attached and goes on judging calls (`blacklistd detach` takes it off)"
        );
    } else {
        tracing::warn!("ends; what is attached stays attached (`blacklistd detach` takes it off)");
    }
    Ok(())
}

/// Attaches where an interface has come back; not while a large change holds the kernel's side, which
/// is no reason for a watchdog to end us.
fn watch_interfaces(daemon: &Daemon) {
    if let Some(mut enforcement) = daemon.enforcement.try_lock() {
        enforcement.watch_interfaces();
    }
    daemon.heartbeats.beat(Part::Interfaces);
}

/// Reads the configuration again at each signal, for ever.
async fn reload_at_signals(daemon: Daemon, mut hangup: Signal) -> Result<(), JoinError> {
    while hangup.recv().await.is_some() {
        let Daemon {
            changes, shipping, ..
        } = daemon.clone();
        // What goes wrong is a problem of the daemon, and logged as such.
        let _ = spawn_blocking(move || daemon::reload(&changes, &shipping)).await?;
    }
    std::future::pending().await
}

type Writing = JoinHandle<std::thread::Result<()>>;

/// Starts the writer of the log.
fn start_journal(daemon: &Daemon) -> anyhow::Result<(WriterHandle, Writing)> {
    let ring = daemon.enforcement.lock().kernel.take_ring();
    let (writer, thread) = daemon::start_journal(
        ring.context("the events of calls are read already")?,
        daemon.journal.clone(),
        daemon.rules.clone(),
        daemon.problems.clone(),
        daemon.shipping.clone(),
    )?;
    Ok((writer, spawn_blocking(move || thread.join())))
}

/// Waits until the log is written, and for what is being shipped.
async fn end_journal(writing: Writing, daemon: &Daemon) -> anyhow::Result<()> {
    let written = writing.await?;
    let shipping = daemon.shipping.clone();
    spawn_blocking(move || shipping.stop()).await?;
    if written.is_err() {
        tracing::error!(
            "the writer of the log failed; what it had not written is read again at the next start"
        );
    }
    Ok(())
}

/// Serves metrics by TCP if the configuration says so.
async fn serve_metrics(address: Option<SocketAddr>, daemon: Daemon) -> anyhow::Result<()> {
    match address {
        Some(address) => api::serve_metrics(address, daemon).await,
        None => std::future::pending().await,
    }
}

/// Serves the screen API by TCP if the configuration says so.
async fn serve_screen(settings: &CompanionSettings, daemon: Daemon) -> anyhow::Result<()> {
    let most = settings.maximum_connections as usize;
    match settings.http {
        Some(address) => api::serve_screen(address, most, daemon).await,
        None => std::future::pending().await,
    }
}

/// Notifies systemd, if it is there.
fn notify(states: &[NotifyState<'_>]) {
    if let Err(error) = sd_notify::notify(states) {
        tracing::debug!("systemd was not notified: {error}");
    }
}
