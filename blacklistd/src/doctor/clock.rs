//! Whether the host's clock is held right: schedules, feeds and the log's times follow it.

use blacklist_wire::Finding;

const SUBJECT: &str = "clock";
/// Before this, in seconds since 1970, no blacklistd was built: 2026-01-01.
const BUILT: i64 = 1_767_225_600;

pub(super) fn examine() -> Finding {
    judge(jiff::Timestamp::now().as_second(), is_held())
}

/// Whether somebody holds the clock right (`adjtimex(2)`); none if the kernel does not say.
fn is_held() -> Option<bool> {
    // SAFETY: all bytes zero are a valid value of this structure of integers.
    let mut time: nix::libc::timex = unsafe { std::mem::zeroed() };
    // SAFETY: with `modes` of zero the call only fills the structure that it is given.
    let state = unsafe { nix::libc::adjtimex(&raw mut time) };
    if state < 0 {
        return None;
    }
    Some(state != nix::libc::TIME_ERROR && time.status & nix::libc::STA_UNSYNC == 0)
}

fn judge(now: i64, held: Option<bool>) -> Finding {
    if now < BUILT {
        return Finding::wrong(
            SUBJECT,
            "the clock is years behind: schedules and the log are wrong",
            "set it, and let chrony or systemd-timesyncd hold it",
        );
    }
    match held {
        Some(true) => Finding::well(SUBJECT, "the clock is held by a time server"),
        Some(false) => Finding::warning(
            SUBJECT,
            "nobody holds the clock right: schedules, expiry and the log's times drift",
            "install chrony or enable systemd-timesyncd",
        ),
        None => Finding::note(
            SUBJECT,
            "the kernel does not say whether the clock is held",
            "",
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use blacklist_wire::Level;

    #[test]
    fn clocks() {
        let rows = [
            (BUILT - 1, Some(true), Level::Wrong),
            (BUILT, Some(true), Level::Well),
            (BUILT, Some(false), Level::Warning),
            (BUILT, None, Level::Note),
        ];
        for (now, held, level) in rows {
            assert_eq!(judge(now, held).level, level, "{now} {held:?}");
        }
    }
}
