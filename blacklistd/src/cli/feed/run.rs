//! `feed run`.

use super::FeedName;
use crate::cli::client::Client;
use crate::cli::error::CliError;
use crate::cli::output;
use crate::cli::target::Target;
use crate::feed::Refreshed;

/// Which feed, and how.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct RunCommand {
    #[command(flatten)]
    feed: FeedName,
    /// Takes over what has shrunk, and what its source says is unchanged.
    #[arg(long)]
    force: bool,
}

pub(super) fn run(command: &RunCommand, client: &Client, json: bool) -> Result<String, CliError> {
    let target = Target::new(&format!("{}/run", command.feed.target().as_str()))
        .flag("force", command.force);
    let refreshed: Refreshed = client.post(&target, &serde_json::json!({}))?;
    if json {
        return output::json(&refreshed);
    }
    let mut lines: Vec<String> = refreshed
        .bad_lines
        .iter()
        .map(|bad| format!("line {}: {}", bad.line, bad.reason))
        .collect();
    lines.push(match refreshed.generation {
        Some(generation) => format!(
            "feed {}: {}; generation {generation}",
            refreshed.name, refreshed.summary
        ),
        None => format!("feed {}: {}", refreshed.name, refreshed.summary),
    });
    Ok(lines.join("\n"))
}
