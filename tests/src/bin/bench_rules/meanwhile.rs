//! A large change while calls are asked about: how long it takes, what memory it takes at its
//! height, and what those who ask hear meanwhile.

use std::net::UdpSocket;
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use blacklist_tests::house::{House, stop};
use blacklist_tests::measuring::{held, highest, ip, reset_highest};
use blacklist_tests::report::Report;

use crate::daemon::write_numbers;
use crate::words;

/// Rules that come at once.
const MORE: u32 = 1_000_000;
/// Where the daemon is asked.
const REDIRECT: &str = "127.0.0.1:5065";
/// Between two questions.
const PAUSE: Duration = Duration::from_millis(1);
/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(60);

/// Measures the change on top of so many rules.
pub(crate) fn measure(program: &Path, size: u32, report: &mut Report) -> anyhow::Result<()> {
    let of = words(size);
    report.section(&format!(
        "1 M rules on top of {of} while calls are asked about"
    ));
    ip(&["link", "set", "lo", "up"])?;
    let companion = format!(
        "[companion]\nenabled = true\nlisten = {REDIRECT:?}\nmaximum_per_second = 1000000\n"
    );
    let house = House::build("bench-meanwhile", program, size + MORE, &companion)?;
    let file = house.folder().join("numbers.csv");
    let text = file.to_str().context("a folder that is no text")?;
    let mut daemon = house.start()?;
    house.ask(&["list", "add", "bulk"])?;
    house.ask(&["list", "add", "more"])?;
    house.ask(&["rule", "add", "+14155550100", "--action", "reject"])?;
    write_numbers(&file, 0..size)?;
    house.ask(&["import", text, "--list", "bulk"])?;
    write_numbers(&file, size..size + MORE)?;

    let process = daemon.id().to_string();
    let before = held(&process)?;
    reset_highest(&process)?;
    let began = Instant::now();
    let (answers, refused) = std::thread::scope(|scope| -> anyhow::Result<_> {
        let import = scope.spawn(|| house.ask(&["import", text, "--list", "more"]));
        let asked = ask(|| import.is_finished());
        match import.join() {
            Ok(result) => result.map(drop)?,
            Err(_) => anyhow::bail!("a thread of the measurement panicked"),
        }
        asked
    })?;
    let seconds = began.elapsed().as_secs_f64();
    let megabytes = |bytes: f64| bytes / 1e6;
    let mut row = |what: &str, unit, figure| report.row(&format!("{of}: {what}"), unit, figure);
    row("1 M more, import", "s", seconds);
    row("1 M more, memory before", "MB", megabytes(before));
    row(
        "1 M more, memory at its height",
        "MB",
        megabytes(highest(&process)?),
    );
    row(
        "1 M more, memory behind it",
        "MB",
        megabytes(held(&process)?),
    );
    let asked = answers.len();
    row("asked meanwhile", "calls", asked as f64);
    row(
        "asked meanwhile, not refused",
        "calls",
        (asked - refused) as f64,
    );
    let longest = answers.into_iter().max().unwrap_or_default();
    row(
        "asked meanwhile, longest answer",
        "ms",
        longest.as_secs_f64() * 1000.0,
    );
    stop(&mut daemon)
}

/// Asks about a listed caller until something is over: how long each answer took, and how many
/// refused.
fn ask(is_over: impl Fn() -> bool) -> anyhow::Result<(Vec<Duration>, usize)> {
    let socket = UdpSocket::bind("127.0.0.1:0")?;
    socket.connect(REDIRECT)?;
    socket.set_read_timeout(Some(PATIENCE))?;
    let local = socket.local_addr()?;
    let (mut answers, mut refused) = (Vec::new(), 0);
    let mut buffer = [0; 2048];
    while !is_over() {
        let index = answers.len();
        let text = format!(
            "INVITE sip:+13125550100@127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/UDP {local};branch=z9hG4bK{index};rport\r\n\
             Max-Forwards: 70\r\nFrom: <sip:+14155550100@carrier.example>;tag=1\r\nTo: <sip:+13125550100@127.0.0.1>\r\n\
             Call-ID: {index}@bench\r\nCSeq: 1 INVITE\r\nContact: <sip:bench@{local}>\r\nContent-Length: 0\r\n\r\n"
        );
        let began = Instant::now();
        socket.send(text.as_bytes())?;
        let length = socket.recv(&mut buffer).context("no answer")?;
        answers.push(began.elapsed());
        refused += usize::from(buffer.get(..11.min(length)) == Some(b"SIP/2.0 603"));
        std::thread::sleep(PAUSE);
    }
    Ok((answers, refused))
}
