//! `blacklistd backup`: written with the rights of whoever asks, looked at, and only then called
//! by its name.

use std::path::PathBuf;

use serde::Serialize;

use super::client::Client;
use super::error::CliError;
use super::local::LocalCommands;
use super::target::Target;
use super::whole_file::WholeFile;
use super::{output, progress};

/// Where to.
#[derive(Debug, clap::Args)]
pub(super) struct BackupCommand {
    /// The file to write.
    file: PathBuf,
    /// Overwrites an existing file.
    #[arg(long)]
    force: bool,
}

/// A copy that was made.
#[derive(Debug, Serialize)]
struct BackupObject {
    file: String,
    bytes: u64,
    generation: u64,
}

pub(super) fn run(
    command: &BackupCommand,
    local: &dyn LocalCommands,
    client: &Client,
    json: bool,
) -> Result<String, CliError> {
    let mut file = WholeFile::create(&command.file, command.force)?;
    let bar = progress::bytes(None, "backup", json);
    let mut bytes = 0;
    client.get_stream(&Target::new("/v1/backup"), |data, length| {
        if let Some(length) = length {
            bar.set_length(length);
        }
        bytes += data.len() as u64;
        bar.set_position(bytes);
        file.write(data)
    })?;
    bar.finish_and_clear();
    file.sync()?;
    let checked = local.check_backup(file.part()).map_err(CliError::failed)?;
    file.finish()?;
    let object = BackupObject {
        file: command.file.display().to_string(),
        bytes,
        generation: checked.generation,
    };
    if json {
        return output::json(&object);
    }
    Ok(format!(
        "{} holds generation {}, {bytes} bytes; opened and checked. To restore: stop blacklistd, replace {} by it, start blacklistd",
        object.file, checked.generation, checked.restored_as
    ))
}
