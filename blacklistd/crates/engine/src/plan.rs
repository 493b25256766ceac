//! What the kernel has to do after a change.

use blacklist_generation::Change;

/// What the kernel has to do so that a change is in force.
#[derive(Clone, Debug, PartialEq)]
pub enum Plan {
    /// Single entries of the generation in force.
    Changes {
        /// Entries, in an order in which no call in between is judged by half a change.
        changes: Vec<Change>,
    },
    /// A new generation, made of [`crate::RuleSet::generation`].
    Whole,
}

impl Plan {
    /// Nothing to do.
    pub const NOTHING: Self = Self::Changes {
        changes: Vec::new(),
    };

    /// Whether there is nothing to do.
    pub fn is_nothing(&self) -> bool {
        *self == Self::NOTHING
    }
}
