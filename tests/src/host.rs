//! The host's engine beside the kernel program: the same functions with plain loops and maps.

use std::net::{IpAddr, Ipv6Addr};

use blacklist_common::decide::{Unobserved, Walk};
use blacklist_common::frame::{self, Extensions, PROTOCOL_UDP, Packet as _, Part};
use blacklist_common::judge::judge;
use blacklist_common::message::{Reader, Start};
use blacklist_common::number::Number;
use blacklist_common::outcome::Outcome;
use blacklist_common::repeat::PlainLoop;
use blacklist_common::text::TEXT_CAPACITY;
use blacklist_kernel::Answer;

use crate::rules::World;

/// What stands behind a text, as a longer one before it would have left it. Each has what would
/// change a reading that went too far.
const LEFTOVERS: [&[u8]; 6] = [
    b"\r\n\r\nFrom: <sip:+14155551234@left.example.com>;tag=left\r\nTo: <sip:1@x>;tag=left\r\n\r\n",
    b"4444444444444444444444444444444444444444@left.example.com>;tag=left\r\n\r\n",
    b";tag=left;tag=left,<sip:+14155551234@left>\"\"\"\\\\>>@@::\r\n \r\n\t\r\n\r\n",
    b">\"@:;tag=a\r\n: <sip:+14155551234@left> SIP/2.0\r\nrom: <sip:+14155551234@left>\r\n\r\n",
    b"                                                                                     \r\n",
    b"\n\n\n\n%34%34\0\0\0 SIP/2.0\r\nf: sip:+14155551234@left\r\nt: sip:a@b\r\ni: left\r\n\r\n",
];

/// The engine and its working memory, which keeps what earlier messages left.
#[derive(Debug, Default)]
pub struct Host {
    reader: Box<Reader>,
    walk: Walk,
    judged: usize,
}

impl Host {
    /// Judges a text from a peer; `fragment` says that more of the datagram follows.
    pub fn judge(
        &mut self,
        world: &World,
        peer: IpAddr,
        text: &[u8],
        fragment: bool,
        settings: u32,
    ) -> Answer {
        self.judged = self.judged.wrapping_add(1);
        let leftover = LEFTOVERS[self.judged % LEFTOVERS.len()];
        self.reader.text.fill(&[text, leftover].concat());
        self.reader.length = u32::try_from(text.len()).unwrap().min(TEXT_CAPACITY);
        self.reader.fragment = u32::from(fragment);
        let trunk = world.trunk_of(peer);
        let judgement = judge::<PlainLoop, _, _>(
            &mut self.reader,
            &mut self.walk,
            &trunk,
            world,
            settings,
            &mut Unobserved,
        );
        let message = &self.reader.message;
        Answer {
            outcome: judgement.outcome,
            slot: judgement.rule.slot(),
            caller: message.caller.number,
            called: message.called.number,
        }
    }
    /// Judges a frame by the headers that the shared crate reads, as the kernel program does.
    pub fn judge_frame(&mut self, world: &World, frame: &[u8]) -> Answer {
        match datagram(frame, &world.tables().ports) {
            Ok((peer, text, fragment)) => self.judge(world, peer, text, fragment, 0),
            Err(outcome) => Answer {
                outcome,
                slot: 0,
                caller: Number::NONE,
                called: Number::NONE,
            },
        }
    }
}

/// Who sent a datagram to one of the ports, its text, and whether it is a first fragment; or what
/// becomes of the frame without a look at its text.
fn datagram<'a>(frame: &'a [u8], ports: &[u16]) -> Result<(IpAddr, &'a [u8], bool), Outcome> {
    let is_judged = |port| ports.contains(&port);
    let mut walk = Extensions::default();
    let ip = frame::ip::<PlainLoop, _>(frame, frame::ethernet(frame)?, || Some(&mut walk))?;
    if ip.protocol != PROTOCOL_UDP {
        return Err(ip.other_protocol(frame, is_judged));
    }
    if ip.part() == Part::Later {
        return Err(Outcome::LaterFragment);
    }
    let udp = frame::udp(frame, ip.offset, ip.length)?;
    if !is_judged(udp.destination_port) {
        return Err(Outcome::OtherPort);
    }
    let first = ip.part() == Part::First;
    let word = frame.load(udp.offset).map(u64::from_le);
    Start::of(word, udp.length, first).admit(false, udp.has_right_length(ip.part()))?;
    let [source, _] = ip.addresses(frame).ok_or(Outcome::BrokenFrame)?;
    let text = frame.get(udp.offset as usize..).unwrap_or_default();
    let text = text.get(..udp.length as usize).unwrap_or_default();
    Ok((Ipv6Addr::from(source).to_canonical(), text, first))
}
