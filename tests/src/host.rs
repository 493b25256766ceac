//! The host's engine beside the kernel program: the same functions with plain loops and maps.

use std::net::IpAddr;

use blacklist_common::decide::{Unobserved, Walk};
use blacklist_common::judge::judge;
use blacklist_common::message::Reader;
use blacklist_common::repeat::PlainLoop;
use blacklist_common::text::TEXT_CAPACITY;
use blacklistd::kernel::Answer;

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
#[derive(Debug)]
pub struct Host {
    reader: Box<Reader>,
    walk: Walk,
    judged: usize,
}

impl Default for Host {
    fn default() -> Self {
        Self {
            reader: Box::new(Reader::EMPTY),
            walk: Walk::default(),
            judged: 0,
        }
    }
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
}
