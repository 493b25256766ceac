//! `setup`: finds what the build and the labs need, says what is missing and how it will be
//! installed, asks, installs. Every other command begins with [`ensure`], which is silent when
//! all is there.

use std::io::{BufRead, IsTerminal, Write};
use std::path::Path;
use std::process::{Command, ExitCode};

use anyhow::{Context, Result, bail};

use crate::ebpf_toolchain::{
    self, BPF_LINKER_PACKAGES, BPF_LINKER_VERSION, DEBIAN_PACKAGES, LLVM_MAJOR, LLVM_PREFIX,
    RUSTUP_TOOLCHAIN,
};
use crate::{peers, privilege, workspace};

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

/// What can be asked of the set-up.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Install without asking
    #[arg(long)]
    yes: bool,
    /// Only report; exit code 1 if anything is missing
    #[arg(long)]
    check: bool,
}

/// What the set-up is for.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum For {
    /// Compiling.
    Build,
    /// Compiling, then running the program in namespaces, with real SIP clients.
    Lab,
    /// All labs, with whatever the program works beside.
    AllLabs,
}

/// One thing that is needed.
struct Need {
    what: &'static str,
    /// What was found, or what is wrong.
    found: Result<String, String>,
    cure: Cure,
    /// The least that it is needed for.
    purpose: For,
}

/// How a missing thing is come by.
enum Cure {
    /// Debian packages.
    Packages(&'static [&'static str]),
    /// Debian packages that are unpacked into the target folder and not installed.
    Unpacked(&'static [&'static str]),
    /// bpf-linker, compiled here.
    BpfLinker,
    /// By hand: a sentence that says what to do.
    ByHand(String),
}

/// Runs the command.
pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode> {
    let needs = needs();
    for need in &needs {
        match &need.found {
            Ok(found) => println!("ok       {:<15} {found}", need.what),
            Err(problem) => println!("missing  {:<15} {problem}", need.what),
        }
    }
    let missing: Vec<&Need> = needs.iter().filter(|need| need.found.is_err()).collect();
    if missing.is_empty() {
        println!("everything is there");
        return Ok(ExitCode::SUCCESS);
    }
    if arguments.check {
        for line in by_hand(&missing) {
            println!("by hand  {line}");
        }
        for line in plan(&missing)? {
            println!("to do    {line}");
        }
        return Ok(ExitCode::FAILURE);
    }
    install(&missing, arguments.yes)?;
    Ok(ExitCode::SUCCESS)
}

/// Sees to it that everything is there; asks before it installs, unless told not to.
pub(crate) fn ensure(purpose: For, yes: bool) -> Result<()> {
    let needs = needs();
    let missing: Vec<&Need> = needs
        .iter()
        .filter(|need| need.found.is_err() && need.purpose <= purpose)
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    for need in &missing {
        if let Err(problem) = &need.found {
            eprintln!("xtask: missing: {}: {problem}", need.what);
        }
    }
    install(&missing, yes)
}

