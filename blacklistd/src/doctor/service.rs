//! The running daemon, as it sees itself.

use crate::config::{Configuration, Mode};
use blacklist_figures::Status;
use blacklist_wire::Finding;

const SUBJECT: &str = "daemon";

pub(super) fn examine(configuration: &Configuration, status: Option<&Status>) -> Vec<Finding> {
    let Some(status) = status else {
        return vec![Finding::wrong(
            SUBJECT,
            format!(
                "blacklistd does not answer on {}",
                configuration.control_socket.display()
            ),
            "systemctl start blacklistd, then `journalctl -u blacklistd`; or run this as root",
        )];
    };
    let mut findings = in_the_way(status);
    findings.extend(unusual(configuration, status));
    if findings.is_empty() {
        findings.push(Finding::well(
            SUBJECT,
            format!("blacklistd runs, {} rules in force", status.rules.in_force),
        ));
    }
    findings
}

/// What keeps calls from being judged.
fn in_the_way(status: &Status) -> Vec<Finding> {
    let mut findings: Vec<Finding> = status
        .daemon
        .problems
        .iter()
        .map(|problem| Finding::wrong(SUBJECT, problem.clone(), "see `blacklistd status`"))
        .collect();
    for interface in status.daemon.interfaces.iter().filter(|one| !one.attached) {
        findings.push(Finding::wrong(
            SUBJECT,
            format!("packets of {} are not judged", interface.name),
            "systemctl restart blacklistd; its log says what is in the way",
        ));
    }
    findings
}

/// What may be meant so.
fn unusual(configuration: &Configuration, status: &Status) -> Vec<Finding> {
    let mut findings = Vec::new();
    if configuration.mode == Mode::Monitor {
        findings.push(Finding::note(
            SUBJECT,
            "the mode is monitor: nothing is blocked",
            "when `blacklistd calls` shows what you expect, set mode = \"enforce\" and reload",
        ));
    }
    if status.daemon.mode != configuration.mode.as_str() {
        findings.push(Finding::warning(
            SUBJECT,
            format!(
                "the file says {}, and {} is in force",
                configuration.mode.as_str(),
                status.daemon.mode
            ),
            "systemctl reload blacklistd",
        ));
    }
    if status.rules.in_force == 0 {
        findings.push(Finding::note(
            SUBJECT,
            "no rule is in force",
            "add one: blacklistd rule add NUMBER",
        ));
    }
    if status.daemon.events.lost > 0 {
        findings.push(Finding::warning(
            SUBJECT,
            format!(
                "{} blocked calls did not get into the log",
                status.daemon.events.lost
            ),
            "set event_bytes in [kernel] to twice as much, and restart",
        ));
    }
    findings
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use blacklist_wire::Level;

    #[test]
    fn what_the_daemon_says() {
        let configuration =
            crate::config::parse(Path::new("t"), "[[interface]]\nname = \"eth0\"\n").unwrap();
        let status = |mode: &str, attached: bool, rules: u64, lost: u64, problems: &[&str]| {
            serde_json::from_value::<Status>(serde_json::json!({
                "version": "0.1.0", "abi_version": 1, "mode": mode, "health": "ok",
                "problems": problems, "generation": 3,
                "interfaces": [{"name": "eth0", "index": 2, "xdp_mode": "native", "attached": attached}],
                "rules": {"total": 1, "enabled": 1, "disabled": 0, "in_force": rules, "exact": 1, "prefix": 0,
                    "wildcard": 0, "anonymous": 0, "unverified": 0, "everything": 0, "allow": 0, "block": 1,
                    "timed": 0, "in_kernel": 1, "in_user_space": 0, "lists": 1, "scopes": 1},
                "blocked": {"calls": 1, "packets": 7}, "monitored": {"calls": 0, "packets": 0},
                "outcomes": {}, "events": {"received": 1, "lost": lost}, "trunks": [],
                "pin_directory": "/sys/fs/bpf/blacklist"
            }))
            .unwrap()
        };
        let rows = [
            (
                "well",
                Some(status("enforce", true, 1, 0, &[])),
                Level::Well,
            ),
            ("away", None, Level::Wrong),
            (
                "a problem",
                Some(status("enforce", true, 1, 0, &["x"])),
                Level::Wrong,
            ),
            (
                "not attached",
                Some(status("enforce", false, 1, 0, &[])),
                Level::Wrong,
            ),
            (
                "another mode",
                Some(status("monitor", true, 1, 0, &[])),
                Level::Warning,
            ),
            (
                "no rules",
                Some(status("enforce", true, 0, 0, &[])),
                Level::Note,
            ),
            (
                "lost",
                Some(status("enforce", true, 1, 5, &[])),
                Level::Warning,
            ),
        ];
        for (name, status, level) in rows {
            let found = examine(&configuration, status.as_ref());
            assert_eq!((found.len(), found[0].level), (1, level), "{name}");
        }
    }
}
