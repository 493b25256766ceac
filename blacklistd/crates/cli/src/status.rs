//! `blacklistd status`.

use super::client::Client;
use super::error::CliError;
use super::output;
use super::target::Target;
use blacklist_figures::{
    AnswerFigures, AttemptResult, CompanionFigures, Counts, HostFigures, PathFigures, RuleCounts,
    Status,
};

pub(super) fn run(client: &Client, json: bool) -> Result<String, CliError> {
    let status: Status = client.get(&Target::new("/v1/status"))?;
    if json {
        return output::json(&status);
    }
    Ok(view(&status))
}

fn counts(counts: Counts) -> String {
    format!(
        "{}, {}",
        blacklist_model::count(counts.calls, "call"),
        blacklist_model::count(counts.packets, "packet")
    )
}

/// The line that must not be overlooked, and the problems.
fn alarms(status: &Status) -> Vec<String> {
    let mut lines = Vec::new();
    if status.daemon.mode == "monitor" {
        lines.push(
            "*** MONITOR MODE: NOTHING IS BLOCKED. Calls are decided, counted and logged, and all go through. ***".to_owned(),
        );
    } else {
        let watched: Vec<&str> = status
            .trunks
            .iter()
            .filter(|trunk| trunk.mode == "monitor")
            .map(|trunk| trunk.name.as_str())
            .collect();
        if !watched.is_empty() {
            lines.push(format!(
                "*** MONITOR MODE ON {}: calls of this trunk are counted and logged, and all go through. ***",
                watched.join(", ")
            ));
        }
    }
    lines.extend(
        status
            .daemon
            .problems
            .iter()
            .map(|problem| format!("!!! {problem}")),
    );
    lines
}

/// How many rules of each kind of pattern there are.
fn patterns(rules: &RuleCounts) -> String {
    let rows = [
        (rules.exact, "exact"),
        (rules.prefix, "prefix"),
        (rules.wildcard, "wildcard"),
        (rules.anonymous, "anonymous"),
        (rules.unverified, "unverified"),
        (rules.everything, "everything"),
    ];
    let texts: Vec<String> = rows
        .iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, name)| format!("{count} {name}"))
        .collect();
    if texts.is_empty() {
        "none".to_owned()
    } else {
        texts.join(", ")
    }
}

fn timed(status: &Status) -> String {
    let rules = blacklist_model::count(status.rules.timed, "rule");
    match &status.next_transition {
        Some(time) => format!("{rules}; the next starts or ends at {time}"),
        None => rules,
    }
}

fn summary(status: &Status) -> Vec<String> {
    let rules = &status.rules;
    let rows = [
        (
            "blacklistd",
            format!(
                "{} (tables of version {})",
                status.daemon.version, status.abi_version
            ),
        ),
        ("health", status.daemon.health.clone()),
        ("mode", status.daemon.mode.clone()),
        ("generation", status.daemon.generation.to_string()),
        (
            "rules",
            format!(
                "{} in force, {} enabled, {} disabled; {} block, {} allow",
                rules.in_force, rules.enabled, rules.disabled, rules.block, rules.allow
            ),
        ),
        ("patterns", patterns(rules)),
        (
            "decided in",
            format!(
                "kernel: {}, user space: {}",
                rules.in_kernel, rules.in_user_space
            ),
        ),
        (
            "lists",
            format!(
                "{}, {}",
                blacklist_model::count(rules.lists, "list"),
                blacklist_model::count(rules.scopes, "scope")
            ),
        ),
        ("timed", timed(status)),
        ("blocked", counts(status.blocked)),
        ("monitored", counts(status.monitored)),
        (
            "log",
            format!(
                "{} in {:.1} MiB; {} written since the start, {} lost",
                blacklist_model::count(rows(status), "call"),
                mebibytes(status.log.bytes),
                status.daemon.events.received,
                status.daemon.events.lost
            ),
        ),
        ("answers", answers(&status.answers)),
        ("media host", media(&status.media)),
        ("PINs", pins(status)),
        ("grants", format!("{} in force", status.grants)),
        ("asked", asked(&status.companion)),
        ("pinned in", status.pin_directory.clone()),
    ];
    rows.iter()
        .map(|(name, value)| format!("{name:<11} {value}"))
        .collect()
}

