//! `blacklistd diff`.

use super::changes;
use super::client::Client;
use super::error::CliError;
use super::output;
use super::target::Target;
use crate::api::history::{DEFAULT_CHANGES, DiffObject};

/// Two generations.
#[derive(Debug, clap::Args)]
pub(super) struct DiffCommand {
    /// The one; 0 is before the first.
    from: u64,
    /// The other.
    to: u64,
    /// Differences that are shown at most.
    #[arg(long, value_name = "N", default_value_t = DEFAULT_CHANGES)]
    limit: usize,
}

pub(super) fn run(command: &DiffCommand, client: &Client, json: bool) -> Result<String, CliError> {
    let target = Target::new("/v1/diff")
        .key("from", command.from)
        .key("to", command.to)
        .key("limit", command.limit);
    let diff: DiffObject = client.get(&target)?;
    if json {
        return output::json(&diff);
    }
    let mut lines = changes::lines(&diff.changes, diff.more);
    lines.push(format!(
        "from generation {} to {}: {} added, {} changed, {} removed",
        diff.from, diff.to, diff.added, diff.changed, diff.removed
    ));
    Ok(lines.join("\n"))
}
