//! Reads packets from a file: pcap and pcapng, both byte orders, microseconds and nanoseconds
//! (draft-ietf-opsawg-pcap, draft-ietf-opsawg-pcapng).

use std::io::Read;
use std::sync::{Mutex, PoisonError};

use jiff::{SignedDuration, Timestamp};
use pcap_parser::pcapng::Block;
use pcap_parser::traits::{PcapNGPacketBlock, PcapReaderIterator};
use pcap_parser::{InterfaceDescriptionBlock, Linktype, PcapBlockOwned, PcapError, create_reader};

use super::CaptureError;

/// Buffer size in bytes; grows up to [`MAXIMUM_BLOCK`].
const CAPACITY: usize = 64 << 10;
/// Maximum size of a block.
const MAXIMUM_BLOCK: usize = 32 << 20;

/// A packet.
pub(super) struct Packet<'a> {
    /// Its number, from 1.
    pub(super) number: u64,
    pub(super) at: Option<Timestamp>,
    pub(super) link: Linktype,
    pub(super) bytes: &'a [u8],
    pub(super) is_cut: bool,
}

/// The properties of an interface.
#[derive(Clone, Copy)]
struct Interface {
    link: Linktype,
    /// Ticks per second.
    resolution: u64,
    /// Seconds to add.
    offset: i64,
}

/// What the file has described so far.
#[derive(Default)]
struct Spoken {
    /// The interfaces of the current pcapng section; a pcap file has one.
    interfaces: Vec<Interface>,
    packets: u64,
}

