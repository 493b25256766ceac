//! Which machine a thread runs on.

use std::cell::RefCell;
use std::sync::{Arc, LazyLock};

use crate::clock::{Clocks, HostClocks};
use crate::datagrams::{HostNetwork, Network};
use crate::files::{Files, HostFiles};
use crate::random::{HostRandomness, Randomness};

/// All that the daemon asks of a machine.
#[derive(Clone)]
pub struct Machine {
    /// What tells the time.
    pub clocks: Arc<dyn Clocks>,
    /// Where random bytes come from.
    pub randomness: Arc<dyn Randomness>,
    /// Where files are.
    pub files: Arc<dyn Files>,
    /// What binds sockets.
    pub network: Arc<dyn Network>,
}

thread_local! {
    /// The machine of this thread; none for the host.
    static HERE: RefCell<Option<Machine>> = const { RefCell::new(None) };
}

impl Default for Machine {
    /// The host.
    fn default() -> Self {
        Self {
            clocks: Arc::new(HostClocks),
            randomness: Arc::new(HostRandomness),
            files: Arc::new(HostFiles),
            network: Arc::new(HostNetwork),
        }
    }
}

impl Machine {
    /// The machine of this thread, for a thread that it starts; none for the host.
    pub fn here() -> Option<Self> {
        HERE.with_borrow(Clone::clone)
    }

    /// Runs this thread on this machine until the guard is dropped.
    pub fn enter(self) -> Entered {
        Entered(HERE.replace(Some(self)))
    }
}

/// A thread runs on a machine; afterwards on that of before.
#[must_use = "the machine is left when this is dropped"]
pub struct Entered(Option<Machine>);

impl Drop for Entered {
    fn drop(&mut self) {
        HERE.set(self.0.take());
    }
}

/// Asks the machine of this thread.
pub(crate) fn ask<T>(question: impl FnOnce(&Machine) -> T) -> T {
    static HOST: LazyLock<Machine> = LazyLock::new(Machine::default);
    HERE.with_borrow(|machine| question(machine.as_ref().unwrap_or(&HOST)))
}

/// Starts a thread on the machine of this one.
///
/// # Errors
/// The system has no thread to give.
pub fn spawn<T: Send + 'static>(
    name: &str,
    work: impl FnOnce() -> T + Send + 'static,
) -> std::io::Result<std::thread::JoinHandle<T>> {
    let machine = Machine::here();
    std::thread::Builder::new()
        .name(name.to_owned())
        .spawn(move || {
            let _entered = machine.map(Machine::enter);
            work()
        })
}
