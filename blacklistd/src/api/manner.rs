//! How a change is to be made, as requests say it: `?force=true&dry_run=true`.

use serde::Deserialize;

use crate::daemon::Manner;

/// Behind the `?` of every change.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
pub(super) struct MannerQuery {
    #[serde(default)]
    force: bool,
    #[serde(default)]
    dry_run: bool,
}

impl MannerQuery {
    pub(super) const fn manner(self) -> Manner {
        Manner {
            force: self.force,
            dry_run: self.dry_run,
        }
    }
}
