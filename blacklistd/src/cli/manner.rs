//! Options of every change.

use super::target::Target;

/// How a change is made.
#[derive(Clone, Copy, Debug, Default, clap::Args)]
pub(super) struct MannerOptions {
    /// Judges the change and does not make it.
    #[arg(long)]
    pub(super) dry_run: bool,
    /// Makes it in spite of warnings that the configuration makes refusals.
    #[arg(long)]
    force: bool,
}

impl MannerOptions {
    /// Says it behind a request's path.
    pub(super) fn on(self, target: Target) -> Target {
        target
            .flag("dry_run", self.dry_run)
            .flag("force", self.force)
    }
}
