//! Where packets are accepted from and sent to.

use std::net::SocketAddr;

use super::*;

const PHONE: &str = "192.0.2.1:4000";
const PHONE_OTHER_PORT: &str = "192.0.2.1:61000";
const OUTSIDE: &str = "203.0.113.1:30000";
const OUTSIDE_OTHER_PORT: &str = "203.0.113.1:30002";
const STRANGER: &str = "198.51.100.66:4000";

fn address(text: &str) -> SocketAddr {
    text.parse().unwrap()
}

#[test]
fn who_is_believed() {
    // Packets in order, each with whether it is accepted; then the destination.
    type Row = (
        &'static str,
        Option<&'static str>,
        &'static [(&'static str, bool)],
        Option<&'static str>,
    );
    let rows: [Row; 12] = [
        ("nobody", Some(PHONE), &[], None),
        (
            "as negotiated",
            Some(PHONE),
            &[(PHONE, true), (PHONE, true)],
            Some(PHONE),
        ),
        (
            "another port of the same host",
            Some(PHONE),
            &[(PHONE_OTHER_PORT, true)],
            Some(PHONE_OTHER_PORT),
        ),
        (
            "behind a translation",
            Some("10.0.0.1:4000"),
            &[(OUTSIDE, true)],
            Some(OUTSIDE),
        ),
        ("a stranger", Some(PHONE), &[(STRANGER, false)], None),
        (
            "a stranger comes first",
            Some(PHONE),
            &[(STRANGER, false), (PHONE, true), (STRANGER, false)],
            Some(PHONE),
        ),
        (
            "the first one stays",
            None,
            &[
                (OUTSIDE, true),
                (OUTSIDE_OTHER_PORT, false),
                (OUTSIDE, true),
            ],
            Some(OUTSIDE),
        ),
        (
            "the negotiated one goes before",
            Some(PHONE),
            &[(OUTSIDE, true), (PHONE, true), (OUTSIDE, false)],
            Some(PHONE),
        ),
        (
            "no address, and a stranger",
            None,
            &[(STRANGER, false)],
            None,
        ),
        (
            "IPv4 within IPv6",
            Some(PHONE),
            &[("[::ffff:192.0.2.1]:4000", true)],
            Some(PHONE),
        ),
        (
            "the same address again",
            Some(PHONE),
            &[
                (PHONE_OTHER_PORT, true),
                (PHONE, true),
                (PHONE_OTHER_PORT, false),
            ],
            Some(PHONE),
        ),
        (
            "IPv6",
            Some("[2001:db8::1]:4000"),
            &[("[2001:db8::2]:4000", false)],
            None,
        ),
    ];
    for (name, negotiated, packets, destination) in rows {
        let allowed = [address(OUTSIDE).ip()];
        let mut source = Source::new(negotiated.map(address), allowed, false);
        for (from, is_taken) in packets {
            let from = address(from);
            assert_eq!(source.may_be(from), *is_taken, "{name}: {from}");
            assert_eq!(source.accepts(from), *is_taken, "{name}: {from}");
        }
        assert_eq!(source.destination(), destination.map(address), "{name}");
    }
}

#[test]
fn nothing_is_sent_to_whom_is_not_confirmed() {
    let phone = Some(address(PHONE));
    let mut source = Source::new(phone, [], false);
    assert_eq!(source.destination(), None);
    source.permit();
    assert_eq!(source.destination(), phone);
    assert_eq!(Source::new(phone, [], true).destination(), phone);
    assert_eq!(Source::new(None, [], true).destination(), None);
}

#[test]
fn another_description() {
    let mut source = Source::new(Some(address(PHONE)), [], false);
    assert!(source.accepts(address(PHONE)));
    source.renegotiate(Some(address(PHONE)));
    assert_eq!(
        source.destination(),
        Some(address(PHONE)),
        "nothing has changed"
    );
    source.renegotiate(Some(address(OUTSIDE)));
    assert_eq!(
        source.destination(),
        None,
        "the new address is not confirmed"
    );
    assert!(!source.accepts(address(PHONE)));
    assert!(source.accepts(address(OUTSIDE)));
}
