//! Ethernet, VLAN tags, IPv4, IPv6, UDP and TCP: where a datagram's text is and who sent it. The
//! programs in the kernel, the daemon's reader of captures and the tests read headers here and
//! nowhere else.
//!
//! IEEE 802.1Q, RFC 791, RFC 8200, RFC 768, RFC 9293.

pub mod checksum;
#[cfg(test)]
mod tests;

use crate::fragment::FragmentKey;
use crate::outcome::Outcome;
use crate::repeat::{Repeat, Step};

const ETHERNET: u32 = 14;
const UDP: u32 = 8;
const LEAST_TCP: u32 = 20;

/// Ethernet type of IPv4.
pub const TYPE_IPV4: u16 = 0x0800;
/// Ethernet type of IPv6.
pub const TYPE_IPV6: u16 = 0x86DD;
/// Ethernet type of ARP.
pub const TYPE_ARP: u16 = 0x0806;
const TYPE_VLAN: u16 = 0x8100;
const TYPE_QINQ: u16 = 0x88A8;
const TYPE_OLD_QINQ: u16 = 0x9100;
const TYPE_PPPOE: u16 = 0x8864;

const HOP_BY_HOP: u8 = 0;
const IPIP: u8 = 4;
/// Protocol number of TCP.
pub const PROTOCOL_TCP: u8 = 6;
/// Protocol number of UDP.
pub const PROTOCOL_UDP: u8 = 17;
const IPV6_IN_IP: u8 = 41;
const ROUTING: u8 = 43;
const FRAGMENT: u8 = 44;
const GRE: u8 = 47;
const ESP: u8 = 50;
const AUTHENTICATION: u8 = 51;
const DESTINATION_OPTIONS: u8 = 60;

/// Extension headers that are walked (RFC 8200, 4.1, recommends fewer).
const MAXIMUM_EXTENSIONS: u32 = 8;

/// Offset up to which headers are read; a packet whose UDP header begins later is not judged.
pub const HEADERS_END: u32 = 1008;

/// Values that are valid whatever their bytes are.
///
/// # Safety
/// The type must be valid for any bytes.
pub unsafe trait Plain: Copy {}

// SAFETY: any bytes are an integer.
unsafe impl Plain for u8 {}
// SAFETY: as above.
unsafe impl Plain for u16 {}
// SAFETY: as above.
unsafe impl Plain for u32 {}
// SAFETY: as above.
unsafe impl Plain for u64 {}
// SAFETY: so they are several values that any bytes are.
unsafe impl<T: Plain, const N: usize> Plain for [T; N] {}

/// The bytes of a packet, wherever they are stored.
pub trait Packet: Copy {
    /// A value of at most 40 bytes at an offset up to [`HEADERS_END`]; `None` if the packet is shorter.
    fn load<T: Plain>(self, offset: u32) -> Option<T>;

    /// Whether the packet has at least `length` bytes.
    fn has(self, length: u32) -> bool;

    /// A field of two bytes, in network order.
    #[inline(always)]
    fn field(self, offset: u32) -> Option<u16> {
        Some(u16::from_be(self.load(offset)?))
    }
}

impl Packet for &[u8] {
    #[inline(always)]
    fn load<T: Plain>(self, offset: u32) -> Option<T> {
        let bytes = self.get(offset as usize..)?.get(..size_of::<T>())?;
        // SAFETY: there are as many bytes as the value has, and any are valid.
        Some(unsafe { bytes.as_ptr().cast::<T>().read_unaligned() })
    }

    #[inline(always)]
    fn has(self, length: u32) -> bool {
        length as usize <= self.len()
    }
}

/// Which part of its datagram a packet is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// All of it.
    Whole,
    /// The first fragment.
    First,
    /// Another fragment, which has no UDP header.
    Later,
}

/// Addresses and extent of an IP packet's payload.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ip {
    /// Offset of both addresses, which are not needed of most packets.
    addresses: u32,
    is_ipv6: bool,
    /// Protocol number of the payload.
    pub protocol: u8,
    /// Whether other fragments follow.
    pub has_more: bool,
    /// Where a fragment's payload belongs in the datagram, in units of eight bytes.
    pub fragment_offset: u16,
    /// Fragment identification, as in the packet.
    pub identification: u32,
    /// Offset of the payload in the packet.
    pub offset: u32,
    /// Bytes of the payload.
    pub length: u32,
}

