//! What callers hear if they are not simply rejected: sounds, session descriptions and RTP
//! (`media`), SIP dialogs (`dialog`), and the media host that plays announcements and music,
//! collects PINs and redirects calls (`host`). The only crate that uses the libraries for dialogs
//! and audio.

pub mod dialog;
pub mod host;
pub mod media;
