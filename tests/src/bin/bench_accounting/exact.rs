//! A hundred million dropped packets and what is told of them at the end: the daemon is killed and
//! started again under load three times, once with tables of another size, and every sum must be
//! what was sent.

use std::fmt::Write as _;
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};
use blacklist_tests::report::Report;
use nix::sys::signal::SigSet;
use serde_json::Value;

use crate::frames::{self, Frame};
use crate::house::{House, Sender, number};

/// Rules, each with a caller of its own; every burst has a packet of each of them.
const RULES: u32 = 10_000;
/// Packets between two looks at whether the daemon is back.
const BURST: u32 = 1_000_000;
/// Parts with Call-IDs of their own, and the daemon's way into each of the later ones.
const PARTS: [Before; 4] = [
    Before::Nothing,
    Before::Killed(CALLS),
    Before::Killed(CALLS),
    Before::Killed(OTHER_CALLS),
];
/// Calls that are remembered: so many that none makes room for another. The second number makes the
/// kernel's tables anew.
const CALLS: u32 = 1_000_000;
const OTHER_CALLS: u32 = 500_000;
/// How long a killed daemon stays away.
const AWAY: Duration = Duration::from_millis(500);
/// Into a part when the daemon is killed: while it is told of the new calls.
const INTO: Duration = Duration::from_millis(4);

/// What happens to the daemon while the packets of a part come.
#[derive(Clone, Copy)]
enum Before {
    Nothing,
    /// It is killed, and started again with so many calls.
    Killed(u32),
}

/// Sends the packets and compares.
pub(crate) fn measure(
    program: &Path,
    object: &[u8],
    packets: u64,
    report: &mut Report,
) -> anyhow::Result<()> {
    let bursts = (packets / u64::from(BURST) / PARTS.len() as u64).max(2);
    let packets = bursts * u64::from(BURST) * PARTS.len() as u64;
    report.section(&format!("{packets} dropped packets, to the last one"));
    let mut house = House::build(program, "exact")?;
    house.start(CALLS)?;
    import(&house)?;
    let mut sender = Sender::new(object, &house)?;
    let arrived = house.arrived()?;
    let mut sending = Duration::ZERO;
    for (part, before) in PARTS.into_iter().enumerate() {
        let frame = Frame::new(&format!("part{part}"))?;
        sender.vary(frame.in_turn(RULES))?;
        let end = arrived + (part as u64 + 1) * bursts * u64::from(BURST);
        sending += send(&mut house, &mut sender, &frame, (bursts, end), before)?;
        eprintln!("part {} of {} is sent", part + 1, PARTS.len());
    }
    let told = Told::read(&house)?;
    told.rows(packets, sending, report);
    told.require_exact(packets)
}

fn import(house: &House) -> anyhow::Result<()> {
    let mut text = String::from("number,comment\n");
    for index in 0..RULES {
        writeln!(text, "{},reported", frames::caller(index))?;
    }
    let file = house.path("numbers.csv");
    std::fs::write(&file, text)?;
    house.ask(&["list", "add", "bulk"])?;
    let path = file.to_str().context("a folder that is no text")?;
    house.ask(&["import", path, "--list", "bulk"])?;
    Ok(())
}

/// Sends the bursts of a part, the last of them when the daemon is back, and then as many more as
/// the virtual interface dropped, until so many have arrived. How long sending took.
fn send(
    house: &mut House,
    sender: &mut Sender,
    frame: &Frame,
    (bursts, end): (u64, u64),
    before: Before,
) -> anyhow::Result<Duration> {
    let mut took = Duration::ZERO;
    std::thread::scope(|scope| -> anyhow::Result<()> {
        let others = scope.spawn(|| -> anyhow::Result<()> {
            // The end of a child of this process would interrupt a test run.
            SigSet::all().thread_block()?;
            for _ in 1..bursts {
                took += sender.send(frame, BURST)?;
            }
            Ok(())
        });
        if let Before::Killed(calls) = before {
            std::thread::sleep(INTO);
            house.kill()?;
            std::thread::sleep(AWAY);
            let began = Instant::now();
            house.start(calls)?;
            eprintln!("back after {:.1?}", began.elapsed());
        }
        match others.join() {
            Ok(sent) => sent,
            Err(_) => bail!("the sender panicked"),
        }
    })?;
    loop {
        let missing = end.saturating_sub(house.arrived()?);
        if missing == 0 {
            return Ok(took);
        }
        let burst = u32::try_from(missing).unwrap_or(BURST).min(BURST);
        took += sender.send(frame, burst)?;
    }
}

