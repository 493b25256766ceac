//! Start lines, what stands in front of them, requests inside of a dialog, and what follows.

use crate::invite::Invite;
use blacklist_common::outcome::Outcome;

use super::Row;

fn behind(front: &[u8]) -> Vec<u8> {
    [front, &Invite::new().template()].concat()
}

fn start(line: impl AsRef<[u8]>) -> Invite {
    Invite::new().start(line)
}

pub(super) fn rows() -> Vec<Row> {
    let mut rows = in_front();
    rows.extend(methods());
    rows.extend(request_lines());
    rows.extend(in_dialog());
    rows.extend(behind_it());
    rows
}

fn in_front() -> Vec<Row> {
    let keep_alive = |name, text: &[u8]| Row::passes(27, name, Outcome::KeepAlive, text.to_vec());
    let same = |name, front: &[u8]| Row::same(27, name, &Invite::new()).text(behind(front));
    vec![
        same("leading CRLF", b"\r\n"),
        same("two leading CRLF", b"\r\n\r\n"),
        same("leading LF", b"\n"),
        same("leading CR", b"\r"),
        same("80 leading CRLF", &b"\r\n".repeat(80)),
        keep_alive("CRLF CRLF", b"\r\n\r\n"),
        keep_alive("CRLF", b"\r\n"),
        keep_alive("LF", b"\n"),
        keep_alive("NUL", b"\0"),
        keep_alive("NULs", b"\0\0\0\0\0\0\0\0\0\0\0\0"),
        keep_alive("nothing", b""),
        keep_alive("CRLF, then NUL", b"\r\n\r\n\0\0\0\0\0\0\0\0"),
        same("NUL, then an INVITE", b"\0"),
        same("NULs, then an INVITE", b"\0\0\0\0\0\0\0\0\0"),
        same("leading blank", b" "),
        same("leading tab", b"\t"),
        same("blank, NUL and CRLF", b" \0\r\n\t"),
        keep_alive("STUN", b"\0\x01\0\0\x21\x12\xa4\x42abcdefghijkl"),
        Row::passes(
            27,
            "another control character",
            Outcome::NotInvite,
            behind(b"\x01"),
        ),
        Row::passes(
            27,
            "byte order mark",
            Outcome::NotInvite,
            behind(b"\xEF\xBB\xBF"),
        ),
        same("leading CRLF, then a blank", b"\r\n "),
        Row::passes(
            27,
            "leading CRLF, then OPTIONS",
            Outcome::NotInvite,
            b"\r\n\r\nOPTIONS sip:x SIP/2.0\r\n\r\n".to_vec(),
        ),
    ]
}

fn methods() -> Vec<Row> {
    let not_invite =
        |name, line: &str| Row::passes(28, name, Outcome::NotInvite, start(line).template());
    vec![
        Row::same(28, "invite", &start("invite sip:1@x SIP/2.0")),
        Row::same(28, "Invite", &start("Invite sip:1@x SIP/2.0")),
        not_invite("invitex", "invitex sip:1@x SIP/2.0"),
        not_invite("register", "register sip:x SIP/2.0"),
        not_invite("INVITEX", "INVITEX sip:1@x SIP/2.0"),
        not_invite("XINVITE", "XINVITE sip:1@x SIP/2.0"),
        not_invite("INVIT", "INVIT sip:1@x SIP/2.0"),
        not_invite("INV%49TE", "INV%49TE sip:1@x SIP/2.0"),
        not_invite("RE%47IST%45R", "RE%47IST%45R sip:1@x SIP/2.0"),
        not_invite("tab behind the method", "INVITE\tsip:1@x SIP/2.0"),
        not_invite("no blank", "INVITE"),
        Row::passes(
            28,
            "the method alone",
            Outcome::NotInvite,
            b"INVITE".to_vec(),
        ),
        Row::passes(
            28,
            "the method and a blank",
            Outcome::Truncated,
            b"INVITE ".to_vec(),
        ),
        not_invite("MESSAGE", "MESSAGE sip:1@x SIP/2.0"),
        not_invite("REGISTER", "REGISTER sip:x SIP/2.0"),
    ]
}

