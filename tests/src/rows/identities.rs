//! Several headers that name the caller, the called number, peers, and what is never blocked.

use crate::datagram::{Datagram, Frame};
use crate::invite::Invite;
use crate::standard::{
    BYPASS, CALLED_FROM_TO, MONITOR, OUTBOUND, REMOTE_PARTY, TRUSTED, TRUSTED_V6,
};
use blacklist_common::outcome::Outcome;

use super::Row;

const LISTED: &str = "<sip:+1415555123~@carrier.example.net>";
const BENIGN: &str = "<sip:+14155559999@carrier.example.net>";

fn trusted(text: Vec<u8>) -> Frame {
    Datagram::new(TRUSTED, text).frame()
}

/// An INVITE whose From is benign, with these headers.
fn asserted(lines: &[&str]) -> Invite {
    lines.iter().fold(
        Invite::new().from(format!("{BENIGN};tag=1")),
        |invite, line| invite.last(line),
    )
}

pub(super) fn rows() -> Vec<Row> {
    let mut rows = repeated();
    rows.extend(sources());
    rows.extend(asserted_twice());
    rows.extend(called());
    rows.extend(peers());
    rows.extend(never_blocked());
    rows
}

fn repeated() -> Vec<Row> {
    let twice =
        |name, invite: &Invite| Row::passes(24, name, Outcome::RepeatedHeader, invite.template());
    vec![
        twice(
            "two From that differ",
            &Invite::new().last(format!("From: {BENIGN};tag=2")),
        ),
        twice(
            "the listed From second",
            &Invite::new()
                .from(format!("{BENIGN};tag=1"))
                .last(format!("From: {LISTED};tag=2")),
        ),
        twice(
            "From and f",
            &Invite::new().last(format!("f: {BENIGN};tag=2")),
        ),
        twice(
            "two equal From",
            &Invite::new()
                .last("From: <sip:+1415555123~@x>;tag=1")
                .from("<sip:+1415555123~@x>;tag=1"),
        ),
        twice(
            "From : behind From:",
            &Invite::new().last(format!("From : {BENIGN}")),
        ),
        twice("two To", &Invite::new().last("t: <sip:2@x>")),
        twice("two Call-ID", &Invite::new().last("i: 2")),
        twice("an empty second From", &Invite::new().last("From:")),
    ]
}

#[rustfmt::skip]
fn sources() -> Vec<Row> {
    let pai = format!("P-Asserted-Identity: {LISTED}");
    let rpid = format!("Remote-Party-ID: {LISTED};party=calling;screen=yes");
    vec![
        Row::same(25, "asserted identity before From", &asserted(&[&pai])).inside(trusted),
        Row::same(25, "asserted over IPv6", &asserted(&[&pai]))
            .inside(|text| Datagram::new(TRUSTED_V6, text).frame()),
        Row::same(25, "asserted, odd case and blanks",
            &asserted(&["p-ASSERTED-identity \t: sip:+1415555123~@x"])).inside(trusted),
        Row::same(25, "asserted, folded",
            &asserted(&[&format!("P-Asserted-Identity:\r\n {LISTED}")])).inside(trusted),
        Row::judged(25, "a benign asserted one before a listed From", "+14155559999", &Invite::new()
            .last(format!("P-Asserted-Identity: {BENIGN}"))).inside(trusted).ends(Outcome::NoRule,
            Outcome::NoRule),
        Row::same(25, "none asserted: From", &Invite::new()).inside(trusted),
        Row::same(25, "asserted without a user: From", &Invite::new()
            .last("P-Asserted-Identity: <sip:carrier.example.net>")).inside(trusted),
        Row::judged(25, "longer name is another header", "+14155559999",
            &asserted(&[&format!("P-Asserted-IdentityX: {LISTED}")])).inside(trusted)
            .ends(Outcome::NoRule, Outcome::NoRule),
        Row::same(25, "Remote-Party-ID", &asserted(&[&rpid]))
            .inside(|text| Datagram::new(REMOTE_PARTY, text).frame()),
        Row::same(25, "no Remote-Party-ID: From", &Invite::new())
            .inside(|text| Datagram::new(REMOTE_PARTY, text).frame()),
        Row::passes(25, "two Remote-Party-ID", Outcome::SeveralAddresses, asserted(&[&rpid, &rpid])
            .template()).inside(|text| Datagram::new(REMOTE_PARTY, text).frame()),
        Row::judged(25, "Remote-Party-ID of another trunk", "+14155559999", &asserted(&[&rpid]))
            .inside(trusted).ends(Outcome::NoRule, Outcome::NoRule),
    ]
}