/// A sum that has to be what was sent.
struct Sum {
    of: &'static str,
    calls: u64,
    packets: u64,
}

/// What the daemon tells in the end.
struct Told {
    sums: Vec<Sum>,
    /// Rules with packets.
    rules: usize,
    logged: u64,
    recounted: u64,
    forgotten: u64,
    lost: u64,
}

fn sum(of: &'static str, counts: &Value) -> anyhow::Result<Sum> {
    Ok(Sum {
        of,
        calls: number(counts, "/calls")?,
        packets: number(counts, "/packets")?,
    })
}

/// The sum of a list of what has a name.
fn sum_all(of: &'static str, list: &[Value], place: &str) -> anyhow::Result<Sum> {
    let mut all = sum(of, &serde_json::json!({"calls": 0, "packets": 0}))?;
    for one in list {
        all.calls += number(one, &format!("{place}/calls"))?;
        all.packets += number(one, &format!("{place}/packets"))?;
    }
    Ok(all)
}

impl Told {
    fn read(house: &House) -> anyhow::Result<Self> {
        let status = house.settled()?;
        let stats = house.ask(&["stats", "--top", &RULES.to_string()])?;
        let list = |name: &str| -> anyhow::Result<&[Value]> {
            let list = stats.get(name).and_then(Value::as_array);
            Ok(list.with_context(|| format!("no {name}"))?.as_slice())
        };
        let outcome = status.pointer("/outcomes/dropped").context("no outcome")?;
        let blocked = status.get("blocked").context("no sum")?;
        let in_stats = stats.get("blocked").context("no sum")?;
        let rules = list("rules")?;
        Ok(Self {
            sums: vec![
                sum("status: outcome dropped", outcome)?,
                sum("status: blocked", blocked)?,
                sum("stats: blocked", in_stats)?,
                sum_all("stats: all rules", rules, "")?,
                sum_all("stats: all lists", list("lists")?, "")?,
                sum_all("stats: all actions", list("actions")?, "")?,
                sum_all("stats: all trunks, blocked", list("trunks")?, "/blocked")?,
            ],
            rules: rules.len(),
            logged: number(&status, "/log/newest")?,
            recounted: number(&stats, "/recounted")?,
            forgotten: number(&stats, "/forgotten")?,
            lost: number(&status, "/events/lost")?,
        })
    }

    fn rows(&self, packets: u64, sending: Duration, report: &mut Report) {
        report.row("packets that arrived", "packets", packets as f64);
        report.row(
            "their rate",
            "packets/s",
            packets as f64 / sending.as_secs_f64(),
        );
        for sum in &self.sums {
            report.row(sum.of, "packets", sum.packets as f64);
            report.row(sum.of, "calls", sum.calls as f64);
        }
        report.row("rows in the log", "calls", self.logged as f64);
        report.row("calls counted as lost", "calls", self.lost as f64);
        report.row(
            "calls known to be counted again",
            "calls",
            self.recounted as f64,
        );
    }

    fn require_exact(&self, packets: u64) -> anyhow::Result<()> {
        let mut wrong = String::new();
        // Tables that are made anew know no call: those of that part are counted again.
        let calls = (PARTS.len() as u64 + 1) * u64::from(RULES);
        for sum in &self.sums {
            if (sum.packets, sum.calls) != (packets, calls) {
                let (of, told, told_calls) = (sum.of, sum.packets, sum.calls);
                writeln!(wrong, "{of}: {told} packets, {told_calls} calls")?;
            }
        }
        if self.rules != RULES as usize {
            writeln!(wrong, "{} rules", self.rules)?;
        }
        let told = self.logged + self.lost + self.recounted;
        if told != calls {
            let (logged, lost, again) = (self.logged, self.lost, self.recounted);
            writeln!(wrong, "{logged} rows, {lost} lost, {again} counted again")?;
        }
        if self.forgotten != 0 {
            writeln!(wrong, "{} calls were forgotten", self.forgotten)?;
        }
        if wrong.is_empty() {
            return Ok(());
        }
        bail!("{packets} packets of {calls} calls arrived, for {RULES} rules, but:\n{wrong}");
    }
}
