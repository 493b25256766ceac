//! A call that is made, for one that came.

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

/// How long the end of a call may take.
const END_WITHIN: Duration = Duration::from_secs(32);
/// Hops that are left where the caller says nothing (RFC 3261, 8.1.1.6).
const HOPS: u32 = 70;

/// Headers of the caller that go on with a call: who calls, how private that is, and what the way
/// behind it was. Everything else belongs to one leg.
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

/// A call that is to be made.
pub struct LegOrder {
    /// Whom it is for; none for whom the call that came is for.
    pub target: Option<Target>,
    /// Where its packets go to.
    pub destination: SocketAddr,
    /// Its session description.
    pub offer: Vec<u8>,
    /// Its Call-ID, which nobody can guess.
    pub call_id: String,
    /// Headers beside those of the call that came.
    pub headers: Vec<(String, String)>,
    request: Request,
}

impl LegOrder {
    /// For a call that came.
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

    /// All headers beside those that every INVITE has. None if the call has gone through too many
    /// hosts.
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

/// What happened in a call that is made.
#[derive(Debug)]
pub enum LegEvent {
    /// It rings, or something is to be heard meanwhile.
    Progress(Vec<u8>),
    /// It was answered, with this description.
    Answered(Vec<u8>),
    /// It was refused with a status; 408 if nobody answered at all.
    Refused(u16),
    /// What happens in every call.
    Call(CallEvent),
}

/// A call that is made. Dropped, it is cancelled or hung up.
pub struct OutboundLeg {
    layer: Arc<DialogLayer>,
    dialog: InviteDialog,
    states: DialogStateReceiver,
    /// Ends with the final answer.
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

    /// What happens next.
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

    /// Offers another description, and gives the answer to it. None if it is refused.
    ///
    /// # Errors
    /// It has ended.
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
