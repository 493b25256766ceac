//! The log of calls, as sinks see it.

/// A call as it is shipped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// The row's id.
    pub id: u64,
    /// A JSON object without a newline. No two rows have the same text: the last lines of a file
    /// identify the rows in it.
    pub json: String,
}

/// The log of calls. Ids begin at 1, increase, and are never reused. All methods may block; errors
/// are sentences.
pub trait Source: Send + Sync + 'static {
    /// At most `limit` lines after `id`, oldest first.
    ///
    /// # Errors
    /// They cannot be read.
    fn after(&self, id: u64, limit: usize) -> Result<Vec<Line>, String>;

    /// Ids of the oldest and of the newest row; both 0 if there are none.
    ///
    /// # Errors
    /// They cannot be read.
    fn ends(&self) -> Result<(u64, u64), String>;

    /// The cursor of a sink; `None` if it has never shipped.
    ///
    /// # Errors
    /// It cannot be read.
    fn cursor(&self, sink: &str) -> Result<Option<u64>, String>;

    /// Stores the cursor of a sink.
    ///
    /// # Errors
    /// It cannot be written.
    fn keep_cursor(&self, sink: &str, id: u64) -> Result<(), String>;
}
