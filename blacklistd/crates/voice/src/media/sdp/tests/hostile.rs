//! Input that no phone sends.

use proptest::prelude::*;

use super::*;
use crate::media::sdp::description::{LARGEST, MOST_LINES, MOST_MEDIA};

const GOOD: &str = "v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\n\
    m=audio 4000 RTP/AVP 8 101\r\na=rtpmap:8 PCMA/8000\r\na=rtpmap:101 telephone-event/8000\r\n";

#[test]
fn what_is_refused() {
    let unreadable = |text: &str| (text.as_bytes().to_vec(), "cannot be read");
    let rows: [(&str, (Vec<u8>, &str)); 14] = [
        ("text", unreadable("hello")),
        (
            "another version",
            unreadable("v=1\r\nm=audio 1 RTP/AVP 0\r\n"),
        ),
        (
            "a NUL within",
            unreadable("v=0\r\ns=a\0b\r\nm=audio 1 RTP/AVP 0\r\n"),
        ),
        (
            "a port too large",
            unreadable("v=0\r\nm=audio 65536 RTP/AVP 0\r\n"),
        ),
        (
            "a port much too large",
            unreadable("v=0\r\nm=audio 99999999999999999999999 RTP/AVP 0\r\n"),
        ),
        (
            "a negative port",
            unreadable("v=0\r\nm=audio -1 RTP/AVP 0\r\n"),
        ),
        ("a media line without an end", unreadable("v=0\r\nm=audio")),
        (
            "a version of the session too large",
            unreadable("v=0\r\no=- 1 99999999999999999999999 IN IP4 192.0.2.1\r\n"),
        ),
        (
            "no text",
            (b"v=0\r\ns=\xff\xfe\r\n".to_vec(), "cannot be read"),
        ),
        (
            "spaces",
            (b" \r\n \r\n".to_vec(), "there is no session description"),
        ),
        ("NULs", (vec![0; 100], "there is no session description")),
        (
            "ten thousand lines",
            (
                format!("v=0\r\n{}", "a=x\r\n".repeat(10_000)).into_bytes(),
                "too large",
            ),
        ),
        (
            "a line without an end",
            (
                format!("v=0\r\ns={}", "x".repeat(LARGEST)).into_bytes(),
                "too large: bytes",
            ),
        ),
        (
            "many media",
            (
                format!(
                    "v=0\r\n{}",
                    "m=audio 1 RTP/AVP 0\r\n".repeat(MOST_MEDIA + 1)
                )
                .into_bytes(),
                "too large: media lines",
            ),
        ),
    ];
    for (name, (bytes, part)) in rows {
        let error = Offer::read(&bytes).expect_err(name);
        assert!(error.to_string().contains(part), "{name}: {error}");
        assert!(!error.is_not_acceptable(), "{name}");
    }
    let text = format!("v=0\r\n{}", "a=x\r\n".repeat(MOST_LINES));
    assert_eq!(
        Offer::read(text.as_bytes()),
        Err(SdpError::TooLarge("lines"))
    );
}

#[test]
fn what_is_odd_and_still_taken() {
    let rows = [
        ("NULs at the end", format!("{GOOD}\0\0")),
        ("empty lines around", format!("\r\n\r\n{GOOD}\r\n\r\n")),
        ("a NUL behind the last line", format!("{GOOD}\0")),
        (
            "many formats",
            GOOD.replace("8 101", &format!("{} 8 101", "99 ".repeat(5000))),
        ),
        (
            "many attributes",
            format!("{GOOD}{}", "a=candidate:x\r\n".repeat(900)),
        ),
    ];
    for (name, text) in rows {
        let offer = Offer::read(text.as_bytes()).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(offer.audio().law, Law::A, "{name}");
        let answer = offer.answer(&local());
        assert!(answer.len() < 400, "{name}: {} bytes", answer.len());
    }
}

#[test]
fn a_good_one_that_is_cut_off_anywhere() {
    for end in 0..GOOD.len() {
        let _ = Offer::read(&GOOD.as_bytes()[..end]);
        let _ = read_answer(&GOOD.as_bytes()[..end]);
    }
}

#[test]
fn the_answer_is_not_much_larger_than_the_offer() {
    let long = "x".repeat(LARGEST / 2);
    let text = format!("v=0\r\nm=audio 1 RTP/AVP 0\r\nm={long} 1 {long} 0\r\n");
    if let Ok(offer) = Offer::read(text.as_bytes()) {
        assert!(offer.answer(&local()).len() < text.len() + 300);
    }
}

/// Lines that together are nearly a session description.
fn line() -> impl Strategy<Value = String> {
    prop_oneof![
        Just("v=0".to_owned()),
        "m=(audio|video|image) [0-9]{1,6}(/[0-9]{1,3})? (RTP/AVPF?|udptl) [0-9 ]{0,12}",
        "a=(rtpmap|fmtp):[0-9]{0,4} ?(PCMU|PCMA|telephone-event)?/?[0-9]{0,6}(/[0-9])?",
        "c=IN IP[46] [0-9a-f.:/]{0,20}",
        "a=(sendrecv|sendonly|recvonly|inactive)",
        "[a-z]=.{0,20}",
        ".{0,20}",
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn any_bytes(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        let _ = Offer::read(&bytes);
        let _ = read_answer(&bytes);
    }

    #[test]
    fn any_lines(lines in proptest::collection::vec(line(), 0..12), end in "\r?\n") {
        let text = format!("v=0{end}{}", lines.join(&end));
        let _ = read_answer(text.as_bytes());
        if let Ok(offer) = Offer::read(text.as_bytes()) {
            // What is accepted is answered, and the answer can be parsed.
            let answer = offer.answer(&local());
            let again = Offer::read(&answer);
            prop_assert_eq!(again.map(|again| again.audio().law), Ok(offer.audio().law));
        }
    }

    #[test]
    fn a_good_one_with_other_bytes(
        changes in proptest::collection::vec((0..GOOD.len(), any::<u8>()), 1..6),
    ) {
        let mut bytes = GOOD.as_bytes().to_vec();
        for (place, byte) in changes {
            bytes[place] = byte;
        }
        if let Ok(offer) = Offer::read(&bytes) {
            prop_assert!(read_answer(&offer.answer(&local())).is_ok());
        }
    }
}
