//! Too much at once, and a change of many rules meanwhile: calls go on, and nobody waits.

use std::fmt::Write as _;
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream, UdpSocket};
use std::time::{Duration, Instant};

use anyhow::Result;

use super::{LISTED, REDIRECT, Scene, UNLISTED, generated, wire};
use crate::lab::daemon::Daemon;

/// Numbers that are put in force while calls come.
const NUMBERS: u32 = 300_000;
/// How long a proxy waits for an answer.
const PROXY_WAITS: Duration = Duration::from_millis(500);

pub(super) fn run(scene: &mut Scene<'_>) -> Result<()> {
    scene.daemon.kill()?;
    let few = "maximum_per_second = 5\nmaximum_connections = 2\nmaximum_message_bytes = 2048\n";
    scene.daemon = Daemon::start(scene.lab, &scene.configuration(few))?;
    questions(scene)?;
    generated::overload(scene)?;
    connections(scene)?;
    scene.daemon.kill()?;
    scene.daemon = Daemon::start(scene.lab, &scene.configuration(""))?;
    meanwhile(scene)
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
            Err(error) => crate::lab::sip::is_timeout(&error),
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

/// A file of many numbers.
fn many(scene: &Scene<'_>) -> Result<std::path::PathBuf> {
    let file = scene.lab.folder.join("many.csv");
    let mut text = String::new();
    for index in 0..NUMBERS {
        writeln!(text, "+1{:010}", 5_000_000_000_u64 + u64::from(index))?;
    }
    std::fs::write(&file, text)?;
    Ok(file)
}

/// Calls while many rules are put in force.
fn meanwhile(scene: &mut Scene<'_>) -> Result<()> {
    let file = many(scene)?;
    let to: SocketAddr = REDIRECT.parse()?;
    let sbc = &scene.lab.network.sbc;
    let socket = sbc.run(|| Ok(UdpSocket::bind("127.0.0.1:0")?))?;
    let local = socket.local_addr()?;
    scene.daemon.ask(&["list", "add", "many"])?;
    let path = file.display().to_string();
    let (mut asked, mut longest, mut unanswered, mut decided) =
        (0_u32, Duration::ZERO, 0_u32, 0_u32);
    let ids: Vec<String> = (0..100_000)
        .map(|index| format!("meanwhile-{index}"))
        .collect();
    let daemon = &scene.daemon;
    std::thread::scope(|scope| -> Result<()> {
        let import = scope.spawn(|| daemon.ask(&["import", &path, "--list", "many"]));
        for id in &ids {
            if import.is_finished() {
                break;
            }
            let number = if asked.is_multiple_of(2) {
                LISTED
            } else {
                UNLISTED
            };
            let began = Instant::now();
            let text = wire::request("INVITE", "UDP", local, number, id, "");
            let status = wire::status_by_udp(&socket, to, &text)?;
            longest = longest.max(began.elapsed());
            asked += 1;
            unanswered += u32::from(status == "nothing");
            decided += u32::from(status == "603 Decline");
        }
        match import.join() {
            Ok(result) => result.map(drop),
            Err(_) => anyhow::bail!("a thread of the lab panicked"),
        }
    })?;
    scene.report.case(
        "limits: calls while many rules are put in force: without an answer",
        "0",
        unanswered,
    );
    let soon = longest < PROXY_WAITS;
    scene
        .report
        .case("limits: answered before a proxy gives up", "true", soon);
    scene
        .report
        .case("limits: some of them refused", "true", decided > 0);
    let milliseconds = u64::try_from(longest.as_millis())?;
    scene.report.figures.insert(
        "longest_answer_meanwhile_ms".to_owned(),
        milliseconds.into(),
    );
    scene
        .report
        .figures
        .insert("asked_meanwhile".to_owned(), asked.into());
    let undecided = scene.figure("/companion/undecided")?;
    scene
        .report
        .figures
        .insert("undecided_meanwhile".to_owned(), undecided.into());
    Ok(())
}
