//! `blacklistd audit`.

use super::changes;
use super::client::Client;
use super::error::CliError;
use super::output;
use super::target::Target;
use blacklist_wire::{
    AttemptObject, AuditEntry, AuditList, DEFAULT_AUDIT_CHANGES, DEFAULT_AUDIT_ENTRIES,
};
use jiff::Timestamp;

/// Which changes.
#[derive(Debug, clap::Args)]
pub(super) struct AuditCommand {
    /// Made at this time or later: 2026-12-24, or 2026-12-24T08:00:00Z.
    #[arg(long, value_name = "TIME")]
    since: Option<String>,
    /// By an author whose name contains this text.
    #[arg(long, value_name = "TEXT")]
    author: Option<String>,
    /// By this command: "rule add", "import", ...; "pin try" for PIN attempts only.
    #[arg(long, value_name = "COMMAND")]
    action: Option<String>,
    /// Of this rule.
    #[arg(long, value_name = "ID")]
    rule: Option<u32>,
    /// Of this list, or of rules in it.
    #[arg(long, value_name = "NAME")]
    list: Option<String>,
    /// Maximum number of changes to show.
    #[arg(long, value_name = "N", default_value_t = DEFAULT_AUDIT_ENTRIES)]
    limit: u64,
    /// Maximum number of records to show for one change.
    #[arg(long, value_name = "N", default_value_t = DEFAULT_AUDIT_CHANGES)]
    changes: usize,
}

pub(super) fn run(command: &AuditCommand, client: &Client, json: bool) -> Result<String, CliError> {
    let target = Target::new("/v1/audit")
        .maybe("since", command.since.as_ref())
        .maybe("author", command.author.as_ref())
        .maybe("action", command.action.as_ref())
        .maybe("rule", command.rule)
        .maybe("list", command.list.as_ref())
        .key("limit", command.limit)
        .key("changes", command.changes);
    let list: AuditList = client.get(&target)?;
    if json {
        return output::json(&list);
    }
    Ok(view(&list, command.limit))
}

/// Changes and PIN attempts together, the newest first.
fn view(list: &AuditList, limit: u64) -> String {
    let changes = list
        .entries
        .iter()
        .map(|entry| (time(&entry.generation.at), change(entry)));
    let tries = list
        .attempts
        .iter()
        .map(|attempt| (time(&attempt.at), vec![tried(attempt)]));
    let mut all: Vec<(Option<Timestamp>, Vec<String>)> = changes.chain(tries).collect();
    if all.is_empty() {
        return "no matching changes".to_owned();
    }
    // The sort is stable: entries of one second keep their order.
    all.sort_by_key(|(at, _)| std::cmp::Reverse(*at));
    let shown = all
        .into_iter()
        .take(usize::try_from(limit).unwrap_or(usize::MAX));
    let lines: Vec<String> = shown.flat_map(|(_, lines)| lines).collect();
    lines.join("\n")
}

fn time(text: &str) -> Option<Timestamp> {
    text.parse().ok()
}

fn tried(attempt: &AttemptObject) -> String {
    let caller = match attempt.caller.as_str() {
        "" => "nobody",
        caller => caller,
    };
    let of = match &attempt.scope {
        Some(scope) => format!(", the PIN of {scope}"),
        None => String::new(),
    };
    format!(
        "- {} by {caller} (call to {}): pin try; {}{of}",
        attempt.at, attempt.local, attempt.outcome
    )
}

fn change(entry: &AuditEntry) -> Vec<String> {
    let head = &entry.generation;
    let mut lines = vec![format!(
        "{} {} by {} ({}): {}; {}",
        head.generation, head.at, head.author, head.source, head.action, head.summary
    )];
    for line in changes::lines(&entry.changes, 0) {
        lines.push(format!("    {line}"));
    }
    if entry.more > 0 {
        lines.push(format!(
            "    ... and {} more: `blacklistd diff {} {}`",
            entry.more,
            head.generation - 1,
            head.generation
        ));
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changes_and_tries_stand_by_their_time() {
        let list: AuditList = serde_json::from_value(serde_json::json!({
            "entries": [
                {"generation": 3, "at": "2026-11-20T12:00:10Z", "author": "root", "source": "socket",
                    "action": "pin set", "summary": "the PIN of global was set", "added": 1,
                    "changed": 0, "removed": 0, "changes": [], "more": 0},
                {"generation": 2, "at": "2026-11-20T12:00:00Z", "author": "root", "source": "socket",
                    "action": "lint", "summary": "x", "added": 0, "changed": 0, "removed": 0,
                    "changes": [], "more": 0}
            ],
            "attempts": [
                {"at": "2026-11-20T12:00:05Z", "local": "+1312", "caller": "", "outcome": "wrong"},
                {"at": "2026-11-20T12:00:01Z", "local": "+1312", "caller": "+1415",
                    "outcome": "right", "scope": "global"}
            ]
        }))
        .unwrap();
        let text = view(&list, 9);
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(
            lines,
            [
                "3 2026-11-20T12:00:10Z by root (socket): pin set; the PIN of global was set",
                "- 2026-11-20T12:00:05Z by nobody (call to +1312): pin try; wrong",
                "- 2026-11-20T12:00:01Z by +1415 (call to +1312): pin try; right, the PIN of global",
                "2 2026-11-20T12:00:00Z by root (socket): lint; x",
            ]
        );
        assert_eq!(view(&list, 1).lines().count(), 1);
    }
}
