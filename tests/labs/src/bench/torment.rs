//! How many callers can be held at once on one core, each with its packet every 20 ms.

use std::time::Duration;

use anyhow::{Result, bail};
use serde_json::Value;

use super::callers::Callers;
use super::cores::Cores;
use super::figures::{Figures, Limit};
use super::listener::{Heard, Listener};
use super::{HELD, configuration, processor_time};
use crate::Lab;
use crate::daemon::Daemon;

/// Callers at once that are tried.
const CALLERS: [usize; 5] = [10, 50, 100, 200, 500];
/// The number for which there is a goal.
const GOAL: usize = 100;
/// Below this deviation of 99 % of all packets, in milliseconds, every phone plays without a gap.
const PUNCTUAL: f64 = 5.0;
/// Packets a second of a call.
const NOMINAL: f64 = 50.0;
/// Time until calls have come to rest.
const REST: Duration = Duration::from_secs(1);
/// How long is listened.
const LISTEN: Duration = Duration::from_secs(6);

/// What was seen with one number of callers.
struct Seen {
    /// The deviation that 99 % of all packets are not above, in milliseconds.
    late: Option<f64>,
    is_whole: bool,
}

/// Measures all numbers of callers.
pub(super) fn measure(lab: &Lab, cores: Cores, figures: &mut Figures) -> Result<()> {
    let carrier = &lab.network.carrier;
    figures.section("callers held at once on one core (music, callers speak too)");
    let mut listener = carrier.run(Listener::new)?;
    let port = listener.port()?;
    let mut callers = carrier.run(|| Callers::new(port))?;
    let daemon = cores.measured(|| Daemon::start(lab, &configuration(lab)))?;
    daemon.ask(&["rule", "add", HELD, "--action", "torment:2m"])?;
    figures.note(
        "a packet's time is the kernel's, taken as it reaches the carrier's interface, on the core of what is \
         measured: a receiver that is late adds nothing, one that has no room is told",
    );
    let mut most = 0;
    let mut goal = None;
    for count in CALLERS {
        let seen = try_number(count, (&daemon, &mut callers, &mut listener), figures)?;
        let is_punctual = seen.is_whole && seen.late.is_some_and(|late| late < PUNCTUAL);
        if is_punctual {
            most = count;
        }
        if count == GOAL {
            goal = seen.late.filter(|_| seen.is_whole);
        }
    }
    daemon.kill()?;
    figures.row(
        "most callers with 99 % of packets less than 5 ms off and none lost",
        "callers",
        most as f64,
    );
    figures.goal(
        &format!("{GOAL} callers, none lost: deviation of 99 % of packets, ms"),
        goal,
        Limit::Below(PUNCTUAL),
    );
    Ok(())
}

fn try_number(
    count: usize,
    (daemon, callers, listener): (&Daemon<'_>, &mut Callers, &mut Listener),
    figures: &mut Figures,
) -> Result<Seen> {
    listener.forget()?;
    let others = callers.call(count)?;
    if others.is_empty() {
        bail!("none of {count} callers was put on the line");
    }
    // The first part of listening is for calls to come to rest; it has to be spoken then as well.
    let before = processor_time::of(daemon.id())?;
    let mut heard = listener.listen(&others, REST, LISTEN)?;
    let computed = processor_time::of(daemon.id())?.saturating_sub(before);
    let share = computed.as_secs_f64() / (REST + LISTEN).as_secs_f64();
    let left = callers.hang_up()?;
    if left > 0 {
        figures.note(&format!("{count} callers: {left} could not hang up"));
    }
    wait_until_all_are_gone(daemon)?;
    Ok(tell(count, &mut heard, share, figures))
}

fn tell(count: usize, heard: &mut Heard, share: f64, figures: &mut Figures) -> Seen {
    let seconds = heard.lasted.as_secs_f64();
    let late = heard.quantile(0.99);
    let (jitter, largest) = heard.jitter();
    let mut row = |what: &str, unit: &str, value: f64| {
        figures.row(&format!("{count:>3} callers: {what}"), unit, value);
    };
    row("streams", "", heard.streams() as f64);
    let each = heard.packets as f64 / seconds / count as f64;
    row("packets a second of each (nominal 50)", "packets/s", each);
    row("deviation from 20 ms, mean", "ms", heard.mean());
    row(
        "deviation from 20 ms, 99 % are below",
        "ms",
        late.unwrap_or(f64::NAN),
    );
    row(
        "deviation from 20 ms, all are below",
        "ms",
        heard.quantile(1.0).unwrap_or(f64::NAN),
    );
    row("jitter (RFC 3550), mean of streams", "ms", jitter);
    row("jitter (RFC 3550), largest", "ms", largest);
    row("packets lost", "packets", heard.lost as f64);
    row(
        "frames left out by the sender",
        "frames",
        heard.left_out as f64,
    );
    row(
        "packets for which the receiver had no room",
        "packets",
        f64::from(heard.dropped_here),
    );
    row("blacklistd's processor time", "% of a core", 100.0 * share);
    let receiver = heard.computed.as_secs_f64() / seconds;
    row(
        "the receiver's processor time, on its own core",
        "% of a core",
        100.0 * receiver,
    );
    let is_all = heard.streams() == count && each > NOMINAL * 0.99;
    Seen {
        late,
        is_whole: is_all && heard.lost == 0 && heard.left_out == 0,
    }
}

/// The next callers must not find the line taken.
fn wait_until_all_are_gone(daemon: &Daemon<'_>) -> Result<()> {
    for _ in 0..50 {
        let status = daemon.ask(&["status"])?;
        let now = status.pointer("/media/calls_now").and_then(Value::as_u64);
        if now == Some(0) {
            return Ok(());
        }
        std::thread::sleep(Duration::from_millis(100));
    }
    bail!("callers who have hung up are held on")
}
