//! What the machine has instead of a disk: our own program as its first process, the daemon, the
//! programs that the labs call, with their libraries, and the kernel's modules.

use std::fs::File;
use std::io::BufWriter;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, bail};

use super::archive::Archive;
use crate::Lab;
use xtask::peers::Kernel;
use xtask::workspace;

/// Our own program inside.
pub(super) const FIRST: &str = "/labs";
/// The daemon inside.
pub(super) const DAEMON: &str = "/blacklistd";
/// The workspace inside.
pub(super) const ROOT: &str = "/workspace";
/// Its target folder.
pub(super) const TARGET: &str = "/workspace/target";
/// The modules inside, by the order in which they are loaded.
pub(super) const MODULES: &str = "/modules";
/// Folders that file systems are mounted on or that programs expect.
pub(super) const MOUNTS: [&str; 5] = ["/proc", "/sys", "/dev", "/run", "/tmp"];

/// Those that labs call.
const PROGRAMS: [&str; 4] = ["ip", "tc", "ethtool", "sipp"];
/// Where programs are that only their names are said of.
pub(super) const PATH: &str = "/usr/bin";
/// What sipp reads of a terminal that is none.
const TERMINALS: [&str; 2] = ["/lib/terminfo/d/dumb", "/usr/share/terminfo/d/dumb"];
/// Modules by their file, each behind those that it needs.
const LOADED: [&str; 8] = [
    "net/llc/llc.ko",
    "net/802/stp.ko",
    "net/802/garp.ko",
    "net/802/mrp.ko",
    "net/8021q/8021q.ko",
    "drivers/net/veth.ko",
    "net/sched/sch_ingress.ko",
    "net/sched/cls_bpf.ko",
];

/// Writes it to a file; how long it is.
pub(super) fn make(lab: &Lab, kernel: &Kernel, file: &Path) -> Result<u64> {
    let out = File::create(file).with_context(|| format!("cannot create {}", file.display()))?;
    let mut archive = Archive::new(BufWriter::new(out));
    for folder in MOUNTS {
        archive.folder(folder)?;
    }
    let own = std::env::current_exe().context("cannot find our own program")?;
    program(&mut archive, &own, FIRST)?;
    program(&mut archive, &lab.blacklistd, DAEMON)?;
    for name in PROGRAMS {
        let path = workspace::find_program(name)
            .with_context(|| format!("there is no {name}: run `cargo xtask setup`"))?;
        program(&mut archive, &path, &format!("{PATH}/{name}"))?;
    }
    for terminal in TERMINALS {
        if Path::new(terminal).exists() {
            archive.copy(Path::new(terminal), terminal)?;
        }
    }
    let scenarios = workspace::root()?.join("tests/scenarios");
    for entry in std::fs::read_dir(&scenarios)? {
        let name = entry?.file_name();
        let inside = format!("{ROOT}/tests/scenarios/{}", name.to_string_lossy());
        archive.copy(&scenarios.join(&name), &inside)?;
    }
    for (place, module) in LOADED.iter().enumerate() {
        let from = kernel.modules.join("kernel").join(module);
        archive.copy(&from, &format!("{MODULES}/{place}.ko"))?;
    }
    Ok(archive.end()?.into_inner()?.metadata()?.len())
}

/// Adds a program with its libraries, each where it is here.
fn program(archive: &mut Archive<impl std::io::Write>, from: &Path, name: &str) -> Result<()> {
    archive.copy(from, name)?;
    let listed = workspace::output_of(Command::new("ldd").arg(from))?;
    for line in listed.lines() {
        match library(line) {
            Ok(Some(path)) => archive.copy(Path::new(path), path)?,
            Ok(None) => {}
            Err(()) => bail!(
                "a library of {} is missing: {}",
                from.display(),
                line.trim()
            ),
        }
    }
    Ok(())
}

/// The file of a library that `ldd` lists; none for what has no file.
fn library(line: &str) -> Result<Option<&str>, ()> {
    let place = line.split_once(" => ").map_or(line, |(_, place)| place);
    if place.trim() == "not found" {
        return Err(());
    }
    let path = place.trim().split(' ').next();
    Ok(path.filter(|path| path.starts_with('/')))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_ldd_lists() {
        for (line, path) in [
            ("\tlinux-vdso.so.1 (0x00007ffd4)", Ok(None)),
            (
                "\tlibc.so.6 => /lib/libc.so.6 (0x7f)",
                Ok(Some("/lib/libc.so.6")),
            ),
            ("\t/lib64/ld.so.2 (0x7f)", Ok(Some("/lib64/ld.so.2"))),
            ("\tlibx.so => not found", Err(())),
        ] {
            assert_eq!(library(line), path, "{line}");
        }
    }
}
