//! Fetches over HTTP and HTTPS.

use std::io;
use std::path::Path;
use std::sync::OnceLock;
use std::time::Duration;

use ureq::Agent;
use ureq::http::StatusCode;
use ureq::http::header::{ETAG, IF_MODIFIED_SINCE, IF_NONE_MATCH, LAST_MODIFIED};
use ureq::tls::TlsConfig;

use super::fetch::{FetchError, Fetched, Validators, copy};
use crate::root_certificates::root_certificates;

/// Time limits of a fetch.
#[derive(Clone, Copy, Debug)]
struct Limits {
    connect: Duration,
    answer: Duration,
    /// Total time; a feed of 512 MB at 1 MB/s takes less.
    whole: Duration,
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

/// Connections, without encryption and with it.
#[derive(Default)]
pub(super) struct Web {
    agents: [OnceLock<Agent>; 2],
    limits: Limits,
}

impl Web {
    /// With time limits: to connect, to the first byte, in total.
    pub(super) fn with_limits(connect: Duration, answer: Duration, whole: Duration) -> Self {
        Self {
            agents: Default::default(),
            limits: Limits {
                connect,
                answer,
                whole,
            },
        }
    }

    /// Fetches an address into a file, unless it has not changed since `known`.
    pub(super) fn fetch(
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

/// What it says of a source that ends before its time.
pub(super) fn broken_off(error: io::Error) -> FetchError {
    match ureq::Error::from(error) {
        ureq::Error::Io(error) => FetchError::Transport(format!("it breaks off: {error}")),
        other => transport(&other),
    }
}
