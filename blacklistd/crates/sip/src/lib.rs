//! SIP in the daemon, without sockets: answers to blocked calls (`answer`), answers to proxies and
//! scripts that ask (`companion`), calls in captured traffic (`capture`), and INVITEs written to
//! ask a question (`invite`). Only `blacklist_common` reads who calls.

pub mod answer;
pub mod capture;
pub mod companion;
pub mod invite;
