//! What a process holds.

use anyhow::Context as _;

/// Bytes that a process holds in memory (proc(5), `VmRSS`).
pub(crate) fn held(process: &str) -> anyhow::Result<f64> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status"))?;
    let kibibytes = status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))
        .and_then(|rest| rest.trim().strip_suffix(" kB"))
        .context("no VmRSS")?;
    let kibibytes: f64 = kibibytes.trim().parse()?;
    Ok(kibibytes * 1024.0)
}
