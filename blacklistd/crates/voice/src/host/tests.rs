//! Whole calls, with an in-memory transport for SIP and the loopback interface for media.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use blacklist_common::number::Number;
use tokio::net::UdpSocket;
use tokio::runtime::Handle;
use tokio::sync::mpsc;

use super::*;
use crate::dialog::Transmit;
use crate::media::prompts::{Language, Prompt, Prompts};

const CALLER: &str = "127.0.0.1:5080";
const HERE: &str = "127.0.0.1:5060";

struct Wire(mpsc::UnboundedSender<String>);

impl Transmit for Wire {
    fn transmit(&self, text: &[u8], _to: SocketAddr) -> io::Result<()> {
        let text = String::from_utf8(text.to_vec()).unwrap();
        self.0.send(text).map_err(io::Error::other)
    }
}

/// A fake daemon that records what is reported.
struct Recorder {
    wire: mpsc::UnboundedSender<String>,
    notes: Mutex<Vec<CallNote>>,
}

impl CallServices for Recorder {
    fn check_pin(&self, _parties: &Parties, digits: &str) -> PinAnswer {
        if digits == "42" {
            PinAnswer::Right
        } else {
            PinAnswer::NoPin
        }
    }

    fn grant(&self, _parties: &Parties, _lifetime: Duration) {}

    fn record(&self, _fingerprint: u64, note: CallNote) {
        self.notes.lock().unwrap().push(note);
    }

    fn is_trunk(&self, _address: IpAddr) -> bool {
        false
    }

    fn transmit(&self, _from: SocketAddr) -> Option<Arc<dyn Transmit>> {
        Some(Arc::new(Wire(self.wire.clone())))
    }
}

struct Bench {
    host: Host,
    desk: Arc<Recorder>,
    sent: mpsc::UnboundedReceiver<String>,
    /// The caller's media socket.
    phone: UdpSocket,
}

fn settings() -> HostSettings {
    HostSettings {
        enabled: true,
        ports: 34_000..=34_999,
        leg_port: 25_059,
        maximum_calls: 2,
        early: true,
        language: Language::English,
        prompts: None,
        torment: TormentSettings {
            length: Duration::from_secs(60),
            maximum_calls: 1,
            maximum_minutes_per_day: 10,
            maximum_minutes_per_caller: 10,
        },
        pin: PinSettings {
            early: true,
            tries: 1,
            proxy: None,
            grant: None,
        },
        targets: Vec::new(),
    }
}

impl Bench {
    async fn new(listens: &str) -> Self {
        let (wire, sent) = mpsc::unbounded_channel();
        let desk = Arc::new(Recorder {
            wire,
            notes: Mutex::default(),
        });
        Self {
            host: Host::new(Handle::current(), desk.clone(), settings()),
            desk,
            sent,
            phone: UdpSocket::bind((listens, 0)).await.unwrap(),
        }
    }

    fn invite(&self, call_id: &str, direction: &str) -> String {
        let media = self.phone.local_addr().unwrap();
        let description = format!(
            "v=0\r\no=- 1 1 IN IP4 {0}\r\ns=-\r\nc=IN IP4 {0}\r\nt=0 0\r\nm=audio {1} RTP/AVP 8 101\r\na=rtpmap:101 telephone-event/8000\r\na={direction}\r\n",
            media.ip(),
            media.port()
        );
        format!(
            "INVITE sip:100@{HERE} SIP/2.0\r\nVia: SIP/2.0/UDP {CALLER};branch=z9hG4bK{call_id}\r\n\
             From: <sip:1@x>;tag=a\r\nTo: <sip:100@x>\r\nCall-ID: {call_id}\r\nCSeq: 1 INVITE\r\n\
             Contact: <sip:1@{CALLER}>\r\nContent-Type: application/sdp\r\nContent-Length: {}\r\n\r\n{description}",
            description.len()
        )
    }

    async fn take(
        &self,
        text: String,
        treatment: Treatment,
        believed: bool,
    ) -> Result<(), NotAccepted> {
        self.take_so(text, treatment, Onward::Leg, believed).await
    }

    /// Passes a call to the host, as the answering thread does: outside of the runtime.
    async fn take_so(
        &self,
        text: String,
        treatment: Treatment,
        onward: Onward,
        believed: bool,
    ) -> Result<(), NotAccepted> {
        let plan = Plan {
            treatment,
            onward,
            refusal: Refusal {
                status: 603,
                phrase: "Decline".to_owned(),
                reason: None,
            },
            is_believed: believed,
            fingerprint: 7,
            parties: Parties {
                local: "100".to_owned(),
                remote: "1".to_owned(),
                remote_number: Number::from_text(b"1"),
            },
            source: CALLER.parse().unwrap(),
            local: HERE.parse().unwrap(),
            headers: Vec::new(),
        };
        let host = self.host.clone();
        let taken = tokio::task::spawn_blocking(move || host.accept(text.as_bytes(), plan));
        taken.await.unwrap()
    }

