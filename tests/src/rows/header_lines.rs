//! Names, folds and ends of header lines; headers that are none; where the header block ends.

use crate::invite::Invite;
use blacklist_common::outcome::Outcome;

use super::Row;

const ADDRESS: &str = "\"Alice\" <sip:+1415555123~@carrier.example.net>;tag=9fxced76sl";
const BENIGN: &str = "<sip:+14155559999@carrier.example.net>;tag=1";

fn named(name: &str) -> Invite {
    Invite::new().line("From", format!("{name}{ADDRESS}"))
}

fn bytes(start: &[u8], rest: &str) -> Invite {
    Invite::new().line("From", [start, rest.as_bytes()].concat())
}

pub(super) fn rows() -> Vec<Row> {
    let mut rows = names();
    rows.extend(folds());
    rows.extend(line_ends());
    rows.extend(lengths());
    rows.extend(elsewhere());
    rows
}

#[rustfmt::skip]
fn names() -> Vec<Row> {
    let missing = |evasion, name, invite: &Invite| {
        Row::passes(evasion, name, Outcome::MissingHeader, invite.template())
    };
    vec![
        Row::same(1, "ordinary", &Invite::new()),
        Row::same(1, "FROM", &named("FROM: ")),
        Row::same(1, "fRoM", &named("fRoM: ")),
        Row::same(1, "sip/2.0", &Invite::new().start("INVITE sip:+12015550100@x sip/2.0")),
        Row::same(1, "every name in odd case", &Invite::new().line("From",
            format!("fROM:{ADDRESS}")).line("To", "tO:<sip:1@x>").line("Call-ID", "cALL-iD:1")),
        Row::same(2, "f", &named("f: ")),
        Row::same(2, "F without a blank", &named("F:")),
        Row::same(2, "all compact", &Invite::new().line("From", format!("f:{ADDRESS}")).line("To",
            "t:<sip:1@x>").line("Call-ID", "i:1").line("Via", "v:SIP/2.0/UDP 192.0.2.1")),
        Row::same(3, "blank before the colon", &named("From : ")),
        Row::same(3, "tab before the colon", &named("From\t:")),
        Row::same(3, "many blanks before the colon", &named("From  \t  \t \t   :")),
        Row::same(3, "compact with a blank", &named("f :")),
        Row::passes(3, "more blanks than a window", Outcome::TooLong, named(&format!("From{}:",
            " ".repeat(80))).template()),
        missing(4, "control before the colon", &named("From\x01:")),
        missing(4, "nbsp before the colon", &bytes(b"From\xA0:", ADDRESS)),
        missing(4, "NUL before the colon", &named("From\0:")),
        missing(4, "vertical tab before the colon", &named("From\x0b:")),
        missing(4, "blank before the name's end", &named("Fro m:")),
        missing(4, "longer name", &named("Fromm:")),
        missing(4, "hyphen", &named("From-:")),
        missing(4, "another header with f", &named("Foo:")),
        Row::same(4, "a valid one behind a bad one", &Invite::new()
            .first(format!("From\x01: {BENIGN}"))),
        Row::judged(4, "a listed one in a bad name", "+14155559999", &Invite::new().from(BENIGN)
            .first(format!("From\0: {ADDRESS}"))).ends(Outcome::NoRule, Outcome::NoRule),
    ]
}

#[rustfmt::skip]
fn folds() -> Vec<Row> {
    let folded = |value: &str| Invite::new().line("From", format!("From:{value}"));
    let fold =
        |name, value: &str| Row::passes(6, name, Outcome::FoldedUri, folded(value).template());
    vec![
        Row::same(5, "fold before the value", &folded(&format!("\r\n {ADDRESS}"))),
        Row::same(5, "fold with a tab", &folded(&format!("\r\n\t{ADDRESS}"))),
        Row::same(5, "several folds", &folded(&format!(" \r\n \r\n\t\r\n  {ADDRESS}"))),
        Row::same(5, "fold behind the display name",
            &folded(" \"A\"\r\n <sip:+1415555123~@x>;tag=1")),
        Row::same(5, "fold before the parameters", &folded(" <sip:+1415555123~@x>\r\n ;tag=1")),
        Row::same(5, "fold behind a bare address", &folded(" sip:+1415555123~@x\r\n ;tag=1")),
        Row::same(5, "fold inside of the display name",
            &folded(" \"A\r\n B\" <sip:+1415555123~@x>;tag=1")),
        Row::same(5, "fold with LF alone", &folded("\n <sip:+1415555123~@x>;tag=1")),
        Row::same(5, "folded Call-ID and To", &Invite::new().line("Call-ID", "Call-ID:\r\n 77@x")
            .line("To", "To:\r\n <sip:1@x>")),
        fold("fold inside of the number", " <sip:+1415\r\n 555123~@x>;tag=1"),
        fold("fold behind the scheme", " <sip:\r\n +1415555123~@x>;tag=1"),
        fold("fold before the host", " <sip:+1415555123~@\r\n x>;tag=1"),
        fold("blank inside of the number", " <sip:+1415 555123~@x>;tag=1"),
        fold("tab inside of the number", " <sip:+1415\t555123~@x>;tag=1"),
        fold("fold inside of a bare number", " sip:+1415\r\n 555123~@x;tag=1"),
        fold("blank inside of a bare number", " sip:+1415 555123~@x;tag=1"),
        fold("fold before a bare host", " sip:+1415555123~\r\n @x;tag=1"),
        fold("fold behind a bare scheme", " sip:\r\n +1415555123~@x;tag=1"),
        fold("fold in a tel number", " <tel:+1415\r\n 555123~>;tag=1"),
        fold("fold in a bare tel number", " tel:+1415\r\n 555123~;tag=1"),
    ]
}

