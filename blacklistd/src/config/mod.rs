//! The configuration: one TOML file, read whole or refused whole with every mistake named by its
//! line. Nothing here opens a socket, a database or the kernel.

mod answering;
mod companion;
mod configuration;
mod dial_plan;
mod journal;
mod media;
mod media_spec;
mod problem;
mod read;
mod rules;
mod ship;
mod spec;
mod trunk;
mod validate;

use std::path::{Path, PathBuf};

pub(crate) use configuration::{AnsweringSettings, Configuration, Interface, Mode, Trunk};
pub(crate) use problem::ConfigError;

use blacklist_problems::Problems;
use blacklist_system::files;

/// Where programs and maps are pinned by default.
pub(crate) const DEFAULT_PIN_DIRECTORY: &str = "/sys/fs/bpf/blacklist";

/// Reads and validates a configuration file.
///
/// # Errors
/// The file cannot be read, or it has mistakes: all of them, each with its line.
pub(crate) fn load(path: &Path) -> Result<Configuration, ConfigError> {
    let text = files::read_to_string(path).map_err(|source| ConfigError::Unreadable {
        path: PathBuf::from(path),
        source,
    })?;
    parse(path, &text)
}

/// Validates a configuration's text; `path` is only named in errors.
///
/// # Errors
/// All mistakes of the text, each with its line.
pub(crate) fn parse(path: &Path, text: &str) -> Result<Configuration, ConfigError> {
    let mut problems = Problems::new(text);
    let spec = read::read(text, &mut problems);
    let configuration = validate::validate(spec, &mut problems);
    let problems = problems.into_sorted([]);
    if problems.is_empty() {
        Ok(configuration)
    } else {
        Err(ConfigError::Mistakes {
            path: PathBuf::from(path),
            problems,
        })
    }
}

#[cfg(test)]
mod tests;
