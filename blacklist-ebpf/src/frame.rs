//! Ethernet, VLAN tags, IPv4, IPv6 and UDP: where the datagram's text is and who sent it.
//!
//! IEEE 802.1Q, RFC 791, RFC 8200, RFC 768.

use blacklist_common::fragment::FragmentKey;
use blacklist_common::outcome::Outcome;
use blacklist_common::repeat::{Repeat as _, Step, Stepper};

use crate::bounded::BoundedLoop;
use crate::maps::EXTENSIONS;
use crate::packet::Packet;

const ETHERNET: usize = 14;
const UDP: u32 = 8;

pub(crate) const TYPE_IPV4: u16 = 0x0800;
pub(crate) const TYPE_IPV6: u16 = 0x86DD;
const TYPE_VLAN: u16 = 0x8100;
const TYPE_QINQ: u16 = 0x88A8;
const TYPE_OLD_QINQ: u16 = 0x9100;
const TYPE_PPPOE: u16 = 0x8864;

const HOP_BY_HOP: u8 = 0;
const IPIP: u8 = 4;
const TCP: u8 = 6;
pub(crate) const PROTOCOL_UDP: u8 = 17;
const IPV6_IN_IP: u8 = 41;
const ROUTING: u8 = 43;
pub(crate) const FRAGMENT: u8 = 44;
const GRE: u8 = 47;
const ESP: u8 = 50;
const AUTHENTICATION: u8 = 51;
const DESTINATION_OPTIONS: u8 = 60;

/// Extension headers that are walked (RFC 8200, 4.1, recommends fewer).
const MAXIMUM_EXTENSIONS: u32 = 8;

/// Offset up to which a UDP header and the first word behind it are within what `Packet::load` reaches.
const HEADERS_END: u32 = 1008;

/// How a packet is a part of its datagram.
#[derive(Clone, Copy, PartialEq, Eq)]
#[repr(u32)]
pub(crate) enum Part {
    Whole,
    First,
    Later,
}

/// Addresses and extent of an IP packet's payload.
#[derive(Clone, Copy)]
pub(crate) struct Ip {
    /// Offset of both addresses, which most packets are never asked for.
    addresses: u32,
    is_ipv6: bool,
    pub(crate) protocol: u8,
    pub(crate) part: Part,
    /// Fragment identification.
    pub(crate) identification: u32,
    /// Offset of the payload in the frame.
    pub(crate) offset: u32,
    /// Bytes of the payload.
    pub(crate) length: u32,
}

impl Ip {
    /// Source and destination, IPv4 as `::ffff:a.b.c.d`.
    #[inline(always)]
    pub(crate) fn addresses(&self, packet: &Packet<'_>) -> Option<[[u8; 16]; 2]> {
        let offset = self.addresses as usize;
        if self.is_ipv6 {
            return packet.load::<[[u8; 16]; 2]>(offset);
        }
        let [source, destination] = packet.load::<[[u8; 4]; 2]>(offset)?;
        Some([mapped(source), mapped(destination)])
    }

    /// What all fragments of one datagram share.
    #[inline(always)]
    pub(crate) fn fragment_key(&self, packet: &Packet<'_>) -> Option<FragmentKey> {
        let [source, destination] = self.addresses(packet)?;
        Some(FragmentKey {
            source,
            destination,
            identification: self.identification,
            protocol: u32::from(self.protocol),
        })
    }
}

/// A UDP datagram, or the first fragment of one.
pub(crate) struct Udp {
    pub(crate) source_port: u16,
    pub(crate) destination_port: u16,
    /// Bytes that the UDP header says there are, itself included.
    pub(crate) said: u32,
    /// Offset of the text in the frame.
    pub(crate) offset: u32,
    /// Bytes of the text in this packet.
    pub(crate) length: u32,
}

/// The IP packet of a frame.
#[inline(always)]
pub(crate) fn ip(packet: &Packet<'_>) -> Result<Ip, Outcome> {
    let (kind, offset) = ethernet(packet)?;
    match kind {
        TYPE_IPV4 => ipv4(packet, offset),
        TYPE_IPV6 => ipv6(packet, offset),
        _ => Err(Outcome::NotIp),
    }
}

