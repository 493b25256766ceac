//! Everything that the carrier sees of the SBC's packets: which ports they come from.

use std::collections::BTreeSet;
use std::os::fd::{AsRawFd as _, OwnedFd};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;

use anyhow::{Result, bail};
use nix::errno::Errno;
use nix::sys::socket::{
    AddressFamily, MsgFlags, SockFlag, SockProtocol, SockType, recv, setsockopt, socket, sockopt,
};
use nix::sys::time::{TimeVal, TimeValLike as _};

use crate::Lab;

/// The port of the SBC.
const SIP: u16 = 5060;
/// The ports of media that the configuration has if nothing else is said.
const MEDIA: std::ops::RangeInclusive<u16> = 30_000..=30_999;
/// The ports of media of those who answer behind the SBC, on the same host.
const ANSWERERS: std::ops::RangeInclusive<u16> = 20_000..=29_999;
/// The daemon's own, which nobody may see.
const DAEMON: std::ops::RangeInclusive<u16> = 25_059..=25_060;
const IPV4: u16 = 0x0800;
const IPV6: u16 = 0x86DD;
const VLAN: u16 = 0x8100;
const UDP: u8 = 17;

/// A capture that is running.
pub(super) struct Capture {
    end: Arc<AtomicBool>,
    thread: JoinHandle<BTreeSet<String>>,
}

impl Capture {
    /// Begins on the carrier's side.
    pub(super) fn start(lab: &Lab) -> Result<Self> {
        let descriptor: OwnedFd = lab.network.carrier.run(|| {
            let socket = socket(
                AddressFamily::Packet,
                SockType::Raw,
                SockFlag::SOCK_CLOEXEC,
                SockProtocol::EthAll,
            )?;
            setsockopt(
                &socket,
                sockopt::ReceiveTimeout,
                &TimeVal::milliseconds(200),
            )?;
            Ok(socket)
        })?;
        let end = Arc::new(AtomicBool::new(false));
        let told = end.clone();
        let thread = std::thread::spawn(move || {
            let mut strangers = BTreeSet::new();
            let mut buffer = vec![0; 65_536];
            while !told.load(Ordering::Relaxed) {
                match recv(descriptor.as_raw_fd(), &mut buffer, MsgFlags::empty()) {
                    Ok(length) => {
                        strangers.extend(stranger(buffer.get(..length).unwrap_or_default()));
                    }
                    Err(Errno::EAGAIN | Errno::EINTR) => {}
                    Err(error) => {
                        strangers.insert(format!("the capture failed: {error}"));
                        break;
                    }
                }
            }
            strangers
        });
        Ok(Self { end, thread })
    }

    /// Ends it; what came from another port than the SBC's, or `none`.
    pub(super) fn end(self) -> Result<String> {
        self.end.store(true, Ordering::Relaxed);
        let Ok(strangers) = self.thread.join() else {
            bail!("the capture panicked");
        };
        if strangers.is_empty() {
            return Ok("none".to_owned());
        }
        Ok(strangers.into_iter().collect::<Vec<_>>().join(", "))
    }
}

fn word(frame: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_be_bytes([*frame.get(at)?, *frame.get(at + 1)?]))
}

/// A UDP datagram, or the first fragment of one, that one of the SBC's addresses sent from another
/// port.
fn stranger(frame: &[u8]) -> Option<String> {
    let mut at = 12;
    while word(frame, at)? == VLAN {
        at += 4;
    }
    let (address, udp) = match word(frame, at)? {
        IPV4 => {
            let ip = at + 2;
            let is_first = word(frame, ip + 6)? & 0x1FFF == 0;
            if *frame.get(ip + 9)? != UDP || !is_first {
                return None;
            }
            let length = usize::from(frame.get(ip)? & 0xF) * 4;
            // The SBC is the second host of each network.
            if *frame.get(ip + 15)? != 2 {
                return None;
            }
            ("IPv4", ip + length)
        }
        IPV6 => {
            let ip = at + 2;
            if *frame.get(ip + 23)? != 2 {
                return None;
            }
            match *frame.get(ip + 6)? {
                UDP => ("IPv6", ip + 40),
                44 if word(frame, ip + 42)? >> 3 == 0 => ("IPv6", ip + 48),
                _ => return None,
            }
        }
        _ => return None,
    };
    let port = word(frame, udp)?;
    let is_media = MEDIA.contains(&port) || ANSWERERS.contains(&port);
    let is_known = port == SIP || (is_media && !DAEMON.contains(&port));
    (!is_known).then(|| format!("{address} port {port}"))
}
