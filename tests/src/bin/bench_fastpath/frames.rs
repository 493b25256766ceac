//! The frames that are measured.

use etherparse::PacketBuilder;

/// Bytes of the typical INVITE.
const TYPICAL: usize = 985;

/// A frame and where the first eight digits of its caller are; 0 if it has none.
pub(crate) struct Frame {
    pub(crate) bytes: Vec<u8>,
    pub(crate) digits: usize,
}

/// The digits that a measuring program replaces.
const DIGITS: &str = "55512345";

/// Last digits of callers that exact rules may name.
pub(crate) const LISTED: &str = "5512";
/// Last digits of callers that no exact rule names.
pub(crate) const UNLISTED: &str = "5513";

/// An INVITE as trunks send it, from `+`, [`DIGITS`] and four last digits.
fn invite(last: &str) -> String {
    let head = format!(
        "INVITE sip:+493012345678@198.51.100.10:5060;user=phone SIP/2.0\r\n\
         Via: SIP/2.0/UDP 192.0.2.15:5060;branch=z9hG4bK-524287-1---a7f4c9d2e8b31f60;rport\r\n\
         Max-Forwards: 69\r\n\
         Record-Route: <sip:192.0.2.15;lr;ftag=as5e9a3c1b>\r\n\
         From: \"Caller Name\" <sip:+{DIGITS}{last}@192.0.2.15;user=phone>;tag=as5e9a3c1b\r\n\
         To: <sip:+493012345678@198.51.100.10;user=phone>\r\n\
         Contact: <sip:+{DIGITS}{last}@192.0.2.15:5060;transport=udp>\r\n\
         Call-ID: 7d3c1f0e52b94a6d8f21c7e09b5a6d44@192.0.2.15\r\n\
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

fn udp(port: u16, payload: &[u8]) -> Vec<u8> {
    let builder = PacketBuilder::ethernet2([2, 0, 0, 0, 0, 1], [2, 0, 0, 0, 0, 2])
        .ipv4([192, 0, 2, 15], [198, 51, 100, 10], 64)
        .udp(5060, port);
    let mut bytes = Vec::new();
    if builder.write(&mut bytes, payload).is_err() {
        bytes.clear();
    }
    bytes
}

fn framed(message: &str) -> Frame {
    let bytes = udp(5060, message.as_bytes());
    let digits = bytes
        .windows(DIGITS.len())
        .position(|window| window == DIGITS.as_bytes())
        .unwrap_or(0);
    Frame { bytes, digits }
}

/// The typical INVITE, from a caller with these last digits.
pub(crate) fn typical(last: &str) -> Frame {
    framed(&invite(last))
}

/// Packets that are nothing to be judged.
pub(crate) fn others() -> Vec<(&'static str, Frame)> {
    let plain = |bytes| Frame { bytes, digits: 0 };
    let options = "OPTIONS sip:ping@198.51.100.10 SIP/2.0\r\nCall-ID: 1@192.0.2.15\r\n\r\n";
    let response = "SIP/2.0 200 OK\r\nCall-ID: 1@192.0.2.15\r\n\r\n";
    let mut tcp = Vec::new();
    let builder = PacketBuilder::ethernet2([2, 0, 0, 0, 0, 1], [2, 0, 0, 0, 0, 2])
        .ipv4([192, 0, 2, 15], [198, 51, 100, 10], 64)
        .tcp(40_000, 443, 1, 1024);
    if builder.write(&mut tcp, &[0; 512]).is_err() {
        tcp.clear();
    }
    vec![
        ("rtp to another port", plain(udp(15_362, &[0x80; 172]))),
        ("tcp to another port", plain(tcp)),
        ("sip response", plain(udp(5060, response.as_bytes()))),
        ("sip options", plain(udp(5060, options.as_bytes()))),
    ]
}

/// The typical INVITE cut down, to show what each part of the way costs.
pub(crate) fn parts() -> Vec<(&'static str, Frame)> {
    let whole = invite(UNLISTED);
    let without_call_id = whole.replace("Call-ID:", "Call-IX:");
    let in_dialog = whole.replace("user=phone>\r\nContact", "user=phone>;tag=1\r\nContact");
    let shortest = format!(
        "INVITE sip:+493012345678@h SIP/2.0\r\nFrom: <sip:+{DIGITS}{UNLISTED}@h>;tag=1\r\n\
         To: <sip:+493012345678@h>\r\nCall-ID: 1\r\n\r\n"
    );
    vec![
        ("headers only (no Call-ID)", framed(&without_call_id)),
        ("headers and addresses (in a dialog)", framed(&in_dialog)),
        ("shortest INVITE", framed(&shortest)),
    ]
}

/// Texts that are made to be expensive; about one Ethernet frame each.
pub(crate) fn hostile() -> Vec<(&'static str, Frame)> {
    let start = "INVITE sip:+493012345678@h SIP/2.0\r\n";
    let end =
        format!("From: <sip:+{DIGITS}{LISTED}@h>;tag=1\r\nTo: <sip:b@h>\r\nCall-ID: 1\r\n\r\n");
    let room = 1400 - start.len() - end.len();
    let message = |middle: String| framed(&format!("{start}{middle}{end}"));
    let quoted = format!(
        "From: \"{}\" <sip:+{DIGITS}{LISTED}@h>;tag=1\r\n",
        "\\\"".repeat(room / 2)
    );
    let parameters = format!("To: <sip:b@h>{}\r\n", ";a".repeat(room / 2));
    let rest = "To: <sip:b@h>\r\nCall-ID: 1\r\n\r\n";
    vec![
        ("200 shortest headers", message("a:\r\n".repeat(200))),
        (
            "one long header",
            message(format!("X: {}\r\n", "y".repeat(room - 5))),
        ),
        ("tabs", message(format!("X: {}\r\n", "\t".repeat(room - 5)))),
        (
            "names that begin like ours",
            message("Fro: x\r\nP-Asserted-Identitx: y\r\n".repeat(room / 32)),
        ),
        ("quoted pairs", framed(&format!("{start}{quoted}{rest}"))),
        (
            "parameters",
            framed(&format!(
                "{start}{parameters}From: <sip:+{DIGITS}{LISTED}@h>;tag=1\r\nCall-ID: 1\r\n\r\n"
            )),
        ),
        (
            "long user",
            framed(&format!(
                "{start}From: <sip:{}{DIGITS}{LISTED}@h>;tag=1\r\n{rest}",
                "+-.()".repeat(80)
            )),
        ),
        (
            "line ends in front",
            framed(&format!("{}{start}{end}", "\r\n".repeat(room / 2))),
        ),
    ]
}