fn request_lines() -> Vec<Row> {
    let same = |name, line: &str| Row::same(29, name, &start(line));
    let bad =
        |name, line: &str| Row::passes(29, name, Outcome::BadStartLine, start(line).template());
    vec![
        same("doubled blanks", "INVITE  sip:1@x  SIP/2.0"),
        same("blanks behind", "INVITE sip:1@x SIP/2.0  "),
        same("SIP/7.0", "INVITE sip:1@x SIP/7.0"),
        same("URI in brackets", "INVITE <sip:1@x> SIP/2.0"),
        same("blank inside of the URI", "INVITE sip:1@x; lr SIP/2.0"),
        same(
            "Request-URI of 5 kilobytes",
            &format!("INVITE sip:1@x;p={} SIP/2.0", "a".repeat(5000)),
        ),
        same(
            "unknown scheme called",
            "INVITE nobodyKnowsThisScheme:totallyopaquecontent SIP/2.0",
        ),
        bad("no version", "INVITE sip:1@x"),
        bad("HTTP", "INVITE sip:1@x HTTP/1.1"),
        bad("version of one number", "INVITE sip:1@x SIP/2"),
        bad("nothing behind the method", "INVITE "),
        bad("version behind no blank", "INVITE sip:1@xSIP/2.0"),
    ]
}

fn in_dialog() -> Vec<Row> {
    let to = |name, value: &str| {
        Row::passes(
            31,
            name,
            Outcome::InDialog,
            Invite::new().to(value).template(),
        )
    };
    let fresh = |name, value: &str| Row::same(31, name, &Invite::new().to(value));
    let other =
        |name, line: &str| Row::passes(31, name, Outcome::NotInvite, start(line).template());
    vec![
        to("re-INVITE", "<sip:1@x>;tag=8321234356"),
        to("re-INVITE, bare To", "sip:1@x;tag=8321234356"),
        to(
            "re-INVITE, blanks around the tag",
            "<sip:1@x> ; TAG = 8321234356",
        ),
        to(
            "re-INVITE, folded tag",
            "<sip:1@x>\r\n ;\r\n tag=8321234356",
        ),
        to(
            "re-INVITE, tag behind others",
            "\"a;tag=1\" <sip:1@x;tag=2>;a=\"b;c\";d;tag=3",
        ),
        Row::passes(
            31,
            "re-INVITE, compact To",
            Outcome::InDialog,
            Invite::new().line("To", "t:<sip:1@x>;tag=1").template(),
        ),
        fresh("tag in the display name", "\"a;tag=1\" <sip:1@x>"),
        fresh("tag in the URI", "<sip:1@x;tag=1>"),
        fresh("tag in a quoted value", "<sip:1@x>;a=\";tag=1\""),
        fresh("a parameter that begins so", "<sip:1@x>;tagged=1"),
        fresh("a parameter that ends so", "<sip:1@x>;xtag=1"),
        Row::passes(
            31,
            "tag without a value",
            Outcome::BadAddress,
            Invite::new().to("<sip:1@x>;tag=").template(),
        ),
        Row::passes(
            31,
            "broken To",
            Outcome::OpenQuote,
            Invite::new().to("\"a <sip:1@x>;tag=1").template(),
        ),
        other("CANCEL", "CANCEL sip:+12015550100@x SIP/2.0"),
        other("ACK", "ACK sip:+12015550100@x SIP/2.0"),
        other("BYE", "BYE sip:+12015550100@x SIP/2.0"),
        other("PRACK", "PRACK sip:+12015550100@x SIP/2.0"),
        other("100", "SIP/2.0 100 Trying"),
        other("200", "SIP/2.0 200 OK"),
        other("603", "SIP/2.0 603 Decline"),
    ]
}

#[rustfmt::skip]
fn behind_it() -> Vec<Row> {
    let other = Invite::new().from("<sip:+14155559999@x>;tag=1").template();
    let length = |name, value: &str| {
        Row::same(33, name, &Invite::new().last(format!("Content-Length: {value}")))
    };
    let template = Invite::new().template();
    vec![
        Row::same(32, "a benign message behind", &Invite::new())
            .text([&template[..], &other].concat()),
        Row::judged(32, "a listed message behind", "+14155559999", &Invite::new()).text([&other[..],
            &template].concat()).ends(Outcome::NoRule, Outcome::NoRule),
        Row::same(32, "bytes behind the body", &Invite::new())
            .text([&template[..], &[0xA5; 999]].concat()),
        Row::same(32, "no body", &Invite::new().body("")),
        Row::same(32, "no empty line", &Invite::new()).text(Invite::new().body("").template()
            .strip_suffix(b"\r\n").unwrap().to_vec()),
        length("Content-Length negative", "-999"),
        length("Content-Length huge", "99999999999999999999999999"),
        length("Content-Length no number", "abc"),
        length("Content-Length twice", "1\r\nContent-Length: 2"),
        Row::same(33, "no Content-Length", &Invite::new()).text(String::from_utf8(template.clone())
            .unwrap().replace("Content-Length: ", "X: ").into()),
        Row::passes(33, "no From", Outcome::MissingHeader, Invite::new().without("From")
            .template()),
        Row::passes(33, "no To", Outcome::MissingHeader, Invite::new().without("To").template()),
        Row::passes(33, "no Call-ID", Outcome::MissingHeader, Invite::new().without("Call-ID")
            .template()),
    ]
}
