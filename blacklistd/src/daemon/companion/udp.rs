//! The redirect server by UDP.

use std::net::SocketAddr;

use anyhow::Context as _;
use tokio::net::UdpSocket;

use super::asked_by::AskedBy;
use crate::daemon::core::Shared;

/// The largest datagram.
const LARGEST: usize = 65_536;

/// Answers datagrams for ever.
pub(super) async fn serve(socket: UdpSocket, shared: Shared) -> anyhow::Result<()> {
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
        if let Some((status, to, answer)) = answer(&shared, text, peer, here).await {
            let sent = socket.send_to(&answer, to).await.map(drop);
            shared.sent(status, sent);
        }
    }
}

async fn answer(
    shared: &Shared,
    text: &[u8],
    peer: SocketAddr,
    here: SocketAddr,
) -> Option<(u16, SocketAddr, Vec<u8>)> {
    let table = shared.answering().table();
    let settings = &table.configuration.companion;
    if !settings.allows(peer.ip()) {
        shared.companion().count().strangers += 1;
        return None;
    }
    if text.iter().all(|byte| matches!(byte, b'\r' | b'\n' | 0)) {
        return None;
    }
    if text.len() > settings.maximum_message {
        shared.companion().count().unreadable += 1;
        return None;
    }
    let reply = shared.answer_sip(text, peer, here, AskedBy::Udp).await?;
    Some((reply.status, reply.to, reply.text))
}
