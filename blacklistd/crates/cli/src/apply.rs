//! `blacklistd apply`.

use std::path::PathBuf;

use super::change_options::ChangeOptions;
use super::changes;
use super::client::Client;
use super::error::CliError;
use super::output;
use super::target::Target;
use blacklist_wire::AppliedObject;
use blacklist_wire::DEFAULT_DIFFERENCES;

/// The file.
#[derive(Debug, clap::Args)]
pub(super) struct ApplyCommand {
    /// A TOML file with lists, scopes and rules, as `export` writes it. It owns the lists that it
    /// names: their rules that are not in the file are removed.
    #[arg(short, long, value_name = "FILE")]
    file: PathBuf,
    /// Maximum number of differences to show.
    #[arg(long, value_name = "N", default_value_t = DEFAULT_DIFFERENCES)]
    limit: usize,
    #[command(flatten)]
    change: ChangeOptions,
}

pub(super) fn run(command: &ApplyCommand, client: &Client, json: bool) -> Result<String, CliError> {
    let path = &command.file;
    let bytes = std::fs::read(path)
        .map_err(|error| CliError::Failed(format!("cannot read {}: {error}", path.display())))?;
    let target = Target::new("/v1/apply")
        .key("file", path.display())
        .key("limit", command.limit);
    let applied: AppliedObject = client.post_bytes(&command.change.on(target), bytes)?;
    if json {
        return output::json(&applied);
    }
    let mut lines = changes::lines(&applied.changes, applied.more);
    let counts = format!(
        "{}: {} added, {} changed, {} removed, {} unchanged",
        applied.file,
        blacklist_model::count(applied.added, "rule"),
        applied.changed,
        applied.removed,
        applied.unchanged
    );
    lines.push(match (applied.generation, applied.dry_run) {
        (Some(generation), _) => format!("{counts}; generation {generation}"),
        (None, true) => format!("{counts}; dry run: nothing was changed"),
        (None, false) => format!("{counts}; nothing to change"),
    });
    let mut text = lines.join("\n");
    output::add_notes(&mut text, &applied.warnings);
    Ok(text)
}
