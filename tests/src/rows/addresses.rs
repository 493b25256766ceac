//! Display names, brackets, schemes and hosts.

use crate::invite::Invite;
use blacklist_common::outcome::Outcome;

use super::Row;

fn from(value: impl AsRef<[u8]>) -> Invite {
    Invite::new().from(value)
}

fn bad(evasion: u8, name: &'static str, outcome: Outcome, value: &str) -> Row {
    Row::passes(evasion, name, outcome, from(value).template())
}

pub(super) fn rows() -> Vec<Row> {
    let mut rows = display_names();
    rows.extend(bare());
    rows.extend(schemes());
    rows.extend(hosts());
    rows
}

#[rustfmt::skip]
fn display_names() -> Vec<Row> {
    let good = "<sip:+14155559999@x>";
    let listed = "<sip:+1415555123~@x>;tag=1";
    vec![
        Row::same(8, "an address in quotes", &from(format!("\"a {good}\" {listed}"))),
        Row::judged(8, "the listed one in quotes", "+14155559999",
            &from(format!("\"a {listed}\" {good};tag=1"))).ends(Outcome::NoRule, Outcome::NoRule),
        Row::same(8, "commas and colons in quotes", &from(format!("\"a, b: c; d@e\" {listed}"))),
        Row::same(9, "quoted quote", &from(format!("\"a\\\" {good}\" {listed}"))),
        Row::same(9, "quoted backslash", &from(format!("\"a\\\\\" {listed}"))),
        Row::same(9, "quoted bracket", &from(format!("\"\\<sip:1@x\\>\" {listed}"))),
        Row::same(9, "empty quotes", &from(format!("\"\" {listed}"))),
        Row::same(9, "no blank behind the quotes", &from(format!("\"a\"{listed}"))),
        Row::same(9, "NUL in quotes", &from(format!("\"a\0b\" {listed}"))),
        Row::same(9, "UTF-8 in quotes", &from(format!("\"Zoë ☎ <\" {listed}"))),
        Row::same(9, "not UTF-8 in quotes", &from([b"\"\xFF\xFE\x80\" ",
            listed.as_bytes()].concat())),
        bad(9, "open quote", Outcome::OpenQuote, "\"a <sip:+1415555123~@x>;tag=1"),
        bad(9, "quote that ends in a quoted pair", Outcome::OpenQuote,
            "\"a\\\" <sip:+1415555123~@x>"),
        bad(9, "backslash at the end", Outcome::OpenQuote, "\"a <sip:+1415555123~@x>\\"),
        bad(9, "quote among the letters", Outcome::BadAddress, "a\"b\" <sip:+1415555123~@x>"),
        bad(9, "two quoted strings", Outcome::BadAddress, "\"a\" \"b\" <sip:+1415555123~@x>"),
        bad(10, "unquoted comma", Outcome::BadAddress,
            "Bell, Alexander <sip:+1415555123~@x>;tag=1"),
        bad(10, "unquoted semicolon", Outcome::BadAddress, "Bell; A <sip:+1415555123~@x>;tag=1"),
        bad(10, "unquoted at", Outcome::BadAddress, "bell@x <sip:+1415555123~@x>;tag=1"),
        bad(10, "address behind an address", Outcome::BadAddress, "<sip:1@x> <sip:+1415555123~@x>"),
        bad(10, "address behind a bare one", Outcome::BadAddress, "sip:1@x <sip:+1415555123~@x>"),
        bad(10, "two addresses by a comma", Outcome::SeveralAddresses,
            "<sip:+1415555123~@x>;tag=1, <sip:1@x>;tag=2"),
        Row::same(12, "no blank before the bracket", &from(format!("caller{listed}"))),
        Row::same(12, "several words", &from(format!("Alexander G. Bell {listed}"))),
        Row::same(12, "UTF-8 without quotes", &from(format!("Zoë {listed}"))),
        Row::same(12, "no display name", &from(listed)),
        Row::same(12, "blanks around all",
            &from("  \t \"a\"  \t <sip:+1415555123~@x>  \t ;  tag  =  1  ")),
    ]
}