fn line_ends() -> Vec<Row> {
    let bare_cr = |name, invite: &Invite| Row::passes(7, name, Outcome::BareCr, invite.template());
    vec![
        Row::same(7, "LF alone", &Invite::new().line_end(b"\n")),
        Row::same(
            7,
            "LF alone behind From only",
            &Invite::new().line("From", format!("From: {ADDRESS}\nX-Other: 1")),
        ),
        Row::same(7, "empty line of LF behind CRLF", &Invite::new())
            .text([&Invite::new().template()[..], b"\n"].concat()),
        bare_cr("CR alone", &Invite::new().line_end(b"\r")),
        bare_cr(
            "CR inside of From",
            &Invite::new().from(format!("\r{ADDRESS}")),
        ),
        bare_cr(
            "CR and From in another header",
            &Invite::new().first(format!("Subject: x\rFrom: {BENIGN}")),
        ),
        bare_cr("CR CR LF", &Invite::new().line_end(b"\r\r\n")),
        bare_cr("CR at the start of a line", &Invite::new().first("\rX: y")),
    ]
}

#[rustfmt::skip]
fn lengths() -> Vec<Row> {
    let long =
        |count: usize, line: &str| (0..count).fold(Invite::new(), |invite, _| invite.first(line));
    let too_long =
        |name, invite: &Invite| Row::passes(26, name, Outcome::TooLong, invite.template());
    let filler = format!("X-Filler: {}", "a".repeat(500));
    let wide = |bytes: usize| Invite::new().first(format!("X-Filler: {}", "a".repeat(bytes)));
    vec![
        Row::same(26, "From behind 10 kilobytes", &long(20, &filler)),
        Row::same(26, "From behind one header of 15 kilobytes", &wide(15_000)),
        Row::same(26, "From behind a name of 3000 bytes", &Invite::new().first(format!("{}: 1",
            "N".repeat(3000)))),
        Row::same(26, "240 short lines", &long(240, "s:a")),
        Row::same(26, "body beyond what is read", &Invite::new().body(vec![b'b'; 30_000])),
        Row::same(26, "From behind lines of LF and one byte", &long(200, "y").line_end(b"\n")),
        too_long("300 lines", &long(300, "s:a")),
        too_long("headers beyond what is read", &wide(17_000)),
        too_long("headers that end just beyond", &wide(16_300)),
        too_long("a fold of 17 kilobytes", &Invite::new().from(format!("{}\r\n {ADDRESS}",
            " ".repeat(17_000)))),
        Row::same(26, "quoted name of 10 kilobytes", &Invite::new()
            .from(format!("\"{}\" <sip:+1415555123~@x>;tag=1", "q".repeat(10_000)))),
        Row::same(26, "display name of 10 kilobytes", &Invite::new()
            .from(format!("{} <sip:+1415555123~@x>;tag=1", "q".repeat(10_000)))),
        Row::same(26, "host of 10 kilobytes", &Invite::new()
            .from(format!("<sip:+1415555123~@{}>;tag=1", "h".repeat(10_000)))),
        Row::same(26, "parameters of 10 kilobytes", &Invite::new()
            .from(format!("<sip:+1415555123~@x>;a={};tag=1", "p".repeat(10_000)))),
        too_long("user of 600 bytes", &Invite::new().from(format!("<sip:+1415555123~;{}@x>;tag=1",
            "u".repeat(600)))),
        too_long("600 quoted pairs", &Invite::new()
            .from(format!("\"{}\" <sip:+1415555123~@x>;tag=1", "\\q".repeat(800)))),
    ]
}

fn elsewhere() -> Vec<Row> {
    let from = format!("From: {ADDRESS}");
    let benign = |name, invite: &Invite| {
        Row::judged(34, name, "+14155559999", invite).ends(Outcome::NoRule, Outcome::NoRule)
    };
    let other = Invite::new().from(BENIGN);
    vec![
        benign(
            "From in the body",
            &other.clone().body(format!("{from}\r\n")),
        ),
        benign("From at the start of the body", &other.clone().body(&from)),
        benign(
            "From in another header",
            &other.clone().first(format!("Subject: {from}")),
        ),
        benign(
            "From in a folded line",
            &other.clone().first(format!("Subject: x\r\n {from}")),
        ),
        benign(
            "From in a line folded by a tab",
            &other.clone().first(format!("s: x\r\n\t{from}")),
        ),
        benign(
            "From behind the last header's fold",
            &other.last(format!("X: y\r\n {from}")),
        ),
        Row::same(
            34,
            "another From in the body",
            &Invite::new().body(format!("From: {BENIGN}\r\n")),
        ),
        Row::same(
            34,
            "another From in a folded line",
            &Invite::new().first(format!("Subject: x\r\n From: {BENIGN}")),
        ),
        Row::same(
            34,
            "another From in another header",
            &Invite::new().first(format!("Subject: From: {BENIGN}")),
        ),
    ]
}
