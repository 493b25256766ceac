//! Dialogs over an in-memory transport: what is sent is read as text, or delivered to the other
//! endpoint.

use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, Weak};
use std::time::Duration;

use tokio::sync::mpsc;

use super::*;

fn us() -> SocketAddr {
    "192.0.2.7:5060".parse().unwrap()
}

fn peer() -> SocketAddr {
    "192.0.2.1:5080".parse().unwrap()
}

/// Collects what an endpoint sends, as text.
struct Wire(mpsc::UnboundedSender<(String, SocketAddr)>);

impl Transmit for Wire {
    fn transmit(&self, text: &[u8], to: SocketAddr) -> io::Result<()> {
        let text = String::from_utf8(text.to_vec()).unwrap();
        self.0.send((text, to)).map_err(io::Error::other)
    }
}

struct Bench {
    endpoint: Endpoint,
    calls: mpsc::Receiver<InboundCall>,
    sent: mpsc::UnboundedReceiver<(String, SocketAddr)>,
}

const INVITE: &str = "INVITE sip:100@192.0.2.7 SIP/2.0\r\n\
    Via: SIP/2.0/UDP 192.0.2.1:5080;branch=z9hG4bK1;rport\r\n\
    Max-Forwards: 70\r\nFrom: \"a <sip:302@x>\" <sip:+14155551234@x>;tag=a\r\n\
    To: <sip:100@192.0.2.7>\r\nCall-ID: 1@x\r\nCSeq: 7 INVITE\r\n\
    Contact: <sip:carrier@192.0.2.1:5080>\r\nP-Asserted-Identity: <sip:+14155551234@x>\r\n\
    Content-Type: application/sdp\r\nContent-Length: 5\r\n\r\nv=0\r\n";

impl Bench {
    async fn new() -> Self {
        let (sender, sent) = mpsc::unbounded_channel();
        let (endpoint, calls) = Endpoint::start(us(), Arc::new(Wire(sender))).await.unwrap();
        Self {
            endpoint,
            calls,
            sent,
        }
    }

    async fn call(&mut self) -> InboundCall {
        self.endpoint.deliver(INVITE.as_bytes(), peer()).unwrap();
        let call = tokio::time::timeout(Duration::from_secs(5), self.calls.recv()).await;
        call.unwrap().unwrap()
    }

    /// An answered and acknowledged call, with its answer.
    async fn established(&mut self, description: &[u8]) -> (InboundCall, String) {
        let mut call = self.call().await;
        call.answer(description.to_vec()).unwrap();
        let answer = self.sent("SIP/2.0 200").await;
        let ack = in_dialog("ACK", &answer, 7);
        self.endpoint.deliver(ack.as_bytes(), peer()).unwrap();
        assert!(matches!(call.event().await, CallEvent::Acknowledged(_)));
        (call, answer)
    }

    /// The next message whose first line begins with `start`.
    async fn sent(&mut self, start: &str) -> String {
        let found = async {
            loop {
                let (text, to) = self.sent.recv().await.unwrap();
                if text.starts_with(start) {
                    assert_eq!(to, peer());
                    return text;
                }
            }
        };
        let found = tokio::time::timeout(Duration::from_secs(5), found).await;
        found.unwrap_or_else(|_| panic!("nothing begins with {start}"))
    }
}

fn header<'t>(text: &'t str, name: &str) -> &'t str {
    let line = text.lines().find(|line| line.starts_with(name));
    line.map_or("", |line| line.split_once(':').unwrap().1.trim())
}

/// A request of the caller within the dialog of a response.
fn in_dialog(method: &str, answer: &str, sequence: u32) -> String {
    format!(
        "{method} sip:192.0.2.7:5060 SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.1:5080;branch=z9hG4bK{method}{sequence};rport\r\n\
         Max-Forwards: 70\r\nFrom: {}\r\nTo: {}\r\nCall-ID: 1@x\r\nCSeq: {sequence} {method}\r\n\
         Contact: <sip:carrier@192.0.2.1:5080>\r\nContent-Length: 0\r\n\r\n",
        header(answer, "From"),
        header(answer, "To"),
    )
}

