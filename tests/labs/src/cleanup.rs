//! What a lab leaves in the system, and how it is taken away again: at the end, on an error, on
//! a panic, on Ctrl-C and on SIGTERM. Whatever makes something that outlives our process
//! registers it here first.

use std::fmt;
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Child, Command};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use nix::sys::signal::{SigSet, Signal, kill};
use nix::unistd::Pid;

use xtask::workspace;

/// How long a process may take to end when it is asked to.
const PATIENCE: Duration = Duration::from_secs(3);

/// The priority of our session among others, where the kernel shares its time by sessions.
const PRIORITY: &str = "/proc/self/autogroup";

/// A process that we started.
pub(crate) type Process = Arc<Mutex<Child>>;

/// One thing to take away.
#[derive(Clone)]
pub(crate) enum Undo {
    /// Ends a process.
    Process(Process),
    /// Deletes a network namespace.
    Namespace(String),
    /// Unmounts a file system.
    Mount(PathBuf),
    /// Removes a folder with all that is in it.
    Folder(PathBuf),
    /// Gives the session the priority back that it had among others.
    Priority(String),
}

/// The things to take away.
#[derive(Clone)]
pub(crate) struct Cleanup {
    /// In the order in which they were made. None once cleaning has begun: nothing may be made
    /// any more.
    list: Arc<Mutex<Option<Vec<Undo>>>>,
    /// Held by who is cleaning; whoever comes second waits here until all is done.
    turn: Arc<Mutex<()>>,
}

/// Takes everything away when it goes out of scope, by whatever way.
pub(crate) struct Guard(Cleanup);

impl std::ops::Deref for Guard {
    type Target = Cleanup;
    fn deref(&self) -> &Cleanup {
        &self.0
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        self.0.run();
    }
}

impl Guard {
    /// Starts watching for the signals that end a lab. Must be called before any other thread is
    /// started, because threads inherit which signals are blocked.
    pub(crate) fn watch_signals() -> Result<Self> {
        let cleanup = Cleanup {
            list: Arc::new(Mutex::new(Some(Vec::new()))),
            turn: Arc::default(),
        };
        let signals = ending_signals();
        signals.thread_block().context("cannot block signals")?;
        let watcher = cleanup.clone();
        std::thread::spawn(move || {
            if let Ok(signal) = signals.wait() {
                eprintln!("labs: {signal}: taking the lab down");
                // Not given back: the lab's own thread, which fails now that everything is taken
                // away from under it, must not end the process before we have.
                let _turn = lock(&watcher.turn);
                watcher.take_away();
                std::process::exit(128 + signal as i32);
            }
        });
        Ok(Self(cleanup))
    }
}

impl Cleanup {
    /// Registers a thing, then makes it; `make` is not called once cleaning has begun.
    pub(crate) fn make<T>(&self, undo: Undo, make: impl FnOnce() -> Result<T>) -> Result<T> {
        let mut guard = lock(&self.list);
        let Some(list) = guard.as_mut() else {
            bail!("the lab is being taken down");
        };
        list.push(undo);
        make()
    }

    /// Starts a process that is ended with the lab.
    pub(crate) fn spawn(&self, command: &mut Command) -> Result<Process> {
        let signals = ending_signals();
        // SAFETY: between fork and exec the closure makes one system call; it does not allocate,
        // lock or touch anything that another thread may hold.
        unsafe {
            command.pre_exec(move || Ok(signals.thread_unblock()?));
        }
        let mut guard = lock(&self.list);
        let Some(list) = guard.as_mut() else {
            bail!("the lab is being taken down");
        };
        let child = command
            .spawn()
            .with_context(|| format!("cannot run {}", command.get_program().display()))?;
        let process = Arc::new(Mutex::new(child));
        list.push(Undo::Process(Arc::clone(&process)));
        Ok(process)
    }

    /// Puts our session before others, whose nice says nothing to ours where the kernel shares its
    /// time by sessions.
    pub(crate) fn go_first(&self, nice: &str) -> Result<()> {
        let Some(before) = priority() else {
            return Ok(());
        };
        self.make(Undo::Priority(before), || {
            std::fs::write(PRIORITY, nice).with_context(|| format!("cannot write {PRIORITY}"))
        })
    }

