//! Where media goes to.

use std::net::{IpAddr, SocketAddr};

use sdp_types::Connection;

/// An address from a connection line and a port. None where nothing can be sent to: a name, which
/// is not asked for on a stranger's behalf; 0.0.0.0, which is the old way to say hold; a group or
/// everybody, to whom no call is made.
pub(super) fn of(connection: &Connection, port: u16) -> Option<SocketAddr> {
    // A number of hops or of addresses may be behind the address.
    let text = connection.connection_address.split('/').next()?;
    let address = text.trim().parse::<IpAddr>().ok()?.to_canonical();
    let is_everybody = matches!(address, IpAddr::V4(address) if address.is_broadcast());
    if port == 0 || address.is_unspecified() || address.is_multicast() || is_everybody {
        return None;
    }
    Some(SocketAddr::new(address, port))
}
