//! RTP (RFC 3550) with G.711 and digits (RFC 4733): ports, packets, pace, trusted sources and
//! destinations. RTCP is neither sent nor read: nothing here would act on it.

mod digits;
mod incoming;
mod outgoing;
mod pace;
mod ports;
mod receiver;
mod relay;
mod session;
mod settings;
mod source;

pub use digits::{Digit, Digits};
pub use incoming::Incoming;
pub use outgoing::Outgoing;
pub use pace::Pace;
pub use ports::{Port, Ports, PortsError};
pub use relay::{Relay, Side};
pub use session::{Event, Session, SessionEnded};
pub use settings::SessionSettings;
pub use source::Source;

#[cfg(test)]
mod tests;
