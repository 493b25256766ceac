//! Frames around a text: Ethernet, VLAN tags, IPv4, IPv6 and UDP, also with lengths and fields
//! that contradict each other.

use std::net::{IpAddr, SocketAddr};

use etherparse::UdpHeader;

/// IPv6 fragment header (RFC 8200, 4.5).
const FRAGMENT_HEADER: u8 = 44;
/// UDP's protocol number.
pub const UDP: u8 = 17;

/// A frame, and what the host's engine is given of it.
#[derive(Clone, Debug)]
pub struct Frame {
    /// The bytes on the wire.
    pub bytes: Vec<u8>,
    /// Who sent it.
    pub source: IpAddr,
    /// The text that is to be judged; none if the frame must not get so far.
    pub text: Option<Vec<u8>>,
    /// Whether it is a first fragment.
    pub fragment: bool,
}

impl Frame {
    /// Says that the frame must not be judged.
    #[must_use]
    pub fn unread(mut self) -> Self {
        self.text = None;
        self
    }

    /// Only the first bytes of it, with all lengths as they are.
    #[must_use]
    pub fn cut(&self, length: usize) -> Self {
        Self {
            bytes: self.bytes[..length].to_vec(),
            ..self.clone()
        }
        .unread()
    }
}

/// What stands in the UDP checksum.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Checksum {
    /// The right one.
    Right,
    /// Zero: none was made (RFC 768).
    Zero,
    /// A wrong one.
    Wrong,
}

/// A datagram to be sent.
#[derive(Clone, Debug)]
pub struct Datagram {
    source: SocketAddr,
    destination: SocketAddr,
    text: Vec<u8>,
    tags: Vec<u16>,
    options: Vec<u8>,
    extensions: Vec<(u8, Vec<u8>)>,
    protocol: u8,
    identification: u32,
    said: Option<u16>,
    ip_length: Option<u16>,
    checksum: Checksum,
    padding: usize,
}

impl Datagram {
    /// From the named address, port 5060, to the SBC's of the same family, port 5060.
    ///
    /// # Panics
    /// If the address is none.
    pub fn new(source: &str, text: impl Into<Vec<u8>>) -> Self {
        let source: IpAddr = source.parse().unwrap();
        let destination = if source.is_ipv4() {
            "198.51.100.2"
        } else {
            "2001:db8:ffff::2"
        };
        Self {
            source: (source, 5060).into(),
            destination: (destination.parse::<IpAddr>().unwrap(), 5060).into(),
            text: text.into(),
            tags: Vec::new(),
            options: Vec::new(),
            extensions: Vec::new(),
            protocol: UDP,
            identification: 0x1D1D,
            said: None,
            ip_length: None,
            checksum: Checksum::Right,
            padding: 0,
        }
    }

    /// To another port.
    #[must_use]
    pub fn to_port(mut self, port: u16) -> Self {
        self.destination.set_port(port);
        self
    }

    /// From another port.
    #[must_use]
    pub fn from_port(mut self, port: u16) -> Self {
        self.source.set_port(port);
        self
    }

    /// With a VLAN tag of this type in front of those that there are.
    #[must_use]
    pub fn tag(mut self, kind: u16) -> Self {
        self.tags.insert(0, kind);
        self
    }

    /// With IPv4 options, a multiple of four bytes.
    #[must_use]
    pub fn options(mut self, options: impl Into<Vec<u8>>) -> Self {
        self.options = options.into();
        self
    }

    /// With another IPv6 extension header behind those that there are; `rest` is what follows its
    /// first byte.
    #[must_use]
    pub fn extension(mut self, kind: u8, rest: impl Into<Vec<u8>>) -> Self {
        self.extensions.push((kind, rest.into()));
        self
    }

    /// With a fragment header that says that the packet is whole (RFC 6946).
    #[must_use]
    pub fn atomic(self) -> Self {
        let rest = [&[0, 0, 0], &self.identification.to_be_bytes()[..]].concat();
        self.extension(FRAGMENT_HEADER, rest)
    }

    /// With another protocol number.
    #[must_use]
    pub fn protocol(mut self, protocol: u8) -> Self {
        self.protocol = protocol;
        self
    }

    /// With another fragment identification.
    #[must_use]
    pub fn identification(mut self, identification: u32) -> Self {
        self.identification = identification;
        self
    }

    /// With this length in the UDP header.
    #[must_use]
    pub fn said(mut self, length: u16) -> Self {
        self.said = Some(length);
        self
    }

    /// With this length in the IP header: IPv4's total length, IPv6's payload length.
    #[must_use]
    pub fn ip_length(mut self, length: u16) -> Self {
        self.ip_length = Some(length);
        self
    }

    /// With this checksum.
    #[must_use]
    pub fn checksum(mut self, checksum: Checksum) -> Self {
        self.checksum = checksum;
        self
    }

    /// With bytes behind the IP packet.
    #[must_use]
    pub fn padding(mut self, bytes: usize) -> Self {
        self.padding = bytes;
        self
    }

