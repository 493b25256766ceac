//! Answers to blocked calls, computed from the request alone (RFC 3261, section 8.2.7): bytes in,
//! bytes out. Sockets and rules belong to the daemon.

mod quoted;
mod request;
mod respond;
mod status;
mod via;

pub use quoted::find_unquoted;
pub use request::{Request, Unreadable, call_id_of};
pub use respond::{Reply, Responder};
pub use status::{Contact, Status, StatusSettings};
