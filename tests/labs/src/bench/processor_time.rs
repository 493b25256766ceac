//! How long processes have computed, as /proc says.

use std::collections::{HashMap, HashSet};
use std::fs;
use std::time::Duration;

use anyhow::{Context as _, Result};

/// What /proc counts in: USER_HZ is 100 wherever Linux runs that has eBPF.
pub(super) const TICK: Duration = Duration::from_millis(10);

/// What a line of /proc/PID/stat says.
struct Stat {
    parent: u32,
    computed: Duration,
}

/// The time that a process and all that it has started have computed, for themselves and in system
/// calls. What has ended is not in it.
pub(super) fn of(process: u32) -> Result<Duration> {
    let mut all = HashMap::new();
    for entry in fs::read_dir("/proc")? {
        let name = entry?.file_name();
        let Some(id) = name.to_str().and_then(|name| name.parse().ok()) else {
            continue;
        };
        // One that ends meanwhile.
        if let Some(stat) = read(id) {
            all.insert(id, stat);
        }
    }
    all.get(&process)
        .with_context(|| format!("process {process} has ended"))?;
    let mut family = HashSet::from([process]);
    loop {
        let before = family.len();
        let born = all.iter().filter(|(_, stat)| family.contains(&stat.parent));
        let born: Vec<u32> = born.map(|(id, _)| *id).collect();
        family.extend(born);
        if family.len() == before {
            break;
        }
    }
    let times = family.iter().filter_map(|id| all.get(id));
    Ok(times.map(|stat| stat.computed).sum())
}

fn read(process: u32) -> Option<Stat> {
    parse(&fs::read_to_string(format!("/proc/{process}/stat")).ok()?)
}

/// The second field is the name, which may have blanks and brackets in it.
fn parse(text: &str) -> Option<Stat> {
    let (_, fields) = text.rsplit_once(") ")?;
    let fields: Vec<&str> = fields.split(' ').collect();
    let ticks = |place: usize| fields.get(place)?.parse::<u32>().ok();
    Some(Stat {
        parent: fields.get(1)?.parse().ok()?,
        computed: TICK * (ticks(11)? + ticks(12)?),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_with_blanks_and_brackets_is_skipped() {
        let line = "7 (a) b) S 3 7 7 0 -1 4194304 1 2 3 4 25 17 0 0 20 0 1 0 5 6 7";
        let stat = parse(line).unwrap();
        assert_eq!(stat.parent, 3);
        assert_eq!(stat.computed, Duration::from_millis(420));
    }

    #[test]
    fn we_have_computed_and_a_stranger_has_ended() {
        assert!(of(std::process::id()).is_ok());
        assert!(of(u32::MAX).is_err());
    }
}