/// What was answered since the start, and what was not.
fn answers(answers: &AnswerFigures) -> String {
    let rows = [
        (answers.absorbed, "without need of an answer"),
        (answers.undecided, "left to their next repetition"),
        (answers.unreadable, "unreadable"),
        (answers.overload, "above maximum_per_second"),
        (answers.failed, "not sent"),
    ];
    let sent = answers
        .sent
        .iter()
        .map(|(status, count)| format!("{count} with {status}"));
    let others = rows
        .iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, what)| format!("{count} {what}"));
    let texts: Vec<String> = sent.chain(others).collect();
    if texts.is_empty() {
        "none since the start".to_owned()
    } else {
        format!("{} since the start", texts.join(", "))
    }
}

/// What the media host has done since the start.
fn media(media: &HostFigures) -> String {
    let rows = [
        (media.announced, "heard an announcement"),
        (media.tormented, "held"),
        (media.tormented_seconds / 60, "minutes held"),
        (media.asked_for_pin, "asked for a PIN"),
        (media.connected, "went on with a PIN"),
        (media.redirected, "diverted"),
        (media.refused_instead, "refused instead"),
        (media.flooded, "messages of floods"),
    ];
    let texts: Vec<String> = rows
        .iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, what)| format!("{count} {what}"))
        .collect();
    let now = blacklist_model::count(media.calls_now, "call");
    if texts.is_empty() {
        format!("{now} on the line; none since the start")
    } else {
        format!("{now} on the line; {} since the start", texts.join(", "))
    }
}

/// How many PINs there are, and what became of tries.
fn pins(status: &Status) -> String {
    let count = blacklist_model::count(status.pins, "scope");
    let tries: Vec<String> = AttemptResult::ALL
        .into_iter()
        .map(|tried| (status.pin_tries.with_result(tried), tried.as_str()))
        .filter(|(count, _)| *count > 0)
        .map(|(count, word)| format!("{count} {word}"))
        .collect();
    if tries.is_empty() {
        format!("{count}; no try since the start")
    } else {
        format!("{count}; tries since the start: {}", tries.join(", "))
    }
}

/// What the daemon was asked since the start, and what got no answer of its own.
fn asked(asked: &CompanionFigures) -> String {
    let rows = [
        (asked.udp, "by UDP"),
        (asked.tcp, "by TCP"),
        (asked.http, "by HTTP"),
        (asked.unreadable, "unreadable"),
        (asked.overload, "above maximum_per_second"),
        (asked.meanwhile, "while rules were put in force"),
        (asked.strangers, "from others than allow names"),
        (asked.closed, "connections closed"),
        (asked.failed, "answers not sent"),
    ];
    let texts: Vec<String> = rows
        .iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, what)| format!("{count} {what}"))
        .collect();
    if texts.is_empty() {
        "nothing since the start".to_owned()
    } else {
        format!("{} since the start", texts.join(", "))
    }
}

/// Who decided how many calls.
fn paths(status: &Status) -> Option<String> {
    let is_used = |path: &PathFigures| path.path == "companion" && *path != idle(&path.path);
    if !status.paths.iter().any(is_used) {
        return None;
    }
    let columns = [
        "calls by path",
        "passed",
        "blocked",
        "monitored",
        "ambiguous",
        "known",
    ];
    let mut table = output::table(columns, columns.get(1..).unwrap_or_default());
    for path in &status.paths {
        table.add_row([
            path.path.clone(),
            path.shares.passed.calls.to_string(),
            path.shares.blocked.calls.to_string(),
            path.shares.monitored.calls.to_string(),
            path.shares.ambiguous.calls.to_string(),
            path.known.calls.to_string(),
        ]);
    }
    Some(table.to_string())
}

fn idle(path: &str) -> PathFigures {
    PathFigures {
        path: path.to_owned(),
        ..PathFigures::default()
    }
}

/// Calls in the log.
const fn rows(status: &Status) -> u64 {
    let log = &status.log;
    if log.newest == 0 {
        return 0;
    }
    log.newest - log.oldest + 1
}

#[expect(
    clippy::cast_precision_loss,
    reason = "shown with one digit behind the point"
)]
fn mebibytes(bytes: u64) -> f64 {
    bytes as f64 / f64::from(1 << 20)
}

/// Where the log is shipped to, and how far.
fn sinks(status: &Status) -> Option<String> {
    if status.sinks.is_empty() {
        return None;
    }
    let columns = ["sink", "to", "delivered", "behind", "skipped", "state"];
    let mut table = output::table(columns, &["delivered", "behind", "skipped"]);
    for sink in &status.sinks {
        let state = match (&sink.failing_since, &sink.last_error) {
            (Some(since), Some(error)) => format!("failing since {since:.0}: {error}"),
            (Some(since), None) => format!("failing since {since:.0}"),
            (None, _) => "ok".to_owned(),
        };
        table.add_row([
            sink.name.clone(),
            sink.target.clone(),
            sink.delivered.to_string(),
            sink.behind
                .map(|behind| behind.to_string())
                .unwrap_or_default(),
            sink.skipped.to_string(),
            state,
        ]);
    }
    Some(table.to_string())
}

