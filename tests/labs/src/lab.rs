//! The frame that all labs share. Each scenario has its own folder or file and returns a report.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};
use nix::mount::{MsFlags, mount};
use xtask::labs::LabName;

use crate::cleanup::{self, Guard, Undo};
use crate::network::Network;
use crate::report::{Case, Report};
#[cfg(feature = "all")]
use crate::{
    accounting, answering, companion, kernels, phones, readme, restart, rules, testing_suite,
};
use crate::{daemon, demo};

/// A scenario: what is done in a lab.
pub(crate) type Scenario = fn(&Lab) -> Result<Report>;

/// The scenario of a lab.
#[cfg(feature = "all")]
pub(crate) fn scenario(name: LabName) -> Result<Scenario> {
    Ok(match name {
        LabName::Demo => demo::run,
        LabName::Restart => restart::run,
        LabName::Readme => readme::run,
        LabName::Rules => rules::run,
        LabName::Accounting => accounting::run,
        LabName::Answering => answering::run,
        LabName::Phones => phones::run,
        LabName::Companion => companion::run,
        LabName::TestingSuite => testing_suite::run,
        LabName::Kernels => kernels::run,
    })
}

/// The scenario of a lab.
#[cfg(not(feature = "all"))]
pub(crate) fn scenario(name: LabName) -> Result<Scenario> {
    anyhow::ensure!(
        name == LabName::Demo,
        "this program was built with the demo alone"
    );
    Ok(demo::run)
}

/// The report of a lab that is skipped, because somebody has asked to go without: what is skipped.
pub(crate) fn skip(name: LabName) -> Report {
    match name {
        #[cfg(feature = "all")]
        LabName::TestingSuite => testing_suite::skip(),
        _ => Report {
            skipped: vec!["all of it".to_owned()],
            ..Report::default()
        },
    }
}

/// Two hosts, a folder and a bpf file system of their own, and the daemon's program.
pub(crate) struct Lab {
    /// The hosts.
    pub(crate) network: Network,
    /// Everything that is written to disk.
    pub(crate) folder: PathBuf,
    /// Where the daemon may pin; ours alone, whether or not the system has one.
    pub(crate) bpf: PathBuf,
    /// The program under trial.
    pub(crate) blacklistd: PathBuf,
    pub(crate) cleanup: Guard,
}

impl Lab {
    pub(crate) fn make(blacklistd: &Path) -> Result<Self> {
        let cleanup = Guard::watch_signals()?;
        let folder = std::env::temp_dir().join(format!("blacklist-{}-lab", std::process::id()));
        cleanup.make(Undo::Folder(folder.clone()), || {
            std::fs::create_dir(&folder)
                .with_context(|| format!("cannot create {}", folder.display()))
        })?;
        let bpf = folder.join("bpf");
        std::fs::create_dir(&bpf)?;
        cleanup.make(Undo::Mount(bpf.clone()), || {
            mount(
                Some("bpf"),
                &bpf,
                Some("bpf"),
                MsFlags::empty(),
                None::<&str>,
            )
            .with_context(|| format!("cannot mount a bpf file system at {}", bpf.display()))
        })?;
        let network = Network::make(&cleanup)?;
        Ok(Self {
            network,
            folder,
            bpf,
            blacklistd: blacklistd.to_owned(),
            cleanup,
        })
    }

    /// Starts a process that is ended with the lab. Its output goes to a file named `log`.
    pub(crate) fn spawn(&self, command: &mut Command, log: &str) -> Result<cleanup::Process> {
        let path = self.folder.join(log);
        let file = std::fs::File::create(&path)
            .with_context(|| format!("cannot create {}", path.display()))?;
        command
            .stdin(std::process::Stdio::null())
            .stdout(file.try_clone()?)
            .stderr(file);
        self.cleanup.spawn(command)
    }

    fn print_how_to_enter(&self) {
        eprintln!(
            "the lab is left running; its files are in {}",
            self.folder.display()
        );
        eprintln!(
            "enter the SBC:      nsenter --net={}",
            self.network.sbc.path().display()
        );
        eprintln!(
            "enter the carrier:  nsenter --net={}",
            self.network.carrier.path().display()
        );
        eprintln!(
            "ask the daemon:     {} --socket {} status",
            self.blacklistd.display(),
            daemon::socket(self).display()
        );
        eprintln!("remove it:          {}", self.cleanup.keep().join("; "));
    }
}

/// Makes a lab, runs a scenario in it, and takes it down, or leaves it if asked to.
pub(crate) fn play(scenario: Scenario, blacklistd: &Path, keep: bool) -> Result<Report> {
    let lab = Lab::make(blacklistd)?;
    let result = scenario(&lab);
    if keep {
        lab.print_how_to_enter();
        return result;
    }
    let made = lab.cleanup.list();
    drop(lab);
    let mut report = result?;
    let left: Vec<String> = made
        .iter()
        .filter(|undo| undo.is_there())
        .map(ToString::to_string)
        .collect();
    report.cases.push(Case::new(
        "nothing is left behind",
        "nothing",
        if left.is_empty() {
            "nothing".to_owned()
        } else {
            left.join("; ")
        },
    ));
    Ok(report)
}
