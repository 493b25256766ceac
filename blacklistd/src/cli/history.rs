//! `blacklistd history`.

use super::client::Client;
use super::error::CliError;
use super::output;
use super::target::Target;
use crate::api::history::{DEFAULT_LIMIT, GenerationObject, HistoryList};

/// Which generations.
#[derive(Debug, clap::Args)]
pub(super) struct HistoryCommand {
    /// Generations that are shown at most.
    #[arg(long, value_name = "N", default_value_t = DEFAULT_LIMIT)]
    limit: u64,
    /// Only older ones than this.
    #[arg(long, value_name = "GENERATION")]
    before: Option<u64>,
}

pub(super) fn run(
    command: &HistoryCommand,
    client: &Client,
    json: bool,
) -> Result<String, CliError> {
    let target = Target::new("/v1/history")
        .key("limit", command.limit)
        .maybe("before", command.before);
    let list: HistoryList = client.get(&target)?;
    if json {
        return output::json(&list);
    }
    let columns = [
        "generation",
        "time",
        "by",
        "from",
        "action",
        "added",
        "changed",
        "removed",
        "what",
    ];
    let numbers = ["generation", "added", "changed", "removed"];
    let mut table = output::table(columns, &numbers);
    for row in &list.generations {
        table.add_row(cells(row));
    }
    Ok(table.to_string())
}

fn cells(row: &GenerationObject) -> [String; 9] {
    [
        row.generation.to_string(),
        row.at.clone(),
        row.author.clone(),
        row.source.clone(),
        row.action.clone(),
        row.added.to_string(),
        row.changed.to_string(),
        row.removed.to_string(),
        row.summary.clone(),
    ]
}
