//! What is remembered of datagrams that come in fragments.

/// What all fragments of one datagram share (RFC 791, 3.2; RFC 8200, 4.5).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(C)]
pub struct FragmentKey {
    /// IPv4 as `::ffff:a.b.c.d`.
    pub source: [u8; 16],
    /// See `source`.
    pub destination: [u8; 16],
    /// As in the packet.
    pub identification: u32,
    /// Protocol number.
    pub protocol: u32,
}

/// The verdict on a datagram, or that a later fragment of it has passed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(C)]
pub struct FragmentState {
    /// When it was written, nanoseconds since boot.
    pub time: u64,
    /// 1 if its fragments are dropped.
    pub dropped: u64,
}

/// Nanoseconds for which a verdict holds: long for the fragments of one datagram, which leave the
/// sender together; short for an identification to be used again.
pub const LIFETIME: u64 = 1_000_000_000;

const _: () = assert!(size_of::<FragmentKey>() == 40);
