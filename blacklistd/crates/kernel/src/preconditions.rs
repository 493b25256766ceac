//! What must be there before a program can be loaded.

use std::fs;
use std::path::{Path, PathBuf};

use nix::mount::{MsFlags, mount};
use nix::sys::statfs::{BPF_FS_MAGIC, statfs};

use super::KernelError;

const NET_ADMIN: u32 = 12;
const SYS_ADMIN: u32 = 21;
const PERFMON: u32 = 38;
const BPF: u32 = 39;

/// Oldest kernel that has all that the program uses.
const OLDEST: (u32, u32) = (6, 1);

/// Where distributions mount the bpf file system.
const USUAL_MOUNT: &str = "/sys/fs/bpf";

/// Checks capabilities, kernel version and BTF.
pub(super) fn check() -> Result<(), KernelError> {
    let status = fs::read_to_string("/proc/self/status")
        .map_err(|error| KernelError::failed("reading /proc/self/status", error))?;
    check_capabilities(effective_capabilities(&status))?;
    check_version(&release()?)?;
    if Path::new("/sys/kernel/btf/vmlinux").exists() {
        Ok(())
    } else {
        Err(KernelError::NoBtf)
    }
}

fn effective_capabilities(status: &str) -> u64 {
    status
        .lines()
        .find_map(|line| line.strip_prefix("CapEff:"))
        .and_then(|text| u64::from_str_radix(text.trim(), 16).ok())
        .unwrap_or(0)
}

fn check_capabilities(effective: u64) -> Result<(), KernelError> {
    let has = |capability: u32| effective >> capability & 1 != 0;
    if has(SYS_ADMIN) && has(NET_ADMIN) {
        return Ok(());
    }
    for (capability, name) in [
        (BPF, "CAP_BPF"),
        (NET_ADMIN, "CAP_NET_ADMIN"),
        (PERFMON, "CAP_PERFMON"),
    ] {
        if !has(capability) {
            return Err(KernelError::MissingCapability(name));
        }
    }
    Ok(())
}

/// The kernel's name for its version.
pub(super) fn release() -> Result<String, KernelError> {
    fs::read_to_string("/proc/sys/kernel/osrelease")
        .map(|release| release.trim().to_owned())
        .map_err(|error| KernelError::failed("reading the kernel's version", error))
}

/// Whether a version is an earlier one; one that is written otherwise than they all are is not.
pub(super) fn is_older(release: &str, than: (u32, u32)) -> bool {
    let mut parts = release
        .split(['.', '-'])
        .map(|part| part.parse::<u32>().ok());
    let version = (parts.next().flatten(), parts.next().flatten());
    matches!(version, (Some(major), Some(minor)) if (major, minor) < than)
}

fn check_version(release: &str) -> Result<(), KernelError> {
    if is_older(release, OLDEST) {
        return Err(KernelError::TooOld(release.to_owned()));
    }
    Ok(())
}

/// Makes sure that the pin directory is on a bpf file system; mounts the usual one where it is
/// meant and missing.
pub(super) fn check_pin_directory(directory: &Path) -> Result<(), KernelError> {
    let existing = nearest_existing(directory);
    if is_bpf(&existing) {
        return Ok(());
    }
    if directory.starts_with(USUAL_MOUNT) && Path::new(USUAL_MOUNT).is_dir() {
        let mounted = mount(
            Some("bpf"),
            USUAL_MOUNT,
            Some("bpf"),
            MsFlags::MS_NOSUID | MsFlags::MS_NODEV | MsFlags::MS_NOEXEC,
            Some("mode=0700"),
        );
        if mounted.is_ok() {
            return Ok(());
        }
    }
    Err(KernelError::NotBpfFileSystem {
        directory: directory.to_owned(),
        mount: if directory.starts_with(USUAL_MOUNT) {
            PathBuf::from(USUAL_MOUNT)
        } else {
            existing
        },
    })
}

fn nearest_existing(path: &Path) -> PathBuf {
    path.ancestors()
        .find(|ancestor| ancestor.exists())
        .unwrap_or(Path::new("/"))
        .to_owned()
}

fn is_bpf(path: &Path) -> bool {
    statfs(path).is_ok_and(|status| status.filesystem_type() == BPF_FS_MAGIC)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_the_missing_capability() {
        let all = 1 << BPF | 1 << NET_ADMIN | 1 << PERFMON;
        assert!(check_capabilities(all).is_ok());
        assert!(check_capabilities(1 << SYS_ADMIN | 1 << NET_ADMIN).is_ok());
        for (bit, name) in [
            (BPF, "CAP_BPF"),
            (NET_ADMIN, "CAP_NET_ADMIN"),
            (PERFMON, "CAP_PERFMON"),
        ] {
            let error = check_capabilities(all & !(1 << bit))
                .unwrap_err()
                .to_string();
            assert!(
                error.contains(&format!("missing capability {name}")),
                "{error}"
            );
        }
    }

    #[test]
    fn kernel_versions() {
        for (release, fits) in [
            ("6.1.0-42-cloud-amd64", true),
            ("6.18.44", true),
            ("7.0", true),
            ("5.15.0-generic", false),
            ("6.0.9", false),
            ("strange", true),
        ] {
            assert_eq!(check_version(release).is_ok(), fits, "{release}");
        }
    }

    #[test]
    fn effective_capabilities_of_a_status() {
        assert_eq!(
            effective_capabilities("Name:\tx\nCapEff:\t00000000000000ff\n"),
            0xff
        );
        assert_eq!(effective_capabilities("Name:\tx\n"), 0);
    }

    #[test]
    fn a_folder_on_another_file_system_is_named() {
        let error = check_pin_directory(Path::new("/proc/self/blacklist")).unwrap_err();
        assert!(
            error.to_string().contains("not on a bpf file system"),
            "{error}"
        );
    }
}
