//! The client of the control API: one request for each command, over the Unix socket.

use std::path::{Path, PathBuf};

use http_body_util::{BodyExt as _, Full};
use hyper::body::Bytes;
use hyper::{Method, Request, StatusCode};
use hyper_util::rt::TokioIo;
use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::net::UnixStream;

use super::error::CliError;
use crate::api::ErrorObject;

/// Knows where the daemon is.
pub(super) struct Client {
    socket: PathBuf,
}

impl Client {
    pub(super) const fn new(socket: PathBuf) -> Self {
        Self { socket }
    }

    pub(super) fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T, CliError> {
        self.request(Method::GET, path, Bytes::new())
    }

    pub(super) fn delete<T: DeserializeOwned>(&self, path: &str) -> Result<T, CliError> {
        self.request(Method::DELETE, path, Bytes::new())
    }

    pub(super) fn post<T: DeserializeOwned>(
        &self,
        path: &str,
        body: &impl Serialize,
    ) -> Result<T, CliError> {
        self.request(Method::POST, path, to_body(body)?)
    }

    pub(super) fn patch<T: DeserializeOwned>(
        &self,
        path: &str,
        body: &impl Serialize,
    ) -> Result<T, CliError> {
        self.request(Method::PATCH, path, to_body(body)?)
    }

    fn request<T: DeserializeOwned>(
        &self,
        method: Method,
        path: &str,
        body: Bytes,
    ) -> Result<T, CliError> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(CliError::failed)?;
        let (status, body) = runtime.block_on(exchange(&self.socket, method, path, body))?;
        if status.is_success() {
            return serde_json::from_slice(&body).map_err(|error| {
                CliError::Failed(format!(
                    "the answer of blacklistd is not as expected ({error}): restart the daemon, so that it has the version of this command"
                ))
            });
        }
        let sentence = match serde_json::from_slice::<ErrorObject>(&body) {
            Ok(object) => object.error,
            Err(_) => format!("blacklistd answered {status}"),
        };
        Err(if status == StatusCode::NOT_FOUND {
            CliError::NotFound(sentence)
        } else {
            CliError::Failed(sentence)
        })
    }
}

fn to_body(object: &impl Serialize) -> Result<Bytes, CliError> {
    serde_json::to_vec(object)
        .map(Bytes::from)
        .map_err(CliError::failed)
}

fn unreachable(socket: &Path, error: &std::io::Error) -> CliError {
    let advice = match error.kind() {
        std::io::ErrorKind::PermissionDenied => {
            "be root, or a member of the group that control_group of the configuration names"
        }
        _ => {
            "is it running? start it with `systemctl start blacklistd` or `blacklistd run`, or name its socket with --socket"
        }
    };
    CliError::Unreachable(format!(
        "cannot reach blacklistd at {}: {error}; {advice}",
        socket.display()
    ))
}

async fn exchange(
    socket: &Path,
    method: Method,
    path: &str,
    body: Bytes,
) -> Result<(StatusCode, Bytes), CliError> {
    let broken = |error: hyper::Error| {
        CliError::Failed(format!(
            "blacklistd at {} broke off: {error}; look at its log",
            socket.display()
        ))
    };
    let stream = UnixStream::connect(socket)
        .await
        .map_err(|error| unreachable(socket, &error))?;
    let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream))
        .await
        .map_err(broken)?;
    // Ends with the runtime; what goes wrong on it comes out of the request.
    tokio::spawn(connection);
    let request = Request::builder()
        .method(method)
        .uri(path)
        .header("host", "blacklistd")
        .header("content-type", "application/json")
        .body(Full::new(body))
        .map_err(CliError::failed)?;
    let response = sender.send_request(request).await.map_err(broken)?;
    let status = response.status();
    let body = response
        .into_body()
        .collect()
        .await
        .map_err(broken)?
        .to_bytes();
    Ok((status, body))
}
