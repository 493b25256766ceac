//! SIP on the daemon's side, without a socket: a blocked call's request in and the answer's bytes
//! out, captures of traffic to calls, and INVITEs that are written to ask a question. Who calls is
//! read by `blacklist_common` alone.

pub mod answer;
pub mod capture;
pub mod invite;