#[tokio::test]
async fn a_call_is_answered_acknowledged_and_ended_by_the_caller() {
    let mut bench = Bench::new().await;
    let mut call = bench.call().await;
    assert_eq!(call.call_id(), "1@x");
    assert_eq!(call.branch(), "z9hG4bK1");
    assert_eq!(call.offer(), b"v=0\r\n");
    call.answer(b"v=0\r\ns=-\r\n".to_vec()).unwrap();
    let answer = bench.sent("SIP/2.0 200").await;
    assert!(answer.ends_with("\r\n\r\nv=0\r\ns=-\r\n"), "{answer}");
    assert!(
        header(&answer, "Contact").contains("192.0.2.7:5060"),
        "{answer}"
    );
    let ack = in_dialog("ACK", &answer, 7);
    bench.endpoint.deliver(ack.as_bytes(), peer()).unwrap();
    assert!(matches!(call.event().await, CallEvent::Acknowledged(_)));
    let bye = in_dialog("BYE", &answer, 8);
    bench.endpoint.deliver(bye.as_bytes(), peer()).unwrap();
    assert!(matches!(call.event().await, CallEvent::Ended(false)));
    bench.sent("SIP/2.0 200").await;
}

#[tokio::test]
async fn a_call_is_hung_up_by_this_side() {
    let mut bench = Bench::new().await;
    let (call, _) = bench.established(&[]).await;
    let end = tokio::spawn(call.hang_up());
    let bye = bench.sent("BYE ").await;
    assert!(
        bye.starts_with("BYE sip:carrier@192.0.2.1:5080 SIP/2.0"),
        "{bye}"
    );
    let done = format!(
        "SIP/2.0 200 OK\r\nVia: {}\r\nFrom: {}\r\nTo: {}\r\nCall-ID: 1@x\r\nCSeq: {}\r\nContent-Length: 0\r\n\r\n",
        header(&bye, "Via"),
        header(&bye, "From"),
        header(&bye, "To"),
        header(&bye, "CSeq"),
    );
    bench.endpoint.deliver(done.as_bytes(), peer()).unwrap();
    tokio::time::timeout(Duration::from_secs(5), end)
        .await
        .unwrap()
        .unwrap();
}

#[tokio::test]
async fn early_media_ends_with_a_status_of_other_words_and_a_reason() {
    let mut bench = Bench::new().await;
    let call = bench.call().await;
    call.progress(b"v=0\r\n".to_vec()).unwrap();
    let early = bench.sent("SIP/2.0 183").await;
    call.refuse(603, "Network Blocked", Some("SIP;cause=603".to_owned()))
        .await;
    let end = bench.sent("SIP/2.0 603 ").await;
    assert!(end.starts_with("SIP/2.0 603 Network Blocked\r\n"), "{end}");
    assert_eq!(header(&end, "Reason"), "SIP;cause=603");
    assert_eq!(header(&end, "To"), header(&early, "To"), "the same dialog");
}

#[tokio::test]
async fn a_cancelled_call_is_over() {
    let mut bench = Bench::new().await;
    let mut call = bench.call().await;
    call.progress(b"v=0\r\n".to_vec()).unwrap();
    bench.sent("SIP/2.0 183").await;
    let cancel = INVITE
        .replace("INVITE sip", "CANCEL sip")
        .replace("7 INVITE", "7 CANCEL")
        .replace(
            "Content-Length: 5\r\n\r\nv=0\r\n",
            "Content-Length: 0\r\n\r\n",
        );
    bench.endpoint.deliver(cancel.as_bytes(), peer()).unwrap();
    assert!(matches!(call.event().await, CallEvent::Ended(false)));
    let mut ends = [bench.sent("SIP/2.0 ").await, bench.sent("SIP/2.0 ").await];
    ends.sort();
    assert!(ends[0].starts_with("SIP/2.0 200"), "{}", ends[0]);
    assert!(ends[1].starts_with("SIP/2.0 487"), "{}", ends[1]);
}

