//! Answers that send a caller elsewhere (302). The library puts this side's own address into every
//! answer as its Contact; in such a one the Contact is the place where the call goes on (RFC 3261,
//! 21.3.3).

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rsipstack::dialog::DialogId;
use rsipstack::sip::prelude::HeadersExt as _;
use rsipstack::sip::{Contact, Header, Response, SipMessage, StatusCode};
use rsipstack::transaction::endpoint::MessageInspector;
use rsipstack::transport::SipAddr;
use tokio::sync::oneshot;

/// Where a call goes on, and who waits until it was told.
struct RedirectTarget {
    contact: String,
    told: oneshot::Sender<()>,
}

/// Calls that are about to be told where they go on. Copies share everything.
#[derive(Clone, Default)]
pub(super) struct Moves(Arc<Mutex<HashMap<(String, String), RedirectTarget>>>);

/// A call by its Call-ID and this side's tag.
fn key(id: &DialogId) -> (String, String) {
    (id.call_id.clone(), id.local_tag.clone())
}

impl Moves {
    /// Notes where a call goes on that is answered with 302 next. What it gives ends when that answer
    /// is on its way.
    pub(super) fn expect(&self, id: &DialogId, contact: String) -> oneshot::Receiver<()> {
        let (told, waits) = oneshot::channel();
        self.lock()
            .insert(key(id), RedirectTarget { contact, told });
        waits
    }

    /// Forgets a call, whether it was told or not.
    pub(super) fn forget(&self, id: &DialogId) {
        self.lock().remove(&key(id));
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<(String, String), RedirectTarget>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The place of the call that an answer belongs to.
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
        // What is repeated is this answer as it was sent first.
        if let SipMessage::Response(response) = &mut message
            && let Some(RedirectTarget { contact, told }) = self.remove(response)
        {
            let headers = &mut response.headers;
            headers.remove_all(|header| matches!(header, Header::Contact(_)));
            headers.push(Header::Contact(Contact::new(contact)));
            // Nobody may wait any more.
            let _ = told.send(());
        }
        message
    }

    fn after_received(&self, message: SipMessage, _from: Option<&SipAddr>) -> SipMessage {
        message
    }
}
