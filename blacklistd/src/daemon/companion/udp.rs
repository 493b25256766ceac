//! The redirect server by UDP.

use std::net::SocketAddr;
use std::sync::Arc;

use anyhow::Context as _;
use tokio::net::UdpSocket;

use super::Companion;
use super::asked_by::AskedBy;

/// The largest datagram.
const LARGEST: usize = 65_536;

/// Answers datagrams for ever.
pub(super) async fn serve(socket: UdpSocket, companion: Arc<Companion>) -> anyhow::Result<()> {
    let here = socket
        .local_addr()
        .context("the redirect server's socket has no address")?;
    let mut buffer = vec![0; LARGEST];
    loop {
        // An error is that of an earlier answer, which somebody has refused.
        let Ok((length, peer)) = socket.recv_from(&mut buffer).await else {
            continue;
        };
        let text = buffer.get(..length).unwrap_or_default();
        if let Some((status, to, answer)) = answer(&companion, text, peer, here).await {
            let sent = socket.send_to(&answer, to).await.map(drop);
            companion.count_sent(status, sent);
        }
    }
}

async fn answer(
    companion: &Companion,
    text: &[u8],
    peer: SocketAddr,
    here: SocketAddr,
) -> Option<(u16, SocketAddr, Vec<u8>)> {
    let configuration = companion.configuration();
    let settings = &configuration.companion;
    if !settings.allows(peer.ip()) {
        companion.count().strangers += 1;
        return None;
    }
    if text.iter().all(|byte| matches!(byte, b'\r' | b'\n' | 0)) {
        return None;
    }
    if text.len() > settings.maximum_message {
        companion.count().unreadable += 1;
        return None;
    }
    let reply = companion.answer_sip(text, peer, here, AskedBy::Udp).await?;
    Some((reply.status, reply.to, reply.text))
}
