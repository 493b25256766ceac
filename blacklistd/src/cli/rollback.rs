//! `blacklistd rollback`.

use super::client::Client;
use super::error::CliError;
use super::manner::MannerOptions;
use super::output;
use super::target::Target;
use crate::api::history::UndoneObject;

/// Where to.
#[derive(Debug, clap::Args)]
pub(super) struct RollbackCommand {
    /// The generation that everything shall be as in; see `blacklistd history`.
    generation: u64,
    #[command(flatten)]
    manner: MannerOptions,
}

pub(super) fn run(
    command: &RollbackCommand,
    client: &Client,
    json: bool,
) -> Result<String, CliError> {
    let target = Target::new(&format!("/v1/history/{}/rollback", command.generation));
    let undone: UndoneObject = client.post(&command.manner.on(target), &serde_json::json!({}))?;
    if json {
        return output::json(&undone);
    }
    Ok(view(
        &format!("everything as in generation {}", command.generation),
        &undone,
    ))
}

/// What a step back did, or would do.
pub(super) fn view(what: &str, undone: &UndoneObject) -> String {
    let counts = format!(
        "{} come back, {} change, {} go",
        output::count(undone.added, "rule"),
        undone.changed,
        undone.removed
    );
    let mut text = match (undone.made, undone.dry_run) {
        (Some(generation), _) => format!("{what}: {counts}; generation {generation}"),
        (None, true) => format!("{what}, if it were done: {counts}"),
        (None, false) => format!("{what}: it is so already"),
    };
    output::add_notes(&mut text, &undone.warnings);
    text
}
