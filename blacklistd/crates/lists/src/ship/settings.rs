//! Settings of sinks.

use std::path::PathBuf;

use blacklist_model::words;

/// Where journald listens.
pub const JOURNALD_SOCKET: &str = "/run/systemd/journal/socket";

/// A sink.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SinkSettings {
    /// Its name, under which its cursor is stored.
    pub name: String,
    /// Where its lines are sent.
    pub target: SinkTarget,
    /// Where it begins if it has never shipped.
    pub from: Begin,
}

/// Where lines are sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SinkTarget {
    /// Appends to a file.
    File {
        /// The file.
        path: PathBuf,
    },
    /// Writes to journald.
    Journald {
        /// Its socket, usually [`JOURNALD_SOCKET`].
        socket: PathBuf,
    },
    /// Writes to a listener on a Unix stream socket.
    Unix {
        /// The socket.
        path: PathBuf,
    },
    /// Posts to an HTTP or HTTPS endpoint.
    Http {
        /// Its address, without user and password.
        url: String,
        /// File that contains a bearer token.
        token_file: Option<PathBuf>,
    },
}

words! {
    /// Where a sink that has never shipped begins.
    pub enum Begin default Now {
        /// With the next call.
        Now = "now",
        /// With the oldest call that is kept.
        Beginning = "beginning",
    }
}

impl SinkTarget {
    /// The configuration's word.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::File { .. } => "file",
            Self::Journald { .. } => "journald",
            Self::Unix { .. } => "unix",
            Self::Http { .. } => "http",
        }
    }

    /// The destination as it is shown, without secrets: an address without its query.
    pub fn place(&self) -> String {
        match self {
            Self::File { path } | Self::Unix { path } | Self::Journald { socket: path } => {
                path.display().to_string()
            }
            Self::Http { url, .. } => url.split(['?', '#']).next().unwrap_or_default().to_owned(),
        }
    }
}
