//! Bodies that do not fit in memory: from the socket into a file, and from a file to the socket.

use std::path::{Path, PathBuf};

use axum::body::Body;
use axum::http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use axum::response::Response;
use http_body_util::BodyExt as _;
use http_body_util::channel::Channel;
use hyper::body::Bytes;
use tokio::fs::File;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use super::error::ApiError;

/// Bytes that are read and sent at once.
const TURN: usize = 64 * 1024;

/// Turns that wait for whoever reads.
const WAITING: usize = 4;

/// A file that is gone when nobody needs it any more.
#[derive(Debug)]
pub(super) struct StagedFile(PathBuf);

impl StagedFile {
    /// A name of its own in the state directory.
    pub(super) fn new(directory: &Path, what: &str) -> Self {
        use std::sync::atomic::{AtomicU64, Ordering};
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let process = std::process::id();
        Self(directory.join(format!("{what}-{process}-{number}.part")))
    }

    pub(super) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for StagedFile {
    fn drop(&mut self) {
        // It may never have been made.
        let _ = std::fs::remove_file(&self.0);
    }
}

fn failed(what: &str, path: &Path, error: &std::io::Error) -> ApiError {
    ApiError::internal(format!("cannot {what} {}: {error}", path.display()))
}

/// Takes a body into a file.
pub(super) async fn stage(
    directory: &Path,
    what: &str,
    mut body: Body,
) -> Result<StagedFile, ApiError> {
    let staged = StagedFile::new(directory, what);
    let path = staged.path();
    let mut file = File::options()
        .write(true)
        .create_new(true)
        .open(path)
        .await
        .map_err(|error| failed("make", path, &error))?;
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|error| {
            ApiError::bad_request(format!(
                "the upload broke off: {error}; nothing was changed"
            ))
        })?;
        if let Some(data) = frame.data_ref() {
            file.write_all(data)
                .await
                .map_err(|error| failed("write", path, &error))?;
        }
    }
    file.flush()
        .await
        .map_err(|error| failed("write", path, &error))?;
    Ok(staged)
}

/// Sends a file; it is kept until all of it is read.
async fn send(staged: StagedFile) -> Result<(Body, u64), ApiError> {
    let path = staged.path().to_owned();
    let mut file = File::open(&path)
        .await
        .map_err(|error| failed("open", &path, &error))?;
    let length = file
        .metadata()
        .await
        .map_err(|error| failed("open", &path, &error))?
        .len();
    let (mut sender, channel) = Channel::<Bytes, std::io::Error>::new(WAITING);
    tokio::spawn(async move {
        let _kept = staged;
        let mut buffer = vec![0; TURN];
        loop {
            match file.read(&mut buffer).await {
                Ok(0) => break,
                Ok(count) => {
                    let data = Bytes::copy_from_slice(buffer.get(..count).unwrap_or_default());
                    if sender.send_data(data).await.is_err() {
                        // Whoever asked has gone.
                        break;
                    }
                }
                Err(error) => {
                    sender.abort(error);
                    break;
                }
            }
        }
    });
    Ok((Body::new(channel), length))
}

/// Sends a file as an answer.
pub(super) async fn response(
    staged: StagedFile,
    kind: &'static str,
) -> Result<Response<Body>, ApiError> {
    let (body, length) = send(staged).await?;
    Response::builder()
        .header(CONTENT_TYPE, kind)
        .header(CONTENT_LENGTH, length)
        .body(body)
        .map_err(|error| ApiError::internal(error.to_string()))
}