fn needs() -> Vec<Need> {
    let program = |what, name: &str, packages, purpose| Need {
        what,
        found: workspace::find_program(name)
            .map(|path| path.display().to_string())
            .ok_or_else(|| format!("no program {name}")),
        cure: Cure::Packages(packages),
        purpose,
    };
    let mut needs = vec![
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
        program("interface settings", "ethtool", &["ethtool"], For::AllLabs),
        program("bpftool", "bpftool", &["bpftool"], For::Lab),
        peer("Prometheus", "prometheus", &["prometheus"]),
        peer("phone", "baresip", BARESIP_PACKAGES),
        Need {
            found: peers::whole_kamailio(),
            ..peer("proxy", "kamailio", peers::KAMAILIO)
        },
    ];
    if peers::HAS_OLDEST_KERNEL {
        needs.push(program(
            "machine",
            "qemu-system-x86_64",
            &["qemu-system-x86"],
            For::AllLabs,
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
        purpose: For::AllLabs,
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
        purpose: For::AllLabs,
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

/// Debian packages, each once.
fn packages(missing: &[&Need]) -> Vec<&'static str> {
    let mut packages = Vec::new();
    for need in missing {
        let wanted: &[&str] = match &need.cure {
            Cure::Packages(wanted) => wanted,
            Cure::BpfLinker => BPF_LINKER_PACKAGES,
            Cure::ByHand(_) | Cure::Unpacked(_) => &[],
        };
        packages.extend(
            wanted
                .iter()
                .filter(|package| !packages.contains(*package))
                .copied()
                .collect::<Vec<_>>(),
        );
    }
    packages
}

/// Debian packages that are unpacked, each once.
fn unpacked(missing: &[&Need]) -> Vec<&'static str> {
    let wanted = |need: &&Need| match &need.cure {
        Cure::Unpacked(wanted) => wanted.to_vec(),
        Cure::Packages(_) | Cure::BpfLinker | Cure::ByHand(_) => Vec::new(),
    };
    let mut packages: Vec<&str> = missing.iter().flat_map(wanted).collect();
    packages.sort_unstable();
    packages.dedup();
    packages
}

/// What a person has to do first, a line each.
fn by_hand(missing: &[&Need]) -> Vec<String> {
    let cure = |need: &&Need| match &need.cure {
        Cure::ByHand(cure) => Some(format!("{}: {cure}", need.what)),
        Cure::Packages(_) | Cure::Unpacked(_) | Cure::BpfLinker => None,
    };
    missing.iter().filter_map(cure).collect()
}

/// What will be done, a line each; fails if it cannot be done from here.
fn plan(missing: &[&Need]) -> Result<Vec<String>> {
    let mut lines = Vec::new();
    let packages = packages(missing);
    if !packages.is_empty() {
        if workspace::find_program("apt-get").is_none() {
            bail!(
                "there is no apt-get here; install what corresponds to Debian's {}",
                packages.join(" ")
            );
        }
        if !privilege::is_reachable() {
            bail!(
                "installing {} needs root, and there is no sudo: run this as root",
                packages.join(" ")
            );
        }
        lines.push(format!("apt-get install {}", packages.join(" ")));
    }
    let unpacked = unpacked(missing);
    if !unpacked.is_empty() {
        if workspace::find_program("apt-get").is_none() {
            bail!(
                "there is no apt-get here; install what corresponds to Debian's {}",
                unpacked.join(" ")
            );
        }
        lines.push(format!(
            "apt-get download {} (unpacked into the target folder, not installed)",
            unpacked.join(" ")
        ));
    }
    if missing
        .iter()
        .any(|need| matches!(need.cure, Cure::BpfLinker))
    {
        lines.push(format!(
            "cargo install bpf-linker {BPF_LINKER_VERSION} (with LLVM {LLVM_MAJOR}, about a minute)"
        ));
    }
    Ok(lines)
}

fn install(missing: &[&Need], yes: bool) -> Result<()> {
    let first = by_hand(missing);
    if !first.is_empty() {
        bail!("this cannot be installed from here: {}", first.join("; "));
    }
    let steps = plan(missing)?;
    eprintln!("xtask: will run:");
    for step in &steps {
        eprintln!("  {step}");
    }
    if !yes && !agreed()? {
        bail!("nothing was installed; `cargo xtask setup` lists what is missing");
    }
    let packages = packages(missing);
    if !packages.is_empty() {
        install_packages(&packages)?;
    }
    if missing
        .iter()
        .any(|need| matches!(need.cure, Cure::BpfLinker))
    {
        install_bpf_linker()?;
    }
    let unpacked = unpacked(missing);
    if !unpacked.is_empty() {
        peers::unpack(&unpacked)?;
    }
    let left: Vec<String> = needs()
        .into_iter()
        .filter(|need| missing.iter().any(|missed| missed.what == need.what))
        .filter_map(|need| {
            need.found
                .err()
                .map(|problem| format!("{}: {problem}", need.what))
        })
        .collect();
    if !left.is_empty() {
        bail!("still missing after the installation: {}", left.join("; "));
    }
    eprintln!("xtask: everything is there");
    Ok(())
}

fn agreed() -> Result<bool> {
    if !std::io::stdin().is_terminal() {
        bail!("there is nobody to ask; give --yes to install without asking");
    }
    eprint!("go on? [y/N] ");
    std::io::stderr().flush()?;
    let mut answer = String::new();
    std::io::stdin().lock().read_line(&mut answer)?;
    Ok(matches!(answer.trim(), "y" | "Y" | "yes"))
}

fn install_packages(packages: &[&str]) -> Result<()> {
    let quiet = [("DEBIAN_FRONTEND", "noninteractive".as_ref())];
    workspace::run(privilege::command("apt-get", &quiet)?.arg("update"))?;
    workspace::run(
        privilege::command("apt-get", &quiet)?
            .args(["install", "--yes", "--no-install-recommends"])
            .args(packages),
    )
    .with_context(|| {
        format!(
            "Debian 12 with its security updates has {}; is it this system?",
            packages.join(" ")
        )
    })
}

fn install_bpf_linker() -> Result<()> {
    let mut command: Command = workspace::cargo()?;
    command
        .args([
            "install",
            "bpf-linker",
            "--version",
            &format!("={BPF_LINKER_VERSION}"),
        ])
        .args(["--locked", "--force", "--no-default-features"])
        .args(["--features", &format!("llvm-{LLVM_MAJOR}")])
        .env("LLVM_PREFIX", LLVM_PREFIX);
    // The variables of the build that runs us must not reach another package's.
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("CARGO_PKG_") {
            command.env_remove(&name);
        }
    }
    workspace::run(&mut command)
}
