//! Too much at once: calls go on, and nobody waits.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream, UdpSocket};
use std::time::Duration;

use anyhow::Result;

use super::{LISTED, REDIRECT, Scene, generated, wire};
use crate::daemon::Daemon;

pub(super) fn run(scene: &mut Scene<'_>) -> Result<()> {
    scene.daemon.kill()?;
    let few = "maximum_per_second = 5\nmaximum_connections = 2\nmaximum_message_bytes = 2048\n";
    scene.daemon = Daemon::start(scene.lab, &scene.configuration(few))?;
    questions(scene)?;
    generated::overload(scene)?;
    connections(scene)
}

/// More questions in a second than may be.
fn questions(scene: &mut Scene<'_>) -> Result<()> {
    let to: SocketAddr = REDIRECT.parse()?;
    let sbc = &scene.lab.network.sbc;
    let socket = sbc.run(|| Ok(UdpSocket::bind("127.0.0.1:0")?))?;
    let local = socket.local_addr()?;
    let (mut refused, mut overload) = (0, 0);
    for _ in 0..20 {
        let id = scene.call_id();
        let text = wire::request("INVITE", "UDP", local, LISTED, &id, "");
        match wire::status_by_udp(&socket, to, &text)?.as_str() {
            "603 Decline" => refused += 1,
            "503 Service Unavailable" => overload += 1,
            _ => {}
        }
    }
    let seen = format!("{refused} and {overload}");
    let name = "limits: 20 calls at once, 5 a second: decided, and let go on";
    scene.report.case(name, "5 and 15", seen);
    let counted = scene.figure("/companion/overload")?;
    scene.report.case("limits: and counted", "15", counted);
    Ok(())
}

/// More connections and longer messages than may be.
fn connections(scene: &mut Scene<'_>) -> Result<()> {
    let to: SocketAddr = REDIRECT.parse()?;
    let sbc = &scene.lab.network.sbc;
    let (open, after_long) = sbc.run(move || {
        let mut streams = Vec::new();
        for _ in 0..4 {
            let stream = TcpStream::connect(to)?;
            stream.set_read_timeout(Some(Duration::from_millis(300)))?;
            streams.push(stream);
        }
        std::thread::sleep(Duration::from_millis(200));
        let is_open = |stream: &mut TcpStream| match stream.read(&mut [0; 16]) {
            Ok(0) => false,
            Ok(_) => true,
            Err(error) => crate::sip::is_timeout(&error),
        };
        let open = streams
            .iter_mut()
            .filter_map(|stream| is_open(stream).then_some(()))
            .count();
        let Some(first) = streams.first_mut() else {
            anyhow::bail!("no connection");
        };
        first.write_all(
            format!("INVITE sip:1@x SIP/2.0\r\nX: {}\r\n", "x".repeat(3000)).as_bytes(),
        )?;
        Ok((open, is_open(first)))
    })?;
    scene
        .report
        .case("limits: of 4 connections, 2 may be open", "2", open);
    scene.report.case(
        "limits: one with a message that is too long stays open",
        "false",
        after_long,
    );
    Ok(())
}