impl Ip {
    /// Which part of its datagram the packet is.
    #[inline(always)]
    pub const fn part(&self) -> Part {
        if self.fragment_offset != 0 {
            Part::Later
        } else if self.has_more {
            Part::First
        } else {
            Part::Whole
        }
    }

    /// Source and destination, IPv4 as `::ffff:a.b.c.d`.
    #[inline(always)]
    pub fn addresses<P: Packet>(&self, packet: P) -> Option<[[u8; 16]; 2]> {
        let offset = self.addresses;
        if self.is_ipv6 {
            return packet.load::<[[u8; 16]; 2]>(offset);
        }
        let [source, destination] = packet.load::<[[u8; 4]; 2]>(offset)?;
        Some([mapped(source), mapped(destination)])
    }

    /// What all fragments of one datagram share.
    #[inline(always)]
    pub fn fragment_key<P: Packet>(&self, packet: P) -> Option<FragmentKey> {
        let [source, destination] = self.addresses(packet)?;
        Some(FragmentKey {
            source,
            destination,
            identification: self.identification,
            protocol: u32::from(self.protocol),
        })
    }

    /// The outcome of a payload that is not UDP; `is_judged` says whether UDP to a port is judged.
    #[inline(always)]
    pub fn other_protocol<P: Packet>(&self, packet: P, is_judged: impl Fn(u16) -> bool) -> Outcome {
        match self.protocol {
            PROTOCOL_TCP => match packet.field(self.offset + 2) {
                Some(port) if self.part() != Part::Later && is_judged(port) => Outcome::Tcp,
                _ => Outcome::OtherPort,
            },
            IPIP | IPV6_IN_IP | GRE | ESP => Outcome::Tunnel,
            _ => Outcome::NotUdp,
        }
    }
}

/// An IPv4 address in the form of IPv6 (RFC 4291, 2.5.5.2).
#[inline(always)]
const fn mapped(address: [u8; 4]) -> [u8; 16] {
    let [a, b, c, d] = address;
    [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF, a, b, c, d]
}

/// The type of an Ethernet frame's payload and its offset, after at most two VLAN tags.
///
/// # Errors
/// A broken frame, one with more tags, or a tunnel.
#[inline(always)]
pub fn ethernet<P: Packet>(packet: P) -> Result<(u16, u32), Outcome> {
    let kind = ether_type(packet, ETHERNET)?;
    if kind == TYPE_IPV4 || kind == TYPE_IPV6 {
        return Ok((kind, ETHERNET));
    }
    after_tags(packet, (kind, ETHERNET))
}

/// The same, of a payload at an offset whose type may be that of a VLAN tag.
///
/// # Errors
/// As for [`ethernet`].
#[inline(always)]
pub fn after_tags<P: Packet>(packet: P, (kind, offset): (u16, u32)) -> Result<(u16, u32), Outcome> {
    if !is_vlan(kind) {
        return if kind == TYPE_PPPOE {
            Err(Outcome::Tunnel)
        } else {
            Ok((kind, offset))
        };
    }
    let kind = ether_type(packet, offset + 4)?;
    if !is_vlan(kind) {
        return Ok((kind, offset + 4));
    }
    let kind = ether_type(packet, offset + 8)?;
    if !is_vlan(kind) {
        return Ok((kind, offset + 8));
    }
    Err(Outcome::DeepVlan)
}

#[inline(always)]
const fn is_vlan(kind: u16) -> bool {
    matches!(kind, TYPE_VLAN | TYPE_QINQ | TYPE_OLD_QINQ)
}

/// The type in front of an offset.
#[inline(always)]
fn ether_type<P: Packet>(packet: P, offset: u32) -> Result<u16, Outcome> {
    packet.field(offset - 2).ok_or(Outcome::BrokenFrame)
}

/// The IP packet of an Ethernet type at an offset, which is at most that after two VLAN tags.
/// `walk` gives memory for the walk over extension headers.
///
/// # Errors
/// A broken packet, too many extension headers, or no IP.
#[inline(always)]
pub fn ip<'a, R: Repeat, P: Packet>(
    packet: P,
    (kind, offset): (u16, u32),
    walk: impl FnOnce() -> Option<&'a mut Extensions>,
) -> Result<Ip, Outcome> {
    match kind {
        TYPE_IPV4 => ipv4(packet, offset),
        TYPE_IPV6 => ipv6::<R, P>(packet, offset, walk),
        _ => Err(Outcome::NotIp),
    }
}