    async fn sent(&mut self, start: &str, patience: Duration) -> String {
        let found = async {
            loop {
                let text = self.sent.recv().await.unwrap();
                if text.starts_with(start) {
                    return text;
                }
            }
        };
        let found = tokio::time::timeout(patience, found).await;
        found.unwrap_or_else(|_| panic!("nothing begins with {start}"))
    }

    /// Sends the caller's ACK.
    fn acknowledge(&self, answer: &str, call_id: &str) {
        let to = answer.lines().find(|line| line.starts_with("To:")).unwrap();
        let ack = format!(
            "ACK sip:{HERE} SIP/2.0\r\nVia: SIP/2.0/UDP {CALLER};branch=z9hG4bKack\r\n\
             From: <sip:1@x>;tag=a\r\n{to}\r\nCall-ID: {call_id}\r\nCSeq: 1 ACK\r\nContent-Length: 0\r\n\r\n"
        );
        let delivered = self
            .host
            .deliver(ack.as_bytes(), (call_id, None), CALLER.parse().unwrap());
        assert_eq!(delivered, Delivery::Delivered);
    }

    /// Presses a key: the first packets of its event (RFC 4733, section 2.3), and its end.
    async fn press(&self, answer: &str, key: u8, first: u16) {
        let line = answer.lines().find(|line| line.starts_with("m=audio"));
        let port = line.unwrap().split(' ').nth(1).unwrap();
        let to: SocketAddr = format!("127.0.0.1:{port}").parse().unwrap();
        for (step, flags) in [(0_u16, 10), (1, 10), (2, 0x80 | 10)] {
            let mut packet = vec![0x80, 101];
            packet.extend_from_slice(&(first + step).to_be_bytes());
            packet.extend_from_slice(&(u32::from(first) * 1000).to_be_bytes());
            packet.extend_from_slice(&7_u32.to_be_bytes());
            packet.extend_from_slice(&[key, flags]);
            packet.extend_from_slice(&(160 * (step + 1)).to_be_bytes());
            self.phone.send_to(&packet, to).await.unwrap();
        }
    }

    /// Whether media arrives at the caller's socket.
    async fn hears(&self) -> bool {
        let mut buffer = [0; 2000];
        let received = self.phone.recv_from(&mut buffer);
        let received = tokio::time::timeout(Duration::from_millis(400), received);
        received.await.is_ok()
    }
}

fn announcement() -> Treatment {
    let prompts = Prompts::new(None);
    Treatment::Announce(prompts.get(Prompt::Rejected, Language::English).unwrap())
}

fn torment() -> Treatment {
    Treatment::Torment {
        is_interactive: false,
        length: Duration::from_secs(60),
    }
}

const SOON: Duration = Duration::from_secs(5);

