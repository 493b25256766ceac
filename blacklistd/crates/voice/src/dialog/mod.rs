//! Calls as SIP dialogs (RFC 3261, 12 and 17): messages in and out, retransmissions, one object for
//! each call that came and each that is made. The only room that names the library that does it.
//!
//! Who calls is never read here: the library is handed messages whose caller is known already.

mod address;
mod caller;
mod endpoint;
mod event;
mod inbound;
mod leg;
mod moved;
mod socket;

pub use address::{NoAddress, Target};
pub use endpoint::{Endpoint, NotDelivered, RequestName, read_name};
pub use event::{CallEvent, DialogEnded, Renegotiation};
pub use inbound::InboundCall;
pub use leg::{LegEvent, LegOrder, OutboundLeg};
pub use socket::Transmit;

#[cfg(test)]
mod tests;
