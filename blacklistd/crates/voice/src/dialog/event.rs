//! Events of a call.

use rsipstack::dialog::dialog::{TerminatedReason, TransactionHandle};
use rsipstack::sip::{Header, StatusCode};

/// The dialog has ended, or the library refused the next step.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the call has ended")]
pub struct DialogEnded;

impl From<rsipstack::Error> for DialogEnded {
    fn from(error: rsipstack::Error) -> Self {
        tracing::debug!("a dialog refused a step: {}", kind(&error));
        Self
    }
}

impl From<rsipstack::sip::Error> for DialogEnded {
    fn from(error: rsipstack::sip::Error) -> Self {
        rsipstack::Error::from(error).into()
    }
}

/// The kind of an error: its text may contain callers' numbers, and is never logged.
const fn kind(error: &rsipstack::Error) -> &'static str {
    match error {
        rsipstack::Error::SipMessageError(_) => "a message cannot be read",
        rsipstack::Error::TransportLayerError(..) => "nothing could be sent",
        rsipstack::Error::TransactionError(..) => "the transaction has ended",
        rsipstack::Error::DialogError(..) => "the dialog is in another state",
        _ => "an error of the library",
    }
}

/// A new session description within a call; it has to be answered.
#[derive(Debug)]
pub struct Renegotiation {
    /// The offer; empty if this side has to make one.
    pub offer: Vec<u8>,
    pub(super) handle: TransactionHandle,
}

impl Renegotiation {
    /// Accepts it with an answer.
    pub async fn accept(self, answer: Vec<u8>) {
        let kind = Header::ContentType("application/sdp".into());
        // The client may be gone.
        let _ = self
            .handle
            .respond(StatusCode::OK, Some(vec![kind]), Some(answer))
            .await;
    }

    /// Rejects it; the call continues unchanged.
    pub async fn refuse(self, status: u16) {
        let _ = self.handle.reply(StatusCode::from(status)).await;
    }
}

/// An event of an inbound or outbound call.
#[derive(Debug)]
pub enum CallEvent {
    /// The caller has sent its ACK, with a session description if it was offered one.
    Acknowledged(Vec<u8>),
    /// A new session description.
    Renegotiate(Renegotiation),
    /// The body of an INFO, which has been answered.
    Info(Vec<u8>),
    /// It has ended. True if the peer stopped responding.
    Ended(bool),
}

/// Whether a dialog ended because the peer stopped responding.
pub(super) const fn is_vanished(reason: &TerminatedReason) -> bool {
    matches!(reason, TerminatedReason::Timeout)
}
