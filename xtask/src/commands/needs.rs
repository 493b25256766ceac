//! What the build and the labs need, and how a missing thing is come by.

use std::path::Path;

use xtask::{peers, privilege, python, testing_suite, workspace};

use crate::ebpf_toolchain::{self, DEBIAN_PACKAGES, RUSTUP_TOOLCHAIN};

/// The oldest kernel that is promised to work.
const OLDEST_KERNEL: (u32, u32) = (6, 1);

/// baresip, and the libraries of those of its modules that a lab's phone has.
const BARESIP_PACKAGES: &[&str] = &[
    "baresip-core",
    "libre0",
    "librem0",
    "libsndfile1",
    "libflac12",
    "libmp3lame0",
    "libmpg123-0",
    "libogg0",
    "libopus0",
    "libssl3",
    "libvorbis0a",
    "libvorbisenc2",
];

/// What the set-up is for.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum For {
    /// Compiling.
    Build,
    /// Compiling, then running the program in namespaces, with real SIP clients.
    Lab,
    /// All labs but those below, with whatever the program works beside.
    MostLabs,
    /// The lab of Debian's testing suite too.
    TestingSuite,
    /// The lab of the oldest kernel too.
    Kernels,
}

impl For {
    /// Whether something that is needed for another purpose is needed for this one.
    pub(super) fn includes(self, other: Self) -> bool {
        other == self || (other <= self && other <= Self::MostLabs)
    }
}

/// One thing that is needed.
pub(super) struct Need {
    /// What it is.
    pub(super) what: &'static str,
    /// What was found, or what is wrong.
    pub(super) found: Result<String, String>,
    /// How it is come by.
    pub(super) cure: Cure,
    /// The least that it is needed for.
    pub(super) purpose: For,
}

/// How a missing thing is come by.
pub(super) enum Cure {
    /// Debian packages.
    Packages(&'static [&'static str]),
    /// Debian packages that are unpacked into the target folder and not installed.
    Unpacked(&'static [&'static str]),
    /// Packages of Debian's testing suite, in a folder of their own.
    TestingSuite,
    /// bpf-linker, compiled here.
    BpfLinker,
    /// Packages out of PyPI, in a virtual environment in the target folder.
    Python,
    /// By hand: a sentence that says what to do.
    ByHand(String),
}

/// All that is needed, whatever it is for.
pub(super) fn needs() -> Vec<Need> {
    vec![
        Need {
            what: "eBPF compiler",
            found: ebpf_toolchain::find_compiler()
                .map(|compiler| compiler.name)
                .map_err(|reasons| reasons.join("; ")),
            cure: compiler_cure(),
            purpose: For::Build,
        },
        Need {
            what: "bpf-linker",
            found: ebpf_toolchain::find_linker().map(|path| path.display().to_string()),
            cure: Cure::BpfLinker,
            purpose: For::Build,
        },
        program("C compiler", "cc", &["gcc", "libc6-dev"], For::Build),
        Need {
            what: "kernel",
            found: kernel(),
            cure: Cure::ByHand(format!(
                "boot a kernel of version {}.{} or later with CONFIG_DEBUG_INFO_BTF=y",
                OLDEST_KERNEL.0, OLDEST_KERNEL.1
            )),
            purpose: For::Lab,
        },
        Need {
            what: "root",
            found: if privilege::is_root() {
                Ok("we are root".to_owned())
            } else if privilege::is_reachable() {
                Ok("through sudo".to_owned())
            } else {
                Err("we are not root, and there is no sudo".to_owned())
            },
            cure: Cure::ByHand("run this as root, or install sudo".to_owned()),
            purpose: For::Lab,
        },
        program("iproute2", "ip", &["iproute2"], For::Lab),
        program("SIP client", "sipp", &["sip-tester"], For::Lab),
        program("interface settings", "ethtool", &["ethtool"], For::MostLabs),
        program("bpftool", "bpftool", &["bpftool"], For::Lab),
    ]
    .into_iter()
    .chain(others())
    .collect()
}

/// Programs of others that labs speak with.
fn others() -> Vec<Need> {
    let mut needs = vec![
        peer("Prometheus", "prometheus", &["prometheus"]),
        peer("phone", "baresip", BARESIP_PACKAGES),
        Need {
            found: peers::whole_kamailio(),
            ..peer("proxy", "kamailio", peers::KAMAILIO)
        },
        Need {
            what: "Python",
            found: python::interpreter().map(|path| path.display().to_string()),
            cure: Cure::Packages(&["python3", "python3-venv"]),
            purpose: For::MostLabs,
        },
        Need {
            what: "API tools",
            found: python::tools(),
            cure: Cure::Python,
            purpose: For::MostLabs,
        },
        Need {
            what: "testing suite",
            found: testing_suite::find(),
            cure: Cure::TestingSuite,
            purpose: For::TestingSuite,
        },
    ];
    if peers::HAS_OLDEST_KERNEL {
        needs.push(program(
            "machine",
            "qemu-system-x86_64",
            &["qemu-system-x86"],
            For::Kernels,
        ));
        needs.push(oldest_kernel());
    }
    needs
}

/// The kernel that a lab boots.
fn oldest_kernel() -> Need {
    Need {
        what: "oldest kernel",
        found: peers::oldest_kernel()
            .map(|kernel| kernel.image.display().to_string())
            .map_err(|error| error.to_string()),
        cure: Cure::Unpacked(&[peers::KERNEL]),
        purpose: For::Kernels,
    }
}

/// A program that is installed.
fn program(
    what: &'static str,
    name: &str,
    packages: &'static [&'static str],
    purpose: For,
) -> Need {
    Need {
        what,
        found: workspace::find_program(name)
            .map(|path| path.display().to_string())
            .ok_or_else(|| format!("no program {name}")),
        cure: Cure::Packages(packages),
        purpose,
    }
}

/// A program that labs speak with, out of packages that are unpacked.
fn peer(what: &'static str, name: &str, packages: &'static [&'static str]) -> Need {
    Need {
        what,
        found: peers::find(name)
            .map(|path| path.display().to_string())
            .ok_or_else(|| format!("no program {name}")),
        cure: Cure::Unpacked(packages),
        purpose: For::MostLabs,
    }
}

/// Debian's packages where there is apt, else what to do by hand.
fn compiler_cure() -> Cure {
    if workspace::find_program("apt-get").is_some() {
        return Cure::Packages(DEBIAN_PACKAGES);
    }
    Cure::ByHand(format!(
        "install rustup, then run `rustup toolchain install {RUSTUP_TOOLCHAIN} --component rust-src`"
    ))
}

fn kernel() -> Result<String, String> {
    let release = std::fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    let release = release.trim();
    let mut numbers = release
        .split(|c: char| !c.is_ascii_digit())
        .map(str::parse::<u32>);
    let version = match (numbers.next(), numbers.next()) {
        (Some(Ok(major)), Some(Ok(minor))) => (major, minor),
        _ => return Err(format!("cannot read its version from `{release}`")),
    };
    if version < OLDEST_KERNEL {
        let (major, minor) = OLDEST_KERNEL;
        return Err(format!(
            "{release} is too old, {major}.{minor} is the oldest that works"
        ));
    }
    if !Path::new("/sys/kernel/btf/vmlinux").exists() {
        return Err(format!("{release} has no BTF (/sys/kernel/btf/vmlinux)"));
    }
    Ok(format!("{release}, with BTF"))
}
