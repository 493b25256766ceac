//! The headers in front of a datagram's text.

pub mod checksum;
