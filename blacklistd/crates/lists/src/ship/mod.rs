//! Log shipping: blocked calls as JSON lines to files, journald, Unix sockets and HTTP endpoints.
//! The calls' log is the queue. Each sink has a thread and a cursor, the id of the last row that
//! it delivered: rows behind it are read in batches, delivered, and then the cursor is kept. So
//! every line is delivered at least once as long as its row is kept, and may be delivered again
//! after a failure or a crash, a batch at most; and a sink that is slow or dead delays nobody.

mod file;
mod http;
mod journald;
mod limits;
mod progress;
mod settings;
mod shipping;
mod signal;
mod sink;
mod source;
mod unix;
mod worker;

pub use settings::{Begin, JOURNALD_SOCKET, SinkSettings, SinkTarget};
pub use shipping::Shipping;
pub use source::{Line, Source};

#[cfg(test)]
mod tests;
