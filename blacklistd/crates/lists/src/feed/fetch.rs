//! Fetches a source into a file: bounded in size and time, and only if it has changed.

use std::io::{self, Read};
use std::path::Path;
use std::sync::OnceLock;
use std::time::{Duration, UNIX_EPOCH};

use ureq::Agent;
use ureq::http::StatusCode;
use ureq::http::header::{ETAG, IF_MODIFIED_SINCE, IF_NONE_MATCH, LAST_MODIFIED};
use ureq::tls::TlsConfig;

use super::subscription::Source;
use crate::root_certificates::root_certificates;
use blacklist_system::files;

/// Time limits of a fetch.
#[derive(Clone, Copy, Debug)]
struct Limits {
    connect: Duration,
    answer: Duration,
    /// Total time; a feed of 512 MB at 1 MB/s takes less.
    whole: Duration,
}

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
pub struct Fetcher {
    agents: [OnceLock<Agent>; 2],
    limits: Limits,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(10),
            answer: Duration::from_secs(30),
            whole: Duration::from_secs(600),
        }
    }
}

impl Fetcher {
    /// With other time limits: to connect, to the first byte, in total.
    pub fn with_limits(connect: Duration, answer: Duration, whole: Duration) -> Self {
        Self {
            agents: Default::default(),
            limits: Limits {
                connect,
                answer,
                whole,
            },
        }
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
            Source::Web(url) => self.fetch_web(url, known, limit, target),
            Source::File(path) => fetch_file(path, known, limit, target),
        }
    }

    fn fetch_web(
        &self,
        url: &str,
        known: &Validators,
        limit: u64,
        target: &Path,
    ) -> Result<Fetched, FetchError> {
        let is_secure = url
            .get(..8)
            .is_some_and(|scheme| scheme.eq_ignore_ascii_case("https://"));
        let mut request = self.agent(is_secure).get(url);
        if let Some(etag) = &known.etag {
            request = request.header(IF_NONE_MATCH, etag);
        }
        if let Some(time) = &known.last_modified {
            request = request.header(IF_MODIFIED_SINCE, time);
        }
        let response = request.call().map_err(|error| transport(&error))?;
        let status = response.status();
        if status == StatusCode::NOT_MODIFIED {
            return Ok(Fetched::Unchanged);
        }
        if status != StatusCode::OK {
            return Err(FetchError::Status(status.as_u16()));
        }
        let header = |name| {
            let value = response.headers().get(name)?;
            value.to_str().ok().map(str::to_owned)
        };
        let validators = Validators {
            etag: header(ETAG),
            last_modified: header(LAST_MODIFIED),
        };
        let body = response
            .into_body()
            .into_with_config()
            .limit(u64::MAX)
            .reader();
        copy(body, limit, target)?;
        Ok(Fetched::New(validators))
    }

    /// A feed that is configured with HTTPS is not fetched over HTTP, even by a redirect.
    fn agent(&self, is_secure: bool) -> &Agent {
        let [plain, secure] = &self.agents;
        let agent = if is_secure { secure } else { plain };
        agent.get_or_init(|| {
            Agent::config_builder()
                .https_only(is_secure)
                .http_status_as_error(false)
                .max_redirects(5)
                .user_agent(concat!("blacklistd/", env!("CARGO_PKG_VERSION")))
                .timeout_connect(Some(self.limits.connect))
                .timeout_recv_response(Some(self.limits.answer))
                .timeout_global(Some(self.limits.whole))
                .tls_config(TlsConfig::builder().root_certs(root_certificates()).build())
                .build()
                .new_agent()
        })
    }
}

fn transport(error: &ureq::Error) -> FetchError {
    let text = match error {
        ureq::Error::Timeout(_) => "it takes too long".to_owned(),
        ureq::Error::HostNotFound => "there is no such host".to_owned(),
        ureq::Error::BadUri(_) => "the address cannot be read".to_owned(),
        ureq::Error::RequireHttpsOnly(_) => {
            "the server leads from https to http, which is not followed".to_owned()
        }
        ureq::Error::TooManyRedirects => "the server leads on and on".to_owned(),
        ureq::Error::Io(error) => error.to_string(),
        other => other.to_string(),
    };
    FetchError::Transport(text)
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

fn copy(source: impl Read, limit: u64, target: &Path) -> Result<(), FetchError> {
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

fn broken_off(error: io::Error) -> FetchError {
    match ureq::Error::from(error) {
        ureq::Error::Io(error) => FetchError::Transport(format!("it breaks off: {error}")),
        other => transport(&other),
    }
}
