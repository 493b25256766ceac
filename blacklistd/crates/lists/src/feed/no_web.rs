//! In place of fetches over HTTP, in a build without it.

use std::io;
use std::path::Path;
use std::time::Duration;

use super::fetch::{FetchError, Fetched, Validators};

/// Fetches nothing.
#[derive(Default)]
pub(super) struct Web;

impl Web {
    pub(super) fn with_limits(_: Duration, _: Duration, _: Duration) -> Self {
        Self
    }

    pub(super) fn fetch(
        &self,
        _: &str,
        _: &Validators,
        _: u64,
        _: &Path,
    ) -> Result<Fetched, FetchError> {
        Err(FetchError::Transport(
            "this blacklistd was built without HTTP".to_owned(),
        ))
    }
}

#[expect(clippy::needless_pass_by_value, reason = "as where there is HTTP")]
pub(super) fn broken_off(error: io::Error) -> FetchError {
    FetchError::Transport(format!("it breaks off: {error}"))
}
