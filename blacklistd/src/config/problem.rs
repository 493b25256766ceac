//! Mistakes of a configuration file: collected while it is read, printed with file and line.

use std::fmt;
use std::ops::Range;
use std::path::PathBuf;

/// One mistake.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Line in the file, from 1.
    pub line: usize,
    /// What is wrong and what to do.
    pub text: String,
}

/// Why a configuration was refused.
#[derive(Debug)]
pub enum ConfigError {
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

/// The mistakes found so far in one text.
pub(super) struct Problems<'a> {
    text: &'a str,
    list: Vec<Problem>,
}

impl<'a> Problems<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self {
            text,
            list: Vec::new(),
        }
    }

    /// Adds a mistake at a place of the text.
    pub(super) fn add(&mut self, span: Range<usize>, text: impl Into<String>) {
        let line = 1 + self
            .text
            .bytes()
            .take(span.start)
            .filter(|byte| *byte == b'\n')
            .count();
        let problem = Problem {
            line,
            text: text.into(),
        };
        if !self.list.contains(&problem) {
            self.list.push(problem);
        }
    }

    /// Whether there is none so far.
    pub(super) fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    pub(super) fn into_sorted(mut self) -> Vec<Problem> {
        self.list.sort_by_key(|problem| problem.line);
        self.list
    }
}
