//! What is chosen from an offer.

use super::phones::*;
use super::*;

/// A row: name, offer, law, payload type, digits, address.
type Row = (
    &'static str,
    &'static str,
    Law,
    u8,
    Option<u8>,
    Option<&'static str>,
);

#[test]
fn what_is_chosen() {
    let rows: [Row; 8] = [
        (
            "baresip",
            BARESIP,
            Law::Mu,
            0,
            Some(101),
            Some("192.0.2.20:23456"),
        ),
        ("sipp", SIPP, Law::Mu, 0, None, Some("127.0.0.1:6000")),
        (
            "Asterisk",
            ASTERISK,
            Law::A,
            8,
            Some(101),
            Some("198.51.100.7:17320"),
        ),
        (
            "Kamailio with rtpengine",
            RTPENGINE,
            Law::A,
            8,
            Some(100),
            Some("203.0.113.5:30012"),
        ),
        (
            "Cisco",
            CISCO,
            Law::A,
            8,
            Some(101),
            Some("10.20.30.41:21584"),
        ),
        ("fax first", FAX, Law::A, 8, None, Some("192.0.2.30:4000")),
        ("IPv6", IPV6, Law::Mu, 0, None, Some("[2001:db8::1]:5004")),
        (
            "minimal, with bare line feeds",
            "v=0\nm=audio 4000 RTP/AVP 8\nc=IN IP4 192.0.2.1",
            Law::A,
            8,
            None,
            Some("192.0.2.1:4000"),
        ),
    ];
    for (name, text, law, payload_type, digits, address) in rows {
        let offer = Offer::read(&lines(text)).unwrap_or_else(|error| panic!("{name}: {error}"));
        let expected = Audio {
            law,
            payload_type,
            digits,
            address: address.map(|address| address.parse().unwrap()),
            direction: Direction::Both,
        };
        assert_eq!(offer.audio(), &expected, "{name}");
        // The same parser accepts the answer.
        let answer = read_answer(&offer.answer(&local()));
        if name != "fax first" {
            let answer = answer.unwrap_or_else(|error| panic!("{name}: {error}"));
            assert_eq!(answer.audio.law, law, "{name}");
            assert_eq!(answer.audio.digits, digits, "{name}");
        }
    }
}

/// Lines of a media description, and the payload types of law and digits in it.
type Formats = (&'static str, &'static str, Option<(Law, u8)>, Option<u8>);

#[test]
fn payload_types() {
    let rows: [Formats; 14] = [
        (
            "by number",
            "m=audio 4000 RTP/AVP 18 8",
            Some((Law::A, 8)),
            None,
        ),
        (
            "dynamic",
            "m=audio 4000 RTP/AVP 97\na=rtpmap:97 PCMA/8000",
            Some((Law::A, 97)),
            None,
        ),
        (
            "lower case, one channel",
            "m=audio 4000 RTP/AVP 97\na=rtpmap:97 pcmu/8000/1",
            Some((Law::Mu, 97)),
            None,
        ),
        (
            "stereo is another thing",
            "m=audio 4000 RTP/AVP 97 8\na=rtpmap:97 PCMU/8000/2",
            Some((Law::A, 8)),
            None,
        ),
        (
            "16 kHz too",
            "m=audio 4000 RTP/AVP 97 8\na=rtpmap:97 PCMU/16000",
            Some((Law::A, 8)),
            None,
        ),
        (
            "a number that is described as something else",
            "m=audio 4000 RTP/AVP 0 8\na=rtpmap:0 G729/8000",
            Some((Law::A, 8)),
            None,
        ),
        (
            "described and not offered",
            "m=audio 4000 RTP/AVP 18\na=rtpmap:8 PCMA/8000",
            None,
            None,
        ),
        (
            "digits of two clocks",
            "m=audio 4000 RTP/AVP 0 110 101\na=rtpmap:110 telephone-event/48000\na=rtpmap:101 telephone-event/8000",
            Some((Law::Mu, 0)),
            Some(101),
        ),
        (
            "digits by another name",
            "m=audio 4000 RTP/AVP 0 96\na=rtpmap:96 Telephone-Event/8000",
            Some((Law::Mu, 0)),
            Some(96),
        ),
        (
            "no formats that are numbers",
            "m=audio 4000 RTP/AVP x y",
            None,
            None,
        ),
        (
            "numbers too large",
            "m=audio 4000 RTP/AVP 128 256 8",
            Some((Law::A, 8)),
            None,
        ),
        (
            "feedback",
            "m=audio 4000 RTP/AVPF 8",
            Some((Law::A, 8)),
            None,
        ),
        (
            "two ports",
            "m=audio 4000/2 RTP/AVP 8",
            Some((Law::A, 8)),
            None,
        ),
        (
            "a broken attribute beside",
            "m=audio 4000 RTP/AVP 8\na=rtpmap:\na=rtpmap:x\na=rtpmap:8 PCMA\na=",
            Some((Law::A, 8)),
            None,
        ),
    ];
    for (name, media, law, digits) in rows {
        let text = format!("v=0\nc=IN IP4 192.0.2.1\n{media}");
        match Offer::read(&lines(&text)) {
            Ok(offer) => {
                let audio = offer.audio();
                assert_eq!(Some((audio.law, audio.payload_type)), law, "{name}");
                assert_eq!(audio.digits, digits, "{name}");
            }
            Err(error) => {
                assert_eq!((law, error), (None, SdpError::NoCodec), "{name}");
            }
        }
    }
}

