//! A bpf file system of one's own, gone with its guard.

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use nix::mount::{MntFlags, MsFlags, mount, umount2};

/// A mounted bpf file system in a temporary folder.
#[derive(Debug)]
pub struct PrivateBpf {
    path: PathBuf,
}

impl PrivateBpf {
    /// Mounts one.
    ///
    /// # Errors
    /// Without root.
    pub fn mount() -> anyhow::Result<Self> {
        static NEXT: std::sync::atomic::AtomicU32 = std::sync::atomic::AtomicU32::new(0);
        let number = NEXT.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        let name = format!("blacklist-bpf-{}-{number}", std::process::id());
        let path = std::env::temp_dir().join(name);
        std::fs::create_dir(&path).with_context(|| format!("making {}", path.display()))?;
        let guard = Self { path };
        mount(
            Some("bpf"),
            &guard.path,
            Some("bpf"),
            MsFlags::empty(),
            Some("mode=0700"),
        )
        .context("mounting a bpf file system: run as root, by `cargo xtask test`")?;
        Ok(guard)
    }

    /// Where it is mounted.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for PrivateBpf {
    fn drop(&mut self) {
        let _ = umount2(&self.path, MntFlags::MNT_DETACH);
        drop(std::fs::remove_dir(&self.path));
    }
}
