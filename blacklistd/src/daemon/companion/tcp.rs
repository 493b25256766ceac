//! The redirect server by TCP.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::time::timeout;

use super::Companion;
use super::asked_by::AskedBy;
use blacklist_sip::companion::{Framed, PONG, next};

/// How long a connection may say nothing.
const IDLE: Duration = Duration::from_secs(600);
/// How long the rest of a message may take, and the sending of an answer.
const PATIENCE: Duration = Duration::from_secs(5);
/// Bytes that are read at once.
const CHUNK: usize = 16_384;
/// Between two tries to accept when the system has no room for connections.
const PAUSE: Duration = Duration::from_millis(50);

/// Takes connections for ever.
pub(super) async fn serve(listener: TcpListener, companion: Arc<Companion>) -> anyhow::Result<()> {
    let most = companion.configuration().companion.maximum_connections;
    let places = Arc::new(Semaphore::new(most as usize));
    loop {
        let Ok((stream, peer)) = listener.accept().await else {
            tokio::time::sleep(PAUSE).await;
            continue;
        };
        let configuration = companion.configuration();
        if !configuration.companion.allows(peer.ip()) {
            companion.count().strangers += 1;
            continue;
        }
        let Ok(place) = places.clone().try_acquire_owned() else {
            companion.count().closed += 1;
            continue;
        };
        let companion = companion.clone();
        tokio::spawn(async move {
            if !converse(stream, peer, &companion).await {
                companion.count().closed += 1;
            }
            drop(place);
        });
    }
}

/// Answers what comes over a connection until it ends. False if it was closed for what came.
async fn converse(mut stream: TcpStream, peer: SocketAddr, companion: &Companion) -> bool {
    let Ok(here) = stream.local_addr() else {
        return true;
    };
    // Answers are short, and each is waited for.
    let _ = stream.set_nodelay(true);
    let mut received = Vec::new();
    loop {
        let most = companion.configuration().companion.maximum_message;
        match next(&received, most) {
            Framed::Incomplete => {
                let patience = if received.is_empty() { IDLE } else { PATIENCE };
                match timeout(patience, read(&mut stream, &mut received)).await {
                    Ok(true) => {}
                    Ok(false) => return true,
                    Err(_) => return received.is_empty(),
                }
            }
            Framed::Ping(length) => {
                received.drain(..length);
                if write(&mut stream, PONG).await.is_err() {
                    return true;
                }
            }
            Framed::Blank(length) => {
                received.drain(..length);
            }
            Framed::Broken(why) => {
                tracing::debug!("a connection of {peer} is closed: {why}");
                return false;
            }
            Framed::Message(length) => {
                let message: Vec<u8> = received.drain(..length).collect();
                if let Some(reply) = companion
                    .answer_sip(&message, peer, here, AskedBy::Tcp)
                    .await
                {
                    let sent = write(&mut stream, &reply.text).await;
                    let ended = sent.is_err();
                    companion.count_sent(reply.status, sent);
                    if ended {
                        return true;
                    }
                }
            }
        }
    }
}

/// Reads what is there; false at the end.
async fn read(stream: &mut TcpStream, received: &mut Vec<u8>) -> bool {
    received.reserve(CHUNK);
    matches!(stream.read_buf(received).await, Ok(1..))
}

async fn write(stream: &mut TcpStream, text: &[u8]) -> std::io::Result<()> {
    timeout(PATIENCE, stream.write_all(text))
        .await
        .map_err(|_| std::io::Error::from(std::io::ErrorKind::TimedOut))?
}