#[test]
fn hold_in_all_its_ways() {
    // Attributes of session and media, address; direction, whether it listens, our answer.
    let rows = [
        (
            "talk",
            "",
            "",
            "192.0.2.1",
            Direction::Both,
            true,
            "sendrecv",
        ),
        (
            "on hold",
            "",
            "a=sendonly",
            "192.0.2.1",
            Direction::SendOnly,
            false,
            "recvonly",
        ),
        (
            "listening",
            "",
            "a=recvonly",
            "192.0.2.1",
            Direction::ReceiveOnly,
            true,
            "sendonly",
        ),
        (
            "nobody",
            "",
            "a=inactive",
            "192.0.2.1",
            Direction::Inactive,
            false,
            "inactive",
        ),
        (
            "for all media",
            "a=sendonly",
            "",
            "192.0.2.1",
            Direction::SendOnly,
            false,
            "recvonly",
        ),
        (
            "media go before",
            "a=sendonly",
            "a=sendrecv",
            "192.0.2.1",
            Direction::Both,
            true,
            "sendrecv",
        ),
        (
            "the old way",
            "",
            "",
            "0.0.0.0",
            Direction::Both,
            false,
            "sendrecv",
        ),
        (
            "the old way and the new",
            "",
            "a=sendonly",
            "0.0.0.0",
            Direction::SendOnly,
            false,
            "recvonly",
        ),
        (
            "capitals",
            "",
            "a=INACTIVE",
            "192.0.2.1",
            Direction::Inactive,
            false,
            "inactive",
        ),
    ];
    for (name, session, media, address, direction, listens, answer) in rows {
        let text = format!("v=0\nc=IN IP4 {address}\n{session}\nm=audio 4000 RTP/AVP 8\n{media}");
        let offer = Offer::read(&lines(&text)).unwrap();
        assert_eq!(offer.audio().direction, direction, "{name}");
        assert_eq!(offer.audio().listens(), listens, "{name}");
        let text = String::from_utf8(offer.answer(&local())).unwrap();
        assert!(
            text.contains(&format!("\r\na={answer}\r\n")),
            "{name}: {text}"
        );
    }
}

#[test]
fn addresses() {
    let rows = [
        (
            "media before session",
            "c=IN IP4 192.0.2.2",
            Some("192.0.2.2:4000"),
        ),
        (
            "hops behind it",
            "c=IN IP4 192.0.2.2/127",
            Some("192.0.2.2:4000"),
        ),
        (
            "IPv4 within IPv6",
            "c=IN IP6 ::ffff:192.0.2.2",
            Some("192.0.2.2:4000"),
        ),
        ("a name", "c=IN IP4 phone.example", None),
        ("a group", "c=IN IP4 239.1.2.3/32", None),
        ("a group of IPv6", "c=IN IP6 ff02::1", None),
        ("everybody", "c=IN IP4 255.255.255.255", None),
        ("hold of IPv6", "c=IN IP6 ::", None),
        ("no address", "c=IN IP4 1.2.3.4.5", None),
        ("not given again", "", Some("192.0.2.1:4000")),
    ];
    for (name, line, address) in rows {
        let text = format!("v=0\nc=IN IP4 192.0.2.1\nm=audio 4000 RTP/AVP 8\n{line}");
        let offer = Offer::read(&lines(&text)).unwrap();
        let address = address.map(|address| address.parse().unwrap());
        assert_eq!(offer.audio().address, address, "{name}");
    }
}

