//! The ports on which calls are answered, and the one from which they go on.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use nix::errno::Errno;
use parking_lot::Mutex;

use crate::daemon::settings::ActiveConfiguration;
use blacklist_system::datagrams::{self, Datagrams, Family};
use blacklist_voice::dialog::Transmit;

/// A bound port of one family.
#[derive(Clone)]
pub(super) struct Bound {
    pub(super) socket: Arc<dyn Datagrams>,
    /// The port as the other side sees it.
    pub(super) port: u16,
    /// Calls go on from here; none comes.
    pub(super) is_leg: bool,
    family: Family,
}

/// Binds all ports of a configuration.
pub(super) fn bind(configuration: &ActiveConfiguration) -> Result<Vec<Bound>, (u16, Errno)> {
    let answering = &configuration.answering;
    let mut bound = Vec::new();
    let judged = configuration.answer_ports().into_iter();
    let judged = judged.map(|(judged, answers)| (judged, answers, answering.mark, false));
    let leg = answering.host.leg_port;
    let legs = answering.host.enabled.then_some((leg, leg, 0, true));
    for (port, own, mark, is_leg) in judged.chain(legs) {
        for family in [Family::Four, Family::Six] {
            match datagrams::bind(family, own, mark) {
                Ok(socket) => bound.push(Bound {
                    socket,
                    port,
                    is_leg,
                    family,
                }),
                // A host without IPv6.
                Err(Errno::EAFNOSUPPORT) if family == Family::Six => {}
                Err(error) => return Err((own, error)),
            }
        }
    }
    Ok(bound)
}

/// The sockets that are bound now, for those who send by them.
#[derive(Default)]
pub(super) struct Open(Mutex<Vec<Bound>>);

impl Open {
    pub(super) fn set(&self, bound: &[Bound]) {
        *self.0.lock() = bound.to_vec();
    }

    /// What sends from an address and port, as the other side sees them.
    pub(super) fn transmit(&self, from: SocketAddr) -> Option<Arc<dyn Transmit>> {
        let family = match from {
            SocketAddr::V4(_) => Family::Four,
            SocketAddr::V6(_) => Family::Six,
        };
        let open = self.0.lock();
        let bound = open
            .iter()
            .find(|bound| bound.port == from.port() && bound.family == family)?;
        Some(Arc::new(From {
            socket: bound.socket.clone(),
            address: from,
        }))
    }
}

/// Sends from one address.
struct From {
    socket: Arc<dyn Datagrams>,
    address: SocketAddr,
}

impl Transmit for From {
    fn transmit(&self, text: &[u8], to: SocketAddr) -> io::Result<()> {
        let address = self.address.ip();
        Ok(self.socket.send(text, to, Some(address))?)
    }
}
