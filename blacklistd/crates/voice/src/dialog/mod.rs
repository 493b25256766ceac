//! Calls as SIP dialogs (RFC 3261, sections 12 and 17): messages in and out, retransmissions, one
//! object for each inbound and outbound call. The only module that uses the dialog library.
//!
//! It never reads who calls: the library gets messages whose caller is already known.

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
