//! What the command line does on this machine without asking the daemon.

use std::io::{BufReader, Read};
use std::path::{Path, PathBuf};

use blacklist_cli::{CheckedBackup, ConfigurationSummary, LocalCommands};
use blacklist_kernel::Kernel;
use blacklist_lists::exchange::ForeignReader;
use blacklist_model::ForeignSource;
use blacklist_store::rules::{FILE_NAME, check_backup};
use blacklist_wire::{DEFAULT_CONFIGURATION, DEFAULT_SOCKET, DaemonView, DetachObject, Report};

use crate::config::{self, Configuration, DEFAULT_PIN_DIRECTORY};
use crate::{doctor, run};

/// This machine, for the command line.
#[derive(Clone, Copy, Debug)]
pub struct ThisMachine;

impl LocalCommands for ThisMachine {
    fn run_daemon(&self, configuration: &Path) -> anyhow::Result<()> {
        run::run(configuration)
    }

    fn check_configuration(&self, path: &Path) -> anyhow::Result<ConfigurationSummary> {
        let configuration = config::load(path)?;
        Ok(ConfigurationSummary {
            mode: configuration.mode.as_str(),
            interfaces: configuration.interfaces.len(),
            trunks: configuration.trunks.len(),
            dial_plans: configuration.dial_plans.len(),
        })
    }

    fn control_socket(&self, path: &Path) -> anyhow::Result<PathBuf> {
        let socket = |configuration: Configuration| configuration.control_socket;
        Ok(installed(path)?.map_or_else(|| DEFAULT_SOCKET.into(), socket))
    }

    fn detach(&self, path: &Path) -> anyhow::Result<DetachObject> {
        let directory = |configuration: Configuration| configuration.kernel.pin_directory;
        let directory = installed(path)?.map_or_else(|| DEFAULT_PIN_DIRECTORY.into(), directory);
        Ok(DetachObject {
            interfaces: Kernel::remove(&directory)?,
            pin_directory: directory.display().to_string(),
        })
    }

    fn examine(&self, configuration: &Path, ask: &dyn Fn(&Path) -> DaemonView) -> Report {
        doctor::examine(configuration, ask)
    }

    fn check_backup(&self, file: &Path) -> anyhow::Result<CheckedBackup> {
        Ok(CheckedBackup {
            generation: check_backup(file)?,
            restored_as: FILE_NAME,
        })
    }

    fn foreign_as_csv(
        &self,
        input: Box<dyn Read + Send>,
        source: ForeignSource,
    ) -> Box<dyn Read + Send> {
        Box::new(ForeignReader::new(BufReader::new(input), source))
    }
}

/// A configuration; none if there is no file at the default path.
fn installed(path: &Path) -> anyhow::Result<Option<Configuration>> {
    if path == Path::new(DEFAULT_CONFIGURATION) && !path.exists() {
        return Ok(None);
    }
    Ok(Some(config::load(path)?))
}