#[repr(C)]
#[derive(Clone, Copy)]
struct Ipv4Header {
    version_and_length: u8,
    service: u8,
    total: u16,
    identification: u16,
    fragment: u16,
    lifetime: u8,
    protocol: u8,
    checksum: u16,
    source: [u8; 4],
    destination: [u8; 4],
}

// SAFETY: integers without a gap.
unsafe impl Plain for Ipv4Header {}

#[inline(always)]
fn ipv4<P: Packet>(packet: P, offset: u32) -> Result<Ip, Outcome> {
    let Some(header) = packet.load::<Ipv4Header>(offset) else {
        return Err(Outcome::BrokenFrame);
    };
    let length = 4 * u32::from(header.version_and_length & 0xF);
    let total = u32::from(u16::from_be(header.total));
    if header.version_and_length >> 4 != 4
        || length < 20
        || total < length
        || !packet.has(offset + total)
    {
        return Err(Outcome::BrokenFrame);
    }
    let fragment = u16::from_be(header.fragment);
    Ok(Ip {
        addresses: offset + 12,
        is_ipv6: false,
        protocol: header.protocol,
        has_more: fragment & 0x2000 != 0,
        fragment_offset: fragment & 0x1FFF,
        identification: u32::from(header.identification),
        offset: offset + length,
        length: total - length,
    })
}

#[repr(C)]
#[derive(Clone, Copy)]
struct Ipv6Header {
    version_and_flow: u32,
    length: u16,
    next: u8,
    hops: u8,
    source: [u8; 16],
    destination: [u8; 16],
}

// SAFETY: integers without a gap.
unsafe impl Plain for Ipv6Header {}

#[inline(always)]
fn ipv6<'a, R: Repeat, P: Packet>(
    packet: P,
    offset: u32,
    walk: impl FnOnce() -> Option<&'a mut Extensions>,
) -> Result<Ip, Outcome> {
    let Some(header) = packet.load::<Ipv6Header>(offset) else {
        return Err(Outcome::BrokenFrame);
    };
    let length = u32::from(u16::from_be(header.length));
    let start = offset + 40;
    let version = u32::from_be(header.version_and_flow) >> 28;
    if version != 6 || length == 0 || !packet.has(start + length) {
        return Err(Outcome::BrokenFrame);
    }
    let mut ip = Ip {
        addresses: offset + 8,
        is_ipv6: true,
        protocol: header.next,
        has_more: false,
        fragment_offset: 0,
        identification: 0,
        offset: start,
        length,
    };
    if is_extension(header.next) {
        let Some(walk) = walk() else {
            return Err(Outcome::Internal);
        };
        extensions::<R, P>(packet, &mut ip, walk)?;
    }
    Ok(ip)
}

#[inline(always)]
const fn is_extension(protocol: u8) -> bool {
    matches!(
        protocol,
        HOP_BY_HOP | ROUTING | DESTINATION_OPTIONS | FRAGMENT | AUTHENTICATION
    )
}

/// A walk over extension headers. In the kernel it lives in memory that the verifier does not
/// follow, or each sequence of headers would be a path of its own through all that comes after it.
#[derive(Debug, Default)]
#[repr(C)]
pub struct Extensions {
    protocol: u32,
    has_more: u32,
    fragment_offset: u32,
    identification: u32,
    offset: u32,
    /// First byte after the packet.
    end: u32,
    /// 1 if a header was shorter than it says.
    failed: u32,
}

impl Extensions {
    #[inline(always)]
    fn fail(&mut self) -> Step {
        self.failed = 1;
        Step::Stop
    }

    /// A fragment header on a whole packet is an atomic fragment (RFC 6946).
    #[inline(always)]
    fn fragment<P: Packet>(&mut self, packet: P) -> Option<u32> {
        let fields = packet.field(self.offset + 2)?;
        self.identification = packet.load(self.offset + 4)?;
        self.fragment_offset = u32::from(fields >> 3);
        self.has_more = u32::from(fields & 1);
        Some(8)
    }

