//! Writes lists, scopes and rules as the declarative file, so that reading it gives the same
//! values, and writing those the same bytes.

use std::io::{self, Write};

use blacklist_model::{ListSpec, RuleSpec, ScopeSpec};
use serde::Serialize;

/// The writer; one rule at a time, so that any number can be written.
pub struct RulesFileWriter<W> {
    output: W,
    is_begun: bool,
}

impl<W: Write> RulesFileWriter<W> {
    /// Starts a file.
    pub const fn new(output: W) -> Self {
        Self {
            output,
            is_begun: false,
        }
    }

    /// Writes a list.
    ///
    /// # Errors
    /// The output cannot be written.
    pub fn list(&mut self, list: &ListSpec) -> io::Result<()> {
        self.table("list", list)
    }

    /// Writes a scope.
    ///
    /// # Errors
    /// The output cannot be written.
    pub fn scope(&mut self, scope: &ScopeSpec) -> io::Result<()> {
        self.table("scope", scope)
    }

    /// Writes a rule.
    ///
    /// # Errors
    /// The output cannot be written.
    pub fn rule(&mut self, rule: &RuleSpec) -> io::Result<()> {
        self.table("rule", rule)
    }

    /// Returns the output.
    ///
    /// # Errors
    /// The output cannot be written.
    pub fn finish(mut self) -> io::Result<W> {
        self.output.flush()?;
        Ok(self.output)
    }

    fn table(&mut self, name: &str, value: &impl Serialize) -> io::Result<()> {
        let text = toml::to_string(value).map_err(io::Error::other)?;
        let blank = if std::mem::replace(&mut self.is_begun, true) {
            "\n"
        } else {
            ""
        };
        write!(self.output, "{blank}[[{name}]]\n{text}")
    }
}
