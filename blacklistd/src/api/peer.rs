//! Who is at the other end of the socket, as the kernel says (`SO_PEERCRED`).

use axum::extract::connect_info::Connected;
use axum::serve::IncomingStream;
use nix::unistd::{Uid, User};
use tokio::net::UnixListener;

use crate::daemon::Author;

/// The user who asks; the author of what is changed.
#[derive(Clone, Debug)]
pub(super) struct Peer {
    uid: Option<u32>,
}

impl Connected<IncomingStream<'_, UnixListener>> for Peer {
    fn connect_info(stream: IncomingStream<'_, UnixListener>) -> Self {
        Self {
            uid: stream
                .io()
                .peer_cred()
                .ok()
                .map(|credentials| credentials.uid()),
        }
    }
}

impl Peer {
    /// Somebody whose user is not known, for tests.
    #[cfg(test)]
    pub(super) const fn unknown() -> Self {
        Self { uid: None }
    }

    /// Who asks, over the socket.
    pub(super) fn author(&self) -> Author {
        self.author_by("socket")
    }

    /// Who asks, with something that they bring: `import FILE`.
    pub(super) fn author_by(&self, source: &str) -> Author {
        Author {
            name: self.name(),
            source: source.to_owned(),
        }
    }

    /// The user as `uid 0 (root)`.
    pub(super) fn name(&self) -> String {
        let Some(uid) = self.uid else {
            return "unknown user".to_owned();
        };
        match User::from_uid(Uid::from_raw(uid)) {
            Ok(Some(user)) => format!("uid {uid} ({})", user.name),
            Ok(None) | Err(_) => format!("uid {uid}"),
        }
    }
}
