//! Two hosts in network namespaces of their own, joined by veth: the carrier and the SBC. Names
//! are unique to our process, so that several labs can run at once.

use std::fs::File;
use std::net::IpAddr;
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};
use nix::sched::{CloneFlags, setns};

use super::cleanup::{Cleanup, Undo};
use xtask::workspace;

/// The SBC's interface towards the carrier: the one that is judged.
pub(crate) const SBC_INTERFACE: &str = "trunk0";
/// The carrier's interface towards the SBC.
pub(crate) const CARRIER_INTERFACE: &str = "uplink0";

/// The carrier's addresses with the length of their network.
const CARRIER_ADDRESSES: &[&str] = &[
    "198.18.0.1/24",
    "198.18.1.1/24",
    "198.18.2.1/24",
    "fd00:b1ac::1/64",
];
/// The SBC's addresses.
const SBC_ADDRESSES: &[&str] = &[
    "198.18.0.2/24",
    "198.18.0.3/24",
    "198.18.0.4/24",
    "198.18.1.2/24",
    "198.18.2.2/24",
    "fd00:b1ac::2/64",
];

/// A network namespace.
#[derive(Clone, Debug)]
pub(crate) struct Namespace {
    name: String,
}

/// The two hosts.
#[derive(Debug)]
pub(crate) struct Network {
    /// Where calls come from.
    pub(crate) carrier: Namespace,
    /// Where they are judged and answered.
    pub(crate) sbc: Namespace,
}

impl Network {
    /// Makes both hosts and the wire between them.
    pub(crate) fn make(cleanup: &Cleanup) -> Result<Self> {
        let carrier = Namespace::make("carrier", cleanup)?;
        let sbc = Namespace::make("sbc", cleanup)?;
        carrier.ip(&[
            "link",
            "add",
            CARRIER_INTERFACE,
            "type",
            "veth",
            "peer",
            "name",
            SBC_INTERFACE,
            "netns",
            &sbc.name,
        ])?;
        carrier.bring_up(CARRIER_INTERFACE, CARRIER_ADDRESSES)?;
        sbc.bring_up(SBC_INTERFACE, SBC_ADDRESSES)?;
        Ok(Self { carrier, sbc })
    }
}

impl Network {
    /// Lets the interfaces make checksums, or not: `on` or `off`.
    pub(crate) fn offload(&self, state: &str) -> Result<()> {
        self.features(&["tx", state])
    }

    /// Switches features of the interfaces at both ends, as `ethtool -K` takes them.
    pub(crate) fn features(&self, features: &[&str]) -> Result<()> {
        for (host, interface) in [
            (&self.carrier, CARRIER_INTERFACE),
            (&self.sbc, SBC_INTERFACE),
        ] {
            let program = workspace::find_program("ethtool").context("there is no ethtool")?;
            let mut command = Command::new(program);
            host.host(&mut command)?;
            // It tells what else changed with it, in between of what a lab prints.
            command
                .args(["-K", interface])
                .args(features)
                .stdout(Stdio::null());
            workspace::run(&mut command)?;
        }
        Ok(())
    }

    /// Programs at the queueing discipline of the SBC's interface, on the way out.
    pub(crate) fn egress_filters(&self) -> Result<usize> {
        let mut command = Command::new("tc");
        self.sbc.host(&mut command)?;
        let output = command
            .args(["filter", "show", "dev", SBC_INTERFACE, "egress"])
            .output()
            .context("cannot run tc")?;
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        Ok(text.matches("direct-action").count())
    }
}

impl Namespace {
    fn make(host: &str, cleanup: &Cleanup) -> Result<Self> {
        let name = format!("blacklist-{}-{host}", std::process::id());
        cleanup.make(Undo::Namespace(name.clone()), || {
            workspace::run(Command::new("ip").args(["netns", "add", &name]))
        })?;
        Ok(Self { name })
    }

    /// Where the kernel shows it.
    pub(crate) fn path(&self) -> PathBuf {
        PathBuf::from("/run/netns").join(&self.name)
    }

    /// Makes a command start inside. Only the network is another: `ip netns exec` would also
    /// hide the bpf file system.
    pub(crate) fn host(&self, command: &mut Command) -> Result<()> {
        let namespace = self.open()?;
        // SAFETY: between fork and exec the closure makes one system call; it does not
        // allocate, lock or touch anything that another thread may hold.
        unsafe {
            command.pre_exec(move || {
                setns(&namespace, CloneFlags::CLONE_NEWNET)?;
                Ok(())
            });
        }
        Ok(())
    }

    /// Runs `work` on a thread of its own whose sockets belong to this host.
    pub(crate) fn run<T: Send>(&self, work: impl FnOnce() -> Result<T> + Send) -> Result<T> {
        let namespace = self.open()?;
        std::thread::scope(|scope| {
            let thread = scope.spawn(move || {
                setns(&namespace, CloneFlags::CLONE_NEWNET)
                    .context("cannot enter a network namespace")?;
                work()
            });
            match thread.join() {
                Ok(result) => result,
                Err(_) => bail!("a thread of the lab panicked"),
            }
        })
    }

    fn open(&self) -> Result<File> {
        let path = self.path();
        File::open(&path).with_context(|| format!("cannot open {}", path.display()))
    }

    /// Calls `ip` inside; its own `-n` would remount more than is ours.
    pub(crate) fn ip(&self, arguments: &[&str]) -> Result<()> {
        let mut command = Command::new("ip");
        self.host(&mut command)?;
        workspace::run(command.args(arguments))
    }

    /// Gives an interface its addresses and switches it on.
    pub(crate) fn bring_up(&self, interface: &str, addresses: &[&str]) -> Result<()> {
        for address in addresses {
            let (host, _) = address
                .split_once('/')
                .context("an address without a length")?;
            let is_v6 = host.parse::<IpAddr>()?.is_ipv6();
            // Nobody else is on this wire: an IPv6 address need not be tested for duplicates.
            let flags: &[&str] = if is_v6 { &["nodad"] } else { &[] };
            self.ip(&[&["address", "add", address, "dev", interface], flags].concat())?;
        }
        self.ip(&["link", "set", "lo", "up"])?;
        self.ip(&["link", "set", interface, "up"])
    }
}