    /// Reads one header. After the fragment header of a later fragment there is none.
    #[inline(always)]
    fn step<P: Packet>(&mut self, packet: P) -> Step {
        let protocol = self.protocol as u8;
        if !is_extension(protocol) || self.fragment_offset != 0 || self.offset > HEADERS_END {
            return Step::Stop;
        }
        let Some([next, length]) = packet.load::<[u8; 2]>(self.offset) else {
            return self.fail();
        };
        let size = match protocol {
            FRAGMENT => self.fragment(packet),
            AUTHENTICATION => Some((u32::from(length) + 2) * 4),
            _ => Some((u32::from(length) + 1) * 8),
        };
        let Some(size) = size else {
            return self.fail();
        };
        self.protocol = u32::from(next);
        self.offset = self.offset.wrapping_add(size);
        if self.offset > self.end {
            return self.fail();
        }
        Step::Again
    }
}

/// Walks the extension headers to the payload.
#[inline(always)]
fn extensions<R: Repeat, P: Packet>(
    packet: P,
    ip: &mut Ip,
    walk: &mut Extensions,
) -> Result<(), Outcome> {
    *walk = Extensions {
        protocol: u32::from(ip.protocol),
        offset: ip.offset,
        end: ip.offset + ip.length,
        ..Extensions::default()
    };
    let reading = &mut *walk;
    R::repeat(MAXIMUM_EXTENSIONS, move |_| reading.step(packet));
    if walk.failed != 0 {
        return Err(Outcome::BrokenFrame);
    }
    ip.protocol = walk.protocol as u8;
    ip.has_more = walk.has_more != 0;
    ip.fragment_offset = walk.fragment_offset as u16;
    ip.identification = walk.identification;
    ip.offset = walk.offset;
    ip.length = walk.end.wrapping_sub(walk.offset);
    if ip.fragment_offset == 0 && (is_extension(ip.protocol) || ip.offset > HEADERS_END) {
        return Err(Outcome::DeepExtensions);
    }
    Ok(())
}

/// Ports and text of a UDP datagram, of the first fragment of one, or of a TCP segment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Transport {
    /// The sender's port.
    pub source_port: u16,
    /// The port it was sent to.
    pub destination_port: u16,
    /// Bytes of a UDP datagram by its own header, which is counted.
    pub udp_length: u32,
    /// Offset of the text in the packet.
    pub offset: u32,
    /// Bytes of the text in this packet.
    pub length: u32,
}

impl Transport {
    /// Whether the length in the UDP header is that of a packet that is this part of its datagram.
    #[inline(always)]
    pub fn has_right_length(&self, part: Part) -> bool {
        match part {
            Part::Whole => self.udp_length == self.length + UDP,
            Part::First => self.udp_length > self.length + UDP,
            Part::Later => true,
        }
    }
}

/// The UDP header at an offset, of `length` bytes of an IP packet's payload.
///
/// # Errors
/// A broken packet.
#[inline(always)]
pub fn udp<P: Packet>(packet: P, offset: u32, length: u32) -> Result<Transport, Outcome> {
    let Some([source, destination, said, _]) = packet.load::<[u16; 4]>(offset) else {
        return Err(Outcome::BrokenFrame);
    };
    if length < UDP {
        return Err(Outcome::BrokenFrame);
    }
    Ok(Transport {
        source_port: u16::from_be(source),
        destination_port: u16::from_be(destination),
        udp_length: u32::from(u16::from_be(said)),
        offset: offset + UDP,
        length: length - UDP,
    })
}

/// The TCP header at an offset, of `length` bytes of an IP packet's payload.
///
/// # Errors
/// A broken packet.
pub fn tcp<P: Packet>(packet: P, offset: u32, length: u32) -> Result<Transport, Outcome> {
    let Some([source, destination, _, _, _, _, words, ..]) = packet.load::<[u16; 10]>(offset)
    else {
        return Err(Outcome::BrokenFrame);
    };
    let header = 4 * u32::from(u16::from_be(words) >> 12);
    if header < LEAST_TCP || header > length {
        return Err(Outcome::BrokenFrame);
    }
    Ok(Transport {
        source_port: u16::from_be(source),
        destination_port: u16::from_be(destination),
        udp_length: 0,
        offset: offset + header,
        length: length - header,
    })
}
