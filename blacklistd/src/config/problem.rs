//! Why a configuration was refused.

use std::fmt;
use std::path::PathBuf;

use blacklist_problems::Problem;

/// Why a configuration was refused.
#[derive(Debug)]
pub(crate) enum ConfigError {
    /// The file could not be read.
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The file has mistakes.
    Mistakes {
        /// The file.
        path: PathBuf,
        /// All of them, by line.
        problems: Vec<Problem>,
    },
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreadable { path, source } => write!(
                f,
                "cannot read the configuration {}: {source}; name another one with --config",
                path.display()
            ),
            Self::Mistakes { path, problems } => {
                for (index, problem) in problems.iter().enumerate() {
                    if index > 0 {
                        f.write_str("\n")?;
                    }
                    write!(f, "{}:{}: {}", path.display(), problem.line, problem.text)?;
                }
                Ok(())
            }
        }
    }
}

impl std::error::Error for ConfigError {}
