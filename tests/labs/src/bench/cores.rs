//! Who computes where: one core for what is measured, one for who calls, and a network that is
//! received on the core of its host.

use std::fmt;
use std::fs;
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use nix::sched::{CpuSet, sched_getaffinity, sched_setaffinity};
use nix::unistd::Pid;

use super::processor_time;
use crate::network::Namespace;
use xtask::workspace;

/// How long a thread of the kernel may take to appear.
const START: Duration = Duration::from_secs(2);
/// So that what else runs here takes next to nothing; both sides of a comparison have it.
pub(super) const NICE: &str = "-20";

/// The two cores.
#[derive(Clone, Copy, Debug)]
pub(super) struct Cores {
    /// Of who calls.
    pub(super) callers: usize,
    /// Of what is measured.
    pub(super) measured: usize,
}

impl fmt::Display for Cores {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { callers, measured } = self;
        write!(
            f,
            "callers on core {callers}, what is measured on core {measured} with the kernel's reception for it; \
             all at nice {NICE}"
        )
    }
}

impl Cores {
    /// Takes two of the cores that we may use, and puts this thread on the callers'. What is started
    /// from here takes after it, in priority too.
    pub(super) fn take() -> Result<Self> {
        let ours = Pid::from_raw(0);
        let allowed = sched_getaffinity(ours).context("cannot ask on which cores we may run")?;
        let mut allowed = (0..CpuSet::count()).filter(|core| allowed.is_set(*core) == Ok(true));
        let (Some(callers), Some(measured)) = (allowed.next(), allowed.next()) else {
            bail!("this measurement needs two cores: one for callers, one for what is measured");
        };
        put(ours, callers)?;
        renice(Pid::this())?;
        Ok(Self { callers, measured })
    }

    /// Does something that starts processes: they run on the core of what is measured.
    pub(super) fn measured<T>(self, start: impl FnOnce() -> Result<T>) -> Result<T> {
        let ours = Pid::from_raw(0);
        put(ours, self.measured)?;
        let started = start();
        put(ours, self.callers)?;
        started
    }
}

fn put(thread: Pid, core: usize) -> Result<()> {
    let mut set = CpuSet::new();
    set.set(core)?;
    sched_setaffinity(thread, &set).with_context(|| format!("cannot put a thread on core {core}"))
}

fn renice(thread: Pid) -> Result<()> {
    let id = thread.to_string();
    workspace::output_of(Command::new("renice").args(["-n", NICE, "-p", &id]))?;
    Ok(())
}

/// Has all that comes to an interface received by a thread of the kernel on one core. Otherwise
/// whoever sends into a veth pair does the work of who receives. Returns that thread. The interface
/// at the other end must not offer segmentation ([`send_whole`]).
pub(super) fn receive_on(core: usize, host: &Namespace, interface: &str) -> Result<Pid> {
    let before = receivers(interface)?;
    // An interface of the kind veth has threads only while it collects packets.
    switch(host, interface, "gro", "on")?;
    let file = format!("/sys/class/net/{interface}/threaded");
    let path = host.path();
    let name = path.file_name().context("a namespace without a name")?;
    // `ip netns exec`, because /sys shows the interfaces of the namespace that it was mounted in.
    let mut command = Command::new("ip");
    command.args(["netns", "exec"]).arg(name);
    workspace::run(command.args(["sh", "-c", &format!("echo 1 > {file}")]))?;
    let deadline = Instant::now() + START;
    loop {
        let found = receivers(interface)?;
        if let Some(thread) = found.into_iter().find(|thread| !before.contains(thread)) {
            put(thread, core)?;
            renice(thread)?;
            return Ok(thread);
        }
        if Instant::now() > deadline {
            bail!("the kernel has no thread for what comes to {interface}");
        }
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// Has an interface send packets as they are. Otherwise the kernel takes it that the other end has
/// nothing to collect, and has each packet received by whoever sends it.
pub(super) fn send_whole(host: &Namespace, interface: &str) -> Result<()> {
    switch(host, interface, "tso", "off")
}

fn switch(host: &Namespace, interface: &str, feature: &str, state: &str) -> Result<()> {
    let program = workspace::find_program("ethtool").context("there is no ethtool")?;
    let mut command = Command::new(program);
    host.host(&mut command)?;
    workspace::run(command.args(["-K", interface, feature, state]))
}

/// The kernel's threads for an interface of this name, in whatever namespace.
fn receivers(interface: &str) -> Result<Vec<Pid>> {
    let prefix = format!("napi/{interface}-");
    let mut found = Vec::new();
    for entry in fs::read_dir("/proc")? {
        let path = entry?.path();
        let Some(id) = path
            .file_name()
            .and_then(|name| name.to_str()?.parse().ok())
        else {
            continue;
        };
        let name = fs::read_to_string(path.join("comm")).unwrap_or_default();
        if name.starts_with(&prefix) {
            found.push(Pid::from_raw(id));
        }
    }
    Ok(found)
}

/// How long the machine's host took a core away, or let it wait, since the start.
pub(super) fn stolen(core: usize) -> Result<Duration> {
    let text = fs::read_to_string("/proc/stat").context("cannot read /proc/stat")?;
    let name = format!("cpu{core} ");
    let fields = text.lines().find_map(|line| line.strip_prefix(&name));
    let ticks = fields.and_then(|fields| fields.split(' ').nth(7)?.parse::<u32>().ok());
    Ok(processor_time::TICK * ticks.with_context(|| format!("/proc/stat has no core {core}"))?)
}
