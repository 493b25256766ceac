//! Asterisk on the SBC: the one of Debian's testing suite, with a dial plan and endpoints that are
//! given to it. What it keeps is in a folder of the lab.

use std::path::PathBuf;
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};

use super::Lab;
use super::cleanup::{self, Process};
use xtask::{testing_suite, workspace};

const START: Duration = Duration::from_secs(20);
const LOG: &str = "asterisk.log";
const READY: &str = "Asterisk Ready.";

/// A running Asterisk.
pub(crate) struct Asterisk<'a> {
    lab: &'a Lab,
    process: Process,
    folder: PathBuf,
}

impl<'a> Asterisk<'a> {
    /// Starts one with a `pjsip.conf` and an `extensions.conf`, and waits until it is ready.
    pub(crate) fn start(lab: &'a Lab, endpoints: &str, dial_plan: &str) -> Result<Self> {
        let folder = lab.folder.join("asterisk");
        std::fs::create_dir_all(&folder)?;
        for (name, text) in [
            ("asterisk.conf", directories(&folder)?),
            // All modules, as an installation has them; those that want a file of their own stay out.
            ("modules.conf", "[modules]\nautoload = yes\n".to_owned()),
            (
                "logger.conf",
                "[logfiles]\nconsole = notice,warning,error,verbose\n".to_owned(),
            ),
            ("pjsip.conf", endpoints.to_owned()),
            ("extensions.conf", dial_plan.to_owned()),
        ] {
            std::fs::write(folder.join(name), text)?;
        }
        let mut command = testing_suite::command("asterisk")?;
        // In the foreground, and saying what the dial plan does.
        command.args(["-f", "-n", "-vvv", "-C"]);
        command.arg(folder.join("asterisk.conf"));
        lab.network.sbc.host(&mut command)?;
        let process = lab.spawn(&mut command, LOG)?;
        let asterisk = Self {
            lab,
            process,
            folder,
        };
        asterisk.wait_until_ready()?;
        Ok(asterisk)
    }

    /// How many channels there are.
    pub(crate) fn channels(&self) -> Result<u32> {
        let told = self.command("core show channels count")?;
        let line = told.lines().find_map(|line| {
            let number = line.strip_suffix(" active channels");
            number.or_else(|| line.strip_suffix(" active channel"))
        });
        let number = line.with_context(|| format!("asterisk does not count: {told}"))?;
        Ok(number.trim().parse()?)
    }

    /// Waits until it has so many channels; how many it has then.
    pub(crate) fn wait_for_channels(&self, wanted: u32, patience: Duration) -> Result<u32> {
        let deadline = Instant::now() + patience;
        loop {
            let channels = self.channels()?;
            if channels == wanted || Instant::now() > deadline {
                return Ok(channels);
            }
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// What it answers to a command of its command line.
    fn command(&self, text: &str) -> Result<String> {
        let mut command: Command = testing_suite::command("asterisk")?;
        command.arg("-C").arg(self.folder.join("asterisk.conf"));
        self.lab.network.sbc.host(&mut command)?;
        workspace::output_of(command.args(["-rx", text]))
    }

    /// Ends it, so that another can take its place.
    pub(crate) fn end(self) -> Result<()> {
        cleanup::end(&self.process)
    }

    fn wait_until_ready(&self) -> Result<()> {
        let deadline = Instant::now() + START;
        loop {
            let said = std::fs::read(self.lab.folder.join(LOG)).unwrap_or_default();
            let said = String::from_utf8_lossy(&said);
            if said.contains(READY) {
                return Ok(());
            }
            if let Some(status) = cleanup::lock(&self.process).try_wait()? {
                bail!("asterisk ended at its start ({status}):\n{said}");
            }
            if Instant::now() > deadline {
                bail!("asterisk does not start:\n{said}");
            }
            std::thread::sleep(Duration::from_millis(50));
        }
    }
}

/// Where it finds what it has, and keeps what it writes.
fn directories(folder: &std::path::Path) -> Result<String> {
    let (modules, data) = testing_suite::asterisk_places()?;
    let mut text = format!(
        "[directories]\nastmoddir => {}\nastdatadir => {}\n",
        modules.display(),
        data.display()
    );
    for key in [
        "astetcdir",
        "astvarlibdir",
        "astdbdir",
        "astkeydir",
        "astagidir",
        "astspooldir",
        "astrundir",
        "astlogdir",
    ] {
        text.push_str(&format!("{key} => {}\n", folder.display()));
    }
    Ok(text)
}