#[inline(always)]
fn ethernet(packet: &Packet<'_>) -> Result<(u16, usize), Outcome> {
    let Some(kind) = packet.load::<u16>(12) else {
        return Err(Outcome::BrokenFrame);
    };
    let kind = u16::from_be(kind);
    if kind == TYPE_IPV4 || kind == TYPE_IPV6 {
        return Ok((kind, ETHERNET));
    }
    if !is_vlan(kind) {
        return Err(if kind == TYPE_PPPOE {
            Outcome::Tunnel
        } else {
            Outcome::NotIp
        });
    }
    let kind = load_type(packet, ETHERNET + 2)?;
    if !is_vlan(kind) {
        return Ok((kind, ETHERNET + 4));
    }
    let kind = load_type(packet, ETHERNET + 6)?;
    if !is_vlan(kind) {
        return Ok((kind, ETHERNET + 8));
    }
    Err(Outcome::DeepVlan)
}

#[inline(always)]
pub(crate) const fn is_vlan(kind: u16) -> bool {
    matches!(kind, TYPE_VLAN | TYPE_QINQ | TYPE_OLD_QINQ)
}

#[inline(always)]
fn load_type(packet: &Packet<'_>, offset: usize) -> Result<u16, Outcome> {
    match packet.load::<u16>(offset) {
        Some(kind) => Ok(u16::from_be(kind)),
        None => Err(Outcome::BrokenFrame),
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

#[inline(always)]
fn ipv4(packet: &Packet<'_>, offset: usize) -> Result<Ip, Outcome> {
    let Some(header) = packet.load::<Ipv4Header>(offset) else {
        return Err(Outcome::BrokenFrame);
    };
    let words = u32::from(header.version_and_length & 0xF);
    let total = u32::from(u16::from_be(header.total));
    if header.version_and_length >> 4 != 4 || words < 5 || total < 4 * words {
        return Err(Outcome::BrokenFrame);
    }
    if !within_frame(packet, offset as u32 + total) {
        return Err(Outcome::BrokenFrame);
    }
    let fragment = u16::from_be(header.fragment);
    let part = if fragment & 0x1FFF != 0 {
        Part::Later
    } else if fragment & 0x2000 != 0 {
        Part::First
    } else {
        Part::Whole
    };
    Ok(Ip {
        addresses: offset as u32 + 12,
        is_ipv6: false,
        protocol: header.protocol,
        part,
        identification: u32::from(header.identification),
        offset: offset as u32 + 4 * words,
        length: total - 4 * words,
    })
}

/// An IPv4 address in the form of IPv6 (RFC 4291, 2.5.5.2).
#[inline(always)]
const fn mapped(address: [u8; 4]) -> [u8; 16] {
    let [a, b, c, d] = address;
    [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF, a, b, c, d]
}

#[inline(always)]
fn within_frame(packet: &Packet<'_>, end: u32) -> bool {
    packet.holds(end) || end <= packet.length()
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

#[inline(always)]
fn ipv6(packet: &Packet<'_>, offset: usize) -> Result<Ip, Outcome> {
    let Some(header) = packet.load::<Ipv6Header>(offset) else {
        return Err(Outcome::BrokenFrame);
    };
    let length = u32::from(u16::from_be(header.length));
    if u32::from_be(header.version_and_flow) >> 28 != 6 || length == 0 {
        return Err(Outcome::BrokenFrame);
    }
    let start = offset as u32 + 40;
    if !within_frame(packet, start + length) {
        return Err(Outcome::BrokenFrame);
    }
    let mut ip = Ip {
        addresses: offset as u32 + 8,
        is_ipv6: true,
        protocol: header.next,
        part: Part::Whole,
        identification: 0,
        offset: start,
        length,
    };
    if is_extension(header.next) {
        extensions(packet, &mut ip)?;
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

/// A walk over extension headers. Lives in memory that the verifier does not follow, or each
/// sequence of headers would be a way of its own through all that comes behind.
#[repr(C)]
pub(crate) struct Extensions {
    protocol: u32,
    part: u32,
    identification: u32,
    offset: u32,
    /// First byte behind the packet.
    end: u32,
    /// 1 if a header was shorter than it says.
    failed: u32,
}

struct ExtensionStep<'a> {
    packet: Packet<'a>,
    walk: &'a mut Extensions,
}

impl ExtensionStep<'_> {
    #[inline(always)]
    fn fail(&mut self) -> Step {
        self.walk.failed = 1;
        Step::Stop
    }

    /// A fragment header on a whole packet is an atomic fragment (RFC 6946).
    #[inline(always)]
    fn fragment(&mut self) -> Option<u32> {
        let offset = self.walk.offset as usize;
        let fields = u16::from_be(self.packet.load::<u16>(offset + 2)?);
        self.walk.identification = self.packet.load::<u32>(offset + 4)?;
        self.walk.part = if fields >> 3 != 0 {
            Part::Later as u32
        } else if fields & 1 != 0 {
            Part::First as u32
        } else {
            Part::Whole as u32
        };
        Some(8)
    }
}

impl Stepper for ExtensionStep<'_> {
    /// One header. Behind the fragment header of a later fragment there is none.
    #[inline(always)]
    fn step(&mut self, _index: u32) -> Step {
        let protocol = self.walk.protocol as u8;
        if !is_extension(protocol)
            || self.walk.part == Part::Later as u32
            || self.walk.offset > HEADERS_END
        {
            return Step::Stop;
        }
        let Some([next, length]) = self.packet.load::<[u8; 2]>(self.walk.offset as usize) else {
            return self.fail();
        };
        let size = match protocol {
            FRAGMENT => self.fragment(),
            AUTHENTICATION => Some((u32::from(length) + 2) * 4),
            _ => Some((u32::from(length) + 1) * 8),
        };
        let Some(size) = size else {
            return self.fail();
        };
        self.walk.protocol = u32::from(next);
        self.walk.offset = self.walk.offset.wrapping_add(size);
        if self.walk.offset > self.walk.end {
            return self.fail();
        }
        Step::Again
    }
}

/// Walks the extension headers to the payload.
#[inline(always)]
fn extensions(packet: &Packet<'_>, ip: &mut Ip) -> Result<(), Outcome> {
    let Some(walk) = EXTENSIONS.get_ptr_mut(0) else {
        return Err(Outcome::Internal);
    };
    // SAFETY: the entry belongs to this CPU alone, and only this function uses it.
    let walk = unsafe { &mut *walk };
    *walk = Extensions {
        protocol: u32::from(ip.protocol),
        part: Part::Whole as u32,
        identification: 0,
        offset: ip.offset,
        end: ip.offset + ip.length,
        failed: 0,
    };
    BoundedLoop::repeat(
        MAXIMUM_EXTENSIONS,
        &mut ExtensionStep {
            packet: packet.again(),
            walk,
        },
    );
    if walk.failed != 0 {
        return Err(Outcome::BrokenFrame);
    }
    ip.protocol = walk.protocol as u8;
    ip.part = match walk.part {
        1 => Part::First,
        2 => Part::Later,
        _ => Part::Whole,
    };
    ip.identification = walk.identification;
    ip.offset = walk.offset;
    ip.length = walk.end.wrapping_sub(walk.offset);
    if ip.part != Part::Later && (is_extension(ip.protocol) || ip.offset > HEADERS_END) {
        return Err(Outcome::DeepExtensions);
    }
    Ok(())
}

/// The UDP header behind an IP header.
#[inline(always)]
pub(crate) fn udp(packet: &Packet<'_>, ip: &Ip) -> Result<Udp, Outcome> {
    let Some([source, destination, said, _]) = packet.load::<[u16; 4]>(ip.offset as usize) else {
        return Err(Outcome::BrokenFrame);
    };
    if ip.length < UDP {
        return Err(Outcome::BrokenFrame);
    }
    Ok(Udp {
        source_port: u16::from_be(source),
        destination_port: u16::from_be(destination),
        said: u32::from(u16::from_be(said)),
        offset: ip.offset + UDP,
        length: ip.length - UDP,
    })
}

/// The outcome of a protocol that is not UDP; `is_judged` tells a port that UDP is judged on.
#[inline(always)]
pub(crate) fn other_protocol(
    packet: &Packet<'_>,
    ip: &Ip,
    is_judged: impl Fn(u16) -> bool,
) -> Outcome {
    match ip.protocol {
        TCP => match packet.load::<[u16; 2]>(ip.offset as usize) {
            Some([_, port]) if ip.part != Part::Later && is_judged(u16::from_be(port)) => {
                Outcome::Tcp
            }
            _ => Outcome::OtherPort,
        },
        IPIP | IPV6_IN_IP | GRE | ESP => Outcome::Tunnel,
        _ => Outcome::NotUdp,
    }
}

/// Whether the payload is UDP.
#[inline(always)]
pub(crate) const fn is_udp(ip: &Ip) -> bool {
    ip.protocol == PROTOCOL_UDP
}
