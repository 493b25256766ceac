//! Posts lines to an HTTP or HTTPS endpoint: each batch is one POST of newline-delimited JSON.

use std::fs::OpenOptions;
use std::io::Read as _;
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use nix::libc::{O_CLOEXEC, O_NONBLOCK};
use ureq::Agent;
use ureq::http::header::{AUTHORIZATION, CONTENT_TYPE};
use ureq::http::{HeaderValue, StatusCode};
use ureq::tls::TlsConfig;

use super::limits::Limits;
use super::signal::Signal;
use super::sink::{Failure, Sink, text_of};
use super::source::LogLine;
use crate::root_certificates::root_certificates;
use blacklist_system::files;

/// Maximum size of a token file, in bytes.
const TOKEN_BYTES: u64 = 16 << 10;

/// Bytes of a response that are read so that the connection can be reused.
const ANSWER_BYTES: u64 = 64 << 10;

/// A sink that posts to an endpoint.
pub(super) struct HttpSink {
    url: String,
    token_file: Option<PathBuf>,
    agent: Agent,
}

impl HttpSink {
    pub(super) fn new(url: String, token_file: Option<PathBuf>, limits: &Limits) -> Self {
        let is_secure = url
            .get(..8)
            .is_some_and(|scheme| scheme.eq_ignore_ascii_case("https://"));
        // A redirected POST becomes a GET, and its lines are lost: redirects are not followed.
        let mut config = Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .user_agent(concat!("blacklistd/", env!("CARGO_PKG_VERSION")))
            .timeout_connect(Some(limits.connect))
            .timeout_global(Some(limits.request));
        if is_secure {
            let tls = TlsConfig::builder().root_certs(root_certificates());
            config = config.tls_config(tls.build());
        }
        Self {
            url,
            token_file,
            agent: config.build().new_agent(),
        }
    }
}

impl Sink for HttpSink {
    fn deliver(&mut self, lines: &[LogLine], _: &Signal) -> Result<(), Failure> {
        let mut request = self
            .agent
            .post(&self.url)
            .header(CONTENT_TYPE, "application/x-ndjson");
        if let Some(path) = &self.token_file {
            request = request.header(AUTHORIZATION, bearer(path)?);
        }
        let text = text_of(lines);
        let mut response = request
            .send(text.as_slice())
            .map_err(|error| Failure::new(transport(&error)))?;
        judge(response.status())?;
        // The body does not matter: the status decides.
        let _ = response
            .body_mut()
            .with_config()
            .limit(ANSWER_BYTES)
            .read_to_vec();
        Ok(())
    }
}

/// Reads the token for each batch: it may be changed without a reload.
fn bearer(path: &Path) -> Result<HeaderValue, Failure> {
    let place = path.display();
    let unreadable = |error| Failure::refusal(format!("cannot read token_file {place}: {error}"));
    // Without O_NONBLOCK, opening a pipe would block.
    let mut options = OpenOptions::new();
    options.read(true).custom_flags(O_CLOEXEC | O_NONBLOCK);
    let file = files::open_with(path, &options).map_err(unreadable)?;
    let metadata = file.metadata().map_err(unreadable)?;
    if !metadata.is_file() {
        return Err(Failure::refusal(format!(
            "token_file {place} is not a file"
        )));
    }
    if metadata.mode() & 0o004 != 0 {
        return Err(Failure::refusal(format!(
            "everybody can read token_file {place}: take that away with `chmod o= {place}`"
        )));
    }
    let mut text = String::new();
    file.take(TOKEN_BYTES)
        .read_to_string(&mut text)
        .map_err(unreadable)?;
    let token = text.trim();
    if token.is_empty() || !token.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(Failure::refusal(format!(
            "token_file {place} must hold one token, of printable ASCII without blanks"
        )));
    }
    let mut value = HeaderValue::try_from(format!("Bearer {token}"))
        .map_err(|_| Failure::refusal(format!("token_file {place} holds no token")))?;
    value.set_sensitive(true);
    Ok(value)
}

/// Whether a response means that the lines were accepted.
fn judge(status: StatusCode) -> Result<(), Failure> {
    let number = status.as_u16();
    let answer = format!("the server answers {number}");
    match number {
        200..=299 => Ok(()),
        300..=399 => Err(Failure::refusal(format!(
            "{answer}, which leads elsewhere: write the address that it leads to as url"
        ))),
        408 | 429 => Err(Failure::new(answer)),
        401 | 403 => Err(Failure::refusal(format!("{answer}: look at token_file"))),
        404 | 405 | 410 => Err(Failure::refusal(format!("{answer}: look at url"))),
        400..=499 => Err(Failure::refusal(format!(
            "{answer}: it does not take these lines"
        ))),
        _ => Err(Failure::new(answer)),
    }
}

/// The error of a request. The address is omitted, because it may contain secrets.
fn transport(error: &ureq::Error) -> String {
    match error {
        ureq::Error::Timeout(_) => "the server takes too long".to_owned(),
        ureq::Error::HostNotFound => "there is no such host".to_owned(),
        ureq::Error::BadUri(_) => "the url cannot be read".to_owned(),
        ureq::Error::Io(error) => format!("the server cannot be reached: {error}"),
        other => format!("the server cannot be reached: {other}"),
    }
}
