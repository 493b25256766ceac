//! The client of the control API: one request for each command, over the Unix socket.

use std::io::Read;
use std::path::{Path, PathBuf};

use http_body_util::channel::{Channel, Sender};
use http_body_util::combinators::BoxBody;
use http_body_util::{BodyExt as _, Full};
use hyper::body::{Body as _, Bytes, Incoming};
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::net::UnixStream;

use super::error::CliError;
use super::target::Target;
use blacklist_wire::ErrorObject;

/// Knows where the daemon is.
#[derive(Clone, Debug)]
pub(super) struct Client {
    socket: PathBuf,
}

impl Client {
    pub(super) const fn new(socket: PathBuf) -> Self {
        Self { socket }
    }

    pub(super) fn get<T: DeserializeOwned>(&self, target: &Target) -> Result<T, CliError> {
        self.request(Method::GET, target, whole(Bytes::new()))
    }

    pub(super) fn delete<T: DeserializeOwned>(&self, target: &Target) -> Result<T, CliError> {
        self.request(Method::DELETE, target, whole(Bytes::new()))
    }

    /// A removal of what the body names.
    pub(super) fn delete_these<T: DeserializeOwned>(
        &self,
        target: &Target,
        body: &impl Serialize,
    ) -> Result<T, CliError> {
        self.request(Method::DELETE, target, whole(to_body(body)?))
    }

    pub(super) fn post<T: DeserializeOwned>(
        &self,
        target: &Target,
        body: &impl Serialize,
    ) -> Result<T, CliError> {
        self.request(Method::POST, target, whole(to_body(body)?))
    }

    pub(super) fn patch<T: DeserializeOwned>(
        &self,
        target: &Target,
        body: &impl Serialize,
    ) -> Result<T, CliError> {
        self.request(Method::PATCH, target, whole(to_body(body)?))
    }

    pub(super) fn put<T: DeserializeOwned>(
        &self,
        target: &Target,
        body: &impl Serialize,
    ) -> Result<T, CliError> {
        self.request(Method::PUT, target, whole(to_body(body)?))
    }

    /// Sends bytes that are in memory.
    pub(super) fn post_bytes<T: DeserializeOwned>(
        &self,
        target: &Target,
        bytes: Vec<u8>,
    ) -> Result<T, CliError> {
        self.request(Method::POST, target, whole(bytes.into()))
    }

    /// Sends what can be read, however much it is; `sent` gets the number of bytes sent so far.
    pub(super) fn post_stream<T: DeserializeOwned>(
        &self,
        target: &Target,
        input: impl Read + Send + 'static,
        sent: impl FnMut(u64) + Send + 'static,
    ) -> Result<T, CliError> {
        let (sender, body) = Channel::new(WAITING);
        let body = body.boxed();
        runtime()?.block_on(async {
            let feeding = tokio::task::spawn_blocking(move || feed(input, sender, sent));
            let response = exchange(&self.socket, Method::POST, target, body).await?;
            let answer = read_whole(response).await?;
            // The answer says more than that nobody took the rest.
            let fed = feeding.await;
            let answer = parse(answer)?;
            fed.map_err(CliError::failed)??;
            Ok(answer)
        })
    }

    /// Receives bytes, however many they are; `length` is theirs where it is known.
    pub(super) fn get_stream(
        &self,
        target: &Target,
        mut take: impl FnMut(&[u8], Option<u64>) -> Result<(), CliError>,
    ) -> Result<(), CliError> {
        runtime()?.block_on(async {
            let body = whole(Bytes::new());
            let response = exchange(&self.socket, Method::GET, target, body).await?;
            if !response.status().is_success() {
                return Err(refusal(read_whole(response).await?));
            }
            let length = response.body().size_hint().exact();
            let mut body = response.into_body();
            while let Some(frame) = body.frame().await {
                let frame = frame.map_err(|error| {
                    CliError::Failed(format!("the answer of blacklistd is incomplete: {error}"))
                })?;
                if let Some(data) = frame.data_ref() {
                    take(data, length)?;
                }
            }
            Ok(())
        })
    }

