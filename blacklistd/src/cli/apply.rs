//! `blacklistd apply`.

use std::path::PathBuf;

use super::changes;
use super::client::Client;
use super::error::CliError;
use super::manner::MannerOptions;
use super::output;
use super::target::Target;
use crate::api::apply::AppliedObject;
use crate::api::history::DEFAULT_CHANGES;

/// The file.
#[derive(Debug, clap::Args)]
pub(super) struct ApplyCommand {
    /// Lists, scopes and rules as they shall be, in TOML; `export` writes such a file. It owns the
    /// lists that it names: what is in them and not in the file is removed.
    #[arg(short, long, value_name = "FILE")]
    file: PathBuf,
    /// Differences that are shown at most.
    #[arg(long, value_name = "N", default_value_t = DEFAULT_CHANGES)]
    limit: usize,
    #[command(flatten)]
    manner: MannerOptions,
}

pub(super) fn run(command: &ApplyCommand, client: &Client, json: bool) -> Result<String, CliError> {
    let path = &command.file;
    let bytes = std::fs::read(path)
        .map_err(|error| CliError::Failed(format!("cannot read {}: {error}", path.display())))?;
    let target = Target::new("/v1/apply")
        .key("file", path.display())
        .key("limit", command.limit);
    let applied: AppliedObject = client.post_bytes(&command.manner.on(target), bytes)?;
    if json {
        return output::json(&applied);
    }
    let mut lines = changes::lines(&applied.changes, applied.more);
    let counts = format!(
        "{}: {} added, {} changed, {} removed, {} as they are",
        applied.file,
        output::count(applied.added, "rule"),
        applied.changed,
        applied.removed,
        applied.unchanged
    );
    lines.push(match (applied.generation, applied.dry_run) {
        (Some(generation), _) => format!("{counts}; generation {generation}"),
        (None, true) => format!("{counts}; only tried: nothing was changed"),
        (None, false) => format!("{counts}; nothing to change"),
    });
    let mut text = lines.join("\n");
    output::add_notes(&mut text, &applied.warnings);
    Ok(text)
}