/// Calls `take` for each packet. Returns why the file was not read to the end, if so.
pub(super) fn each(
    input: impl Read + Send,
    mut take: impl FnMut(&Packet<'_>),
) -> Result<Option<String>, CaptureError> {
    let failure = Mutex::new(None);
    let watched = Watched {
        input,
        failure: &failure,
    };
    let mut reader = match create_reader(CAPACITY, watched) {
        Ok(reader) => reader,
        Err(PcapError::Eof) => return Err(CaptureError::NotACapture("it is empty")),
        Err(_) => {
            return Err(said(&failure).map_or(
                CaptureError::NotACapture(
                    "write it with tcpdump -w, tshark -w or wireshark, as pcap or pcapng, not compressed",
                ),
                CaptureError::Unreadable,
            ));
        }
    };
    let mut spoken = Spoken::default();
    let problem = walk(reader.as_mut(), &mut spoken, &mut take);
    match said(&failure) {
        Some(error) => Err(CaptureError::Unreadable(error)),
        None => {
            Ok(problem.map(|problem| format!("{problem}; read up to packet {}", spoken.packets)))
        }
    }
}

/// The system error, if there was one.
fn said(failure: &Mutex<Option<std::io::Error>>) -> Option<std::io::Error> {
    failure
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .take()
}

fn walk(
    reader: &mut dyn PcapReaderIterator,
    spoken: &mut Spoken,
    take: &mut impl FnMut(&Packet<'_>),
) -> Option<&'static str> {
    let mut capacity = CAPACITY;
    loop {
        let held = reader.data().len();
        let length = match reader.next() {
            Ok((length, block)) => {
                spoken.block(&block, take);
                length
            }
            Err(PcapError::Incomplete(_)) => 0,
            // The buffer grows only for a block that does not fit, not for one that is missing.
            Err(PcapError::BufferTooSmall) if held < capacity => 0,
            Err(PcapError::BufferTooSmall) if capacity < MAXIMUM_BLOCK => {
                capacity *= 2;
                0
            }
            Err(PcapError::Eof) => return None,
            Err(PcapError::UnexpectedEof) => {
                return Some("the capture ends in the middle of a packet");
            }
            Err(_) => return Some("the capture is damaged"),
        };
        if length > 0 {
            reader.consume(length);
            continue;
        }
        reader.grow(capacity);
        if reader.refill().is_err() {
            return Some("the capture cannot be read any further");
        }
    }
}

impl Spoken {
    fn block(&mut self, block: &PcapBlockOwned<'_>, take: &mut impl FnMut(&Packet<'_>)) {
        match block {
            PcapBlockOwned::LegacyHeader(header) => self.interfaces.push(Interface {
                link: header.network,
                resolution: if header.is_nanosecond_precision() {
                    1_000_000_000
                } else {
                    1_000_000
                },
                offset: 0,
            }),
            PcapBlockOwned::Legacy(packet) => {
                let Some(interface) = self.interfaces.first().copied() else {
                    return;
                };
                let at = time(
                    i64::from(packet.ts_sec),
                    u64::from(packet.ts_usec),
                    interface.resolution,
                );
                self.packet(interface.link, at, packet.data, packet.origlen, take);
            }
            PcapBlockOwned::NG(block) => self.block_ng(block, take),
        }
    }

    fn block_ng(&mut self, block: &Block<'_>, take: &mut impl FnMut(&Packet<'_>)) {
        match block {
            Block::SectionHeader(_) => self.interfaces.clear(),
            Block::InterfaceDescription(interface) => self.interfaces.push(described(interface)),
            Block::EnhancedPacket(packet) => {
                let interface = usize::try_from(packet.if_id)
                    .ok()
                    .and_then(|id| self.interfaces.get(id))
                    .copied();
                // A packet of an undescribed interface has an unknown link type.
                let interface = interface.unwrap_or(Interface {
                    link: Linktype(-1),
                    resolution: 1_000_000,
                    offset: 0,
                });
                let ticks = u64::from(packet.ts_high) << 32 | u64::from(packet.ts_low);
                let seconds = i64::try_from(ticks / interface.resolution).unwrap_or(i64::MAX);
                let at = time(
                    seconds.saturating_add(interface.offset),
                    ticks % interface.resolution,
                    interface.resolution,
                );
                self.packet(
                    interface.link,
                    at,
                    packet.packet_data(),
                    packet.origlen,
                    take,
                );
            }
            Block::SimplePacket(packet) => {
                let link = self.interfaces.first().map_or(Linktype(-1), |one| one.link);
                self.packet(link, None, packet.packet_data(), packet.origlen, take);
            }
            Block::NameResolution(_)
            | Block::InterfaceStatistics(_)
            | Block::SystemdJournalExport(_)
            | Block::DecryptionSecrets(_)
            | Block::ProcessInformation(_)
            | Block::Custom(_)
            | Block::Unknown(_) => {}
        }
    }

    fn packet(
        &mut self,
        link: Linktype,
        at: Option<Timestamp>,
        bytes: &[u8],
        length: u32,
        take: &mut impl FnMut(&Packet<'_>),
    ) {
        self.packets += 1;
        take(&Packet {
            number: self.packets,
            at,
            link,
            bytes,
            is_cut: u64::from(length) > bytes.len() as u64,
        });
    }
}

fn described(interface: &InterfaceDescriptionBlock<'_>) -> Interface {
    Interface {
        link: interface.linktype,
        resolution: interface
            .ts_resolution()
            .filter(|ticks| *ticks > 0)
            .unwrap_or(1_000_000),
        offset: interface.ts_offset(),
    }
}

fn time(seconds: i64, ticks: u64, resolution: u64) -> Option<Timestamp> {
    let nanoseconds = u128::from(ticks) * 1_000_000_000 / u128::from(resolution.max(1));
    let nanoseconds = i32::try_from(nanoseconds).ok()?;
    let since_epoch = SignedDuration::new(seconds, nanoseconds);
    Timestamp::from_duration(since_epoch).ok()
}

/// Remembers the system error, which the library does not return.
struct Watched<'a, R> {
    input: R,
    failure: &'a Mutex<Option<std::io::Error>>,
}

impl<R: Read> Read for Watched<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        loop {
            match self.input.read(buffer) {
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
                Err(error) => {
                    let kind = error.kind();
                    *self.failure.lock().unwrap_or_else(PoisonError::into_inner) = Some(error);
                    return Err(kind.into());
                }
                Ok(read) => return Ok(read),
            }
        }
    }
}
