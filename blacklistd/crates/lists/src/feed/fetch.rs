//! Fetches a source into a file: bounded in size and time, and only if it has changed.

use std::io::{self, Read};
use std::path::Path;
use std::time::{Duration, UNIX_EPOCH};

use super::subscription::Source;
use super::web::{Web, broken_off};
use blacklist_system::files;

/// By which a source tells whether it has changed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Validators {
    /// Its ETag (RFC 9110, section 8.8.3); for a file its time and size.
    pub etag: Option<String>,
    /// Its Last-Modified (RFC 9110, section 8.8.2).
    pub last_modified: Option<String>,
}

/// The result of a fetch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fetched {
    /// The source has not changed.
    Unchanged,
    /// The source was fetched.
    New(Validators),
}

/// Why a fetch failed. Addresses are omitted, because they may contain secrets.
#[derive(Debug, thiserror::Error)]
pub enum FetchError {
    /// The server's status.
    #[error("the server answers {0}")]
    Status(u16),
    /// It exceeds the maximum size.
    #[error("the feed is larger than {0} bytes; raise max_bytes if that is right")]
    TooLarge(u64),
    /// The connection failed.
    #[error("the feed cannot be fetched: {0}")]
    Transport(String),
    /// A file cannot be read or written.
    #[error("{0}")]
    File(String),
}

/// Fetches sources; connections and certificates are reused.
#[derive(Default)]
pub struct Fetcher(Web);

impl Fetcher {
    /// With other time limits: to connect, to the first byte, in total.
    pub fn with_limits(connect: Duration, answer: Duration, whole: Duration) -> Self {
        Self(Web::with_limits(connect, answer, whole))
    }

    /// Fetches a source into a file, unless it has not changed since `known`.
    pub(super) fn fetch(
        &self,
        source: &Source,
        known: &Validators,
        limit: u64,
        target: &Path,
    ) -> Result<Fetched, FetchError> {
        match source {
            Source::Web(url) => self.0.fetch(url, known, limit, target),
            Source::File(path) => fetch_file(path, known, limit, target),
        }
    }
}

fn fetch_file(
    path: &Path,
    known: &Validators,
    limit: u64,
    target: &Path,
) -> Result<Fetched, FetchError> {
    let unreadable =
        |error: io::Error| FetchError::File(format!("cannot read {}: {error}", path.display()));
    let file = files::open(path).map_err(unreadable)?;
    let metadata = file.metadata().map_err(unreadable)?;
    if !metadata.is_file() {
        return Err(FetchError::File(format!(
            "{} is not a file",
            path.display()
        )));
    }
    let changed = metadata
        .modified()
        .ok()
        .and_then(|time| time.duration_since(UNIX_EPOCH).ok())
        .unwrap_or_default();
    let etag = Some(format!("{}-{}", changed.as_nanos(), metadata.len()));
    if etag == known.etag {
        return Ok(Fetched::Unchanged);
    }
    copy(file, limit, target)?;
    Ok(Fetched::New(Validators {
        etag,
        last_modified: None,
    }))
}

pub(super) fn copy(source: impl Read, limit: u64, target: &Path) -> Result<(), FetchError> {
    let unwritable =
        |error: io::Error| FetchError::File(format!("cannot write {}: {error}", target.display()));
    let mut file = files::create(target).map_err(unwritable)?;
    let mut source = source.take(limit.saturating_add(1));
    let mut buffer = vec![0; 64 << 10];
    let mut copied = 0;
    loop {
        let read = match source.read(&mut buffer) {
            Ok(0) => break,
            Ok(read) => read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(broken_off(error)),
        };
        copied += read as u64;
        if copied > limit {
            return Err(FetchError::TooLarge(limit));
        }
        io::Write::write_all(&mut file, buffer.get(..read).unwrap_or_default())
            .map_err(unwritable)?;
    }
    Ok(())
}
