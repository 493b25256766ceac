//! The log as what is shipped: a JSON line for each row, and how far each sink has got.

use std::sync::Arc;

use crate::journal::{CallFilter, Order};
use crate::ship::{LogLine, Source};

use super::Journal;

/// The log of the running daemon.
pub(in crate::daemon) struct ShippedLog(pub(in crate::daemon) Arc<Journal>);

fn text(error: impl std::fmt::Display) -> String {
    error.to_string()
}

impl Source for ShippedLog {
    fn after(&self, id: u64, limit: usize) -> Result<Vec<LogLine>, String> {
        let filter = CallFilter {
            after: Some(id),
            ..CallFilter::default()
        };
        let reader = self.0.reader().map_err(text)?;
        let calls = reader.page(&filter, Order::Oldest, limit).map_err(text)?;
        calls
            .into_iter()
            .map(|call| {
                Ok(LogLine {
                    id: call.id,
                    json: serde_json::to_string(&call).map_err(text)?,
                })
            })
            .collect()
    }

    fn ends(&self) -> Result<(u64, u64), String> {
        let reader = self.0.reader().map_err(text)?;
        reader.ends().map_err(text)
    }

    fn cursor(&self, sink: &str) -> Result<Option<u64>, String> {
        self.0.log().cursor(sink).map_err(text)
    }

    fn keep_cursor(&self, sink: &str, id: u64) -> Result<(), String> {
        self.0.log().keep_cursor(sink, id).map_err(text)
    }
}
