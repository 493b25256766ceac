//! The daemon with a list of so many numbers.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};
use blacklist_tests::measuring::ip;
use blacklist_tests::private_bpf::PrivateBpf;
use serde_json::Value;

/// Where it is asked.
pub(crate) const REDIRECT: &str = "127.0.0.1:5065";
pub(crate) const SCREEN: &str = "127.0.0.1:8065";
/// How long it may take to answer.
const PATIENCE: Duration = Duration::from_secs(120);

/// A number of the list; those from the list's size on are not in it.
pub(crate) fn number(index: u32) -> String {
    format!("+1{:010}", 2_000_000_000_u64 + u64::from(index))
}

/// A configuration and a state directory.
pub(crate) struct House {
    program: PathBuf,
    folder: PathBuf,
    // Behind what is pinned there.
    _bpf: PrivateBpf,
}

impl House {
    pub(crate) fn build(program: &Path, size: u32) -> anyhow::Result<Self> {
        let bpf = PrivateBpf::mount()?;
        let folder =
            std::env::temp_dir().join(format!("bench-companion-{}-{size}", std::process::id()));
        std::fs::create_dir_all(folder.join("state"))?;
        let interface = format!("bench{}", size.ilog10());
        let peer = format!("{interface}p");
        ip(&[
            "link", "add", &interface, "type", "veth", "peer", "name", &peer,
        ])?;
        ip(&["link", "set", &interface, "up"])?;
        let configuration = format!(
            "control_socket = {:?}\nstate_directory = {:?}\npin_directory = {:?}\n\
             [[interface]]\nname = {interface:?}\n[kernel]\nmaximum_rules = {}\n\
             [companion]\nenabled = true\nlisten = {REDIRECT:?}\nhttp = {SCREEN:?}\nmaximum_per_second = 1000000\n",
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

    pub(crate) fn start(&self) -> anyhow::Result<Child> {
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
                daemon.kill()?;
                bail!("blacklistd does not answer: {}", log());
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        Ok(daemon)
    }

    /// Puts the list in force.
    pub(crate) fn fill(&self, size: u32) -> anyhow::Result<()> {
        let path = self.folder.join("numbers.csv");
        let mut file = std::io::BufWriter::new(std::fs::File::create(&path)?);
        for index in 0..size {
            writeln!(file, "{}", number(index))?;
        }
        file.flush()?;
        self.ask(&["list", "add", "bulk"])?;
        let text = path.to_str().context("a folder that is no text")?;
        self.ask(&["import", text, "--list", "bulk"])?;
        Ok(())
    }

    /// The list as somebody else keeps it.
    pub(crate) fn mirror(&self, format: &str) -> anyhow::Result<PathBuf> {
        let path = self.folder.join(format);
        let text = path.to_str().context("a folder that is no text")?;
        self.ask(&["mirror", text, "--format", format, "--list", "bulk"])?;
        Ok(path)
    }

    fn ask(&self, arguments: &[&str]) -> anyhow::Result<Value> {
        let output = Command::new(&self.program)
            .arg("--socket")
            .arg(self.folder.join("control.sock"))
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
}

impl Drop for House {
    fn drop(&mut self) {
        // What is left is in the temporary folder.
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}
