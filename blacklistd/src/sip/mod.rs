//! SIP messages that the daemon writes itself. Reading them is `blacklist_common`'s.

pub mod invite;
