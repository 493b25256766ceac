//! Turns datagrams into calls: only INVITEs, and each call once however often it was sent.

use std::collections::HashMap;
use std::io::Read;
use std::net::IpAddr;

use blacklist_common::message::{self, Reader, Start};
use blacklist_common::repeat::PlainLoop;
use blacklist_common::scan::Field;
use blacklist_common::tables::TrunkEntry;

use super::datagram::{self, Datagram, Found};
use super::fragments::Fragments;
use super::packets::{self, Packet};
use super::{Capture, CaptureError, CapturedCall, Carrier};

/// Maximum number of calls kept.
pub const MAXIMUM_CALLS: usize = 200_000;

/// Reads a capture as a stream: memory depends on its calls, not on its length.
///
/// # Errors
/// It cannot be read at all. A damaged capture is read up to the damage.
pub fn read(input: impl Read + Send) -> Result<Capture, CaptureError> {
    let mut calls = Calls {
        capture: Capture::default(),
        places: HashMap::new(),
        reader: Box::<Reader>::default(),
        is_full: false,
    };
    let mut fragments = Fragments::default();
    let problem = packets::each(input, |packet| calls.packet(packet, &mut fragments))?;
    let mut capture = calls.capture;
    capture.counts.lost_fragments = fragments.lost();
    capture.problem = problem;
    if calls.is_full && capture.problem.is_none() {
        capture.problem = Some(format!(
            "the capture holds more than {MAXIMUM_CALLS} calls; the others are counted, not read"
        ));
    }
    Ok(capture)
}

/// Identifies an INVITE: source, destination and Call-ID; without a Call-ID, its text.
#[derive(PartialEq, Eq, Hash)]
struct Identity {
    source: IpAddr,
    destination: IpAddr,
    call: Vec<u8>,
}

struct Calls {
    capture: Capture,
    places: HashMap<Identity, usize>,
    reader: Box<Reader>,
    is_full: bool,
}

impl Calls {
    fn packet(&mut self, packet: &Packet<'_>, fragments: &mut Fragments) {
        let counts = &mut self.capture.counts;
        counts.packets += 1;
        counts.cut_packets += u64::from(packet.is_cut);
        match datagram::find(packet.link, packet.bytes, fragments) {
            Found::Whole(datagram) if Start::of_text(&datagram.payload) == Start::Invite => {
                self.invite(packet, datagram);
            }
            Found::Whole(_) | Found::Nothing => {}
            Found::Unread => counts.unread_packets += 1,
        }
    }

    fn invite(&mut self, packet: &Packet<'_>, datagram: Datagram) {
        if datagram.carrier == Carrier::Tcp && !has_all_headers(&datagram.payload) {
            self.capture.counts.unread_tcp_invites += 1;
            return;
        }
        self.capture.counts.invites += 1;
        let call_id = self.call_id(&datagram.payload);
        let identity = Identity {
            source: datagram.source.ip(),
            destination: datagram.destination.ip(),
            call: call_id.clone().unwrap_or_else(|| datagram.payload.clone()),
        };
        if let Some(call) = self
            .places
            .get(&identity)
            .and_then(|place| self.capture.calls.get_mut(*place))
        {
            call.sent = call.sent.saturating_add(1);
            return;
        }
        if self.capture.calls.len() >= MAXIMUM_CALLS {
            self.is_full = true;
            return;
        }
        self.places.insert(identity, self.capture.calls.len());
        self.capture.calls.push(CapturedCall {
            packet: packet.number,
            at: packet.at,
            source: datagram.source,
            destination: datagram.destination,
            carrier: datagram.carrier,
            text: datagram.payload,
            call_id: call_id.map(|bytes| String::from_utf8_lossy(&bytes).into_owned()),
            sent: 1,
            is_cut: datagram.is_cut || packet.is_cut,
            frame: (!datagram.frame.is_empty()).then_some(datagram.frame),
        });
    }

    fn call_id(&mut self, text: &[u8]) -> Option<Vec<u8>> {
        self.reader.length = self.reader.text.fill(text);
        self.reader.fragment = 0;
        message::read::<PlainLoop>(&mut self.reader, &TrunkEntry::default());
        let span = self.reader.scan.span(Field::CallId);
        let value = self.reader.text.slice(span.start, span.end).trim_ascii();
        (span.is_some() && !value.is_empty()).then(|| value.to_vec())
    }
}

fn has_all_headers(text: &[u8]) -> bool {
    text.windows(4).any(|end| end == b"\r\n\r\n") || text.windows(2).any(|end| end == b"\n\n")
}
