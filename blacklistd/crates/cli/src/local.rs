//! What a command does on this machine without asking the daemon. The program that is installed hands
//! it in, so that a client knows neither the kernel nor a database.

use std::io::Read;
use std::path::{Path, PathBuf};

use blacklist_model::ForeignSource;
use blacklist_wire::{DaemonView, DetachObject, Report};

/// What the commands need of this machine.
pub trait LocalCommands {
    /// Runs the daemon until it is stopped.
    ///
    /// # Errors
    /// It cannot start.
    fn run_daemon(&self, configuration: &Path) -> anyhow::Result<()>;

    /// Reads and validates a configuration.
    ///
    /// # Errors
    /// All mistakes, each with its line.
    fn check_configuration(&self, path: &Path) -> anyhow::Result<ConfigurationSummary>;

    /// The control socket that a configuration names; the default if no file is at the default path.
    ///
    /// # Errors
    /// The configuration has mistakes.
    fn control_socket(&self, configuration: &Path) -> anyhow::Result<PathBuf>;

    /// Takes the program off all interfaces while no daemon runs.
    ///
    /// # Errors
    /// The configuration has mistakes, or the kernel refuses.
    fn detach(&self, configuration: &Path) -> anyhow::Result<DetachObject>;

    /// Looks for what an installation gets wrong. `ask` gets the control socket of the configuration.
    fn examine(&self, configuration: &Path, ask: &dyn Fn(&Path) -> DaemonView) -> Report;

    /// Opens a copy of the rules' database and checks all of it.
    ///
    /// # Errors
    /// It is damaged, of another version or of another program.
    fn check_backup(&self, file: &Path) -> anyhow::Result<CheckedBackup>;

    /// Somebody else's list of numbers as CSV.
    fn foreign_as_csv(
        &self,
        input: Box<dyn Read + Send>,
        source: ForeignSource,
    ) -> Box<dyn Read + Send>;
}

/// What is in a valid configuration.
#[derive(Clone, Copy, Debug)]
pub struct ConfigurationSummary {
    /// Whether calls are blocked or only monitored.
    pub mode: &'static str,
    /// How many interfaces it names.
    pub interfaces: usize,
    /// How many trunks.
    pub trunks: usize,
    /// How many dial plans.
    pub dial_plans: usize,
}

/// A copy of the rules' database that can be restored.
#[derive(Clone, Copy, Debug)]
pub struct CheckedBackup {
    /// The newest generation that it holds.
    pub generation: u64,
    /// The file of the state directory that it replaces.
    pub restored_as: &'static str,
}
