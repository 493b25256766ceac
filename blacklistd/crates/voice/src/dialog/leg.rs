//! Outbound calls, each placed for an inbound one.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use rsipstack::dialog::dialog::{DialogState, DialogStateReceiver};
use rsipstack::dialog::dialog_layer::DialogLayer;
use rsipstack::dialog::invitation::{InviteAsyncResult, InviteOption};
use rsipstack::dialog::invite_dialog::InviteDialog;
use rsipstack::sip::prelude::HeadersExt as _;
use rsipstack::sip::{Auth, Header, Request, Scheme, StatusCode, Uri};
use rsipstack::transport::SipAddr;
use tokio::task::JoinHandle;

use super::address::Target;
use super::caller;
use super::event::{CallEvent, DialogEnded};
use super::inbound::{InboundCall, next, reinvite};

/// Maximum time for ending a call.
const END_WITHIN: Duration = Duration::from_secs(32);
/// Max-Forwards if the caller's request has none (RFC 3261, section 8.1.1.6).
const HOPS: u32 = 70;

/// Headers that are copied from the caller's request: identity, privacy and the call's history. All
/// others belong to a single leg.
const GOES_ON: [&str; 16] = [
    "p-asserted-identity",
    "p-preferred-identity",
    "remote-party-id",
    "privacy",
    "identity",
    "diversion",
    "history-info",
    "call-info",
    "alert-info",
    "user-to-user",
    "subject",
    "priority",
    "organization",
    "accept-language",
    "p-charging-vector",
    "date",
];

/// An outbound call to place.
pub struct LegOrder {
    /// Its target; `None` for that of the inbound call.
    pub target: Option<Target>,
    /// Destination of its packets.
    pub destination: SocketAddr,
    /// Its session description.
    pub offer: Vec<u8>,
    /// Its Call-ID, which cannot be guessed.
    pub call_id: String,
    /// Headers in addition to those of the inbound call.
    pub headers: Vec<(String, String)>,
    request: Request,
}

impl LegOrder {
    /// For an inbound call.
    pub fn for_call(
        call: &InboundCall,
        target: Option<Target>,
        destination: SocketAddr,
        offer: Vec<u8>,
        call_id: String,
    ) -> Self {
        Self {
            target,
            destination,
            offer,
            call_id,
            headers: Vec::new(),
            request: call.request().clone(),
        }
    }

    /// All headers except those that every INVITE has. `None` if Max-Forwards is used up.
    fn all_headers(&self) -> Option<Vec<Header>> {
        let mut hops = HOPS;
        let mut headers = Vec::new();
        for header in self.request.headers.iter() {
            let line = header.to_string();
            let Some((name, value)) = line.split_once(':') else {
                continue;
            };
            let (name, value) = (name.trim(), value.trim());
            if name.eq_ignore_ascii_case("max-forwards") {
                hops = value.parse().unwrap_or(HOPS);
            }
            if GOES_ON.iter().any(|known| name.eq_ignore_ascii_case(known)) {
                headers.push(Header::Other(name.to_owned(), value.to_owned()));
            }
        }
        let left = hops.min(HOPS).checked_sub(1).filter(|left| *left > 0)?;
        headers.push(Header::MaxForwards(left.into()));
        let own = self.headers.iter().cloned();
        headers.extend(own.map(|(name, value)| Header::Other(name, value)));
        Some(headers)
    }
}

/// An event of an outbound call.
#[derive(Debug)]
pub enum LegEvent {
    /// It is ringing, perhaps with early media.
    Progress(Vec<u8>),
    /// It was answered with this session description.
    Answered(Vec<u8>),
    /// It was rejected with a status; 408 if there was no response.
    Refused(u16),
    /// An event of any call.
    Call(CallEvent),
}

/// An outbound call. Dropping it cancels it or hangs up.
pub struct OutboundLeg {
    layer: Arc<DialogLayer>,
    dialog: InviteDialog,
    states: DialogStateReceiver,
    /// Completes with the final response.
    invitation: Option<JoinHandle<InviteAsyncResult>>,
    has_ended: bool,
}

impl Drop for OutboundLeg {
    fn drop(&mut self) {
        let (layer, dialog) = (self.layer.clone(), self.dialog.clone());
        if self.has_ended || tokio::runtime::Handle::try_current().is_err() {
            layer.remove_dialog(&dialog.id());
            return;
        }
        tokio::spawn(async move {
            let _ = tokio::time::timeout(END_WITHIN, dialog.hangup()).await;
            layer.remove_dialog(&dialog.id());
        });
    }
}

impl OutboundLeg {
    pub(super) fn start(
        layer: Arc<DialogLayer>,
        address: SocketAddr,
        order: LegOrder,
    ) -> Result<Self, DialogEnded> {
        let from = order.request.from_header()?.value().to_owned();
        let (caller_display_name, caller) = caller::read(&from).ok_or(DialogEnded)?;
        let callee = match &order.target {
            Some(target) => target.uri.clone(),
            None => order.request.uri.clone(),
        };
        let user = caller.user().unwrap_or("blacklist").to_owned();
        let contact = Uri {
            scheme: Some(Scheme::Sip),
            auth: Some(Auth {
                user,
                password: None,
            }),
            host_with_port: address.into(),
            ..Uri::default()
        };
        let options = InviteOption {
            caller_display_name,
            caller,
            callee,
            destination: Some(SipAddr::from(order.destination)),
            content_type: Some("application/sdp".to_owned()),
            headers: Some(order.all_headers().ok_or(DialogEnded)?),
            offer: Some(order.offer),
            contact,
            call_id: Some(order.call_id),
            ..InviteOption::default()
        };
        let (sender, states) = layer.new_dialog_state_channel();
        let (dialog, invitation) = layer.do_invite_async(options, sender)?;
        Ok(Self {
            layer,
            dialog,
            states,
            invitation: Some(invitation),
            has_ended: false,
        })
    }

    /// Waits for the next event.
    pub async fn event(&mut self) -> LegEvent {
        loop {
            let Some(invitation) = &mut self.invitation else {
                let mut is_acknowledged = true;
                let event = next(&mut self.states, &self.dialog, &mut is_acknowledged).await;
                self.has_ended |= matches!(event, CallEvent::Ended(_));
                return LegEvent::Call(event);
            };
            tokio::select! {
                biased;
                state = self.states.recv() => {
                    if let Some(DialogState::Early(_, response)) = state {
                        return LegEvent::Progress(response.body);
                    }
                }
                result = invitation => {
                    self.invitation = None;
                    return self.final_event(result.map_err(|_| DialogEnded));
                }
            }
        }
    }

    fn final_event(&mut self, result: Result<InviteAsyncResult, DialogEnded>) -> LegEvent {
        let response = match result {
            Ok(Ok((_, Some(response)))) => response,
            _ => {
                self.has_ended = true;
                return LegEvent::Refused(StatusCode::RequestTimeout.code());
            }
        };
        if response.status_code == StatusCode::OK {
            return LegEvent::Answered(response.body);
        }
        self.has_ended = true;
        LegEvent::Refused(response.status_code.code())
    }

    /// Sends a new offer and returns the answer; `None` if it is rejected.
    ///
    /// # Errors
    /// The call has ended.
    pub async fn reinvite(&self, offer: Vec<u8>) -> Result<Option<Vec<u8>>, DialogEnded> {
        reinvite(&self.dialog, offer).await
    }

    /// Cancels it, or hangs up.
    pub async fn hang_up(mut self) {
        if !self.has_ended {
            let _ = tokio::time::timeout(END_WITHIN, self.dialog.hangup()).await;
            self.has_ended = true;
        }
    }
}