fn view(status: &Status) -> String {
    let mut parts = alarms(status);
    parts.extend(summary(status));
    let mut interfaces = output::table(
        ["interface", "index", "XDP", "judged", "answers by"],
        &["index"],
    );
    for interface in &status.daemon.interfaces {
        interfaces.add_row([
            interface.name.clone(),
            interface.index.to_string(),
            interface.xdp_mode.clone(),
            if interface.attached { "yes" } else { "NO" }.to_owned(),
            interface.reply_hook.clone().unwrap_or_default(),
        ]);
    }
    parts.push(interfaces.to_string());
    if !status.trunks.is_empty() {
        let mut trunks = output::table(["trunk", "peers", "direction", "mode"], &[]);
        for trunk in &status.trunks {
            trunks.add_row([
                trunk.name.clone(),
                trunk.peers.join(", "),
                trunk.direction.clone(),
                if trunk.bypass { "bypass" } else { &trunk.mode }.to_owned(),
            ]);
        }
        parts.push(trunks.to_string());
    }
    parts.extend(sinks(status));
    parts.extend(paths(status));
    let mut outcomes = output::table(
        ["what became of packets", "packets", "calls"],
        &["packets", "calls"],
    );
    let seen: Vec<_> = status
        .daemon
        .outcomes
        .iter()
        .filter(|(_, counts)| counts.packets > 0)
        .collect();
    for (name, counts) in &seen {
        let calls = if counts.calls > 0 {
            counts.calls.to_string()
        } else {
            String::new()
        };
        outcomes.add_row([(*name).clone(), counts.packets.to_string(), calls]);
    }
    if seen.is_empty() {
        parts.push("no packet has been seen yet".to_owned());
    } else {
        parts.push(outcomes.to_string());
    }
    parts.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn status(mode: &str, trunk_mode: &str) -> Status {
        serde_json::from_value(serde_json::json!({
            "version": "0.1.0", "abi_version": 1, "mode": mode, "health": "degraded",
            "problems": ["interface eth0 is gone"], "generation": 3,
            "interfaces": [{"name": "eth0", "index": 2, "xdp_mode": "native", "attached": false}],
            "rules": {"total": 1, "enabled": 1, "disabled": 0, "in_force": 1, "exact": 1, "prefix": 0, "wildcard": 0,
                "anonymous": 0, "unverified": 0, "everything": 0, "allow": 0, "block": 1, "timed": 0,
                "in_kernel": 1, "in_user_space": 0, "lists": 1, "scopes": 1},
            "blocked": {"calls": 1, "packets": 7}, "monitored": {"calls": 0, "packets": 0},
            "outcomes": {"dropped": {"calls": 1, "packets": 7}, "tcp": {"calls": 0, "packets": 0}},
            "events": {"received": 1, "lost": 0},
            "trunks": [{"name": "carrier", "peers": ["192.0.2.0/24"], "mode": trunk_mode, "direction": "inbound", "bypass": false}],
            "pin_directory": "/sys/fs/bpf/blacklist"
        }))
        .unwrap()
    }

    #[test]
    fn paths_are_told_once_somebody_has_asked() {
        let mut asked = status("enforce", "enforce");
        asked.paths = vec![idle("xdp"), idle("companion")];
        assert!(!view(&asked).contains("calls by path"));
        asked.paths[1].known.calls = 17;
        asked.companion.tcp = 3;
        let text = view(&asked);
        let row = text.lines().find(|line| line.contains("companion"));
        assert!(row.unwrap().contains("17"), "{text}");
        assert!(
            text.contains("asked       3 by TCP since the start"),
            "{text}"
        );
    }

    #[test]
    fn monitoring_and_problems_stand_first() {
        let text = view(&status("monitor", "monitor"));
        assert!(
            text.starts_with("*** MONITOR MODE: NOTHING IS BLOCKED"),
            "{text}"
        );
        assert!(text.contains("!!! interface eth0 is gone"), "{text}");
        let text = view(&status("enforce", "monitor"));
        assert!(text.starts_with("*** MONITOR MODE ON carrier"), "{text}");
        assert!(!text.contains("calls by path"), "nobody has asked");
        let text = view(&status("enforce", "enforce"));
        assert!(!text.contains("***"), "{text}");
        assert!(text.contains("1 call, 7 packets"), "{text}");
        assert!(
            !text.contains("tcp"),
            "outcomes that nothing had are left out"
        );
    }
}
