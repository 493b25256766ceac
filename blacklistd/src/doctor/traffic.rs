//! What really comes, against trunks and dial plans: calls that passed lately, and what became of
//! packets.

use std::collections::BTreeMap;

use blacklist_figures::{PassedCall, Status};
use blacklist_wire::{DaemonView, Finding};

use super::trunk_exists;
use crate::config::Configuration;
use blacklist_model::count;

const TRUNKS: &str = "trunks";
const NUMBERS: &str = "dial plan";
const PACKETS: &str = "packets";

/// Calls below which nothing is concluded.
const FEW: usize = 5;
/// Addresses and numbers that are named.
const NAMED: usize = 5;
/// Digits from which a number that stayed as dialled was meant to be a whole one.
const WHOLE: usize = 7;

pub(super) fn examine(configuration: &Configuration, daemon: &DaemonView) -> Vec<Finding> {
    let Some(status) = &daemon.status else {
        return Vec::new();
    };
    let mut findings = packets(status);
    if daemon.seen.len() < FEW {
        findings.push(Finding::note(
            TRUNKS,
            format!(
                "only {} passed lately: too few to look at trunks and numbers",
                count(daemon.seen.len(), "call")
            ),
            "run this again when calls have come",
        ));
        return findings;
    }
    findings.extend(trunks(configuration, &daemon.seen));
    findings.extend(numbers(&daemon.seen));
    findings
}

/// What became of packets.
fn packets(status: &Status) -> Vec<Finding> {
    let calls = |outcomes: &[&str]| -> u64 {
        outcomes
            .iter()
            .filter_map(|outcome| status.daemon.outcomes.get(*outcome))
            .map(|counts| counts.packets)
            .sum()
    };
    let judged = calls(&[
        "no-rule",
        "allowed",
        "dropped",
        "monitored",
        "steered",
        "unanswered",
        "user-space",
    ]);
    let ambiguous = calls(&[
        "too-long",
        "truncated",
        "bad-start-line",
        "bare-cr",
        "missing-header",
        "repeated-header",
        "open-quote",
        "bad-address",
        "folded-uri",
        "several-addresses",
        "identity-conflict",
        "nul-in-user",
    ]);
    let other = calls(&["other-port"]);
    let mut findings = Vec::new();
    if judged == 0 && other > 0 {
        findings.push(Finding::warning(
            PACKETS,
            format!("no call was judged, and {other} UDP packets went to other ports"),
            "correct ports and [[interface]]: calls arrive elsewhere",
        ));
    }
    if ambiguous * 100 > judged && ambiguous > 0 {
        findings.push(Finding::warning(
            PACKETS,
            format!("{ambiguous} INVITEs could be read in more than one way, beside {judged} that were judged"),
            "`blacklistd status` says why; let the proxy ask ([companion]), which reads them in every way",
        ));
    }
    findings
}

/// Addresses that no trunk names, and trunks that nobody calls from.
fn trunks(configuration: &Configuration, seen: &[PassedCall]) -> Vec<Finding> {
    let mut strangers: BTreeMap<&str, usize> = BTreeMap::new();
    for call in seen.iter().filter(|call| call.trunk.is_empty()) {
        *strangers.entry(call.source.as_str()).or_default() += 1;
    }
    let mut findings = Vec::new();
    if !strangers.is_empty() {
        let mut busiest: Vec<(&str, usize)> = strangers.into_iter().collect();
        busiest.sort_by_key(|(address, calls)| (std::cmp::Reverse(*calls), *address));
        let named: Vec<String> = busiest
            .iter()
            .take(NAMED)
            .map(|(address, calls)| format!("{address} ({calls})"))
            .collect();
        findings.push(Finding::warning(
            TRUNKS,
            format!(
                "calls come from {} addresses that no trunk names: {}",
                busiest.len(),
                named.join(", ")
            ),
            "add them to peers of their [[trunk]]: else only From is read, by default_dial_plan",
        ));
    }
    for trunk in &configuration.trunks {
        if !seen.iter().any(|call| call.trunk == trunk.name) {
            findings.push(Finding::note(
                TRUNKS,
                format!(
                    "none of {} came by trunk {}",
                    count(seen.len(), "call"),
                    trunk.name
                ),
                "compare its peers with the addresses from which it calls",
            ));
        }
    }
    if findings.is_empty() {
        findings.push(Finding::well(
            TRUNKS,
            format!(
                "{} came by the trunks of the configuration",
                count(seen.len(), "call")
            ),
        ));
    }
    let unknown =
        |call: &&PassedCall| !call.trunk.is_empty() && !trunk_exists(configuration, &call.trunk);
    if let Some(call) = seen.iter().find(unknown) {
        findings.push(Finding::note(
            TRUNKS,
            format!(
                "calls came by trunk {}, which the file has no more",
                call.trunk
            ),
            "systemctl reload blacklistd",
        ));
    }
    findings
}

