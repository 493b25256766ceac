//! Where the log is shipped to: a file, a Unix socket and an HTTP endpoint, each with its whims.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::os::unix::net::UnixListener;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use serde_json::Value;

use super::traffic::Kind;
use super::{Scene, number};
use crate::Lab;
use crate::cleanup::lock;

/// Where the HTTP endpoint is, inside of the SBC.
const HTTP: &str = "127.0.0.1:9899";
/// How long lines may take.
const PATIENCE: Duration = Duration::from_secs(30);

fn file(lab: &Lab) -> PathBuf {
    lab.folder.join("shipped.jsonl")
}

fn socket(lab: &Lab) -> PathBuf {
    lab.folder.join("shipped.sock")
}

/// The sinks in the daemon's configuration.
pub(super) fn configuration(lab: &Lab) -> String {
    format!(
        "[[ship]]\nname = \"file\"\nto = \"file\"\npath = {:?}\nfrom = \"beginning\"\n\
         [[ship]]\nname = \"socket\"\nto = \"unix\"\npath = {:?}\nfrom = \"beginning\"\n\
         [[ship]]\nname = \"endpoint\"\nto = \"http\"\nurl = \"http://{HTTP}/calls\"\nfrom = \"beginning\"\n",
        file(lab),
        socket(lab)
    )
}

type Lines = Arc<Mutex<Vec<String>>>;

/// Those who take lines.
pub(super) struct Receivers {
    socket: Lines,
    endpoint: Lines,
}

/// Begins to take lines.
pub(super) fn listen(lab: &Lab) -> Result<Receivers> {
    let receivers = Receivers {
        socket: Lines::default(),
        endpoint: Lines::default(),
    };
    let listener = UnixListener::bind(socket(lab)).context("cannot make a socket")?;
    let lines = receivers.socket.clone();
    std::thread::spawn(move || {
        for (turn, stream) in listener.incoming().flatten().enumerate() {
            // The first one hangs up soon.
            let most = if turn == 0 { 100 } else { usize::MAX };
            let read = BufReader::new(stream).lines().map_while(Result::ok);
            for line in read.take(most) {
                lock(&lines).push(line);
            }
        }
    });
    let listener = lab
        .network
        .sbc
        .run(|| TcpListener::bind(HTTP).context("cannot listen"))?;
    let lines = receivers.endpoint.clone();
    std::thread::spawn(move || {
        for (turn, stream) in listener.incoming().flatten().enumerate() {
            // The first one is not in the mood.
            let status = if turn == 0 {
                "503 Later"
            } else {
                "204 No Content"
            };
            if let Ok(body) = request(stream, status)
                && turn > 0
            {
                lock(&lines).extend(body.lines().map(str::to_owned));
            }
        }
    });
    Ok(receivers)
}

/// Reads a request and answers it; its body.
fn request(mut stream: TcpStream, status: &str) -> Result<String> {
    stream.set_read_timeout(Some(PATIENCE))?;
    let mut reader = BufReader::new(stream.try_clone()?);
    let mut length = 0;
    loop {
        let mut line = String::new();
        reader.read_line(&mut line)?;
        let line = line.trim().to_ascii_lowercase();
        if let Some(text) = line.strip_prefix("content-length:") {
            length = text.trim().parse()?;
        }
        if line.is_empty() {
            break;
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    write!(
        stream,
        "HTTP/1.1 {status}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
    )?;
    Ok(String::from_utf8(body)?)
}

/// How many different rows lines speak of, and how many lines there are.
fn rows(lines: &[String]) -> (usize, usize) {
    let mut ids: BTreeMap<u64, usize> = BTreeMap::new();
    for line in lines {
        let row: Value = serde_json::from_str(line).unwrap_or_default();
        *ids.entry(number(&row, "/id")).or_default() += 1;
    }
    ids.remove(&0);
    (ids.len(), lines.len())
}

fn file_lines(lab: &Lab) -> Vec<String> {
    let mut lines = Vec::new();
    for path in [file(lab).with_extension("old"), file(lab)] {
        let text = std::fs::read_to_string(path).unwrap_or_default();
        lines.extend(text.lines().map(str::to_owned));
    }
    lines
}

/// Each has every row, whatever was killed meanwhile.
pub(super) fn check(scene: &mut Scene<'_>, receivers: &Receivers) -> Result<()> {
    std::fs::rename(file(scene.lab), file(scene.lab).with_extension("old"))?;
    scene.send(&[Kind::Listed], 50, 1)?;
    let status = scene.wait_until_counted()?;
    let newest = usize::try_from(number(&status, "/log/newest"))?;
    let taken = || {
        [
            ("file", file_lines(scene.lab)),
            ("socket", lock(&receivers.socket).clone()),
            ("endpoint", lock(&receivers.endpoint).clone()),
        ]
    };
    let deadline = Instant::now() + PATIENCE;
    while taken().iter().any(|(_, lines)| rows(lines).0 < newest) && Instant::now() < deadline {
        std::thread::sleep(Duration::from_millis(200));
    }
    for (name, lines) in taken() {
        let (different, all) = rows(&lines);
        scene.report.case(
            &format!("shipped to the {name}: rows"),
            &newest.to_string(),
            different,
        );
        // At least once: what was on its way when the daemon was killed comes again.
        let twice = (all - different) * 100 / newest.max(1);
        scene.report.case(
            &format!("shipped to the {name}: few come twice"),
            "true",
            twice < 10,
        );
    }
    let status = scene.ask(&["status"])?;
    let sinks = status.get("sinks").and_then(Value::as_array);
    let behind: u64 = sinks
        .into_iter()
        .flatten()
        .map(|sink| number(sink, "/behind"))
        .sum();
    scene.report.case("shipped: nobody is behind", "0", behind);
    Ok(())
}
