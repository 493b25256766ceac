//! What happens in a call.

use rsipstack::dialog::dialog::{TerminatedReason, TransactionHandle};
use rsipstack::sip::{Header, StatusCode};

/// The dialog has ended, or the library refuses what would have been its next step.
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

/// What kind of error it is: its text can hold numbers of callers, and is never logged.
const fn kind(error: &rsipstack::Error) -> &'static str {
    match error {
        rsipstack::Error::SipMessageError(_) => "a message cannot be read",
        rsipstack::Error::TransportLayerError(..) => "nothing could be sent",
        rsipstack::Error::TransactionError(..) => "the transaction has ended",
        rsipstack::Error::DialogError(..) => "the dialog is in another state",
        _ => "an error of the library",
    }
}

/// Another session description for a call that goes on; it has to be answered.
#[derive(Debug)]
pub struct Renegotiation {
    /// The offer; empty if this side is asked for one.
    pub offer: Vec<u8>,
    pub(super) handle: TransactionHandle,
}

impl Renegotiation {
    /// Agrees, with a description.
    pub async fn accept(self, answer: Vec<u8>) {
        let kind = Header::ContentType("application/sdp".into());
        // Whoever asked may be gone.
        let _ = self
            .handle
            .respond(StatusCode::OK, Some(vec![kind]), Some(answer))
            .await;
    }

    /// Refuses; the call goes on as it was.
    pub async fn refuse(self, status: u16) {
        let _ = self.handle.reply(StatusCode::from(status)).await;
    }
}

/// What happened in a call that came or was made.
#[derive(Debug)]
pub enum CallEvent {
    /// The caller has acknowledged the answer; with its description if it was asked for one.
    Acknowledged(Vec<u8>),
    /// Another session description.
    Renegotiate(Renegotiation),
    /// The body of an INFO, which was answered.
    Info(Vec<u8>),
    /// It is over. True if that was because the other side does not answer any more.
    Ended(bool),
}

/// Whether a dialog ended because nobody answered.
pub(super) const fn is_vanished(reason: &TerminatedReason) -> bool {
    matches!(reason, TerminatedReason::Timeout)
}
