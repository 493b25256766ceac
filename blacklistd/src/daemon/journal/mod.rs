//! The journal of the running daemon: what the kernel reports and counts, with the names that rules,
//! lists and trunks have at that time.

mod answers;
mod departed;
mod screened;
mod settle;
mod writer;

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use parking_lot::{Mutex, MutexGuard, RwLock};

use super::problems::Problems;
use crate::config::Configuration;
use blacklist_kernel::{Kernel, Remembered, Tally};
use blacklist_store::journal::{CallLog, CallReader, FILE_NAME, LogError, LogSettings, Seen};
use blacklist_system::{clock, files};

use answers::Answers;
use departed::Departed;
pub(super) use screened::Screened;
use screened::ScreenedCalls;
pub(crate) use writer::{WriterHandle, start};

/// What is said of a trunk's calls.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct TrunkName {
    pub(super) name: Arc<str>,
    pub(super) trusted: bool,
}

/// The journal. Its locks are taken after all others.
pub(crate) struct Journal {
    tally: Arc<Tally>,
    remembered: Arc<Remembered>,
    path: PathBuf,
    log: Mutex<CallLog>,
    seen: Mutex<Seen>,
    /// By index; the first is that of all peers that no trunk names.
    trunks: RwLock<Arc<[TrunkName]>>,
    departed: Mutex<Departed>,
    /// Rules may have counted since their sums were brought up to date.
    pending: AtomicBool,
    /// When the writer was alive last, in milliseconds since boot.
    beat: AtomicU64,
    /// Bytes of events that are not in the log.
    waiting: AtomicU64,
    /// Rows since this daemon began.
    received: AtomicU64,
    answers: Mutex<Answers>,
    screened: Mutex<ScreenedCalls>,
}

fn settings(configuration: &Configuration) -> LogSettings {
    LogSettings {
        most_open: 2 * configuration.kernel.maximum_calls as usize,
        ..configuration.calls.clone()
    }
}

fn trunk_names(configuration: &Configuration) -> Arc<[TrunkName]> {
    let unnamed = TrunkName {
        name: "".into(),
        trusted: false,
    };
    let named = configuration.trunks.iter().map(|trunk| TrunkName {
        name: trunk.name.as_str().into(),
        trusted: trunk.trusted,
    });
    std::iter::once(unnamed).chain(named).collect()
}

impl Journal {
    /// Opens the log. One that is damaged is put aside, and another one begun: calls are judged
    /// whatever becomes of it.
    ///
    /// # Errors
    /// None can be made.
    pub(super) fn open(
        configuration: &Configuration,
        kernel: &Kernel,
        problems: &Problems,
    ) -> anyhow::Result<Self> {
        let path = configuration.state_directory.join(FILE_NAME);
        let open = || CallLog::open(&configuration.state_directory, settings(configuration));
        let log = match open() {
            Ok(log) => log,
            Err(LogError::Database(error)) if error.is_unusable() => {
                let aside = put_aside(&path)?;
                let sentence = format!(
                    "{error}; it was put aside as {} and another one begun: blocked calls of before are there alone",
                    aside.display()
                );
                problems.note("calls' log", Some(sentence));
                open()?
            }
            Err(error) => return Err(error.into()),
        };
        Ok(Self {
            tally: kernel.tally().clone(),
            remembered: kernel.remembered().clone(),
            path,
            log: Mutex::new(log),
            seen: Mutex::new(Seen::default()),
            trunks: RwLock::new(trunk_names(configuration)),
            departed: Mutex::new(Departed::default()),
            pending: AtomicBool::new(true),
            beat: AtomicU64::new(clock::monotonic() / 1_000_000),
            waiting: AtomicU64::new(0),
            received: AtomicU64::new(0),
            answers: Mutex::new(Answers::default()),
            screened: Mutex::new(ScreenedCalls::default()),
        })
    }

    /// Takes over what another configuration says of the log.
    pub(super) fn set_configuration(&self, configuration: &Configuration) -> Result<(), LogError> {
        self.log().set_settings(settings(configuration))?;
        *self.trunks.write() = trunk_names(configuration);
        Ok(())
    }

    /// Notes which status a call was answered with, by the hash of its Call-ID.
    pub(super) fn note_answer(&self, fingerprint: u64, status: u16) {
        self.answers
            .lock()
            .note(fingerprint, status, clock::monotonic());
    }

    /// Notes how a PIN was.
    pub(super) fn note_pin(&self, fingerprint: u64, word: &'static str) {
        self.answers.lock().note_pin(fingerprint, word);
    }

    /// Notes how many seconds a call was on the line.
    pub(super) fn note_end(&self, fingerprint: u64, seconds: u64, is_held: bool) {
        self.answers.lock().note_end(fingerprint, seconds, is_held);
    }

    /// The log's writer.
    pub(crate) fn log(&self) -> MutexGuard<'_, CallLog> {
        self.log.lock()
    }

    /// The sample of calls that pass.
    pub(crate) fn seen(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock()
    }

    /// A reader of the log beside its writer.
    ///
    /// # Errors
    /// The log cannot be opened.
    pub(crate) fn reader(&self) -> Result<CallReader<'_>, LogError> {
        CallReader::open(self.path.clone(), |fingerprint, now| {
            self.known_of(fingerprint, now)
        })
    }

    fn trunks(&self) -> Arc<[TrunkName]> {
        self.trunks.read().clone()
    }

    /// Rows since this daemon began.
    pub(crate) fn received(&self) -> u64 {
        self.received.load(Ordering::Relaxed)
    }

    /// Bytes of events that wait to be written.
    pub(crate) fn waiting(&self) -> u64 {
        self.waiting.load(Ordering::Relaxed)
    }

    /// How long ago the writer was alive, in milliseconds.
    pub(crate) fn silent_for(&self) -> u64 {
        let now = clock::monotonic() / 1_000_000;
        now.saturating_sub(self.beat.load(Ordering::Relaxed))
    }
}

/// Renames a damaged log, with what belongs to it.
fn put_aside(path: &std::path::Path) -> std::io::Result<PathBuf> {
    let aside = |suffix: &str| {
        let mut name = path.as_os_str().to_owned();
        name.push(suffix);
        PathBuf::from(name)
    };
    let number = (1..)
        .find(|number: &u32| !aside(&format!(".damaged-{number}")).exists())
        .unwrap_or(1);
    let target = aside(&format!(".damaged-{number}"));
    files::rename(path, &target)?;
    for suffix in ["-wal", "-shm"] {
        match files::rename(
            &aside(suffix),
            &aside(&format!(".damaged-{number}{suffix}")),
        ) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error),
            Ok(()) | Err(_) => {}
        }
    }
    Ok(target)
}
