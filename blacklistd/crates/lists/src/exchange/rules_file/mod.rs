//! The declarative file: `[[list]]`, `[[scope]]` and `[[rule]]` in TOML, strict. What it means for
//! what is there already is not known here.

mod names;
mod read;
mod write;

use blacklist_model::{ListSpec, RuleSpec, ScopeSpec};
pub use write::RulesFileWriter;

pub use blacklist_problems::Problem;

/// Something that stands in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Placed<T> {
    /// The line on which it begins, from 1.
    pub line: usize,
    /// What it is.
    pub value: T,
}

/// What the file says.
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
