//! A local address and port, as the peer sees it, with all its dialogs.

use std::net::SocketAddr;
use std::sync::Arc;

use rsipstack::EndpointBuilder;
use rsipstack::dialog::dialog::Dialog;
use rsipstack::dialog::dialog_layer::DialogLayer;
use rsipstack::sip::prelude::{HeadersExt as _, ToTypedHeader as _};
use rsipstack::sip::{Method, Request, SipMessage, StatusCode};
use rsipstack::transaction::TransactionReceiver;
use rsipstack::transaction::transaction::Transaction;
use rsipstack::transport::udp::UdpConnection;
use rsipstack::transport::{SipConnection, TransportLayer};
use tokio::sync::{Mutex, mpsc};
use tokio_util::sync::CancellationToken;

use super::event::DialogEnded;
use super::inbound::InboundCall;
use super::leg::{LegOrder, OutboundLeg};
use super::moved::Moves;
use super::socket::{Datagram, Transmit, VirtualSocket};

/// The value of User-Agent.
const USER_AGENT: &str = concat!("blacklist/", env!("CARGO_PKG_VERSION"));

/// Maximum number of queued messages, and of queued new calls.
const WAITING: usize = 1024;

/// A message was not accepted: the queue is full, or the endpoint has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the message was not taken")]
pub struct NotDelivered;

/// Identifies a request: its Call-ID, and the branch of its topmost Via (RFC 3261, section
/// 8.1.1.7).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestName {
    /// The Call-ID.
    pub call_id: String,
    /// The branch; empty for a request by RFC 2543, which has none.
    pub branch: String,
}

/// The name of a request from which the library can create a dialog: one it can parse, in UTF-8,
/// with a Contact (RFC 3261, section 8.1.1.8) and a From tag. `None` for others.
pub fn read_name(text: &[u8]) -> Option<RequestName> {
    std::str::from_utf8(text).ok()?;
    let Ok(SipMessage::Request(request)) = SipMessage::try_from(text) else {
        return None;
    };
    let has_contact = request
        .typed_contact_headers()
        .is_ok_and(|contacts| !contacts.is_empty());
    let from = request.from_header().ok()?;
    let is_whole = has_contact
        && from.typed().is_ok()
        && matches!(from.tag(), Ok(Some(_)))
        && request.to_header().ok()?.typed().is_ok()
        && request.cseq_header().ok()?.seq().is_ok();
    is_whole.then(|| name_of(&request)).flatten()
}

/// The name of a request.
pub(super) fn name_of(request: &Request) -> Option<RequestName> {
    let via = request.via_header().ok()?.typed().ok()?;
    let branch = via.branch().map(|branch| branch.value().to_owned());
    Some(RequestName {
        call_id: request.call_id_header().ok()?.value().to_owned(),
        branch: branch.unwrap_or_default(),
    })
}

/// An endpoint; its tasks end when it is dropped.
pub struct Endpoint {
    address: SocketAddr,
    incoming: mpsc::Sender<Datagram>,
    layer: Arc<DialogLayer>,
    cancel: CancellationToken,
}

impl Drop for Endpoint {
    fn drop(&mut self) {
        self.cancel.cancel();
    }
}

impl Endpoint {
    /// Starts at a local address; has to be called within a runtime. New calls are sent to the
    /// receiver.
    ///
    /// # Errors
    /// The library failed.
    pub async fn start(
        address: SocketAddr,
        transmit: Arc<dyn Transmit>,
    ) -> Result<(Self, mpsc::Receiver<InboundCall>), DialogEnded> {
        let (incoming, receiver) = mpsc::channel(WAITING);
        let socket = VirtualSocket {
            address,
            incoming: Mutex::new(receiver),
            transmit,
        };
        let cancel = CancellationToken::new();
        let transport = TransportLayer::new(cancel.clone());
        let token = Some(cancel.clone());
        let connection = UdpConnection::from_socket(Arc::new(socket), None, token).await?;
        transport.add_transport(SipConnection::Udp(connection));
        let moves = Moves::default();
        let endpoint = EndpointBuilder::new()
            .with_inspector(Box::new(moves.clone()))
            .with_user_agent(USER_AGENT)
            .with_cancel_token(cancel.clone())
            .with_transport_layer(transport)
            .with_allows(vec![
                Method::Invite,
                Method::Ack,
                Method::Cancel,
                Method::Bye,
                Method::Options,
                Method::Info,
                Method::Update,
            ])
            .build();
        let transactions = endpoint.incoming_transactions()?;
        let layer = Arc::new(DialogLayer::new(endpoint.inner.clone()));
        tokio::spawn(async move { endpoint.serve().await });
        let (calls, call_receiver) = mpsc::channel(WAITING);
        tokio::spawn(dispatch((layer.clone(), moves), transactions, calls));
        let endpoint = Self {
            address,
            incoming,
            layer,
            cancel,
        };
        Ok((endpoint, call_receiver))
    }

    /// Its local address.
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Delivers a message.
    ///
    /// # Errors
    /// The queue is full.
    pub fn deliver(&self, text: &[u8], from: SocketAddr) -> Result<(), NotDelivered> {
        self.incoming
            .try_send((text.to_vec(), from))
            .map_err(|_| NotDelivered)
    }

    /// Places a call.
    ///
    /// # Errors
    /// The library refused the call.
    pub fn call(&self, order: LegOrder) -> Result<OutboundLeg, DialogEnded> {
        OutboundLeg::start(self.layer.clone(), self.address, order)
    }
}

/// Passes each transaction to its dialog, and new calls to the receiver.
async fn dispatch(
    (layer, moves): (Arc<DialogLayer>, Moves),
    mut transactions: TransactionReceiver,
    calls: mpsc::Sender<InboundCall>,
) {
    while let Some(mut transaction) = transactions.recv().await {
        if let Some(dialog) = layer.match_dialog(&transaction) {
            tokio::spawn(async move { handle(dialog, transaction).await });
            continue;
        }
        let is_new = transaction.original.method == Method::Invite
            && !has_to_tag(&transaction)
            && calls.capacity() > 0;
        if !is_new {
            tokio::spawn(async move {
                // The client may be gone.
                let status = StatusCode::CallTransactionDoesNotExist;
                let _ = transaction.reply(status).await;
            });
            continue;
        }
        if let Ok(call) = InboundCall::of(layer.clone(), moves.clone(), transaction)
            && calls.send(call).await.is_err()
        {
            return;
        }
    }
}

fn has_to_tag(transaction: &Transaction) -> bool {
    let to = transaction.original.to_header().and_then(|to| to.tag());
    matches!(to, Ok(Some(_)))
}

async fn handle(dialog: Dialog, mut transaction: Transaction) {
    if let Dialog::Invite(mut dialog) = dialog {
        // The library has answered what it refuses.
        let _ = dialog.handle(&mut transaction).await;
    }
}