#[test]
fn why_nothing_is_chosen() {
    let rows: [(&str, &str, SdpError); 9] = [
        ("nothing", "", SdpError::Missing),
        ("no media", "v=0", SdpError::NoAudio),
        ("video", "v=0\nm=video 4000 RTP/AVP 0", SdpError::NoAudio),
        ("fax", "v=0\nm=image 4000 udptl t38", SdpError::NoAudio),
        (
            "compressed",
            "v=0\nm=audio 4000 RTP/AVP 18 96",
            SdpError::NoCodec,
        ),
        (
            "encrypted",
            "v=0\nm=audio 4000 RTP/SAVP 0",
            SdpError::Transport("RTP/SAVP".to_owned()),
        ),
        (
            "browser",
            "v=0\nm=audio 9 UDP/TLS/RTP/SAVPF 111 0",
            SdpError::Transport("UDP/TLS/RTP/SAVPF".to_owned()),
        ),
        (
            "switched off",
            "v=0\nm=audio 0 RTP/AVP 0",
            SdpError::Refused,
        ),
        (
            "the first reason is told",
            "v=0\nm=video 2 RTP/AVP 0\nm=audio 4000 RTP/SAVP 0\nm=audio 4000 RTP/AVP 18",
            SdpError::Transport("RTP/SAVP".to_owned()),
        ),
    ];
    for (name, text, expected) in rows {
        let error = Offer::read(&lines(text)).expect_err(name);
        assert_eq!(error, expected, "{name}");
        assert_eq!(error.is_not_acceptable(), name != "nothing", "{name}");
    }
}

#[test]
fn the_answer_has_a_line_for_each_that_was_offered() {
    let rows: [(&str, &str, &[&str]); 4] = [
        (
            "fax, audio, video",
            FAX,
            &[
                "m=image 0 udptl t38",
                "m=audio 40000 RTP/AVP 8",
                "m=video 0 RTP/AVP 99",
            ],
        ),
        (
            "encrypted and not",
            "v=0\nm=audio 4000 RTP/SAVP 0 8\nm=audio 4000 RTP/AVP 8 0",
            &["m=audio 0 RTP/SAVP 0", "m=audio 40000 RTP/AVP 8"],
        ),
        (
            "two audio lines",
            "v=0\nm=audio 4000 RTP/AVPF 97 0\na=rtpmap:97 PCMA/8000\nm=audio 4002 RTP/AVP 8",
            &["m=audio 40000 RTP/AVPF 97", "m=audio 0 RTP/AVP 8"],
        ),
        ("digits", BARESIP, &["m=audio 40000 RTP/AVP 0 101"]),
    ];
    for (name, text, expected) in rows {
        let answer = Offer::read(&lines(text)).unwrap().answer(&local());
        assert_eq!(media_lines(&answer), expected, "{name}");
    }
}

#[test]
fn an_answer_in_full() {
    let offer = Offer::read(&lines(RTPENGINE)).unwrap();
    let answer = String::from_utf8(offer.answer(&local())).unwrap();
    let expected = "v=0\r\no=- 77 1 IN IP4 192.0.2.9\r\ns=-\r\nc=IN IP4 192.0.2.9\r\n\
        t=2873397496 2873404696\r\nm=audio 40000 RTP/AVP 8 100\r\na=rtpmap:8 PCMA/8000\r\n\
        a=rtpmap:100 telephone-event/8000\r\na=fmtp:100 0-15\r\na=ptime:20\r\na=sendrecv\r\n";
    assert_eq!(answer, expected);
}
