//! Processor time that a server has taken, all of its processes together.

use std::path::Path;

use anyhow::Context as _;

/// Ticks of a second (`sysconf(_SC_CLK_TCK)`, 100 on every Linux).
const TICKS: f64 = 100.0;

/// User and system time of a process, its threads and its children, in seconds.
pub(crate) fn seconds(process: u32) -> anyhow::Result<f64> {
    let mut ticks = 0;
    for entry in std::fs::read_dir("/proc")? {
        let path = entry?.path();
        if let Some((id, parent, more)) = read(&path)
            && (id == process || parent == process)
        {
            ticks += more;
        }
    }
    let ticks = u32::try_from(ticks).context("a processor time that no run has")?;
    Ok(f64::from(ticks) / TICKS)
}

/// Id, parent and ticks of a process (proc(5), `stat`).
fn read(path: &Path) -> Option<(u32, u32, u64)> {
    let id = path.file_name()?.to_str()?.parse().ok()?;
    let stat = std::fs::read_to_string(path.join("stat")).ok()?;
    // The name may hold blanks and brackets.
    let (_, rest) = stat.rsplit_once(") ")?;
    let words: Vec<&str> = rest.split(' ').collect();
    let number = |place: usize| words.get(place)?.parse::<u64>().ok();
    let parent = u32::try_from(number(1)?).ok()?;
    Some((id, parent, number(11)? + number(12)?))
}
