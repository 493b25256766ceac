//! In place of the sink that posts, in a build without HTTP.

use std::path::PathBuf;

use super::limits::Limits;
use super::signal::Signal;
use super::sink::{Failure, Sink};
use super::source::LogLine;

/// Delivers nothing.
pub(super) struct HttpSink;

impl HttpSink {
    pub(super) fn new(_: String, _: Option<PathBuf>, _: &Limits) -> Self {
        Self
    }
}

impl Sink for HttpSink {
    fn deliver(&mut self, _: &[LogLine], _: &Signal) -> Result<(), Failure> {
        Err(Failure::refusal(
            "this blacklistd was built without HTTP".to_owned(),
        ))
    }
}
