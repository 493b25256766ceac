//! The destination of media.

use std::net::{IpAddr, SocketAddr};

use sdp_types::Connection;

/// The address in a connection line, with a port. `None` where nothing can be sent: a host name,
/// which is not resolved for a stranger; 0.0.0.0, the old form of hold; a multicast or broadcast
/// address.
pub(super) fn of(connection: &Connection, port: u16) -> Option<SocketAddr> {
    // A TTL or number of addresses may follow the address.
    let text = connection.connection_address.split('/').next()?;
    let address = text.trim().parse::<IpAddr>().ok()?.to_canonical();
    let is_everybody = matches!(address, IpAddr::V4(address) if address.is_broadcast());
    if port == 0 || address.is_unspecified() || address.is_multicast() || is_everybody {
        return None;
    }
    Some(SocketAddr::new(address, port))
}