#[rustfmt::skip]
fn bare() -> Vec<Row> {
    vec![
        Row::same(11, "bare", &from("sip:+1415555123~@x;tag=z")),
        Row::same(11, "bare with a port", &from("sip:+1415555123~@x:5060;tag=z")),
        Row::same(11, "bare without parameters", &from("sip:+1415555123~@x")),
        Row::same(11, "bare with headers", &from("sip:+1415555123~@x?Subject=1")),
        Row::same(11, "bare with blanks behind", &from("sip:+1415555123~@x  ;  tag=z")),
        Row::same(11, "bare tel", &from("tel:+1415555123~;tag=z")),
        Row::same(11, "bare sips", &from("sips:+1415555123~@x;user=phone;tag=z")),
        Row::judged(11, "bare without a user", "none", &from("sip:gateway.example.com;tag=z"))
            .ends(Outcome::NoRule, Outcome::NoRule),
        bad(11, "parameter of a bare user", Outcome::BadAddress,
            "sip:+1415555123~;npdi=yes@x;tag=z"),
        bad(11, "headers of a bare user", Outcome::BadAddress, "sip:+1415555123~?a@x;tag=z"),
        bad(11, "bare with a bracket behind", Outcome::BadAddress, "sip:+1415555123~@x>;tag=z"),
        bad(11, "bracket that does not close", Outcome::BadAddress, "<sip:+1415555123~@x;tag=z"),
        bad(11, "bracket in a bracket", Outcome::BadAddress, "<<sip:+1415555123~@x>>;tag=z"),
        bad(11, "quote in a bracket", Outcome::BadAddress, "<sip:\"+1415555123~\"@x>;tag=z"),
        bad(11, "an empty value", Outcome::BadAddress, ""),
        bad(11, "only a name", Outcome::BadAddress, "+1415555123~"),
        bad(11, "only an address without scheme", Outcome::BadAddress, "+1415555123~@x;tag=z"),
    ]
}

fn schemes() -> Vec<Row> {
    let no_number = |name, value: &str| {
        Row::judged(21, name, "none", &from(value)).ends(Outcome::NoRule, Outcome::NoRule)
    };
    vec![
        Row::same(20, "sips", &from("<sips:+1415555123~@x>;tag=1")),
        Row::same(20, "SIP", &from("<SIP:+1415555123~@x>;tag=1")),
        Row::same(20, "Tel", &from("<Tel:+1415555123~>;tag=1")),
        Row::same(20, "TEL bare", &from("TEL:+1415555123~")),
        Row::same(20, "sIpS bare", &from("sIpS:+1415555123~@x")),
        no_number("http", "<http://www.example.com/+1415555123~@x>;tag=1"),
        no_number("unknown scheme", "<soap.beep://+1415555123~@x>;tag=1"),
        no_number("sipx", "<sipx:+1415555123~@x>;tag=1"),
        no_number("mailto", "<mailto:+1415555123~@x>;tag=1"),
        no_number("urn", "<urn:service:sos>;tag=1"),
    ]
}

fn hosts() -> Vec<Row> {
    let host = |name, value: &str| Row::same(23, name, &from(value));
    vec![
        host("other host", "<sip:+1415555123~@other.example.org>;tag=1"),
        host("port", "<sip:+1415555123~@x:65535>;tag=1"),
        host("IPv4", "<sip:+1415555123~@203.0.113.7>;tag=1"),
        host(
            "IPv6 literal",
            "<sip:+1415555123~@[2001:db8::1]:5070>;tag=1",
        ),
        host("bare IPv6 literal", "sip:+1415555123~@[2001:db8::1];tag=1"),
        host(
            "parameters and headers of the URI",
            "<sip:+1415555123~@x;transport=udp;lr;maddr=[::1]?Subject=a%40b&c=d>;tag=1",
        ),
        host("no host", "<sip:+1415555123~@>;tag=1"),
        host(
            "escaped at in the user's password",
            "<sip:+1415555123~:a%40b@x>;tag=1",
        ),
        host(
            "generic parameters with quotes",
            "<sip:+1415555123~@x>;a=\"b;c,d<e>\\\"\";tag=1",
        ),
        Row::passes(
            23,
            "two ats",
            Outcome::BadAddress,
            from("<sip:+1415555123~@x@y>;tag=1").template(),
        ),
        Row::passes(
            23,
            "open quote in a parameter",
            Outcome::OpenQuote,
            from("<sip:+1415555123~@x>;a=\"b;tag=1").template(),
        ),
    ]
}
