//! The frames of SIP messages as they leave the wire's two ends: which tags are in them, which
//! port sent them, and whether their checksum is right.

use std::os::fd::{AsRawFd as _, OwnedFd};

use anyhow::{Context as _, Result};
use nix::errno::Errno;
use nix::net::if_::if_nametoindex;
use nix::sys::socket::{
    AddressFamily, LinkAddr, SockFlag, SockProtocol, SockType, recvfrom, socket,
};

use super::wires::{Setting, Wire};
use crate::network::{CARRIER_INTERFACE, Namespace, Network, SBC_INTERFACE};

const IPV4: u16 = 0x0800;
const IPV6: u16 = 0x86DD;
const VLAN: u16 = 0x8100;
const QINQ: u16 = 0x88A8;
const UDP: u8 = 17;
/// `PACKET_OUTGOING`: a frame that this host sends.
const OUTGOING: u8 = 4;

/// What both hosts have sent.
pub(super) struct Frames {
    hosts: [Tap; 2],
    sent: Vec<Vec<u8>>,
}

/// All that a host sends by its end of the wire.
struct Tap {
    socket: OwnedFd,
    interface: usize,
}

/// A message's frame.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Frame {
    tags: Vec<u16>,
    source: u16,
    /// Whether the checksum is what the receiver reckons.
    is_sound: bool,
    text: String,
}

/// What [`Frame::tell`] says of a frame that is as it should be.
pub(super) fn expected(wire: &Wire, setting: &Setting) -> String {
    let sums = if setting.sums { ", right checksum" } else { "" };
    format!("tags {:?}{sums}", wire.tags)
}

impl Frames {
    pub(super) fn start(network: &Network) -> Result<Self> {
        Ok(Self {
            hosts: [
                Tap::start(&network.carrier, CARRIER_INTERFACE)?,
                Tap::start(&network.sbc, SBC_INTERFACE)?,
            ],
            sent: Vec::new(),
        })
    }

    /// Forgets what was sent so far.
    pub(super) fn forget(&mut self) -> Result<()> {
        self.collect()?;
        self.sent.clear();
        Ok(())
    }

    /// The last message of a call that begins so.
    pub(super) fn find(&mut self, call_id: &str, beginning: &str) -> Result<Option<Frame>> {
        self.collect()?;
        let frames = self.sent.iter().rev().filter_map(|frame| read(frame));
        let mut of_this = frames
            .filter(|frame| frame.text.starts_with(beginning) && frame.text.contains(call_id));
        Ok(of_this.next())
    }

    fn collect(&mut self) -> Result<()> {
        for tap in &self.hosts {
            tap.collect(&mut self.sent)?;
        }
        Ok(())
    }
}

impl Tap {
    fn start(host: &Namespace, interface: &str) -> Result<Self> {
        host.run(|| {
            let socket = socket(
                AddressFamily::Packet,
                SockType::Raw,
                SockFlag::SOCK_CLOEXEC | SockFlag::SOCK_NONBLOCK,
                SockProtocol::EthAll,
            )?;
            let interface = if_nametoindex(interface)? as usize;
            Ok(Self { socket, interface })
        })
    }

    fn collect(&self, sent: &mut Vec<Vec<u8>>) -> Result<()> {
        let mut buffer = vec![0; 65_536];
        loop {
            match recvfrom::<LinkAddr>(self.socket.as_raw_fd(), &mut buffer) {
                Ok((length, Some(from))) => {
                    if from.ifindex() == self.interface && from.pkttype() == OUTGOING {
                        sent.push(buffer.get(..length).unwrap_or_default().to_vec());
                    }
                }
                Ok((_, None)) | Err(Errno::EINTR) => {}
                Err(Errno::EAGAIN) => return Ok(()),
                Err(error) => return Err(error).context("the capture failed"),
            }
        }
    }
}

impl Frame {
    /// Its tags, in the order in which they are in the frame; its checksum, where the host makes it.
    pub(super) fn tell(&self, setting: &Setting) -> String {
        let sums = match (setting.sums, self.is_sound) {
            (false, _) => "",
            (true, true) => ", right checksum",
            (true, false) => ", WRONG checksum",
        };
        format!("tags {:?}{sums}", self.tags)
    }

    /// The port that sent it.
    pub(super) fn source(&self) -> u16 {
        self.source
    }
}

fn word(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_be_bytes([*bytes.get(at)?, *bytes.get(at + 1)?]))
}

/// The UDP datagram of a frame; none if it is another.
fn read(frame: &[u8]) -> Option<Frame> {
    let (mut at, mut tags) = (12, Vec::new());
    while matches!(word(frame, at)?, VLAN | QINQ) {
        tags.push(word(frame, at + 2)? & 0xFFF);
        at += 4;
    }
    let ip = at + 2;
    let (addresses, udp) = match word(frame, at)? {
        IPV4 if *frame.get(ip + 9)? == UDP => {
            let length = usize::from(frame.get(ip)? & 0xF) * 4;
            (frame.get(ip + 12..ip + 20)?, ip + length)
        }
        IPV6 if *frame.get(ip + 6)? == UDP => (frame.get(ip + 8..ip + 40)?, ip + 40),
        _ => return None,
    };
    let datagram = frame.get(udp..udp + usize::from(word(frame, udp + 4)?))?;
    Some(Frame {
        tags,
        source: word(datagram, 0)?,
        is_sound: word(datagram, 6)? != 0 && sum(addresses, datagram) == 0xFFFF,
        text: String::from_utf8_lossy(datagram.get(8..)?).into_owned(),
    })
}

/// RFC 768: all ones where the checksum in the datagram is right.
fn sum(addresses: &[u8], datagram: &[u8]) -> u32 {
    let words = |bytes: &[u8]| {
        let word = |pair: &[u8]| match *pair {
            [high, low] => u32::from(u16::from_be_bytes([high, low])),
            [high] => u32::from(high) << 8,
            _ => 0,
        };
        bytes.chunks(2).map(word).sum::<u32>()
    };
    let length = u32::try_from(datagram.len()).unwrap_or_default();
    let mut sum = words(addresses) + words(datagram) + u32::from(UDP) + length;
    while sum > 0xFFFF {
        sum = (sum & 0xFFFF) + (sum >> 16);
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `INVITE` over IPv4, from port 5070, behind two tags.
    fn frame() -> Vec<u8> {
        let mut frame = vec![0; 12];
        frame.extend([0x88, 0xA8, 0, 200, 0x81, 0, 0x20, 30, 8, 0]);
        frame.extend([0x45, 0, 0, 35, 0, 0, 0, 0, 64, UDP, 0, 0]);
        frame.extend([198, 18, 0, 1, 198, 18, 0, 2]);
        frame.extend([0x13, 0xCE, 0x13, 0xC4, 0, 15, 0, 0]);
        frame.extend(b"INVITE ");
        frame
    }

    #[test]
    fn a_frame_is_read() {
        let mut bytes = frame();
        let read_so =
            |bytes: &[u8]| read(bytes).map(|frame| (frame.tags, frame.source, frame.is_sound));
        assert_eq!(read_so(&bytes), Some((vec![200, 30], 5070, false)));
        // Reckoned by hand: the sum of the words of the pseudo header and the datagram.
        bytes[48..50].copy_from_slice(&[0x38, 0x39]);
        let sound = read_so(&bytes).unwrap().2;
        bytes[50] ^= 1;
        assert_eq!((sound, read_so(&bytes).unwrap().2), (true, false));
        bytes.truncate(54);
        assert_eq!(read_so(&bytes), None);
    }
}
