//! The whole daemon while every packet begins another call: how many calls it logs at full speed,
//! that each of the others is counted as lost, and how many come to pass before any is.

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::bail;
use blacklist_tests::measuring::held;
use blacklist_tests::report::Report;
use serde_json::Value;

use crate::frames::Frame;
use crate::house::{House, Sender, number};

/// The configuration's default.
const MAXIMUM_CALLS: u32 = 65_536;
/// How long packets come as fast as they are judged, and how long at each rate that is tried.
const FULL: Duration = Duration::from_secs(20);
const TRY: Duration = Duration::from_secs(6);
/// Packets between two looks at the clock at full speed.
const BURST: u32 = 100_000;
/// Between two bursts at a rate; a test run takes some milliseconds before it begins.
const BEAT: Duration = Duration::from_millis(100);
/// From one rate that is tried to the next, and how many are tried at most.
const STEP: f64 = 1.15;
const TRIES: u32 = 8;

/// What became of calls so far.
#[derive(Clone, Copy, Debug, Default)]
struct Counts {
    seen: u64,
    packets: u64,
    logged: u64,
    lost: u64,
}

impl Counts {
    fn read(status: &Value) -> anyhow::Result<Self> {
        Ok(Self {
            seen: number(status, "/outcomes/dropped/calls")?,
            packets: number(status, "/outcomes/dropped/packets")?,
            logged: number(status, "/log/newest")?,
            lost: number(status, "/events/lost")?,
        })
    }

    /// What came since.
    const fn since(self, before: Self) -> Self {
        Self {
            seen: self.seen - before.seen,
            packets: self.packets - before.packets,
            logged: self.logged - before.logged,
            lost: self.lost - before.lost,
        }
    }

    /// Each packet was a call, and each call is in the log or counted as lost.
    fn require_exact(self, arrived: u64) -> anyhow::Result<()> {
        let told = self.logged + self.lost;
        if self.packets != arrived || self.seen != arrived || told != arrived {
            bail!("{arrived} calls of one packet each arrived: {self:?}");
        }
        Ok(())
    }
}

/// A daemon and who calls.
struct Live {
    house: House,
    sender: Sender,
    frame: Frame,
    at: Counts,
    arrived: u64,
}

impl Live {
    /// What became of the packets since the last look, when all of it is written.
    fn counted(&mut self) -> anyhow::Result<Counts> {
        let now = Counts::read(&self.house.settled()?)?;
        let arrived = self.house.arrived()?;
        let counts = now.since(self.at);
        counts.require_exact(arrived - self.arrived)?;
        self.at = now;
        self.arrived = arrived;
        Ok(counts)
    }

    /// Packets at a rate; how many came, at which rate indeed, and what became of them.
    fn at_rate(&mut self, rate: f64) -> anyhow::Result<(f64, Counts)> {
        let burst = ((rate * BEAT.as_secs_f64()) as u32).max(1);
        let beat = Duration::from_secs_f64(f64::from(burst) / rate);
        let began = Instant::now();
        let mut sent = 0_u64;
        while began.elapsed() < TRY {
            self.sender.send(&self.frame, burst)?;
            sent += u64::from(burst);
            let due = beat.mul_f64(sent as f64 / f64::from(burst));
            std::thread::sleep(due.saturating_sub(began.elapsed()));
        }
        let seconds = began.elapsed().as_secs_f64();
        let counts = self.counted()?;
        Ok((counts.seen as f64 / seconds, counts))
    }
}

/// Measures it.
pub(crate) fn measure(program: &Path, object: &[u8], report: &mut Report) -> anyhow::Result<()> {
    report.section("the daemon, every packet another call");
    let mut house = House::build(program, "live")?;
    house.start(MAXIMUM_CALLS)?;
    house.ask(&["rule", "add", "+49*", "--force"])?;
    let mut sender = Sender::new(object, &house)?;
    let frame = Frame::new("live")?;
    sender.vary(frame.new_callers())?;
    let arrived = house.arrived()?;
    let mut live = Live {
        house,
        sender,
        frame,
        at: Counts::default(),
        arrived,
    };
    let logged = full_speed(&mut live, report)?;
    lossless(&mut live, logged, report)
}

/// As fast as packets are judged; calls logged in a second.
fn full_speed(live: &mut Live, report: &mut Report) -> anyhow::Result<f64> {
    let began = Instant::now();
    while began.elapsed() < FULL {
        live.sender.send(&live.frame, BURST)?;
    }
    let seconds = began.elapsed().as_secs_f64();
    let status = live.house.ask(&["status"])?;
    let logged = number(&status, "/log/newest")? as f64 / seconds;
    let bytes = held(&live.house.process()?)?;
    let counts = live.counted()?;
    report.row(
        "full speed: packets",
        "packets/s",
        counts.packets as f64 / seconds,
    );
    report.row("full speed: calls seen", "calls", counts.seen as f64);
    report.row("full speed: calls logged", "calls", counts.logged as f64);
    report.row(
        "full speed: calls counted as lost",
        "calls",
        counts.lost as f64,
    );
    report.row("full speed: calls logged", "calls/s", logged);
    report.row("full speed: memory of the daemon", "MB", bytes / 1e6);
    Ok(logged)
}

/// The highest rate at which nothing is lost, by steps.
fn lossless(live: &mut Live, begin: f64, report: &mut Report) -> anyhow::Result<()> {
    let mut rate = begin;
    let mut best: Option<f64> = None;
    let mut least_lossy: Option<f64> = None;
    for _ in 0..TRIES {
        let (real, counts) = live.at_rate(rate)?;
        eprintln!("{real:.0} calls/s: {} lost", counts.lost);
        // What cannot be sent at a higher rate is not tried at one.
        let is_sent = real > 0.95 * rate;
        if counts.lost == 0 {
            best = Some(best.map_or(real, |best| best.max(real)));
            if least_lossy.is_some() || !is_sent {
                break;
            }
            rate *= STEP;
        } else {
            least_lossy = Some(least_lossy.map_or(real, |least| least.min(real)));
            if best.is_some() {
                break;
            }
            rate /= STEP;
        }
    }
    let Some(best) = best else {
        bail!("calls were lost at every rate, the last of them {rate:.0} in a second");
    };
    report.row("calls logged, none lost", "calls/s", best);
    if let Some(lossy) = least_lossy {
        report.row("the next rate, where some are lost", "calls/s", lossy);
    }
    Ok(())
}
