//! The redirect server: a message in, an answer out.

use std::net::SocketAddr;

use anyhow::Context as _;

use super::asked_by::AskedBy;
use super::{tcp, udp};
use crate::answer::{Reply, Request, Unreadable};
use crate::companion::{Answers, Fate, source_of};
use crate::daemon::answering::Table;
use crate::daemon::core::Shared;

/// Serves by UDP and TCP for ever; does nothing if that is switched off.
///
/// # Errors
/// The address cannot be had.
pub(in crate::daemon) async fn serve(shared: Shared) -> anyhow::Result<()> {
    let listen = shared.lock().configuration.companion.listen;
    let Some(address) = listen else {
        return std::future::pending().await;
    };
    let cannot = || {
        format!("cannot listen on {address}: correct listen in [companion] of the configuration")
    };
    let datagrams = tokio::net::UdpSocket::bind(address)
        .await
        .with_context(cannot)?;
    let streams = tokio::net::TcpListener::bind(address)
        .await
        .with_context(cannot)?;
    tracing::info!("redirect server on {address}, UDP and TCP");
    tokio::select! {
        result = udp::serve(datagrams, shared.clone()) => result,
        result = tcp::serve(streams, shared.clone()) => result,
    }
}

/// Index of the trunk of a call: that of where it came from, as far as that is said; else the one that
/// the configuration names; else that of who asks.
pub(in crate::daemon) fn trunk_for(
    table: &Table,
    source: Option<SocketAddr>,
    asker: SocketAddr,
) -> u16 {
    let configuration = &table.configuration;
    if let Some(source) = source {
        return configuration.trunk_of(source.ip().to_canonical()).0;
    }
    let named = configuration
        .companion
        .trunk
        .as_ref()
        .and_then(|name| configuration.trunk_named(name));
    match named {
        Some((index, _)) => index,
        None => configuration.trunk_of(asker.ip().to_canonical()).0,
    }
}

impl Shared {
    /// Answers a message of a peer that may ask; none if it gets no answer, which is counted.
    pub(super) async fn answer_sip(
        &self,
        text: &[u8],
        peer: SocketAddr,
        here: SocketAddr,
        way: AskedBy,
    ) -> Option<Reply> {
        way.count(&mut self.companion().count());
        match self.answer_request(text, peer, here).await {
            Ok(reply) => reply,
            Err(Unreadable::Response) => {
                self.companion().count().absorbed += 1;
                None
            }
            Err(Unreadable::NotSip | Unreadable::Header(_)) => {
                self.companion().count().unreadable += 1;
                None
            }
        }
    }

    async fn answer_request(
        &self,
        text: &[u8],
        peer: SocketAddr,
        here: SocketAddr,
    ) -> Result<Option<Reply>, Unreadable> {
        let request = Request::read_first(text)?;
        let table = self.answering().table();
        let settings = &table.configuration.companion;
        let answers = Answers {
            responder: &table.responder,
            settings,
            peer,
        };
        match request.method.as_slice() {
            // Answers are final: the one is the end of it, and the other too late (RFC 3261, 8.2.7).
            b"ACK" | b"CANCEL" => {
                self.companion().count().absorbed += 1;
                return Ok(None);
            }
            b"INVITE" => {}
            _ => return answers.other(&request).map(Some),
        }
        if !self.companion().has_room(settings.maximum_per_second) {
            self.companion().count().overload += 1;
            return answers.overload(&request).map(Some);
        }
        let source = source_of(text);
        let trunk = trunk_for(&table, source, peer);
        let entry = table
            .trunks
            .get(usize::from(trunk))
            .copied()
            .unwrap_or_default();
        let decided = self.decide(&table, text, &entry);
        let reply = answers.invite(&request, &decided.fate)?;
        let status = (decided.fate != Fate::Pass).then_some(reply.status);
        self.commit(&decided, status, source.unwrap_or(peer), here);
        Ok(Some(reply))
    }

    /// Counts an answer that was sent, or was not.
    pub(super) fn sent(&self, status: u16, result: std::io::Result<()>) {
        let mut figures = self.companion().count();
        match result {
            Ok(()) => *figures.sent.entry(status).or_default() += 1,
            Err(error) => {
                figures.failed += 1;
                tracing::debug!("an answer was not sent: {error}");
            }
        }
    }
}
