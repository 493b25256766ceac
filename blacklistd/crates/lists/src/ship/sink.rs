use super::file::FileSink;
use super::http::HttpSink;
use super::journald::JournaldSink;
use super::limits::Limits;
use super::settings::SinkTarget;
use super::signal::Signal;
use super::source::Line;
use super::unix::UnixSink;

/// A destination of lines.
pub(super) trait Sink {
    /// Delivers a batch. It may block up to its time limits; `signal` says when to give up.
    fn deliver(&mut self, lines: &[Line], signal: &Signal) -> Result<(), Failure>;
}

/// Why a batch was not delivered.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Failure {
    /// Lines at its beginning that were delivered nevertheless.
    pub(super) delivered: usize,
    /// The reason, for people.
    pub(super) reason: String,
    /// Whether retrying is useless until somebody changes something.
    pub(super) is_refusal: bool,
}

impl Failure {
    /// A failure after which a retry may succeed.
    pub(super) fn new(reason: impl Into<String>) -> Self {
        Self {
            delivered: 0,
            reason: reason.into(),
            is_refusal: false,
        }
    }

    /// A failure that lasts until somebody changes something.
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
