//! A list that somebody else keeps: fetched, read wholly, and taken over only if it is sound.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};

use anyhow::{Context as _, Result, bail};
use serde_json::Value;

use super::{Scene, words};

/// Subscribes to a file and lets it change, break and shrink.
pub(super) fn run(scene: &mut Scene<'_>) -> Result<()> {
    scene.ask(&["list", "add", "subscribed"])?;
    let file = write(scene, 0..100)?;
    scene.ask(&words(&format!(
        "feed add {file} --name theirs --every 1h --list subscribed --map number=phone,comment=note"
    )))?;
    scene.ask(&["feed", "run", "theirs"])?;
    scene.place(
        "feed: an entry | +12100000099 | | blocked: 99
         feed: no entry | +12100000100 | | through",
    )?;

    write(scene, 10..120)?;
    scene.ask(&["feed", "run", "theirs"])?;
    scene.place(
        "feed changed: a new entry | +12100000119 | | blocked: 119
         feed changed: vanished | +12100000005 | | through",
    )?;

    let before = scene.generation()?;
    write(scene, 10..30)?;
    scene.refused(
        "feed shrunk",
        &["feed", "run", "theirs"],
        "shrank from 110 entries to 20",
    )?;
    for (name, text, expected) in [
        (
            "feed broken",
            "<html>Service unavailable</html>\n",
            "what is in force stays",
        ),
        ("feed empty", "", "the feed is empty"),
    ] {
        scene.write("feed.csv", text.as_bytes())?;
        scene.refused(name, &["feed", "run", "theirs"], expected)?;
    }
    scene.place("a broken feed changes nothing | +12100000119 | | blocked: 119")?;
    scene.report.case(
        "nor is it a generation",
        &before.to_string(),
        scene.generation()?.to_string(),
    );
    let listed = scene.ask(&["feed", "list"])?;
    let problem = listed
        .pointer("/feeds/0/state/problem")
        .and_then(Value::as_str)
        .unwrap_or("no problem");
    scene.report.case(
        "feed list says why",
        "the feed is empty",
        problem.to_owned(),
    );

    write(scene, 10..30)?;
    scene.ask(&["feed", "run", "theirs", "--force"])?;
    scene.place(
        "feed shrunk rightly: gone | +12100000119 | | through
         feed shrunk rightly: still there | +12100000029 | | blocked: 29",
    )?;
    ageing(scene)?;
    scene.ask(&["feed", "remove", "theirs"])?;
    over_http(scene)
}

fn ageing(scene: &mut Scene<'_>) -> Result<()> {
    scene.ask(&["feed", "edit", "theirs", "--keep", "30d"])?;
    write(scene, 11..31)?;
    scene.ask(&["feed", "run", "theirs"])?;
    scene.place(
        "vanished, kept for a while | +12100000010 | | blocked: 10
         new beside it | +12100000030 | | blocked: 30",
    )
}

/// A server on the SBC, which says that nothing has changed to whoever knows its ETag.
fn over_http(scene: &mut Scene<'_>) -> Result<()> {
    let sbc = &scene.lab.network.sbc;
    let listener = sbc.run(|| TcpListener::bind("127.0.0.1:0").context("cannot bind"))?;
    let address = listener.local_addr()?;
    let server = std::thread::spawn(move || serve(&listener));
    let tried = subscribe(scene, &format!("http://{address}/list.txt"));
    let end = || Ok(TcpStream::connect(address)?.write_all(b"GET /end HTTP/1.1\r\n\r\n")?);
    sbc.run(end)?;
    let etag = server
        .join()
        .unwrap_or_else(|_| bail!("the server panicked"))?;
    let second = tried?;
    scene.place("feed over HTTP | +12110000001 | | blocked:")?;
    let is_changed = second.get("is_changed").cloned().unwrap_or_default();
    scene
        .report
        .case("asked again, unchanged", "false", is_changed.to_string());
    scene.report.case("by its ETag", "\"one\"", etag);
    scene.ask(&["feed", "remove", "web"])?;
    Ok(())
}

fn subscribe(scene: &Scene<'_>, url: &str) -> Result<Value> {
    scene.ask(&["list", "add", "web"])?;
    scene.ask(&["feed", "add", url, "--name", "web", "--list", "web"])?;
    scene.ask(&["feed", "run", "web"])?;
    scene.ask(&["feed", "run", "web"])
}

/// Answers until it is asked for `/end`; returns the last ETag that it was asked by.
fn serve(listener: &TcpListener) -> Result<String> {
    const BODY: &str = "+12110000001\n+12110000002\n";
    let mut last = String::new();
    for stream in listener.incoming() {
        let mut stream = stream?;
        let mut is_known = false;
        let mut lines = BufReader::new(stream.try_clone()?).lines();
        while let Some(line) = lines.next().transpose()?.filter(|line| !line.is_empty()) {
            if line.starts_with("GET /end ") {
                return Ok(last);
            }
            if let Some((name, value)) = line.split_once(':')
                && name.eq_ignore_ascii_case("if-none-match")
            {
                is_known = true;
                value.trim().clone_into(&mut last);
            }
        }
        if is_known {
            stream.write_all(b"HTTP/1.1 304 Not Modified\r\nConnection: close\r\n\r\n")?;
        } else {
            write!(
                stream,
                "HTTP/1.1 200 OK\r\nETag: \"one\"\r\nConnection: close\r\nContent-Length: {}\r\n\r\n{BODY}",
                BODY.len()
            )?;
        }
    }
    bail!("nobody ended the server")
}

fn write(scene: &Scene<'_>, entries: std::ops::Range<u32>) -> Result<String> {
    let mut text = "phone,note\n".to_owned();
    for entry in entries {
        text.push_str(&format!("+1210{entry:07},{entry}\n"));
    }
    scene.write("feed.csv", text.as_bytes())
}
