//! Inbound calls.

use std::sync::Arc;
use std::time::Duration;

use rsipstack::dialog::dialog::{DialogState, DialogStateReceiver};
use rsipstack::dialog::dialog_layer::DialogLayer;
use rsipstack::dialog::invite_dialog::InviteDialog;
use rsipstack::sip::{Header, Request, StatusCode};
use rsipstack::transaction::transaction::Transaction;

use super::endpoint::name_of;
use super::event::{CallEvent, DialogEnded, Renegotiation, is_vanished};
use super::moved::Moves;

/// Maximum time for ending a call: that of a transaction (RFC 3261, timer F).
const END_WITHIN: Duration = Duration::from_secs(32);

/// An inbound call. Dropping it rejects it or hangs up.
pub struct InboundCall {
    layer: Arc<DialogLayer>,
    moves: Moves,
    dialog: InviteDialog,
    states: DialogStateReceiver,
    request: Request,
    is_acknowledged: bool,
    has_ended: bool,
}

impl Drop for InboundCall {
    fn drop(&mut self) {
        let (layer, dialog) = (self.layer.clone(), self.dialog.clone());
        let id = dialog.id();
        if self.has_ended || tokio::runtime::Handle::try_current().is_err() {
            layer.remove_dialog(&id);
            return;
        }
        tokio::spawn(async move {
            if dialog.state().can_cancel() {
                let _ = dialog.reject(Some(StatusCode::TemporarilyUnavailable), None);
            } else {
                let _ = tokio::time::timeout(END_WITHIN, dialog.bye()).await;
            }
            layer.remove_dialog(&id);
        });
    }
}

impl InboundCall {
    /// Creates a call from an INVITE's transaction, which continues by itself.
    pub(super) fn of(
        layer: Arc<DialogLayer>,
        moves: Moves,
        mut transaction: Transaction,
    ) -> Result<Self, DialogEnded> {
        let (sender, states) = layer.new_dialog_state_channel();
        let dialog = layer.get_or_create_server_invite(&transaction, sender, None, None)?;
        let request = transaction.original.clone();
        let mut handled = dialog.clone();
        tokio::spawn(async move {
            // The library has answered what it refuses; the end of the dialog is an event.
            let _ = handled.handle(&mut transaction).await;
        });
        Ok(Self {
            layer,
            moves,
            dialog,
            states,
            request,
            is_acknowledged: false,
            has_ended: false,
        })
    }

    /// Its Call-ID.
    pub fn call_id(&self) -> String {
        self.dialog.id().call_id
    }

    /// The branch of its topmost Via (RFC 3261, section 8.1.1.7); with the Call-ID it identifies
    /// the request.
    pub fn branch(&self) -> String {
        name_of(&self.request)
            .map(|name| name.branch)
            .unwrap_or_default()
    }

    /// The session description in its INVITE; empty if there is none.
    pub fn offer(&self) -> &[u8] {
        &self.request.body
    }

    pub(super) const fn request(&self) -> &Request {
        &self.request
    }

    /// Sends 183 with a session description for early media.
    ///
    /// # Errors
    /// The call has ended.
    pub fn progress(&self, description: Vec<u8>) -> Result<(), DialogEnded> {
        Ok(self.dialog.ringing(kind(&description), Some(description))?)
    }

    /// Sends 180.
    ///
    /// # Errors
    /// The call has ended.
    pub fn ring(&self) -> Result<(), DialogEnded> {
        Ok(self.dialog.ringing(None, None)?)
    }

    /// Answers it (200).
    ///
    /// # Errors
    /// The call has ended.
    pub fn answer(&self, description: Vec<u8>) -> Result<(), DialogEnded> {
        Ok(self.dialog.accept(kind(&description), Some(description))?)
    }

    /// Rejects it, or hangs up if it was answered.
    pub async fn refuse(mut self, status: u16, phrase: &str, reason: Option<String>) {
        if self.dialog.state().can_cancel() {
            let status = StatusCode::from(status);
            let standard = status.to_string();
            let status = if phrase.is_empty() || standard.ends_with(phrase) {
                status
            } else {
                StatusCode::Other(status.code(), phrase.to_owned())
            };
            let _ = self.dialog.reject(Some(status), reason);
            self.has_ended = true;
        } else {
            self.hang_up().await;
        }
    }

    /// Redirects it (302) to a URI, which the caller or a proxy then calls. Hangs up if it was
    /// answered.
    pub async fn move_to(mut self, uri: &str) {
        if !self.dialog.state().can_cancel() {
            self.hang_up().await;
            return;
        }
        let id = self.dialog.id();
        let told = self.moves.expect(&id, format!("<{uri}>"));
        let moved = self.dialog.reject(Some(StatusCode::MovedTemporarily), None);
        self.has_ended = true;
        if moved.is_ok() {
            let _ = tokio::time::timeout(END_WITHIN, told).await;
        }
        self.moves.forget(&id);
    }

    /// Hangs up.
    pub async fn hang_up(mut self) {
        if !self.has_ended {
            // The call is over whether or not the peer responds.
            let _ = tokio::time::timeout(END_WITHIN, self.dialog.bye()).await;
            self.has_ended = true;
        }
    }

    /// Sends a new offer and returns the answer; `None` if it is rejected.
    ///
    /// # Errors
    /// The call has ended.
    pub async fn reinvite(&self, offer: Vec<u8>) -> Result<Option<Vec<u8>>, DialogEnded> {
        reinvite(&self.dialog, offer).await
    }

    /// Waits for the next event.
    pub async fn event(&mut self) -> CallEvent {
        if self.has_ended {
            return CallEvent::Ended(false);
        }
        let event = next(&mut self.states, &self.dialog, &mut self.is_acknowledged).await;
        if matches!(event, CallEvent::Ended(_)) {
            self.has_ended = true;
        }
        event
    }
}

/// The headers of a session description.
fn kind(description: &[u8]) -> Option<Vec<Header>> {
    (!description.is_empty()).then(|| vec![Header::ContentType("application/sdp".into())])
}

/// Sends a new offer in a dialog.
pub(super) async fn reinvite(
    dialog: &InviteDialog,
    offer: Vec<u8>,
) -> Result<Option<Vec<u8>>, DialogEnded> {
    let headers = kind(&offer);
    let response = dialog.reinvite(headers, Some(offer)).await?;
    Ok(response
        .filter(|response| response.status_code == StatusCode::OK)
        .map(|response| response.body))
}

/// The next event of an established or early dialog.
pub(super) async fn next(
    states: &mut DialogStateReceiver,
    dialog: &InviteDialog,
    is_acknowledged: &mut bool,
) -> CallEvent {
    while let Some(state) = states.recv().await {
        match state {
            DialogState::Confirmed(..) if !*is_acknowledged => {
                *is_acknowledged = true;
                let ack = dialog.last_remote_ack();
                return CallEvent::Acknowledged(ack.map(|ack| ack.body).unwrap_or_default());
            }
            DialogState::Updated(_, request, handle) => {
                return CallEvent::Renegotiate(Renegotiation {
                    offer: request.body,
                    handle,
                });
            }
            DialogState::Info(_, request, handle) => {
                let _ = handle.reply(StatusCode::OK).await;
                return CallEvent::Info(request.body);
            }
            DialogState::Options(_, _, handle) => {
                let _ = handle.reply(StatusCode::OK).await;
            }
            DialogState::Terminated(_, reason) => return CallEvent::Ended(is_vanished(&reason)),
            // Transfers and subscriptions are not supported; dropping the handle answers them.
            _ => {}
        }
    }
    CallEvent::Ended(false)
}
