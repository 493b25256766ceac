//! The whole daemon: its configuration, its state on disk, an interface on which calls arrive.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};
use blacklist_common::bench::Variation;
use blacklist_kernel::{Kernel, KernelSettings, PatternTables};
use blacklist_tests::house::ask;
use blacklist_tests::measuring::{ip, send, vary};
use blacklist_tests::private_bpf::PrivateBpf;
use nix::sys::statfs::{TMPFS_MAGIC, statfs};
use serde_json::Value;

use crate::frames::Frame;

/// How long the daemon may take to answer, and to write what it has.
const PATIENCE: Duration = Duration::from_secs(120);
/// Between two looks at what the daemon has not written; longer than its own wait for events.
const PAUSE: Duration = Duration::from_millis(300);

/// A folder on a disk, gone with its guard.
pub(crate) struct Folder(PathBuf);

impl Folder {
    /// An empty one.
    pub(crate) fn make(name: &str) -> anyhow::Result<Self> {
        let parent = std::env::temp_dir();
        if statfs(&parent)?.filesystem_type() == TMPFS_MAGIC {
            bail!(
                "{} is in memory, and a log on disk is measured: set TMPDIR to a folder on a disk",
                parent.display()
            );
        }
        let path = parent.join(format!("bench-accounting-{}-{name}", std::process::id()));
        std::fs::create_dir(&path).with_context(|| format!("making {}", path.display()))?;
        Ok(Self(path))
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // What is left is in the temporary folder.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// Sends frames by the measuring object, which is loaded beside the daemon's.
pub(crate) struct Sender {
    kernel: Kernel,
    interface: u32,
    // Behind what is pinned there.
    _bpf: PrivateBpf,
}

impl Sender {
    /// A sender into a house.
    pub(crate) fn new(object: &[u8], house: &House) -> anyhow::Result<Self> {
        let bpf = PrivateBpf::mount()?;
        let settings = KernelSettings {
            pin_directory: bpf.path().join("sender"),
            maximum_rules: 16,
            maximum_calls: 64,
            event_bytes: 1 << 12,
            tables: PatternTables::Hashed,
        };
        Ok(Self {
            kernel: Kernel::open_object(&settings, object)?,
            interface: nix::net::if_::if_nametoindex(format!("{}s", house.name).as_str())?,
            _bpf: bpf,
        })
    }

    /// Which numbers frames have from now on.
    pub(crate) fn vary(&mut self, variation: Variation) -> anyhow::Result<()> {
        vary(self.kernel.programs()?, variation)
    }

    /// Sends frames as fast as they are judged.
    pub(crate) fn send(&mut self, frame: &Frame, packets: u32) -> anyhow::Result<Duration> {
        send(
            self.kernel.programs()?,
            self.interface,
            &frame.bytes,
            packets,
        )
    }
}

/// A daemon and what belongs to it.
pub(crate) struct House {
    program: PathBuf,
    name: &'static str,
    daemon: Option<Child>,
    folder: Folder,
    bpf: PrivateBpf,
}

impl House {
    /// Interfaces and a state on disk; the daemon is not started. `name` is short.
    pub(crate) fn build(program: &Path, name: &'static str) -> anyhow::Result<Self> {
        let house = Self {
            program: program.to_owned(),
            name,
            daemon: None,
            folder: Folder::make(name)?,
            bpf: PrivateBpf::mount()?,
        };
        std::fs::create_dir(house.path("state"))?;
        let [sends, trunk] = [format!("{name}s"), format!("{name}t")];
        ip(&[
            "link", "add", &sends, "type", "veth", "peer", "name", &trunk,
        ])?;
        for interface in [&sends, &trunk] {
            // Nothing but what is sent here.
            ip(&["link", "set", interface, "addrgenmode", "none"])?;
            ip(&["link", "set", interface, "up"])?;
        }
        Ok(house)
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn configure(&self, maximum_calls: u32) -> anyhow::Result<()> {
        let configuration = format!(
            "control_socket = {:?}\nstate_directory = {:?}\npin_directory = {:?}\n\
             [[interface]]\nname = \"{}t\"\n\
             [[trunk]]\nname = \"carrier\"\npeers = [\"192.0.2.0/24\"]\n\
             [calls]\nkeep_megabytes = 100000\n\
             [kernel]\nmaximum_rules = 20000\nmaximum_calls = {maximum_calls}\n",
            self.path("control.sock"),
            self.path("state"),
            self.bpf.path().join("blacklist"),
            self.name,
        );
        std::fs::write(self.path("blacklistd.toml"), configuration)?;
        Ok(())
    }

    /// Starts the daemon and waits until it answers.
    pub(crate) fn start(&mut self, maximum_calls: u32) -> anyhow::Result<()> {
        self.configure(maximum_calls)?;
        let log = std::fs::File::create(self.path("log"))?;
        let daemon = Command::new(&self.program)
            .arg("run")
            .arg("--config")
            .arg(self.path("blacklistd.toml"))
            .env_remove("NOTIFY_SOCKET")
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log)
            .spawn()
            .context("starting blacklistd")?;
        let daemon = self.daemon.insert(daemon);
        let said = self.folder.path().join("log");
        let said = || std::fs::read_to_string(&said).unwrap_or_default();
        let socket = self.folder.path().join("control.sock");
        let deadline = Instant::now() + PATIENCE;
        while ask(&self.program, &socket, &["status"]).is_err() {
            if let Some(status) = daemon.try_wait()? {
                bail!("blacklistd ended ({status}): {}", said());
            }
            if Instant::now() > deadline {
                bail!("blacklistd does not answer: {}", said());
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        Ok(())
    }

    /// Ends the daemon without a warning; what it put in force goes on.
    pub(crate) fn kill(&mut self) -> anyhow::Result<()> {
        if let Some(mut daemon) = self.daemon.take() {
            daemon.kill()?;
            daemon.wait()?;
        }
        Ok(())
    }

    /// The daemon's process.
    pub(crate) fn process(&self) -> anyhow::Result<String> {
        let daemon = self.daemon.as_ref().context("no daemon runs")?;
        Ok(daemon.id().to_string())
    }

    /// Packets that arrived on the interface where calls arrive (proc(5), `/proc/pid/net/dev`). A
    /// virtual interface has room for 256, and drops what comes while its processor does other work.
    pub(crate) fn arrived(&self) -> anyhow::Result<u64> {
        let interfaces = std::fs::read_to_string("/proc/self/net/dev")?;
        let name = format!("{}t:", self.name);
        let packets = interfaces
            .lines()
            .find_map(|line| line.trim().strip_prefix(&name)?.split_whitespace().nth(1))
            .context("the interface is gone")?;
        Ok(packets.parse()?)
    }

    /// Asks the daemon by its command line.
    pub(crate) fn ask(&self, arguments: &[&str]) -> anyhow::Result<Value> {
        ask(&self.program, &self.path("control.sock"), arguments)
    }

    /// The daemon's status once everything that the kernel told it is written.
    pub(crate) fn settled(&self) -> anyhow::Result<Value> {
        let deadline = Instant::now() + PATIENCE;
        let mut before = None;
        loop {
            let status = self.ask(&["status"])?;
            let received = number(&status, "/events/received")?;
            if number(&status, "/log/waiting_bytes")? == 0 && before == Some(received) {
                return Ok(status);
            }
            if Instant::now() > deadline {
                bail!("blacklistd does not come to an end with its log: {status}");
            }
            before = Some(received);
            std::thread::sleep(PAUSE);
        }
    }
}

impl Drop for House {
    fn drop(&mut self) {
        let _ = self.kill();
    }
}

/// A number in an answer.
pub(crate) fn number(value: &Value, place: &str) -> anyhow::Result<u64> {
    value
        .pointer(place)
        .and_then(Value::as_u64)
        .with_context(|| format!("the answer has no {place}: {value}"))
}
