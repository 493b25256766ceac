//! The INVITE that is sent, and where in it a number can be replaced.

use anyhow::Context as _;
use blacklist_common::bench::Variation;
use etherparse::PacketBuilder;

/// Bytes of the message, as [`crate::cost`] and `bench fastpath` have them.
const TYPICAL: usize = 985;

/// The digits that stand where others can go.
const CALLER: &str = "00000042";
const CALL: &str = "66612345";
const BRANCH: &str = "77712345";

/// All numbers of eight digits, and a step that meets each of them once, far from the last one.
const ALL: u32 = 100_000_000;
const FAR: u32 = 61_803_399;

/// A frame, and the offsets of eight digits each.
pub(crate) struct Frame {
    pub(crate) bytes: Vec<u8>,
    caller: u32,
    call: u32,
    branch: u32,
}

/// A caller by its eight digits, as rules name it.
pub(crate) fn caller(digits: u32) -> String {
    format!("+49{digits:08}12")
}

impl Frame {
    /// From `+49` [`CALLER`] `12`; `name` is in the Call-ID.
    pub(crate) fn new(name: &str) -> anyhow::Result<Self> {
        let mut bytes = Vec::new();
        PacketBuilder::ethernet2([2, 0, 0, 0, 0, 1], [2, 0, 0, 0, 0, 2])
            .ipv4([192, 0, 2, 15], [198, 51, 100, 10], 64)
            .udp(5060, 5060)
            .write(&mut bytes, invite(name).as_bytes())?;
        let place = |digits: &str| -> anyhow::Result<u32> {
            let mut windows = bytes.windows(digits.len());
            let place = windows.position(|window| window == digits.as_bytes());
            Ok(u32::try_from(place.context("no such digits")?)?)
        };
        Ok(Self {
            caller: place(CALLER)?,
            call: place(CALL)?,
            branch: place(BRANCH)?,
            bytes,
        })
    }

    /// Another caller and another Call-ID with each packet, none of them twice.
    pub(crate) fn new_callers(&self) -> Variation {
        Variation {
            second: self.caller,
            ..self.new_calls()
        }
    }

    /// Another Call-ID with each packet, none of them twice.
    pub(crate) fn new_calls(&self) -> Variation {
        Variation {
            offset: self.call,
            count: ALL,
            step: FAR,
            ..Variation::default()
        }
    }

    /// One call: what changes is nothing that a call is known by.
    pub(crate) fn one_call(&self) -> Variation {
        Variation {
            offset: self.branch,
            ..self.new_calls()
        }
    }

    /// Callers from 0 on, each with a Call-ID, one after the other and again and again.
    pub(crate) fn in_turn(&self, count: u32) -> Variation {
        Variation {
            count,
            step: 1,
            ..self.new_callers()
        }
    }
}

fn invite(name: &str) -> String {
    let head = format!(
        "INVITE sip:+493012345678@198.51.100.10:5060;user=phone SIP/2.0\r\n\
         Via: SIP/2.0/UDP 192.0.2.15:5060;branch=z9hG4bK-{BRANCH}-1---a7f4c9d2e8b31f60;rport\r\n\
         Max-Forwards: 69\r\n\
         Record-Route: <sip:192.0.2.15;lr;ftag=as5e9a3c1b>\r\n\
         From: \"Caller Name\" <sip:+49{CALLER}12@192.0.2.15;user=phone>;tag=as5e9a3c1b\r\n\
         To: <sip:+493012345678@198.51.100.10;user=phone>\r\n\
         Contact: <sip:sbc@192.0.2.15:5060;transport=udp>\r\n\
         Call-ID: {name}-7d3c1f0e52b94a6d{CALL}@192.0.2.15\r\n\
         CSeq: 102 INVITE\r\n\
         User-Agent: carrier-sbc/7.4.2\r\n\
         Allow: INVITE, ACK, CANCEL, OPTIONS, BYE, REFER, UPDATE, INFO\r\n\
         Supported: replaces, timer, 100rel\r\n\
         Content-Type: application/sdp\r\n"
    );
    let sdp = "v=0\r\no=- 1734 1734 IN IP4 192.0.2.15\r\ns=-\r\nc=IN IP4 192.0.2.15\r\nt=0 0\r\n\
               m=audio 15362 RTP/AVP 8 0 101\r\na=rtpmap:101 telephone-event/8000\r\na=ptime:20\r\n";
    let mut message = format!("{head}Content-Length: {:3}\r\n\r\n{sdp}", 255);
    let filling = TYPICAL.saturating_sub(message.len() + 4);
    message.push_str("a=");
    message.push_str(&"x".repeat(filling));
    message.push_str("\r\n");
    message
}
