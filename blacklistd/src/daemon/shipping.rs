//! The log on its way to others: a JSON line for each row, and how far each sink has got.

use std::sync::{Arc, OnceLock};

use super::journal::Journal;
use blacklist_figures::SinkStatus;
use blacklist_lists::ship::{LogLine, Shipping, SinkSettings, Source};
use blacklist_store::journal::{CallFilter, Order};

/// What ships the log of the running daemon.
pub(crate) struct LogShipping {
    journal: Arc<Journal>,
    /// Once it was started.
    shipping: OnceLock<Shipping>,
}

impl LogShipping {
    pub(super) fn new(journal: Arc<Journal>) -> Self {
        Self {
            journal,
            shipping: OnceLock::new(),
        }
    }

    /// Starts to ship the log to these sinks, or ships it to them from this moment on.
    pub(crate) fn ship_to(&self, sinks: Vec<SinkSettings>) {
        if let Some(shipping) = self.shipping.get() {
            shipping.replace(sinks);
            return;
        }
        let source = Arc::new(ShippedLog(self.journal.clone()));
        self.shipping.get_or_init(|| Shipping::start(sinks, source));
    }

    /// How far each sink is.
    pub(crate) fn statuses(&self) -> Vec<SinkStatus> {
        let shipping = self.shipping.get();
        shipping.map(Shipping::statuses).unwrap_or_default()
    }

    /// Ships rows that came into the log.
    pub(super) fn wake(&self) {
        if let Some(shipping) = self.shipping.get() {
            shipping.wake();
        }
    }

    /// Ends shipping; waits a moment for what is on its way.
    pub(crate) fn stop(&self) {
        if let Some(shipping) = self.shipping.get() {
            shipping.stop();
        }
    }
}

struct ShippedLog(Arc<Journal>);

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