    /// UDP header and text.
    fn udp(&self) -> Vec<u8> {
        let length = u16::try_from(self.text.len() + 8).unwrap_or(0);
        let mut header = UdpHeader {
            source_port: self.source.port(),
            destination_port: self.destination.port(),
            length: self.said.unwrap_or(length),
            checksum: 0,
        };
        let right = match (self.source.ip(), self.destination.ip()) {
            (IpAddr::V4(from), IpAddr::V4(to)) => {
                header.calc_checksum_ipv4_raw(from.octets(), to.octets(), &self.text)
            }
            (IpAddr::V6(from), IpAddr::V6(to)) => {
                header.calc_checksum_ipv6_raw(from.octets(), to.octets(), &self.text)
            }
            _ => panic!(
                "{} and {} are not of one family",
                self.source, self.destination
            ),
        };
        header.checksum = match self.checksum {
            Checksum::Right => right.unwrap(),
            Checksum::Zero => 0,
            Checksum::Wrong => right.unwrap() ^ 0x5555,
        };
        [&header.to_bytes()[..], &self.text].concat()
    }

    /// The frame of the whole datagram.
    pub fn frame(&self) -> Frame {
        Frame {
            bytes: self.wrap(&self.udp(), None),
            source: self.source.ip(),
            text: Some(self.text.clone()),
            fragment: false,
        }
    }

    /// The frames of the datagram cut at these offsets of the IP payload, multiples of eight.
    pub fn fragments(&self, cuts: &[usize]) -> Vec<Frame> {
        let payload = self.udp();
        let mut starts = vec![0];
        starts.extend_from_slice(cuts);
        let frames = starts.iter().enumerate().map(|(index, start)| {
            let end = starts.get(index + 1).copied();
            let part = &payload[*start..end.unwrap_or(payload.len())];
            let text = part.get(8..).filter(|_| *start == 0).map(<[u8]>::to_vec);
            Frame {
                bytes: self.wrap(part, Some((*start, end.is_some()))),
                source: self.source.ip(),
                text,
                fragment: *start == 0,
            }
        });
        frames.collect()
    }

    /// Ethernet and IP around an IP payload; `part` is a fragment's offset and whether more follow.
    fn wrap(&self, payload: &[u8], part: Option<(usize, bool)>) -> Vec<u8> {
        let mut frame = vec![2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1];
        for tag in &self.tags {
            frame.extend_from_slice(&tag.to_be_bytes());
            frame.extend_from_slice(&[0x20, 0x64]);
        }
        match (self.source.ip(), self.destination.ip()) {
            (IpAddr::V4(from), IpAddr::V4(to)) => {
                frame.extend_from_slice(&[8, 0]);
                self.ipv4(&mut frame, from.octets(), to.octets(), payload, part);
            }
            (IpAddr::V6(from), IpAddr::V6(to)) => {
                frame.extend_from_slice(&[0x86, 0xDD]);
                self.ipv6(&mut frame, from.octets(), to.octets(), payload, part);
            }
            _ => panic!(
                "{} and {} are not of one family",
                self.source, self.destination
            ),
        }
        frame.extend_from_slice(payload);
        frame.resize(frame.len() + self.padding, b'4');
        frame
    }

    fn ipv4(
        &self,
        frame: &mut Vec<u8>,
        from: [u8; 4],
        to: [u8; 4],
        payload: &[u8],
        part: Option<(usize, bool)>,
    ) {
        let size = 20 + self.options.len();
        let total = u16::try_from(size + payload.len()).unwrap();
        let (offset, more) = part.unwrap_or((0, false));
        let fields = u16::try_from(offset / 8).unwrap() | u16::from(more) << 13;
        let mut header = vec![0x40 | u8::try_from(size / 4).unwrap(), 0];
        header.extend_from_slice(&self.ip_length.unwrap_or(total).to_be_bytes());
        header.extend_from_slice(&self.identification.to_be_bytes()[2..]);
        header.extend_from_slice(&fields.to_be_bytes());
        header.extend_from_slice(&[64, self.protocol, 0, 0]);
        header.extend_from_slice(&from);
        header.extend_from_slice(&to);
        header.extend_from_slice(&self.options);
        let sum: u32 = header
            .chunks(2)
            .map(|pair| u32::from(u16::from_be_bytes([pair[0], pair[1]])))
            .sum();
        let folded = u16::try_from((sum & 0xFFFF) + (sum >> 16)).unwrap_or(0);
        header[10..12].copy_from_slice(&(!folded).to_be_bytes());
        frame.extend_from_slice(&header);
    }

    fn ipv6(
        &self,
        frame: &mut Vec<u8>,
        from: [u8; 16],
        to: [u8; 16],
        payload: &[u8],
        part: Option<(usize, bool)>,
    ) {
        let mut extensions = self.extensions.clone();
        if let Some((offset, more)) = part {
            let fields = u16::try_from(offset).unwrap() | u16::from(more);
            let rest = [
                &[0][..],
                &fields.to_be_bytes(),
                &self.identification.to_be_bytes(),
            ]
            .concat();
            extensions.push((FRAGMENT_HEADER, rest));
        }
        let kinds: Vec<u8> = extensions
            .iter()
            .map(|(kind, _)| *kind)
            .chain([self.protocol])
            .collect();
        let size: usize = extensions.iter().map(|(_, rest)| rest.len() + 1).sum();
        let length = u16::try_from(size + payload.len()).unwrap_or(0);
        frame.extend_from_slice(&[0x60, 0, 0, 0]);
        frame.extend_from_slice(&self.ip_length.unwrap_or(length).to_be_bytes());
        frame.extend_from_slice(&[kinds[0], 64]);
        frame.extend_from_slice(&from);
        frame.extend_from_slice(&to);
        for ((_, rest), next) in extensions.iter().zip(&kinds[1..]) {
            frame.push(*next);
            frame.extend_from_slice(rest);
        }
    }
}