    /// Takes everything away, the youngest first. What cannot be taken away is said.
    pub(crate) fn run(&self) {
        let _turn = lock(&self.turn);
        self.take_away();
    }

    fn take_away(&self) {
        let list = lock(&self.list).take().unwrap_or_default();
        for undo in list.iter().rev() {
            if let Err(error) = undo.run() {
                eprintln!("labs: cannot {undo}: {error:#}");
            }
        }
    }

    /// Leaves everything where it is; returns the commands that take it away.
    pub(crate) fn keep(&self) -> Vec<String> {
        let list = lock(&self.list).take().unwrap_or_default();
        list.iter()
            .rev()
            .filter(|undo| undo.is_there())
            .map(ToString::to_string)
            .collect()
    }

    /// What is registered.
    pub(crate) fn list(&self) -> Vec<Undo> {
        lock(&self.list).clone().unwrap_or_default()
    }
}

impl Undo {
    /// Whether there is anything to take away.
    pub(crate) fn is_there(&self) -> bool {
        match self {
            Self::Process(process) => matches!(lock(process).try_wait(), Ok(None)),
            Self::Namespace(name) => PathBuf::from("/run/netns").join(name).exists(),
            Self::Mount(path) => std::fs::read_to_string("/proc/self/mounts")
                .is_ok_and(|mounts| mounts.lines().any(|line| mounted_at(line, path))),
            Self::Folder(path) => path.exists(),
            Self::Priority(before) => priority().is_some_and(|now| now != *before),
        }
    }

    fn run(&self) -> Result<()> {
        if !self.is_there() {
            return Ok(());
        }
        match self {
            Self::Process(process) => end(process),
            Self::Namespace(name) => {
                workspace::run(Command::new("ip").args(["netns", "delete", name]))
            }
            Self::Mount(path) => nix::mount::umount(path).context("umount"),
            Self::Folder(path) => std::fs::remove_dir_all(path).context("rm"),
            Self::Priority(before) => std::fs::write(PRIORITY, before).context("write"),
        }
    }
}

/// As a command for a shell.
impl fmt::Display for Undo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Process(process) => write!(f, "kill {}", lock(process).id()),
            Self::Namespace(name) => write!(f, "ip netns delete {name}"),
            Self::Mount(path) => write!(f, "umount {}", path.display()),
            Self::Folder(path) => write!(f, "rm -r {}", path.display()),
            Self::Priority(before) => write!(f, "echo {before} > {PRIORITY}"),
        }
    }
}

/// Waits for a process that ends by itself; its exit code, or none if it was killed or is still
/// there at the deadline.
pub(crate) fn wait(process: &Process, deadline: Instant) -> Result<Option<i32>> {
    loop {
        if let Some(status) = lock(process).try_wait()? {
            return Ok(status.code());
        }
        if Instant::now() >= deadline {
            return Ok(None);
        }
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// `/autogroup-NUMBER nice NICE`: the last word. None where time is shared in another way.
fn priority() -> Option<String> {
    let text = std::fs::read_to_string(PRIORITY).ok()?;
    let (_, nice) = text.trim_end().rsplit_once(' ')?;
    Some(nice.to_owned())
}

/// The signals that end a lab. We wait for them; what we start must not inherit them blocked.
fn ending_signals() -> SigSet {
    [Signal::SIGINT, Signal::SIGTERM, Signal::SIGHUP]
        .into_iter()
        .collect()
}

/// Asks a process to end, and ends it if it does not.
pub(crate) fn end(process: &Process) -> Result<()> {
    {
        let child = lock(process);
        // Not reaped yet (`is_there` said so, and only the lock's holder reaps): the number is
        // still this process's own.
        kill(Pid::from_raw(i32::try_from(child.id())?), Signal::SIGTERM)?;
    }
    let deadline = Instant::now() + PATIENCE;
    while Instant::now() < deadline {
        if lock(process).try_wait()?.is_some() {
            return Ok(());
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    let mut child = lock(process);
    child.kill()?;
    child.wait()?;
    Ok(())
}

fn mounted_at(line: &str, path: &std::path::Path) -> bool {
    line.split(' ')
        .nth(1)
        .is_some_and(|place| std::path::Path::new(place) == path)
}

/// A thread that panicked with the lock leaves a list that is still true.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
