//! Labs: scenarios in network namespaces of their own. Here stands the frame that all share;
//! each scenario has its own folder or file and returns a report.

mod accounting;
mod answerer;
mod answering;
mod asterisk;
mod bench;
mod cleanup;
mod companion;
mod daemon;
mod demo;
mod hearing;
mod kernels;
mod network;
mod phone;
mod phones;
mod proxy;
mod readme;
mod report;
mod restart;
mod rules;
mod sip;
mod sipp;
mod sound;
mod tagged;
mod testing_suite;

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};
use nix::mount::{MsFlags, mount};

pub(crate) use self::answerer::run as answer_calls;
pub(crate) use self::bench::{Figures, run as measure_answering};
use self::cleanup::{Guard, Undo};
pub(crate) use self::kernels::inside_machine;
use self::network::Network;
pub(crate) use self::report::{Case, Report};

/// A scenario: what is done in a lab.
type Scenario = fn(&Lab) -> Result<Report>;

/// The scenario for everybody.
pub(crate) const DEMO: &str = "demo";

/// The scenario with programs of Debian's testing suite.
pub(crate) const TESTING_SUITE: &str = "testing-suite";

/// The scenario in an emulated machine.
pub(crate) const KERNELS: &str = "kernels";

const SCENARIOS: &[(&str, Scenario)] = &[
    (DEMO, demo::run),
    ("restart", restart::run),
    ("readme", readme::run),
    ("rules", rules::run),
    ("accounting", accounting::run),
    ("answering", answering::run),
    ("phones", phones::run),
    ("companion", companion::run),
    (TESTING_SUITE, testing_suite::run),
    (KERNELS, kernels::run),
];

/// A scenario that somebody has asked to go without: what is skipped, by its name.
pub(crate) fn skip(name: &str) -> Report {
    match SCENARIOS.iter().find(|(known, _)| *known == name) {
        Some((TESTING_SUITE, _)) => testing_suite::skip(),
        Some((name, _)) => Report {
            name,
            skipped: vec!["all of it".to_owned()],
            ..Report::default()
        },
        None => Report::default(),
    }
}

/// The names of all scenarios.
pub(crate) fn names() -> impl Iterator<Item = &'static str> {
    SCENARIOS.iter().map(|(name, _)| *name)
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
    cleanup: Guard,
}

impl Lab {
    fn make(blacklistd: &Path) -> Result<Self> {
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
    fn spawn(&self, command: &mut Command, log: &str) -> Result<cleanup::Process> {
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

/// Runs a scenario and takes the lab down, or leaves it if asked to.
pub(crate) fn run(name: &str, blacklistd: &Path, keep: bool) -> Result<Report> {
    let (_, scenario) = SCENARIOS
        .iter()
        .find(|(known, _)| *known == name)
        .with_context(|| format!("there is no lab `{name}`"))?;
    play(*scenario, blacklistd, keep)
}

/// Makes a lab, runs a scenario in it, and takes it down, or leaves it if asked to.
fn play(scenario: Scenario, blacklistd: &Path, keep: bool) -> Result<Report> {
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