#[tokio::test]
async fn a_call_that_is_dropped_is_refused() {
    let mut bench = Bench::new().await;
    drop(bench.call().await);
    bench.sent("SIP/2.0 480").await;
}

#[tokio::test]
async fn a_repeated_request_is_the_same_call() {
    let mut bench = Bench::new().await;
    let call = bench.call().await;
    call.progress(b"v=0\r\n".to_vec()).unwrap();
    bench.sent("SIP/2.0 183").await;
    bench.endpoint.deliver(INVITE.as_bytes(), peer()).unwrap();
    bench.sent("SIP/2.0 183").await;
    assert!(bench.calls.try_recv().is_err());
}

#[tokio::test]
async fn another_description_is_offered_and_answered() {
    let mut bench = Bench::new().await;
    let (mut call, answer) = bench.established(&[]).await;
    let hold = in_dialog("INVITE", &answer, 8).replace(
        "Content-Length: 0\r\n\r\n",
        "Content-Type: application/sdp\r\nContent-Length: 12\r\n\r\na=sendonly\r\n",
    );
    bench.endpoint.deliver(hold.as_bytes(), peer()).unwrap();
    let CallEvent::Renegotiate(wish) = call.event().await else {
        panic!("no other description");
    };
    assert_eq!(wish.offer, b"a=sendonly\r\n");
    wish.accept(b"a=recvonly\r\n".to_vec()).await;
    let agreed = bench.sent("SIP/2.0 200").await;
    assert!(agreed.ends_with("a=recvonly\r\n"), "{agreed}");
}

#[tokio::test]
async fn a_request_of_no_dialog_is_told_so() {
    let mut bench = Bench::new().await;
    let bye = in_dialog("BYE", "From: <sip:a@b>;tag=x\r\nTo: <sip:c@d>;tag=y\r\n", 3);
    bench.endpoint.deliver(bye.as_bytes(), peer()).unwrap();
    bench.sent("SIP/2.0 481").await;
}

#[test]
fn only_what_can_become_a_dialog_has_a_name() {
    let name = read_name(INVITE.as_bytes()).unwrap();
    assert_eq!(
        (name.call_id.as_str(), name.branch.as_str()),
        ("1@x", "z9hG4bK1")
    );
    let without_tag = INVITE.replace(";tag=a", "");
    let rows: [(&str, Vec<u8>); 5] = [
        ("nothing", Vec::new()),
        (
            "no Contact",
            INVITE
                .replace("Contact: <sip:carrier@192.0.2.1:5080>\r\n", "")
                .into(),
        ),
        ("no tag", without_tag.into()),
        (
            "a response",
            INVITE
                .replace("INVITE sip:100@192.0.2.7 SIP/2.0", "SIP/2.0 200 OK")
                .into(),
        ),
        ("no UTF-8", [INVITE.as_bytes(), &[0xFF]].concat()),
    ];
    for (name, text) in rows {
        assert_eq!(read_name(&text), None, "{name}");
    }
}

/// Delivers to the other endpoint.
struct Across {
    other: Mutex<Weak<Endpoint>>,
    from: SocketAddr,
    seen: mpsc::UnboundedSender<String>,
}

impl Transmit for Across {
    fn transmit(&self, text: &[u8], _to: SocketAddr) -> io::Result<()> {
        let _ = self.seen.send(String::from_utf8(text.to_vec()).unwrap());
        let other = self.other.lock().unwrap().upgrade();
        let other = other.ok_or(io::ErrorKind::NotConnected)?;
        other.deliver(text, self.from).map_err(io::Error::other)
    }
}

/// Two endpoints: one from which a call continues, and one that receives it.
struct Pair {
    legs: Arc<Endpoint>,
    _proxy: Arc<Endpoint>,
    calls: mpsc::Receiver<InboundCall>,
    seen: mpsc::UnboundedReceiver<String>,
}

