//! Redirect responses (302). The library puts this side's own address into the Contact of every
//! response; in a redirect it has to be the new target (RFC 3261, section 21.3.3).

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rsipstack::dialog::DialogId;
use rsipstack::sip::prelude::HeadersExt as _;
use rsipstack::sip::{Contact, Header, Response, SipMessage, StatusCode};
use rsipstack::transaction::endpoint::MessageInspector;
use rsipstack::transport::SipAddr;
use tokio::sync::oneshot;

/// The new target, and who waits for the response to be sent.
struct RedirectTarget {
    contact: String,
    told: oneshot::Sender<()>,
}

/// Calls that are about to be redirected. Copies share everything.
#[derive(Clone, Default)]
pub(super) struct Moves(Arc<Mutex<HashMap<(String, String), RedirectTarget>>>);

/// Identifies a call by its Call-ID and this side's tag.
fn key(id: &DialogId) -> (String, String) {
    (id.call_id.clone(), id.local_tag.clone())
}

impl Moves {
    /// Sets the target of a call whose next response is a 302. The receiver completes when that
    /// response is sent.
    pub(super) fn expect(&self, id: &DialogId, contact: String) -> oneshot::Receiver<()> {
        let (told, waits) = oneshot::channel();
        self.lock()
            .insert(key(id), RedirectTarget { contact, told });
        waits
    }

    /// Removes a call, whether its response was sent or not.
    pub(super) fn forget(&self, id: &DialogId) {
        self.lock().remove(&key(id));
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<(String, String), RedirectTarget>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Removes and returns the target of the call that a response belongs to.
    fn remove(&self, response: &Response) -> Option<RedirectTarget> {
        if response.status_code != StatusCode::MovedTemporarily {
            return None;
        }
        let call_id = response.call_id_header().ok()?.value().to_owned();
        let tag = response.to_header().ok()?.tag().ok()??;
        self.lock().remove(&(call_id, tag.value().to_owned()))
    }
}

impl MessageInspector for Moves {
    fn before_send(&self, mut message: SipMessage, _to: Option<&SipAddr>) -> SipMessage {
        // A retransmission repeats this response as it was first sent.
        if let SipMessage::Response(response) = &mut message
            && let Some(RedirectTarget { contact, told }) = self.remove(response)
        {
            let headers = &mut response.headers;
            headers.remove_all(|header| matches!(header, Header::Contact(_)));
            headers.push(Header::Contact(Contact::new(contact)));
            // Nobody may be waiting.
            let _ = told.send(());
        }
        message
    }

    fn after_received(&self, message: SipMessage, _from: Option<&SipAddr>) -> SipMessage {
        message
    }
}
