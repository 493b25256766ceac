//! The whole daemon for a measurement: its configuration, its state on disk, an interface, and its
//! own command line.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};
use serde_json::Value;

use crate::measuring::ip;
use crate::private_bpf::PrivateBpf;

/// How long the daemon may take to answer.
const PATIENCE: Duration = Duration::from_secs(300);

/// A configuration, a state directory and an interface.
pub struct House {
    program: PathBuf,
    folder: PathBuf,
    // Behind what is pinned there.
    _bpf: PrivateBpf,
}

impl House {
    /// One with room for so many rules; `more` stands at the end of its configuration.
    ///
    /// # Errors
    /// A folder or an interface cannot be made.
    pub fn build(name: &str, program: &Path, size: u32, more: &str) -> anyhow::Result<Self> {
        let bpf = PrivateBpf::mount()?;
        let folder = std::env::temp_dir().join(format!("{name}-{}-{size}", std::process::id()));
        std::fs::create_dir_all(folder.join("state"))?;
        let interface = format!("bench{}", size.ilog10());
        let peer = format!("{interface}p");
        ip(&[
            "link", "add", &interface, "type", "veth", "peer", "name", &peer,
        ])?;
        ip(&["link", "set", &interface, "up"])?;
        let configuration = format!(
            "control_socket = {:?}\nstate_directory = {:?}\npin_directory = {:?}\n\
             [[interface]]\nname = {interface:?}\n[kernel]\nmaximum_rules = {}\n{more}",
            folder.join("control.sock"),
            folder.join("state"),
            bpf.path().join("blacklist"),
            size + 10_000,
        );
        std::fs::write(folder.join("blacklistd.toml"), configuration)?;
        Ok(Self {
            program: program.to_owned(),
            folder,
            _bpf: bpf,
        })
    }

    /// Its folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Starts the daemon, and waits until it answers.
    ///
    /// # Errors
    /// It does not, with what it said.
    pub fn start(&self) -> anyhow::Result<Child> {
        let log = std::fs::File::create(self.folder.join("log"))?;
        let mut daemon = Command::new(&self.program)
            .arg("run")
            .arg("--config")
            .arg(self.folder.join("blacklistd.toml"))
            .env_remove("NOTIFY_SOCKET")
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log)
            .spawn()
            .context("starting blacklistd")?;
        let deadline = Instant::now() + PATIENCE;
        while self.ask(&["status"]).is_err() {
            let log = || std::fs::read_to_string(self.folder.join("log")).unwrap_or_default();
            if let Some(status) = daemon.try_wait()? {
                bail!("blacklistd ended ({status}): {}", log());
            }
            if Instant::now() > deadline {
                stop(&mut daemon)?;
                bail!("blacklistd does not answer: {}", log());
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        Ok(daemon)
    }

    /// Asks the daemon by its command line.
    ///
    /// # Errors
    /// It refuses.
    pub fn ask(&self, arguments: &[&str]) -> anyhow::Result<Value> {
        ask(&self.program, &self.folder.join("control.sock"), arguments)
    }
}

impl Drop for House {
    fn drop(&mut self) {
        // What is left is in the temporary folder.
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

/// Ends a daemon without a warning, as the worst case for what is on disk.
///
/// # Errors
/// It is gone already.
pub fn stop(daemon: &mut Child) -> anyhow::Result<()> {
    daemon.kill()?;
    daemon.wait()?;
    Ok(())
}

/// Asks a daemon by its command line.
///
/// # Errors
/// It refuses, or cannot be reached.
pub fn ask(program: &Path, socket: &Path, arguments: &[&str]) -> anyhow::Result<Value> {
    let output = Command::new(program)
        .arg("--socket")
        .arg(socket)
        .arg("--json")
        .args(arguments)
        .stdin(Stdio::null())
        .output()
        .context("calling blacklistd")?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        bail!("blacklistd {}: {}", arguments.join(" "), said.trim());
    }
    Ok(serde_json::from_slice(&output.stdout)?)
}