    fn request<T: DeserializeOwned>(
        &self,
        method: Method,
        target: &Target,
        body: RequestBody,
    ) -> Result<T, CliError> {
        let answer = runtime()?.block_on(async {
            let response = exchange(&self.socket, method, target, body).await?;
            read_whole(response).await
        })?;
        parse(answer)
    }
}

/// Bytes that are read and sent at once.
const TURN: usize = 64 * 1024;

/// Turns that wait to be sent.
const WAITING: usize = 4;

type RequestBody = BoxBody<Bytes, std::io::Error>;

/// An answer that is read.
struct Answer {
    status: StatusCode,
    body: Bytes,
}

fn whole(bytes: Bytes) -> RequestBody {
    Full::new(bytes).map_err(|never| match never {}).boxed()
}

fn runtime() -> Result<tokio::runtime::Runtime, CliError> {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(CliError::failed)
}

/// Reads to the end and sends what was read.
fn feed(
    mut input: impl Read,
    mut sender: Sender<Bytes, std::io::Error>,
    mut sent: impl FnMut(u64),
) -> Result<(), CliError> {
    let mut buffer = vec![0; TURN];
    let mut total = 0;
    loop {
        match input.read(&mut buffer) {
            Ok(0) => return Ok(()),
            Ok(count) => {
                let data = Bytes::copy_from_slice(buffer.get(..count).unwrap_or_default());
                let handle = tokio::runtime::Handle::current();
                if handle.block_on(sender.send_data(data)).is_err() {
                    // The daemon has answered already, and says why.
                    return Ok(());
                }
                total += count as u64;
                sent(total);
            }
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            Err(error) => {
                let sentence = format!("the file cannot be read: {error}");
                sender.abort(error);
                return Err(CliError::Failed(sentence));
            }
        }
    }
}

fn parse<T: DeserializeOwned>(answer: Answer) -> Result<T, CliError> {
    if !answer.status.is_success() {
        return Err(refusal(answer));
    }
    serde_json::from_slice(&answer.body).map_err(|error| {
        CliError::Failed(format!(
            "the answer of blacklistd is not as expected ({error}): restart the daemon, so that it has the version of this command"
        ))
    })
}

fn refusal(answer: Answer) -> CliError {
    let Answer { status, body } = answer;
    let sentence = match serde_json::from_slice::<ErrorObject>(&body) {
        Ok(object) => object.error,
        Err(_) => match std::str::from_utf8(&body) {
            Ok(text) if !text.is_empty() => format!("blacklistd answered {status}: {text}"),
            Ok(_) | Err(_) => format!("blacklistd answered {status}"),
        },
    };
    if status == StatusCode::NOT_FOUND {
        CliError::NotFound(sentence)
    } else {
        CliError::Failed(sentence)
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

fn broken(socket: &Path, error: &hyper::Error) -> CliError {
    CliError::Failed(format!(
        "blacklistd at {} closed the connection: {error}; see its log",
        socket.display()
    ))
}

async fn exchange(
    socket: &Path,
    method: Method,
    target: &Target,
    body: RequestBody,
) -> Result<Response<Incoming>, CliError> {
    let stream = UnixStream::connect(socket)
        .await
        .map_err(|error| unreachable(socket, &error))?;
    let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream))
        .await
        .map_err(|error| broken(socket, &error))?;
    // Ends with the runtime; what goes wrong on it comes out of the request.
    tokio::spawn(connection);
    let request = Request::builder()
        .method(method)
        .uri(target.as_str())
        .header("host", "blacklistd")
        .header("content-type", "application/json")
        .body(body)
        .map_err(CliError::failed)?;
    sender
        .send_request(request)
        .await
        .map_err(|error| broken(socket, &error))
}

async fn read_whole(response: Response<Incoming>) -> Result<Answer, CliError> {
    let status = response.status();
    let body = response
        .into_body()
        .collect()
        .await
        .map_err(|error| {
            CliError::Failed(format!("the answer of blacklistd is incomplete: {error}"))
        })?
        .to_bytes();
    Ok(Answer { status, body })
}
