//! Who asks for a change, how, and what is said of it.

use blacklist_engine::Finding;
use blacklist_store::rules::GenerationRow;

/// Who asks for a change, and from where.
#[derive(Clone, Debug)]
pub(crate) struct Author {
    /// The user.
    pub(crate) name: String,
    /// `socket`, `import FILE`, `feed NAME`, `apply FILE`.
    pub(crate) source: String,
}

/// How a change is to be made.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct ChangeOptions {
    /// Warnings do not refuse it, whatever the configuration says.
    pub(crate) force: bool,
    /// It is checked and not made.
    pub(crate) dry_run: bool,
}

/// A change that was made, or would be.
#[derive(Clone, Debug)]
pub(crate) struct Changed<T> {
    /// What whoever built it wants to know of it.
    pub(crate) value: T,
    /// Its generation; none if there was nothing to change or it was only tried.
    pub(crate) generation: Option<GenerationRow>,
    /// What the operator should know.
    pub(crate) findings: Vec<Finding>,
}

impl<T> Changed<T> {
    /// What the operator should know, as sentences.
    pub(crate) fn warnings(&self) -> Vec<String> {
        self.findings
            .iter()
            .map(|finding| finding.sentence.clone())
            .collect()
    }
}
