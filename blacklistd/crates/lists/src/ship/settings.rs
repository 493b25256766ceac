//! What a sink is, as the configuration says it.

use std::path::PathBuf;

use blacklist_model::words;

/// Where journald listens.
pub const JOURNALD_SOCKET: &str = "/run/systemd/journal/socket";

/// A sink.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SinkSettings {
    /// Its name; its cursor is kept under it.
    pub name: String,
    /// Where its lines go.
    pub target: SinkTarget,
    /// Where it begins if it has never shipped.
    pub from: Begin,
}

/// Where lines go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SinkTarget {
    /// To the end of a file.
    File {
        /// The file.
        path: PathBuf,
    },
    /// To journald.
    Journald {
        /// Its socket, usually [`JOURNALD_SOCKET`].
        socket: PathBuf,
    },
    /// To whoever listens on a Unix stream socket.
    Unix {
        /// The socket.
        path: PathBuf,
    },
    /// To an HTTP or HTTPS endpoint.
    Http {
        /// Its address, without user and password.
        url: String,
        /// File that holds a bearer token.
        token_file: Option<PathBuf>,
    },
}

words! {
    /// Where a sink begins that has never shipped.
    pub enum Begin default Now {
        /// With the next call.
        Now = "now",
        /// With the oldest call that is kept.
        Beginning = "beginning",
    }
}

impl SinkTarget {
    /// The word of the configuration.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::File { .. } => "file",
            Self::Journald { .. } => "journald",
            Self::Unix { .. } => "unix",
            Self::Http { .. } => "http",
        }
    }

    /// Where it is, for people: no secrets, so an address without its query.
    pub fn place(&self) -> String {
        match self {
            Self::File { path } | Self::Unix { path } | Self::Journald { socket: path } => {
                path.display().to_string()
            }
            Self::Http { url, .. } => url.split(['?', '#']).next().unwrap_or_default().to_owned(),
        }
    }
}
