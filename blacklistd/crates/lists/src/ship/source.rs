//! The calls' log, as sinks see it.

/// One call as it is shipped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// The row's id.
    pub id: u64,
    /// One JSON object without a newline. No two rows have the same text: a file's last lines tell
    /// which rows are in it.
    pub json: String,
}

/// The calls' log. Ids begin at 1, grow, and are never used again. All of it may block; errors are
/// sentences.
pub trait Source: Send + Sync + 'static {
    /// At most `limit` lines behind `id`, oldest first.
    ///
    /// # Errors
    /// They cannot be read.
    fn after(&self, id: u64, limit: usize) -> Result<Vec<Line>, String>;

    /// Ids of the oldest row and of the newest one; zeros if there is none.
    ///
    /// # Errors
    /// They cannot be read.
    fn ends(&self) -> Result<(u64, u64), String>;

    /// The cursor of a sink; none for one that has never shipped.
    ///
    /// # Errors
    /// It cannot be read.
    fn cursor(&self, sink: &str) -> Result<Option<u64>, String>;

    /// Remembers the cursor of a sink.
    ///
    /// # Errors
    /// It cannot be written.
    fn keep_cursor(&self, sink: &str, id: u64) -> Result<(), String>;
}
