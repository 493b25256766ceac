//! The declarative file: `[[list]]`, `[[scope]]` and `[[rule]]` in TOML, strict. How it is applied
//! to existing rules is not part of it.

mod names;
mod read;
mod write;

use blacklist_model::{ListSpec, RuleSpec, ScopeSpec};
pub use write::RulesFileWriter;

pub use blacklist_problems::Problem;

/// A value in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Placed<T> {
    /// The line on which it begins, from 1.
    pub line: usize,
    /// The value.
    pub value: T,
}

/// The contents of a file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RulesFile {
    /// Each `[[list]]`.
    pub lists: Vec<Placed<ListSpec>>,
    /// Each `[[scope]]`.
    pub scopes: Vec<Placed<ScopeSpec>>,
    /// Each `[[rule]]`.
    pub rules: Vec<Placed<RuleSpec>>,
}

#[cfg(test)]
mod tests;