/// Parties of calls that no dial plan makes a number of, by trunk.
fn numbers(seen: &[PassedCall]) -> Vec<Finding> {
    let mut odd: BTreeMap<&str, (usize, Vec<&str>)> = BTreeMap::new();
    let mut all: BTreeMap<&str, usize> = BTreeMap::new();
    for call in seen {
        *all.entry(call.trunk.as_str()).or_default() += 1;
        for (number, sent) in [
            (&call.caller, &call.caller_as_sent),
            (&call.called, &call.called_as_sent),
        ] {
            if is_odd(number, sent) {
                let (count, examples) = odd.entry(call.trunk.as_str()).or_default();
                *count += 1;
                if examples.len() < NAMED && !examples.contains(&sent.as_str()) {
                    examples.push(sent);
                }
            }
        }
    }
    let mut findings: Vec<Finding> = odd
        .into_iter()
        .map(|(trunk, (count, examples))| {
            let name = if trunk.is_empty() { "peers that no trunk names" } else { trunk };
            Finding::warning(
                NUMBERS,
                format!(
                    "{count} numbers in {} calls of {name} stay as they were dialled: {}",
                    all.get(trunk).copied().unwrap_or_default(),
                    examples.join(", ")
                ),
                "rules for whole numbers do not match them: give the trunk a dial_plan, and the plan these lengths and prefixes; `blacklistd check` shows what becomes of one",
            )
        })
        .collect();
    if findings.is_empty() {
        findings.push(Finding::well(NUMBERS, "whole numbers are read as such"));
    }
    findings
}

/// Whether something that looks like a whole number was not read as one.
fn is_odd(number: &str, sent: &str) -> bool {
    let digits = |text: &str| text.bytes().filter(u8::is_ascii_digit).count();
    let is_plain = |text: &str| {
        text.bytes()
            .all(|byte| byte.is_ascii_digit() || b"+-.() ".contains(&byte))
    };
    !number.starts_with('+') && digits(sent) >= WHOLE && is_plain(sent)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use blacklist_wire::Level;

    fn call(trunk: &str, source: &str, caller: &str, sent: &str) -> PassedCall {
        PassedCall {
            trunk: trunk.to_owned(),
            source: source.to_owned(),
            caller: caller.to_owned(),
            caller_as_sent: sent.to_owned(),
            called: "+13125550199".to_owned(),
            called_as_sent: "+13125550199".to_owned(),
            ..PassedCall::default()
        }
    }

    fn configuration() -> Configuration {
        let text =
            "[[interface]]\nname = \"eth0\"\n[[trunk]]\nname = \"a\"\npeers = [\"192.0.2.0/24\"]\n";
        crate::config::parse(Path::new("t"), text).unwrap()
    }

    #[test]
    fn trunks_that_are_called_from() {
        let from = |trunk: &str, source: &str| call(trunk, source, "+1", "+1");
        let rows = [
            (
                "all by trunks",
                vec![from("a", "192.0.2.1")],
                Level::Well,
                "by the trunks",
            ),
            (
                "a stranger",
                vec![
                    from("a", "192.0.2.1"),
                    from("", "203.0.113.9"),
                    from("", "203.0.113.9"),
                ],
                Level::Warning,
                "203.0.113.9 (2)",
            ),
            (
                "a trunk that does not call",
                vec![from("", "203.0.113.9")],
                Level::Warning,
                "1 addresses",
            ),
        ];
        for (name, seen, level, word) in rows {
            let found = trunks(&configuration(), &seen);
            assert_eq!(found[0].level, level, "{name}");
            assert!(
                found[0].finding.contains(word),
                "{name}: {}",
                found[0].finding
            );
        }
        let found = trunks(&configuration(), &[from("gone", "192.0.2.1")]);
        assert!(
            found
                .iter()
                .any(|finding| finding.finding.contains("which the file has no more"))
        );
    }

    #[test]
    fn numbers_that_stay_as_dialled() {
        let rows = [
            ("international", "+14155550100", "0014155550100", false),
            ("national, not known", "4155550100", "4155550100", true),
            ("with separators", "", "(415) 555-0100", true),
            ("an extension", "100", "100", false),
            ("a name", "alice1234567", "alice1234567", false),
            ("withheld", "", "anonymous", false),
        ];
        for (name, number, sent, odd) in rows {
            assert_eq!(is_odd(number, sent), odd, "{name}");
            let level = numbers(&[call("a", "192.0.2.1", number, sent)])[0].level;
            assert_eq!(level == Level::Warning, odd, "{name}");
        }
    }
}
