//! Streams over real sockets; one end is the test's.

use std::time::Duration;

use rtp_types::RtpPacket;
use tokio::net::UdpSocket;
use tokio::time::{Instant, timeout};

use super::*;
use crate::media::player::{Player, Step};
use crate::media::sound::Sound;
use crate::media::{FRAME_BYTES, FRAME_TIME};

/// How long to wait for anything.
const PATIENCE: Duration = Duration::from_secs(2);

/// A stream to a test socket.
async fn connected(change: impl FnOnce(&mut SessionSettings)) -> (Session, UdpSocket) {
    let phone = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let mut settings = settings(None);
    settings.remote = Some(phone.local_addr().unwrap());
    change(&mut settings);
    let port = free_ports(8).bind().unwrap();
    let session = Session::start(port, settings).unwrap();
    phone.connect(("127.0.0.1", session.port())).await.unwrap();
    (session, phone)
}

/// The next packet, if one arrives in time.
async fn receive(phone: &UdpSocket, patience: Duration) -> Option<Vec<u8>> {
    let mut bytes = vec![0; 2048];
    let length = timeout(patience, phone.recv(&mut bytes))
        .await
        .ok()?
        .unwrap();
    bytes.truncate(length);
    Some(bytes)
}

async fn event(session: &mut Session) -> Event {
    timeout(PATIENCE, session.event()).await.unwrap().unwrap()
}

fn first_samples(bytes: &[u8]) -> (u8, bool) {
    let packet = RtpPacket::parse(bytes).unwrap();
    assert_eq!(packet.payload().len(), FRAME_BYTES);
    (packet.payload()[0], packet.marker_bit())
}

#[tokio::test]
async fn a_sound_is_sent_at_its_pace() {
    let (mut session, phone) = connected(|settings| settings.may_send_first = true).await;
    let sound = Sound::from_samples(&vec![1000; 15 * FRAME_BYTES]);
    session.play(Player::new([Step::Play(sound)])).unwrap();
    let (mut times, mut sequences, mut stamps, mut marks) = (vec![], vec![], vec![], vec![]);
    let talk = Law::A.encode(&[1000])[0];
    while times.len() < 15 {
        let bytes = receive(&phone, PATIENCE).await.unwrap();
        let (sample, is_marked) = first_samples(&bytes);
        if sample != talk {
            assert_eq!(sample, Law::A.silence());
            continue;
        }
        let packet = RtpPacket::parse(&bytes).unwrap();
        assert_eq!(packet.payload_type(), 8);
        times.push(Instant::now());
        sequences.push(packet.sequence_number());
        stamps.push(packet.timestamp());
        marks.push(is_marked);
    }
    for pair in sequences.windows(2) {
        assert_eq!(pair[1].wrapping_sub(pair[0]), 1);
    }
    let whole = stamps[14].wrapping_sub(stamps[0]);
    assert!(whole >= 14 * 160 && whole.is_multiple_of(160), "{whole}");
    assert!(marks[0] && !marks[1..].contains(&true), "{marks:?}");
    // A busy machine delays single frames; all together take as long as they last.
    let took = times[14] - times[0];
    assert!(
        took >= FRAME_TIME * 10 && took < FRAME_TIME * 25,
        "{took:?}"
    );
    assert!(matches!(event(&mut session).await, Event::Said));
    // Silence follows, so that the peer does not think the call is dead.
    let bytes = receive(&phone, PATIENCE).await.unwrap();
    assert_eq!(first_samples(&bytes).0, Law::A.silence());
}

#[tokio::test]
async fn nothing_is_sent_before_something_came() {
    let (mut session, phone) = connected(|_| {}).await;
    let sound = Sound::from_samples(&vec![1000; 4 * FRAME_BYTES]);
    session.play(Player::new([Step::Play(sound)])).unwrap();
    assert!(receive(&phone, Duration::from_millis(120)).await.is_none());
    phone.send(&packet(8, 1, 0, 9, &[0xd5; 160])).await.unwrap();
    let address = phone.local_addr().unwrap();
    assert!(matches!(event(&mut session).await, Event::Heard(from) if from == address));
    // The sound has waited.
    let bytes = receive(&phone, PATIENCE).await.unwrap();
    assert_eq!(first_samples(&bytes), (Law::A.encode(&[1000])[0], true));
}

