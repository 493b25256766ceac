//! Why the kernel's side could not do what was asked; each a sentence that says what to do.

use std::path::PathBuf;

/// An error of the kernel's side.
#[derive(Debug, thiserror::Error)]
pub enum KernelError {
    /// A capability that packet programs need is missing.
    #[error(
        "missing capability {0}: run as root, or give blacklistd CAP_BPF, CAP_NET_ADMIN and \
         CAP_PERFMON (AmbientCapabilities= in the systemd unit)"
    )]
    MissingCapability(&'static str),
    /// The kernel lacks what the program uses.
    #[error("kernel {0} is too old: blacklist needs Linux 6.1 or newer")]
    TooOld(String),
    /// The program was left out when this binary was built.
    #[error(
        "this blacklistd was built without its eBPF program: build it with `cargo xtask build`"
    )]
    NoObject,
    /// The kernel does not describe its types.
    #[error(
        "the kernel has no BTF (/sys/kernel/btf/vmlinux is missing): use a kernel built with \
         CONFIG_DEBUG_INFO_BTF, as all distribution kernels since 2021 are"
    )]
    NoBtf,
    /// The pin directory is not on a bpf file system.
    #[error(
        "{} is not on a bpf file system: mount one with `mount -t bpf bpf {}`, or set \
         pin_directory to a folder on one", directory.display(), mount.display()
    )]
    NotBpfFileSystem {
        /// The pin directory.
        directory: PathBuf,
        /// Where to mount.
        mount: PathBuf,
    },
    /// The interface does not exist.
    #[error(
        "there is no interface {0}: `ip link` lists those that there are; name one of them under \
         [[interface]] in the configuration"
    )]
    NoSuchInterface(String),
    /// Another program is attached.
    #[error(
        "interface {interface} has another XDP program already: {program}; detach it first \
         (`ip link set dev {interface} xdp off`, or stop what loaded it)"
    )]
    Occupied {
        /// Interface name.
        interface: String,
        /// Its name and id.
        program: String,
    },
    /// The driver does not take the program.
    #[error(
        "interface {interface} does not take a native XDP program ({why}): lower its MTU or \
         update its driver, or set xdp = \"generic\" for it, which is slower and does not see \
         calls inside of packets that were merged by offloading"
    )]
    NoNativeMode {
        /// Interface name.
        interface: String,
        /// What the kernel said.
        why: String,
    },
    /// A table has no room.
    #[error("the kernel's {table} table is full ({capacity} entries)")]
    Full {
        /// Table name.
        table: &'static str,
        /// Entries it can hold.
        capacity: u32,
    },
    /// The kernel refused the program.
    #[error("the kernel refused the program: {0}")]
    Refused(String),
    /// Anything else that the kernel or a file said.
    #[error("{doing}: {why}")]
    Failed {
        /// What was attempted.
        doing: String,
        /// What was said.
        why: String,
    },
}

impl KernelError {
    /// An error of a system call or library while `doing` something.
    pub(crate) fn failed(doing: impl Into<String>, why: impl std::fmt::Display) -> Self {
        Self::Failed {
            doing: doing.into(),
            why: why.to_string(),
        }
    }

    /// Whether a table was full: a new generation is given more room.
    pub fn is_full(&self) -> bool {
        matches!(self, Self::Full { .. })
    }
}