#[rustfmt::skip]
fn asserted_twice() -> Vec<Row> {
    let pai = |values: &str| asserted(&[&format!("P-Asserted-Identity: {values}")]);
    let pair = |first: &str, second: &str| {
        let line = |value: &str| format!("P-Asserted-Identity: {value}");
        asserted(&[&line(first), &line(second)])
    };
    let tel = "<tel:+1415555123~>";
    let text = "<sip:alice@carrier.example.net>";
    let ends = |name, outcome, invite: &Invite| {
        Row::passes(25, name, outcome, invite.template()).inside(trusted)
    };
    vec![
        Row::same(25, "sip and tel by a comma", &pai(&format!("{LISTED}, {tel}"))).inside(trusted),
        Row::same(25, "sip and tel in two headers", &pair(LISTED, tel)).inside(trusted),
        Row::same(25, "a name, then the number", &pai(&format!("{text}, {tel}"))).inside(trusted),
        Row::same(25, "the number, then a name", &pai(&format!("{tel}, {text}"))).inside(trusted),
        Row::same(25, "a name and a number in two headers", &pair(text, tel)).inside(trusted),
        Row::same(25, "no user, then the number", &pai(&format!("<sip:x>,{tel}"))).inside(trusted),
        ends("two numbers that differ", Outcome::IdentityConflict,
            &pai(&format!("{LISTED}, {BENIGN}"))),
        ends("the listed one second", Outcome::IdentityConflict,
            &pai(&format!("{BENIGN}, {LISTED}"))),
        ends("two headers that differ", Outcome::IdentityConflict, &pair(BENIGN, LISTED)),
        ends("three in one header", Outcome::SeveralAddresses,
            &pai(&format!("{LISTED}, {tel}, {BENIGN}"))),
        ends("three headers", Outcome::SeveralAddresses, &pair(LISTED, tel)
            .last(format!("P-Asserted-Identity: {BENIGN}"))),
        ends("two in one header and one more", Outcome::SeveralAddresses,
            &pair(&format!("{LISTED}, {tel}"), BENIGN)),
        ends("asserted and broken", Outcome::BadAddress, &pai("Bell, A <sip:+1415555123~@x>")),
        ends("asserted NUL", Outcome::NulInUser, &pai("<sip:+1415555123~%00@x>")),
    ]
}

#[rustfmt::skip]
fn called() -> Vec<Row> {
    let caller = "+1510555123~";
    let from = || Invite::new().from("<sip:+1510555123~@x>;tag=1");
    let scoped = |name, uri: &str| {
        Row::judged(30, name, caller, &from().start(format!("INVITE {uri} SIP/2.0")))
    };
    let by_to = |name, to: &str, start: &str| {
        Row::judged(30, name, caller, &from().to(to).start(format!("INVITE {start} SIP/2.0")))
            .inside(|text| Datagram::new(CALLED_FROM_TO, text).frame())
    };
    let free = |row: Row| row.ends(Outcome::NoRule, Outcome::NoRule);
    vec![
        scoped("scope of the called number", "sip:+12015550177@x"),
        scoped("called number, escaped", "sip:%2B1201555017%37@x"),
        scoped("called number with parameters", "sip:+12015550177;npdi;tgrp=a@x;user=phone"),
        scoped("called number, nationally", "sip:2015550177@x"),
        scoped("called number as tel", "tel:+1-201-555-0177"),
        scoped("called number with separators", "sip:(201)555-0177@x"),
        scoped("called number with a port and headers", "sip:+12015550177@x:5060;lr?a=b"),
        free(scoped("another called number", "sip:+12015550178@x")),
        free(scoped("no called number", "sip:x")),
        by_to("To names the called one", "<sip:+12015550177@x>", "sip:+12015550100@x"),
        free(by_to("Request-URI does not", "<sip:+12015550100@x>", "sip:+12015550177@x")),
        free(Row::judged(30, "To does not", caller, &from().to("<sip:+12015550177@x>"))),
        Row::passes(30, "NUL in the called number", Outcome::NulInUser, from()
            .start("INVITE sip:+1201%000177@x SIP/2.0").template()),
        Row::judged(30, "allow of the called number over a block for all", "+1415555123~",
            &Invite::new().start("INVITE sip:+12015550188@x SIP/2.0")).ends(Outcome::Allowed,
            Outcome::NoRule),
        Row::judged(30, "default of the called number", "+1415555123~", &Invite::new()
            .start("INVITE sip:+12015550199@x SIP/2.0")).ends(Outcome::Dropped, Outcome::Dropped),
        Row::judged(30, "mandatory block over an allow of the called number", "+1650555323~",
            &Invite::new().from("<sip:+1650555323~@x>;tag=1")
            .start("INVITE sip:+12015550177@x SIP/2.0")),
    ]
}

