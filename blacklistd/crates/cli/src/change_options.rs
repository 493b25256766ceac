//! Options of every change.

use super::target::Target;

/// How a change is made.
#[derive(Clone, Copy, Debug, Default, clap::Args)]
pub(super) struct ChangeOptions {
    /// Checks the change without making it.
    #[arg(long)]
    pub(super) dry_run: bool,
    /// Makes the change despite warnings that the configuration turns into errors.
    #[arg(long)]
    force: bool,
}

impl ChangeOptions {
    /// Adds them to a request's query.
    pub(super) fn on(self, target: Target) -> Target {
        target
            .flag("dry_run", self.dry_run)
            .flag("force", self.force)
    }
}
