//! Log shipping: blocked calls as JSON lines to files, journald, Unix sockets and HTTP endpoints.
//! The log of calls is the queue. Each sink has a thread and a cursor, the id of the last row that
//! it delivered: the rows after it are read in batches and delivered, and then the cursor is
//! stored. So every line is delivered at least once for as long as its row is kept; after a failure
//! or a crash, at most one batch is delivered again; and a slow or dead sink delays no other.

mod file;
#[cfg_attr(not(feature = "http"), path = "no_http.rs")]
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
pub use source::{LogLine, Source};

#[cfg(test)]
mod tests;