#[rustfmt::skip]
fn peers() -> Vec<Row> {
    let asserted = asserted(&[&format!("P-Asserted-Identity: {LISTED}")]);
    vec![
        Row::judged(47, "asserted by a peer that is not trusted", "+14155559999", &asserted)
            .ends(Outcome::NoRule, Outcome::NoRule),
        Row::judged(47, "asserted by a neighbour of the trunk", "+14155559999", &asserted)
            .inside(|text| Datagram::new("192.0.2.11", text).frame()).ends(Outcome::NoRule,
            Outcome::NoRule),
        Row::same(47, "From of a peer that asserts a benign one", &Invite::new()
            .last(format!("P-Asserted-Identity: {BENIGN}"))),
        Row::passes(47, "trunk outside of judgement", Outcome::Bypass, Invite::new().template())
            .inside(|text| Datagram::new(BYPASS, text).frame()),
        Row::same(47, "monitored trunk", &Invite::new())
            .inside(|text| Datagram::new(MONITOR, text).frame())
            .ends(Outcome::Monitored, Outcome::NoRule),
        Row::judged(47, "rule that only monitors", "+1650555123~", &Invite::new()
            .from("<sip:+1650555123~@x>;tag=1")).ends(Outcome::Monitored, Outcome::NoRule),
        Row::judged(47, "rule that answers", "+1650555223~", &Invite::new()
            .from("<sip:+1650555223~@x>;tag=1")).ends(Outcome::Unanswered, Outcome::NoRule),
        Row::judged(47, "outbound: the remote party is the called one", "+12015550100",
            &Invite::new().from("<sip:+12015550100@x>;tag=1")
            .start("INVITE sip:+1800555123~@x SIP/2.0")).inside(|text| Datagram::new(OUTBOUND, text)
            .frame()),
        Row::same(47, "outbound: inbound rules do not apply", &Invite::new())
            .inside(|text| Datagram::new(OUTBOUND, text).frame())
            .ends(Outcome::NoRule, Outcome::NoRule),
    ]
}

#[rustfmt::skip]
fn never_blocked() -> Vec<Row> {
    let floor = |row: Row| row.ends(Outcome::SafetyFloor, Outcome::SafetyFloor);
    let called = |name, uri: &str| {
        floor(Row::same(49, name, &Invite::new().start(format!("INVITE {uri} SIP/2.0"))))
    };
    let psap = |priority: &str| Invite::new().last(priority);
    vec![
        called("911 called", "sip:911@x"),
        called("+112 called", "sip:+112@x"),
        called("911 with separators", "sip:9-1-1@x"),
        called("112 as tel with a parameter", "tel:112;isub=1"),
        floor(Row::passes(49, "urn:service:sos", Outcome::SafetyFloor, Invite::new()
            .start("INVITE urn:service:sos SIP/2.0").template())),
        floor(Row::passes(49, "urn:service:sos.police", Outcome::SafetyFloor, Invite::new()
            .start("INVITE URN:service:SOS.police SIP/2.0").template())),
        Row::same(49, "another service", &Invite::new().start("INVITE urn:service:sport SIP/2.0")),
        floor(Row::passes(49, "urn:service:sos in To, from a trusted trunk", Outcome::SafetyFloor,
            Invite::new().to("<urn:service:sos>").template()).inside(trusted)),
        Row::same(49, "urn:service:sos in To, from anybody", &Invite::new()
            .to("<urn:service:sos>")),
        Row::same(49, "a service that begins so", &Invite::new()
            .start("INVITE urn:service:sosx SIP/2.0")),
        called("911 in a context", "tel:911;phone-context=+1"),
        called("911 in a context, as sip", "sip:9%311;phone-context=+1@x;user=phone"),
        Row::judged(49, "anybody says that he is 911", "911", &Invite::new()
            .from("<sip:911@x>;tag=1")).ends(Outcome::Dropped, Outcome::Dropped),
        Row::judged(49, "911 in From on a trusted trunk", "911", &Invite::new()
            .from("<sip:911@x>;tag=1")).inside(trusted).ends(Outcome::Dropped, Outcome::Dropped),
        floor(Row::judged(49, "911 is asserted by a trusted trunk", "911", &Invite::new()
            .last("P-Asserted-Identity: <sip:911@x>")).inside(trusted)),
        floor(Row::passes(49, "psap-callback from a trusted trunk", Outcome::SafetyFloor,
            psap("Priority: psap-callback").template()).inside(trusted)),
        floor(Row::passes(49, "psap-callback in odd case", Outcome::SafetyFloor,
            psap("PRIORITY \t:\r\n  PSAP-Callback  ").template()).inside(trusted)),
        Row::same(49, "psap-callback from anybody", &psap("Priority: psap-callback")),
        Row::same(49, "another priority", &psap("Priority: emergency")).inside(trusted),
        Row::same(49, "a priority that begins so", &psap("Priority: psap-callbacks"))
            .inside(trusted),
        Row::same(49, "psap-callback in another header", &psap("Subject: psap-callback"))
            .inside(trusted),
    ]
}
