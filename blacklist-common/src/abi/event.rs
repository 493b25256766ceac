//! What the kernel reports to the daemon of a blocked call: one record for its first packet. Of calls
//! that pass it reports a bounded sample, so that a change of rules can be tried on real calls.

use crate::number::Number;
use crate::zeroed::Zeroed;

/// Bytes kept of a party's user part as sent.
pub const EVENT_USER: usize = 40;
/// Bytes kept of the Call-ID.
pub const EVENT_CALL_ID: usize = 80;

/// The call was let through because of monitoring.
pub const EVENT_MONITORED: u8 = 1;
/// The call goes outbound: its remote party is the called one.
pub const EVENT_OUTBOUND: u8 = 2;

/// The call is one of a bounded sample of all calls, blocked or not.
pub const EVENT_SAMPLED: u8 = 4;

/// Calls of a sample in a second (2^30 ns), for each CPU.
pub const SAMPLES_PER_SECOND: u64 = 64;

/// How far the sample of the present second is, on one CPU.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
#[repr(C)]
pub struct SampleState {
    /// The second.
    pub second: u64,
    /// Calls of it that were taken.
    pub taken: u64,
}

/// A blocked call, or a sampled one, as the ring buffer carries it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(C)]
pub struct Event {
    /// Nanoseconds since boot, as `CLOCK_MONOTONIC` counts them.
    pub time: u64,
    /// Generation that decided it.
    pub generation: u64,
    /// Canonical caller.
    pub caller: Number,
    /// Canonical called party.
    pub called: Number,
    /// Hash of the Call-ID: the call's place among those that are remembered.
    pub fingerprint: u64,
    /// Peer's address, IPv4 as `::ffff:a.b.c.d`.
    pub source: [u8; 16],
    /// Address it sent to.
    pub destination: [u8; 16],
    /// Interface index.
    pub interface: u32,
    /// Peer's UDP port, host order.
    pub source_port: u16,
    /// Our UDP port, host order.
    pub destination_port: u16,
    /// Trunk index.
    pub trunk: u16,
    /// [`crate::outcome::Outcome`] number.
    pub outcome: u8,
    /// [`crate::tables::IdentitySource`] number that named the caller.
    pub identity: u8,
    /// `EVENT_...` bits.
    pub flags: u8,
    /// Bytes of `caller_user`; more than fit if it was cut.
    pub caller_length: u8,
    /// Bytes of `called_user`; more than fit if it was cut.
    pub called_length: u8,
    /// Bytes of `call_id`; more than fit if it was cut.
    pub call_id_length: u8,
    /// The caller's user part as sent.
    pub caller_user: [u8; EVENT_USER],
    /// The called party's user part as sent.
    pub called_user: [u8; EVENT_USER],
    /// The Call-ID.
    pub call_id: [u8; EVENT_CALL_ID],
    /// Bits of the [`crate::pattern::Class`]es of the caller.
    pub classes: u32,
    /// The rule, packed as in the tables.
    pub rule: crate::rule::RuleRef,
}

// SAFETY: integers only.
unsafe impl Zeroed for Event {}

impl Default for Event {
    fn default() -> Self {
        Self::ZERO
    }
}

const _: () = {
    assert!(size_of::<Event>() == 256);
    assert!(size_of::<SampleState>() == 16);
};
