//! An own offer and answers to it.

use super::*;

#[test]
fn an_offer_in_full() {
    let local = Local {
        address: "[2001:db8::9]:40002".parse().unwrap(),
        direction: Direction::SendOnly,
        ..local()
    };
    let expected = "v=0\r\no=- 77 1 IN IP6 2001:db8::9\r\ns=-\r\nc=IN IP6 2001:db8::9\r\n\
        t=0 0\r\nm=audio 40002 RTP/AVP 8 0 101\r\na=rtpmap:8 PCMA/8000\r\n\
        a=rtpmap:0 PCMU/8000\r\na=rtpmap:101 telephone-event/8000\r\na=fmtp:101 0-15\r\n\
        a=ptime:20\r\na=sendonly\r\n";
    let offer = make_offer(&local, Law::A);
    assert_eq!(String::from_utf8(offer).unwrap(), expected);
}

#[test]
fn the_offer_is_answered_by_the_same_reader() {
    for law in Law::ALL {
        let offer = Offer::read(&make_offer(&local(), law)).unwrap();
        assert_eq!(offer.audio().law, law);
        let other = Local {
            address: "198.51.100.1:5000".parse().unwrap(),
            direction: Direction::ReceiveOnly,
            ..local()
        };
        let answer = read_answer(&offer.answer(&other)).unwrap();
        let expected = Audio {
            law,
            payload_type: law.payload_type(),
            digits: Some(101),
            address: Some(other.address),
            direction: Direction::ReceiveOnly,
        };
        assert_eq!(answer.audio, expected);
        assert_eq!(answer.digits, Some(101));
    }
}

/// A row: name, answer, the law and the payload type of digits that are parsed.
type Row = (
    &'static str,
    &'static str,
    Result<(Law, Option<u8>), SdpError>,
);

#[test]
fn answers() {
    let rows: [Row; 6] = [
        (
            "one law",
            "v=0\nc=IN IP4 192.0.2.1\nm=audio 4000 RTP/AVP 0",
            Ok((Law::Mu, None)),
        ),
        (
            "digits by another number",
            "v=0\nm=audio 4000 RTP/AVP 8 96\na=rtpmap:96 telephone-event/8000",
            Ok((Law::A, Some(101))),
        ),
        (
            "refused",
            "v=0\nm=audio 0 RTP/AVP 0",
            Err(SdpError::Refused),
        ),
        (
            "another codec",
            "v=0\nm=audio 4000 RTP/AVP 18",
            Err(SdpError::NoCodec),
        ),
        ("no media", "v=0\ns=-", Err(SdpError::NoAudio)),
        ("nothing", "", Err(SdpError::Missing)),
    ];
    for (name, text, expected) in rows {
        let found = read_answer(&lines(text)).map(|answer| (answer.audio.law, answer.digits));
        assert_eq!(found, expected, "{name}");
    }
}
