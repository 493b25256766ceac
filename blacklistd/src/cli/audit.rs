//! `blacklistd audit`.

use super::changes;
use super::client::Client;
use super::error::CliError;
use super::output;
use super::target::Target;
use crate::api::audit::{AuditList, DEFAULT_CHANGES, DEFAULT_LIMIT};

/// Which changes.
#[derive(Debug, clap::Args)]
pub(super) struct AuditCommand {
    /// Made at this time or later: 2026-12-24, or 2026-12-24T08:00:00Z.
    #[arg(long, value_name = "TIME")]
    since: Option<String>,
    /// By somebody with this text in their name.
    #[arg(long, value_name = "TEXT")]
    author: Option<String>,
    /// By this command: "rule add", "import", ...
    #[arg(long, value_name = "COMMAND")]
    action: Option<String>,
    /// Of this rule.
    #[arg(long, value_name = "ID")]
    rule: Option<u32>,
    /// Of this list, or of rules in it.
    #[arg(long, value_name = "NAME")]
    list: Option<String>,
    /// Changes that are shown at most.
    #[arg(long, value_name = "N", default_value_t = DEFAULT_LIMIT)]
    limit: u64,
    /// Records of one change that are shown at most.
    #[arg(long, value_name = "N", default_value_t = DEFAULT_CHANGES)]
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
    if list.entries.is_empty() {
        return Ok("no change fits".to_owned());
    }
    let mut lines = Vec::new();
    for entry in &list.entries {
        let head = &entry.generation;
        lines.push(format!(
            "{} {} by {} ({}): {}; {}",
            head.generation, head.at, head.author, head.source, head.action, head.summary
        ));
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
    }
    Ok(lines.join("\n"))
}
