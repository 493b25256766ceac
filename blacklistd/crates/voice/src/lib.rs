//! What a caller hears who is not simply refused: sounds, session descriptions and RTP (`media`),
//! calls as SIP dialogs (`dialog`), and the media host that plays announcements and music, collects
//! PINs and diverts calls (`host`). The only crate that names the libraries for dialogs and audio.

pub mod dialog;
pub mod host;
pub mod media;
