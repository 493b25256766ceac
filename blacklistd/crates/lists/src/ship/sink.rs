//! What every sink can do.

use super::file::FileSink;
use super::http::HttpSink;
use super::journald::JournaldSink;
use super::limits::Limits;
use super::settings::SinkTarget;
use super::signal::Signal;
use super::source::Line;
use super::unix::UnixSink;

/// Takes lines somewhere.
pub(super) trait Sink {
    /// Delivers a batch. It may block as long as its time limits say; `signal` tells when it is
    /// to give up.
    fn deliver(&mut self, lines: &[Line], signal: &Signal) -> Result<(), Failure>;
}

/// Why a batch was not delivered.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Failure {
    /// Lines at its beginning that were delivered nevertheless.
    pub(super) delivered: usize,
    /// What to tell people.
    pub(super) reason: String,
    /// Whether another try is of no use until somebody has changed something.
    pub(super) is_refusal: bool,
}

impl Failure {
    /// Nothing was delivered; another try may succeed.
    pub(super) fn new(reason: impl Into<String>) -> Self {
        Self {
            delivered: 0,
            reason: reason.into(),
            is_refusal: false,
        }
    }

    /// Nothing was delivered, and nothing will be until somebody has changed something.
    pub(super) fn refusal(reason: impl Into<String>) -> Self {
        Self {
            is_refusal: true,
            ..Self::new(reason)
        }
    }
}

/// The sink for a target.
pub(super) fn open(target: &SinkTarget, limits: &Limits) -> Box<dyn Sink> {
    match target {
        SinkTarget::File { path } => Box::new(FileSink::new(path.clone())),
        SinkTarget::Journald { socket } => {
            Box::new(JournaldSink::new(socket.clone(), limits.patience))
        }
        SinkTarget::Unix { path } => Box::new(UnixSink::new(path.clone(), limits.patience)),
        SinkTarget::Http { url, token_file } => {
            Box::new(HttpSink::new(url.clone(), token_file.clone(), limits))
        }
    }
}

/// The lines as text, each with its newline.
pub(super) fn text_of(lines: &[Line]) -> Vec<u8> {
    let mut text = Vec::with_capacity(lines.iter().map(|line| line.json.len() + 1).sum());
    for line in lines {
        text.extend_from_slice(line.json.as_bytes());
        text.push(b'\n');
    }
    text
}
