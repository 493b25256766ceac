//! The redirect server asked without a proxy.

use std::io::Write as _;
use std::net::{SocketAddr, TcpStream, UdpSocket};

use anyhow::Result;

use super::{LISTED, NOT_FOUND, REDIRECT, Scene, UNLISTED, UNWANTED, wire};

pub(super) fn run(scene: &mut Scene<'_>) -> Result<()> {
    messages(scene)?;
    repetitions(scene)?;
    ambiguous(scene)?;
    stream(scene)?;
    stranger(scene)
}

fn redirect() -> Result<SocketAddr> {
    Ok(REDIRECT.parse()?)
}

/// A socket of the SBC's own.
fn socket(scene: &Scene<'_>) -> Result<UdpSocket> {
    let sbc = &scene.lab.network.sbc;
    sbc.run(|| Ok(UdpSocket::bind("127.0.0.1:0")?))
}

/// What each request gets.
fn messages(scene: &mut Scene<'_>) -> Result<()> {
    let socket = socket(scene)?;
    let local = socket.local_addr()?;
    for (name, method, number, expected) in [
        ("OPTIONS", "OPTIONS", UNLISTED, "200 OK"),
        ("not listed", "INVITE", UNLISTED, "404 Not Found"),
        ("listed", "INVITE", LISTED, "603 Decline"),
        ("listed, 607", "INVITE", UNWANTED, "607 Unwanted"),
        ("listed, 404", "INVITE", NOT_FOUND, "603 Decline"),
        ("ACK", "ACK", LISTED, "nothing"),
        ("CANCEL", "CANCEL", LISTED, "nothing"),
        ("REGISTER", "REGISTER", LISTED, "405 Method Not Allowed"),
    ] {
        let id = scene.call_id();
        let more = "X-Blacklist-Source: 198.18.0.1\r\n";
        let text = wire::request(method, "UDP", local, number, &id, more);
        let seen = wire::status_by_udp(&socket, redirect()?, &text)?;
        scene
            .report
            .case(&format!("redirect server: {name}"), expected, seen);
    }
    Ok(())
}

/// One call, however often and over however many branches it is asked about.
fn repetitions(scene: &mut Scene<'_>) -> Result<()> {
    let socket = socket(scene)?;
    let local = socket.local_addr()?;
    let before = scene.figure("/paths/1/blocked/calls")?;
    let id = scene.call_id();
    let text = wire::request("INVITE", "UDP", local, LISTED, &id, "");
    let first = wire::by_udp(&socket, redirect()?, &text)?;
    let again = wire::by_udp(&socket, redirect()?, &text)?;
    let same = first.is_some() && first == again;
    scene.report.case(
        "redirect server: a repetition gets the same answer",
        "true",
        same,
    );
    let branch = text.replace("z9hG4bK-", "z9hG4bK-fork-");
    let other = wire::by_udp(&socket, redirect()?, &branch)?;
    let differs = other.is_some() && other != first;
    scene.report.case(
        "redirect server: another branch gets one of its own",
        "true",
        differs,
    );
    std::thread::sleep(std::time::Duration::from_millis(600));
    let calls = scene.figure("/paths/1/blocked/calls")? - before;
    scene
        .report
        .case("redirect server: that is one call", "1", calls);
    let row = super::in_log(&scene.log()?, &id);
    scene
        .report
        .case("redirect server: and one row", "companion refused 603", row);
    Ok(())
}

/// Calls that can be read in more than one way.
fn ambiguous(scene: &mut Scene<'_>) -> Result<()> {
    let socket = socket(scene)?;
    let local = socket.local_addr()?;
    for (name, more, expected) in [
        (
            "two From, one listed",
            format!("From: <sip:{LISTED}@x>;tag=2\r\n"),
            "603 Decline",
        ),
        (
            "two From, none listed",
            "From: <sip:+13105550002@x>;tag=2\r\n".to_owned(),
            "404 Not Found",
        ),
        (
            "From behind 40 KiB of headers",
            format!("X-Long: {}\r\n", "x".repeat(1000)).repeat(40)
                + &format!("From: <sip:{LISTED}@x>;tag=2\r\n"),
            "603 Decline",
        ),
    ] {
        let id = scene.call_id();
        let text = wire::request("INVITE", "UDP", local, UNLISTED, &id, &more);
        let seen = wire::status_by_udp(&socket, redirect()?, &text)?;
        scene
            .report
            .case(&format!("redirect server: {name}"), expected, seen);
    }
    Ok(())
}

/// Several messages and a keep-alive over one connection, in pieces.
fn stream(scene: &mut Scene<'_>) -> Result<()> {
    let (one, other) = (scene.call_id(), scene.call_id());
    let to = redirect()?;
    let sbc = &scene.lab.network.sbc;
    let seen = sbc.run(move || {
        let mut stream = TcpStream::connect(to)?;
        let local = stream.local_addr()?;
        let both = wire::request("INVITE", "TCP", local, LISTED, &one, "")
            + "\r\n\r\n"
            + &wire::request("INVITE", "TCP", local, UNLISTED, &other, "");
        let (first, rest) = both.split_at(both.len() / 3);
        stream.write_all(first.as_bytes())?;
        std::thread::sleep(std::time::Duration::from_millis(50));
        stream.write_all(rest.as_bytes())?;
        let (mut seen, mut text) = (Vec::new(), String::new());
        for _ in 0..2 {
            let answer = wire::final_answer(&mut stream, &mut text)?.unwrap_or_default();
            let line = answer.trim_start().lines().next().unwrap_or_default();
            seen.push(line.to_owned());
        }
        Ok(seen.join(", "))
    })?;
    scene.report.case(
        "redirect server: two calls over one connection",
        "SIP/2.0 603 Decline, SIP/2.0 404 Not Found",
        seen,
    );
    Ok(())
}

/// Somebody who may not ask.
fn stranger(scene: &mut Scene<'_>) -> Result<()> {
    let sbc = &scene.lab.network.sbc;
    let socket = sbc.run(|| Ok(UdpSocket::bind("198.18.0.4:0")?))?;
    let local = socket.local_addr()?;
    let id = scene.call_id();
    let text = wire::request("INVITE", "UDP", local, LISTED, &id, "");
    let seen = wire::status_by_udp(&socket, redirect()?, &text)?;
    scene.report.case(
        "redirect server: an address that may not ask",
        "nothing",
        seen,
    );
    let strangers = scene.figure("/companion/strangers")?;
    scene
        .report
        .case("redirect server: and is counted", "1", strangers);
    Ok(())
}
