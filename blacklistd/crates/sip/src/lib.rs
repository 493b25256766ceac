//! SIP on the daemon's side, without a socket: a blocked call's request in and the answer's bytes
//! out (`answer`), the same for a proxy or a script that asks (`companion`), captures of traffic to
//! calls (`capture`), and INVITEs that are written to ask a question (`invite`). Who calls is read by
//! `blacklist_common` alone.

pub mod answer;
pub mod capture;
pub mod companion;
pub mod invite;
