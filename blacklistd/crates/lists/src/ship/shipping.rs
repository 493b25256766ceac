//! Starts, wakes, replaces and stops all sinks.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use super::limits::Limits;
use super::progress::Progress;
use super::settings::SinkSettings;
use super::signal::Signal;
use super::sink;
use super::source::Source;
use super::worker::Worker;
use blacklist_figures::SinkStatus;
use blacklist_system::spawn;

/// Interval at which threads are checked for having ended.
const LOOK: Duration = Duration::from_millis(2);

/// The running sinks, with a thread for each.
pub struct Shipping {
    source: Arc<dyn Source>,
    limits: Limits,
    threads: Mutex<Threads>,
}

#[derive(Default)]
struct Threads {
    running: Vec<Running>,
    /// Threads that were asked to stop and may still be running.
    leaving: Vec<Running>,
    is_stopped: bool,
}

struct Running {
    settings: SinkSettings,
    signal: Arc<Signal>,
    progress: Arc<Progress>,
    thread: Option<JoinHandle<()>>,
}

impl Shipping {
    /// Starts shipping. Failures are shown in the statuses and retried.
    pub fn start(sinks: Vec<SinkSettings>, source: Arc<dyn Source>) -> Self {
        Self::with_limits(sinks, source, Limits::default())
    }

    pub(super) fn with_limits(
        sinks: Vec<SinkSettings>,
        source: Arc<dyn Source>,
        limits: Limits,
    ) -> Self {
        let shipping = Self {
            source,
            limits,
            threads: Mutex::default(),
        };
        shipping.replace(sinks);
        shipping
    }

    fn lock(&self) -> MutexGuard<'_, Threads> {
        self.threads.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Announces new rows. Never waits for a sink.
    pub fn wake(&self) {
        for running in &self.lock().running {
            running.signal.ring();
        }
    }

    /// The status of each sink, in the order of the configuration.
    pub fn statuses(&self) -> Vec<SinkStatus> {
        let progress: Vec<Arc<Progress>> = self
            .lock()
            .running
            .iter()
            .map(|running| Arc::clone(&running.progress))
            .collect();
        if progress.is_empty() {
            return Vec::new();
        }
        let ends = self.source.ends().ok();
        progress.iter().map(|sink| sink.status(ends)).collect()
    }

    /// Replaces the sinks. An unchanged one continues undisturbed; one with the same name and
    /// another target continues after its cursor, once the old one has ended. Never waits for a
    /// sink.
    pub fn replace(&self, sinks: Vec<SinkSettings>) {
        let mut threads = self.lock();
        if threads.is_stopped {
            return;
        }
        let mut old = std::mem::take(&mut threads.running);
        let mut kept: Vec<Option<Running>> = sinks
            .iter()
            .map(|settings| {
                let index = old.iter().position(|old| old.settings == *settings)?;
                Some(old.swap_remove(index))
            })
            .collect();
        for running in &old {
            running.signal.stop();
        }
        threads.leaving.append(&mut old);
        threads.leaving.retain(|old| !old.has_ended());
        for (settings, kept) in sinks.into_iter().zip(&mut kept) {
            let running = match kept.take() {
                Some(running) => running,
                None => {
                    let before = threads.take_leaving(&settings.name);
                    self.spawn(settings, before)
                }
            };
            threads.running.push(running);
        }
    }

    /// Starts the thread of a sink, which first waits for earlier threads of the same name.
    fn spawn(&self, settings: SinkSettings, before: Vec<JoinHandle<()>>) -> Running {
        let signal = Arc::new(Signal::default());
        let progress = Arc::new(Progress::new(&settings));
        let (source, limits) = (Arc::clone(&self.source), self.limits);
        let (name, from, target) = (
            settings.name.clone(),
            settings.from,
            settings.target.clone(),
        );
        let (its_signal, its_progress) = (Arc::clone(&signal), Arc::clone(&progress));
        let work = move || {
            for thread in before {
                // A thread that panicked has ended as well.
                let _ = thread.join();
            }
            let worker = Worker {
                sink: sink::open(&target, &limits),
                name,
                from,
                limits,
                source,
                signal: its_signal,
                progress: its_progress,
            };
            worker.run();
        };
        let thread = spawn(&format!("ship {}", settings.name), work);
        if let Err(error) = &thread {
            progress.failed(&format!(
                "no thread can be started, restart blacklistd: {error}"
            ));
        }
        Running {
            settings,
            signal,
            progress,
            thread: thread.ok(),
        }
    }

    /// Stops shipping for good. Waits at most 2 seconds: a sink that hangs for longer is left
    /// to its time limits, and what it was delivering is delivered again after a restart.
    pub fn stop(&self) {
        let mut waiting: Vec<(Arc<Progress>, JoinHandle<()>)> = Vec::new();
        {
            let mut threads = self.lock();
            threads.is_stopped = true;
            let Threads {
                running, leaving, ..
            } = &mut *threads;
            for running in running.iter_mut().chain(leaving) {
                running.signal.stop();
                if let Some(thread) = running.thread.take() {
                    waiting.push((Arc::clone(&running.progress), thread));
                }
            }
        }
        let deadline = Instant::now() + self.limits.stop;
        for (progress, thread) in waiting {
            while !thread.is_finished() && Instant::now() < deadline {
                std::thread::sleep(LOOK);
            }
            if !thread.is_finished() {
                tracing::info!("{progress}: it hangs and is not waited for");
            } else if thread.join().is_err() {
                tracing::error!("{progress}: its thread has panicked");
            }
        }
    }
}

impl Drop for Shipping {
    fn drop(&mut self) {
        self.stop();
    }
}

impl Threads {
    /// The threads of a name that may still be running.
    fn take_leaving(&mut self, name: &str) -> Vec<JoinHandle<()>> {
        let (mine, others): (Vec<Running>, Vec<Running>) = std::mem::take(&mut self.leaving)
            .into_iter()
            .partition(|old| old.settings.name == name);
        self.leaving = others;
        mine.into_iter().filter_map(|old| old.thread).collect()
    }
}

impl Running {
    fn has_ended(&self) -> bool {
        self.thread.as_ref().is_none_or(JoinHandle::is_finished)
    }
}
