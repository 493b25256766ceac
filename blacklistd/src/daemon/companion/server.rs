//! The redirect server: a message in, an answer out.

use std::net::SocketAddr;
use std::sync::Arc;

use anyhow::Context as _;

use super::asked_by::AskedBy;
use super::{Companion, tcp, udp};
use blacklist_sip::answer::{Reply, Request, Unreadable};
use blacklist_sip::companion::{Answers, Fate, source_of};

/// Serves by UDP and TCP for ever; does nothing if that is switched off.
///
/// # Errors
/// The address cannot be had.
pub(crate) async fn serve(companion: Arc<Companion>) -> anyhow::Result<()> {
    let listen = companion.configuration().companion.listen;
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
        result = udp::serve(datagrams, companion.clone()) => result,
        result = tcp::serve(streams, companion.clone()) => result,
    }
}

impl Companion {
    /// Answers a message of a peer that may ask; none if it gets no answer, which is counted.
    pub(super) async fn answer_sip(
        &self,
        text: &[u8],
        peer: SocketAddr,
        here: SocketAddr,
        way: AskedBy,
    ) -> Option<Reply> {
        way.count(&mut self.count());
        match self.answer_request(text, peer, here).await {
            Ok(reply) => reply,
            Err(Unreadable::Response) => {
                self.count().absorbed += 1;
                None
            }
            Err(Unreadable::NotSip | Unreadable::Header(_)) => {
                self.count().unreadable += 1;
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
        let configuration = self.configuration();
        let settings = &configuration.companion;
        let answers = Answers {
            responder: &configuration.responder,
            settings,
            peer,
        };
        match request.method.as_slice() {
            // Answers are final: the one is the end of it, and the other too late (RFC 3261, 8.2.7).
            b"ACK" | b"CANCEL" => {
                self.count().absorbed += 1;
                return Ok(None);
            }
            b"INVITE" => {}
            _ => return answers.other(&request).map(Some),
        }
        if !self.try_count(settings.maximum_per_second) {
            self.count().overload += 1;
            return answers.overload(&request).map(Some);
        }
        let source = source_of(text);
        let trunk = configuration.trunk_for(source, peer);
        let entry = configuration
            .trunk_entries
            .get(usize::from(trunk))
            .copied()
            .unwrap_or_default();
        let decided = self.decide(&configuration, text, &entry);
        let reply = answers.invite(&request, &decided.fate)?;
        let status = (decided.fate != Fate::Pass).then_some(reply.status);
        self.commit(&decided, status, source.unwrap_or(peer), here);
        Ok(Some(reply))
    }

    /// Counts an answer that was sent, or was not.
    pub(super) fn count_sent(&self, status: u16, result: std::io::Result<()>) {
        let mut figures = self.count();
        match result {
            Ok(()) => *figures.sent.entry(status).or_default() += 1,
            Err(error) => {
                figures.failed += 1;
                tracing::debug!("an answer was not sent: {error}");
            }
        }
    }
}
