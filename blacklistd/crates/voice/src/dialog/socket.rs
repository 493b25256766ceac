//! The library's socket: checked messages arrive through a bounded queue, and the owner of the real
//! socket sends.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use async_trait::async_trait;
use rsipstack::platform::net::UdpSocket;
use tokio::sync::{Mutex, mpsc};

/// Sends datagrams from one address.
pub trait Transmit: Send + Sync + 'static {
    /// Sends a datagram.
    ///
    /// # Errors
    /// A system error, or the destination is not allowed.
    fn transmit(&self, text: &[u8], to: SocketAddr) -> io::Result<()>;
}

/// A message and its source.
pub(super) type Datagram = (Vec<u8>, SocketAddr);

/// A socket without a descriptor.
pub(super) struct VirtualSocket {
    pub(super) address: SocketAddr,
    pub(super) incoming: Mutex<mpsc::Receiver<Datagram>>,
    pub(super) transmit: Arc<dyn Transmit>,
}

#[async_trait]
impl UdpSocket for VirtualSocket {
    async fn recv_from(&self, buffer: &mut [u8]) -> rsipstack::Result<(usize, SocketAddr)> {
        let received = self.incoming.lock().await.recv().await;
        let Some((text, from)) = received else {
            // The queue has no sender; the endpoint is about to end.
            return std::future::pending().await;
        };
        let length = text.len().min(buffer.len());
        if let (Some(place), Some(text)) = (buffer.get_mut(..length), text.get(..length)) {
            place.copy_from_slice(text);
        }
        Ok((length, from))
    }

    async fn send_to(&self, text: &[u8], to: SocketAddr) -> rsipstack::Result<usize> {
        self.transmit.transmit(text, to)?;
        Ok(text.len())
    }

    fn local_addr(&self) -> rsipstack::Result<SocketAddr> {
        Ok(self.address)
    }
}