async fn pair() -> Pair {
    let leg: SocketAddr = "192.0.2.7:25059".parse().unwrap();
    let proxy: SocketAddr = "192.0.2.9:5060".parse().unwrap();
    let (sender, seen) = mpsc::unbounded_channel();
    let across = |from| {
        Arc::new(Across {
            other: Mutex::new(Weak::new()),
            from,
            seen: sender.clone(),
        })
    };
    let (out, back) = (across(leg), across(proxy));
    let (legs, _) = Endpoint::start(leg, out.clone()).await.unwrap();
    let (answering, calls) = Endpoint::start(proxy, back.clone()).await.unwrap();
    let (legs, answering) = (Arc::new(legs), Arc::new(answering));
    *out.other.lock().unwrap() = Arc::downgrade(&answering);
    *back.other.lock().unwrap() = Arc::downgrade(&legs);
    Pair {
        legs,
        _proxy: answering,
        calls,
        seen,
    }
}

fn order(call: &InboundCall) -> LegOrder {
    let destination = "192.0.2.9:5060".parse().unwrap();
    let mut order = LegOrder::for_call(
        call,
        None,
        destination,
        b"v=0\r\no=leg\r\n".to_vec(),
        "leg1".to_owned(),
    );
    order
        .headers
        .push(("X-Blacklist-Rule".to_owned(), "17".to_owned()));
    order
}

#[tokio::test]
async fn a_call_goes_on_with_who_called_and_ends_on_both_sides() {
    let mut bench = Bench::new().await;
    let call = bench.call().await;
    let mut pair = pair().await;
    let mut leg = pair.legs.call(order(&call)).unwrap();
    let mut answered = pair.calls.recv().await.unwrap();
    let invite = pair.seen.recv().await.unwrap();
    assert!(
        invite.starts_with("INVITE sip:100@192.0.2.7 SIP/2.0"),
        "{invite}"
    );
    for line in [
        "P-Asserted-Identity: <sip:+14155551234@x>",
        "Max-Forwards: 69",
        "X-Blacklist-Rule: 17",
        "Call-ID: leg1",
    ] {
        assert!(
            invite.contains(&format!("\r\n{line}\r\n")),
            "{line} in {invite}"
        );
    }
    assert!(
        header(&invite, "From").contains("<sip:+14155551234@x>"),
        "{invite}"
    );
    assert!(
        header(&invite, "Contact").contains("192.0.2.7:25059"),
        "{invite}"
    );
    answered.ring().unwrap();
    assert!(matches!(leg.event().await, LegEvent::Progress(body) if body.is_empty()));
    answered.answer(b"v=0\r\no=far\r\n".to_vec()).unwrap();
    assert!(matches!(leg.event().await, LegEvent::Answered(body) if body == b"v=0\r\no=far\r\n"));
    assert!(matches!(answered.event().await, CallEvent::Acknowledged(_)));
    answered.hang_up().await;
    assert!(matches!(
        leg.event().await,
        LegEvent::Call(CallEvent::Ended(_))
    ));
}

#[tokio::test]
async fn a_leg_that_is_refused_says_so_and_one_that_is_given_up_is_cancelled() {
    let mut bench = Bench::new().await;
    let call = bench.call().await;
    let mut pair = pair().await;
    let mut leg = pair.legs.call(order(&call)).unwrap();
    let answered = pair.calls.recv().await.unwrap();
    answered.refuse(486, "", None).await;
    assert!(matches!(leg.event().await, LegEvent::Refused(486)));

    let mut second = order(&call);
    second.call_id = "leg2".to_owned();
    let mut leg = pair.legs.call(second).unwrap();
    let mut ringing = pair.calls.recv().await.unwrap();
    ringing.ring().unwrap();
    assert!(matches!(leg.event().await, LegEvent::Progress(_)));
    leg.hang_up().await;
    assert!(matches!(ringing.event().await, CallEvent::Ended(_)));
}