#[tokio::test]
async fn it_can_be_allowed_to_send() {
    let (session, phone) = connected(|_| {}).await;
    assert!(receive(&phone, Duration::from_millis(60)).await.is_none());
    session.permit().unwrap();
    assert!(receive(&phone, PATIENCE).await.is_some());
}

#[tokio::test]
async fn who_does_not_listen_hears_nothing() {
    let (session, phone) = connected(|settings| {
        settings.may_send_first = true;
        settings.sends = false;
    })
    .await;
    assert!(receive(&phone, Duration::from_millis(80)).await.is_none());
    // Off hold, and with the other law.
    let mut settings = settings(None);
    settings.remote = Some(phone.local_addr().unwrap());
    (settings.law, settings.payload_type) = (Law::Mu, 0);
    settings.may_send_first = true;
    session.renegotiate(settings).unwrap();
    let bytes = receive(&phone, PATIENCE).await.unwrap();
    assert_eq!(RtpPacket::parse(&bytes).unwrap().payload_type(), 0);
    assert_eq!(first_samples(&bytes).0, Law::Mu.silence());
}

#[tokio::test]
async fn a_stranger_is_not_heard() {
    let (mut session, phone) = connected(|settings| {
        settings.remote = Some("127.0.0.77:4000".parse().unwrap());
        settings.receives = false;
    })
    .await;
    phone.send(&packet(8, 1, 0, 9, &[0xd5; 160])).await.unwrap();
    let heard = timeout(Duration::from_millis(100), session.event()).await;
    assert!(heard.is_err(), "{heard:?}");
    assert!(receive(&phone, Duration::from_millis(40)).await.is_none());
}

#[tokio::test]
async fn digits_are_told_and_end_a_prompt() {
    let (mut session, phone) = connected(|settings| settings.may_send_first = true).await;
    let music = Sound::from_samples(&vec![1000; 2 * FRAME_BYTES]);
    session
        .play(Player::new([Step::Hold(music)]).ends_by_digit())
        .unwrap();
    for (place, step) in (0..).zip(audio_codec::telephone_event::dtmf_press(11)) {
        phone
            .send(&packet(101, place, 8000, 9, &step.payload))
            .await
            .unwrap();
    }
    assert!(matches!(event(&mut session).await, Event::Heard(_)));
    match event(&mut session).await {
        Event::Digit(digit) => assert_eq!(digit.to_string(), "#"),
        other => panic!("{other:?}"),
    }
    assert!(matches!(event(&mut session).await, Event::Said));
}

#[tokio::test]
async fn who_is_gone_is_told_once() {
    let (mut session, phone) = connected(|settings| {
        settings.idle = Duration::from_millis(100);
    })
    .await;
    assert!(matches!(event(&mut session).await, Event::Idle));
    let more = timeout(Duration::from_millis(150), session.event()).await;
    assert!(more.is_err(), "{more:?}");
    phone.send(&packet(8, 1, 0, 9, &[0xd5; 160])).await.unwrap();
    assert!(matches!(event(&mut session).await, Event::Heard(_)));
    assert!(
        matches!(event(&mut session).await, Event::Idle),
        "gone again"
    );
}

#[tokio::test]
async fn the_port_is_free_when_the_stream_is_dropped() {
    let ports = free_ports(1);
    let session = Session::start(ports.bind().unwrap(), settings(None)).unwrap();
    assert_eq!(ports.taken(), 1);
    drop(session);
    let freed = async {
        while ports.taken() > 0 {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    };
    timeout(PATIENCE, freed).await.unwrap();
}

#[tokio::test]
async fn a_flood_does_not_hold_up_what_is_sent() {
    let (_session, phone) = connected(|settings| settings.may_send_first = true).await;
    let flood = vec![0xaa; 1000];
    let end = Instant::now() + FRAME_TIME * 15;
    let mut received = 0;
    while Instant::now() < end {
        for _ in 0..50 {
            let _ = phone.try_send(&flood);
        }
        while receive(&phone, Duration::from_millis(1)).await.is_some() {
            received += 1;
        }
    }
    assert!(received >= 8, "{received} frames of 15");
}