#[tokio::test(flavor = "multi_thread")]
async fn a_trunk_hears_an_announcement_before_the_answer() {
    let mut bench = Bench::new("127.0.0.1").await;
    let invite = bench.invite("a", "sendrecv");
    bench.take(invite, announcement(), true).await.unwrap();
    bench.sent("SIP/2.0 183", SOON).await;
    assert!(bench.hears().await);
    bench.sent("SIP/2.0 603 Decline", 3 * SOON).await;
    let notes = bench.desk.notes.lock().unwrap().clone();
    assert_eq!(notes.first(), Some(&CallNote::Status(183)));
    assert!(notes.contains(&CallNote::Status(603)), "{notes:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stranger_hears_nothing_before_its_ack() {
    let mut bench = Bench::new("127.0.0.1").await;
    let invite = bench.invite("a", "sendrecv");
    bench.take(invite, torment(), false).await.unwrap();
    let answer = bench.sent("SIP/2.0 200", SOON).await;
    assert!(!bench.hears().await);
    bench.acknowledge(&answer, "a");
    assert!(bench.hears().await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stranger_cannot_have_media_sent_to_somebody_else() {
    let mut bench = Bench::new("127.0.0.2").await;
    let invite = bench.invite("a", "sendrecv");
    bench.take(invite, torment(), false).await.unwrap();
    let answer = bench.sent("SIP/2.0 200", SOON).await;
    bench.acknowledge(&answer, "a");
    assert!(!bench.hears().await);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_announcement_to_a_caller_on_hold_ends_too() {
    let mut bench = Bench::new("127.0.0.1").await;
    let invite = bench.invite("a", "sendonly");
    bench.take(invite, announcement(), true).await.unwrap();
    bench.sent("SIP/2.0 183", SOON).await;
    bench.sent("SIP/2.0 603 Decline", 4 * SOON).await;
    assert!(!bench.hears().await);
}

/// A plan to redirect a call back to its proxy.
fn given_back() -> Onward {
    Onward::Moved("sip:100@127.0.0.1:5060;blacklist=pass".to_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn with_the_right_pin_a_proxy_gets_its_call_back() {
    let mut bench = Bench::new("127.0.0.1").await;
    let invite = bench.invite("a", "sendrecv");
    let taken = bench.take_so(invite.clone(), Treatment::Pin, given_back(), true);
    taken.await.unwrap();
    let asked = bench.sent("SIP/2.0 183", SOON).await;
    assert!(asked.contains("Contact: <sip:127.0.0.1:5060>"), "{asked}");
    for (key, first) in [(4, 100), (2, 200), (11, 300)] {
        bench.press(&asked, key, first).await;
    }
    let contact = "Contact: <sip:100@127.0.0.1:5060;blacklist=pass>\r\n";
    let moved = bench.sent("SIP/2.0 302", 3 * SOON).await;
    assert!(moved.contains(contact), "{moved}");
    assert_eq!(moved.matches("Contact:").count(), 1, "{moved}");
    // It is retransmitted until it is acknowledged.
    let again = bench.sent("SIP/2.0 302", SOON).await;
    assert_eq!(again, moved);
    let notes = bench.desk.notes.lock().unwrap().clone();
    assert!(
        notes.contains(&CallNote::Pin(PinAnswer::Right)),
        "{notes:?}"
    );
    assert!(notes.contains(&CallNote::Status(302)), "{notes:?}");
    assert_eq!(bench.host.figures().connected, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_pin_gives_nothing_back() {
    let mut bench = Bench::new("127.0.0.1").await;
    let invite = bench.invite("a", "sendrecv");
    let taken = bench.take_so(invite, Treatment::Pin, given_back(), true);
    taken.await.unwrap();
    let asked = bench.sent("SIP/2.0 183", SOON).await;
    for (key, first) in [(4, 100), (3, 200), (11, 300)] {
        bench.press(&asked, key, first).await;
    }
    let end = bench.sent("SIP/2.0 6", 3 * SOON).await;
    assert!(end.starts_with("SIP/2.0 603"), "{end}");
    assert_eq!(bench.host.figures().connected, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_that_cannot_be_given_back_is_not_asked() {
    let mut bench = Bench::new("127.0.0.1").await;
    let invite = bench.invite("a", "sendrecv");
    let (head, _) = invite.split_once("Content-Type").unwrap();
    let without_offer = format!("{head}Content-Length: 0\r\n\r\n");
    let taken = bench.take_so(without_offer, Treatment::Pin, given_back(), true);
    taken.await.unwrap();
    bench.sent("SIP/2.0 488", SOON).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_spoken_is_refused() {
    let rows = [
        ("a law that is not spoken", "RTP/AVP 8", "RTP/AVP 9", "488"),
        ("another transport", "RTP/AVP 8", "RTP/SAVP 8", "488"),
        ("no description", "v=0", "w=0", "400"),
    ];
    for (name, from, to, status) in rows {
        let mut bench = Bench::new("127.0.0.1").await;
        let invite = bench.invite("a", "sendrecv").replacen(from, to, 1);
        // The other transport is 1 byte longer.
        let length = invite.split("\r\n\r\n").nth(1).unwrap().len();
        let head = invite.split("Content-Length").next().unwrap();
        let body = invite.split("\r\n\r\n").nth(1).unwrap();
        let invite = format!("{head}Content-Length: {length}\r\n\r\n{body}");
        bench.take(invite, announcement(), true).await.unwrap();
        let end = bench.sent(&format!("SIP/2.0 {status}"), SOON).await;
        assert!(!end.is_empty(), "{name}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn calls_are_bounded() {
    let bench = Bench::new("127.0.0.1").await;
    let take =
        |id: &'static str, treatment| bench.take(bench.invite(id, "sendrecv"), treatment, true);
    assert_eq!(take("a", torment()).await, Ok(()));
    assert_eq!(take("b", torment()).await, Err(NotAccepted::Held));
    assert_eq!(take("c", announcement()).await, Ok(()));
    assert_eq!(take("d", announcement()).await, Err(NotAccepted::Full));
    let unreadable = "INVITE sip:1@x SIP/2.0\r\n\r\n".to_owned();
    assert_eq!(
        bench.take(unreadable, announcement(), true).await,
        Err(NotAccepted::Unreadable)
    );
    assert_eq!(bench.host.figures().refused_instead, 3);
    assert_eq!(bench.host.figures().calls_now, 2);
    assert_eq!(bench.host.prune(), [7, 7]);
    let off = HostSettings {
        enabled: false,
        ..settings()
    };
    bench.host.configure(off);
    let invite = bench.invite("e", "sendrecv");
    assert_eq!(
        bench.take(invite, announcement(), true).await,
        Err(NotAccepted::Off)
    );
}
