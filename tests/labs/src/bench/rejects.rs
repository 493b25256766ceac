//! Refusals a second on one core: the daemon's, and Kamailio's that does nothing else.

use std::time::Duration;

use anyhow::{Context as _, Result};

use super::cores::{self, Cores};
use super::figures::{Figures, Limit};
use super::flood::{Flood, Sender, Tally};
use super::{REFUSED, SBC, configuration, processor_time};
use crate::Lab;
use crate::daemon::Daemon;
use crate::network::{CARRIER_INTERFACE, SBC_INTERFACE};
use crate::proxy::{Proxy, Routing};

/// How long each rate is tried, once more if it is not answered.
const TRY: Duration = Duration::from_secs(3);
/// Rates that are tried for each.
const TRIES: usize = 6;
/// The share of calls that has to be answered.
const ANSWERED: f64 = 0.995;
/// How near to what was asked for the sender has to come.
const SENT: f64 = 0.98;
/// Two rates that are so near each other are the same.
const NEAR: f64 = 1.03;
/// The longest wait until what was sent before is worked off.
const QUIET: Duration = Duration::from_secs(3);

/// Who is measured.
struct Subject<'a> {
    name: &'a str,
    process: u32,
    /// The kernel's thread that receives for it.
    reception: u32,
    acknowledges: bool,
}

/// A try, and what it cost.
#[derive(Clone, Copy)]
struct Try {
    tally: Tally,
    process: Duration,
    reception: Duration,
}

/// Measures all subjects in one run.
pub(super) fn measure(lab: &Lab, cores: Cores, figures: &mut Figures) -> Result<()> {
    let (carrier, sbc) = (&lab.network.carrier, &lab.network.sbc);
    cores::send_whole(carrier, CARRIER_INTERFACE)?;
    let reception = cores::receive_on(cores.measured, sbc, SBC_INTERFACE)?;
    let reception = u32::try_from(reception.as_raw())?;
    let mut sender = carrier.run(Sender::new)?;
    figures.section("refusals on one core (status 603)");
    // To wake a thread of the carrier's for each answer would cost more.
    figures.note(
        "the carrier's reception of answers is part of each one's processor time, of all alike",
    );
    let mut subject = |name: &str, process, acknowledges| {
        let subject = Subject {
            name,
            process,
            reception,
            acknowledges,
        };
        subject.measure(&mut sender, figures)
    };
    let mut kamailio = Vec::new();
    for (children, acknowledges) in [(1, false), (1, true), (2, false)] {
        let routing = Routing::Decline { children };
        let proxy = cores.measured(|| Proxy::start(lab, sbc, SBC.parse()?, routing))?;
        let name = format!("Kamailio, children={children}{}", with_acks(acknowledges));
        kamailio.push(subject(&name, proxy.id(), acknowledges)?);
        proxy.end()?;
    }
    let daemon = cores.measured(|| Daemon::start(lab, &configuration(lab)))?;
    daemon.ask(&["rule", "add", REFUSED, "--action", "reject"])?;
    let mut ours = Vec::new();
    for acknowledges in [false, true] {
        let name = format!("blacklistd{}", with_acks(acknowledges));
        ours.push(subject(&name, daemon.id(), acknowledges)?);
    }
    daemon.kill()?;
    let ratio = |ours: Option<&f64>, theirs: Option<&f64>| {
        let theirs = theirs.filter(|theirs| **theirs > 0.0)?;
        Some(ours? / theirs)
    };
    let first = ratio(ours.first(), kamailio.first());
    for (name, ratio) in [
        ("children=1", first),
        (
            "children=1, each with ACKs",
            ratio(ours.get(1), kamailio.get(1)),
        ),
        ("children=2", ratio(ours.first(), kamailio.get(2))),
    ] {
        let ratio = ratio.context("Kamailio answers at no rate")?;
        figures.row(
            &format!("blacklistd's rate over Kamailio's, {name}"),
            "",
            ratio,
        );
    }
    figures.goal(
        "refusals a second, over those of Kamailio with one child",
        first,
        Limit::AtLeast(1.0),
    );
    Ok(())
}

const fn with_acks(acknowledges: bool) -> &'static str {
    if acknowledges { ", with ACKs" } else { "" }
}

impl Subject<'_> {
    /// Returns its answers a second at the highest rate that is answered.
    fn measure(&self, sender: &mut Sender, figures: &mut Figures) -> Result<f64> {
        let name = self.name;
        // So that nothing is done for the first time.
        self.attempt(sender, Some(1000.0), TRY / 6)?;
        let full = self.attempt(sender, None, TRY)?;
        let of = |count| full.tally.a_second(count);
        let (sent, answers) = (of(full.tally.sent), of(full.tally.answered));
        figures.row(&format!("{name}: sent at full speed"), "calls/s", sent);
        figures.row(
            &format!("{name}: answered at full speed"),
            "answers/s",
            answers,
        );
        let mut best: Option<Try> = None;
        highest(answers.max(1000.0), TRIES, |rate| {
            // What else the machine does is no fault of whom is measured.
            let held = match self.holds(sender, rate)? {
                None => self.holds(sender, rate)?,
                held => held,
            };
            best = held.or(best);
            Ok(held.is_some())
        })?;
        let best = best.with_context(|| format!("{name} answers at no rate that was tried"))?;
        let steady = best.tally.a_second(best.tally.answered);
        figures.row(
            &format!("{name}: highest rate with 99.5 % answered"),
            "answers/s",
            steady,
        );
        let each = |time: Duration| time.as_secs_f64() * 1e6 / best.tally.answered.max(1) as f64;
        figures.row(
            &format!("{name}: its processor time"),
            "µs/answer",
            each(best.process),
        );
        let reception = each(best.reception);
        figures.row(
            &format!("{name}: the kernel's, to receive for it"),
            "µs/answer",
            reception,
        );
        if self.acknowledges {
            let acknowledged = best.tally.acknowledged as f64 / best.tally.answered.max(1) as f64;
            figures.row(&format!("{name}: ACKs for each answer"), "", acknowledged);
        }
        Ok(steady)
    }

    /// Tries a rate once. None if it was not answered.
    fn holds(&self, sender: &mut Sender, rate: f64) -> Result<Option<Try>> {
        let tried = self.attempt(sender, Some(rate), TRY)?;
        let Tally { sent, .. } = tried.tally;
        let share = tried.tally.share();
        let reached = tried.tally.a_second(sent) >= SENT * rate;
        eprintln!(
            "{}: {rate:.0} calls/s: sent {sent}, answered {:.2} %{}",
            self.name,
            100.0 * share,
            if reached {
                ""
            } else {
                ", more than the sender can"
            }
        );
        Ok((reached && share >= ANSWERED).then_some(tried))
    }

    fn attempt(&self, sender: &mut Sender, rate: Option<f64>, lasts: Duration) -> Result<Try> {
        self.settle()?;
        let before = (
            processor_time::of(self.process)?,
            processor_time::of(self.reception)?,
        );
        let tally = sender.send(Flood {
            rate,
            acknowledges: self.acknowledges,
            lasts,
        })?;
        Ok(Try {
            tally,
            process: processor_time::of(self.process)?.saturating_sub(before.0),
            reception: processor_time::of(self.reception)?.saturating_sub(before.1),
        })
    }

    /// Waits until what was sent before is worked off.
    fn settle(&self) -> Result<()> {
        let step = Duration::from_millis(100);
        let mut waited = Duration::ZERO;
        let mut before = processor_time::of(self.process)?;
        while waited < QUIET {
            std::thread::sleep(step);
            waited += step;
            let now = processor_time::of(self.process)?;
            if now.saturating_sub(before) < step / 5 {
                break;
            }
            before = now;
        }
        Ok(())
    }
}

/// The highest rate that holds, to within what is near: from `start` up or down until there are one
/// that holds and one that does not, and then between both.
fn highest(
    start: f64,
    tries: usize,
    mut holds: impl FnMut(f64) -> Result<bool>,
) -> Result<Option<f64>> {
    let (mut low, mut high): (Option<f64>, Option<f64>) = (None, None);
    let mut rate = start;
    for _ in 0..tries {
        if holds(rate)? {
            low = Some(rate);
        } else {
            high = Some(rate);
        }
        rate = match (low, high) {
            (Some(low), Some(high)) if high / low < NEAR => break,
            (Some(low), Some(high)) => (low * high).sqrt(),
            (Some(low), None) => low * 1.4,
            (None, Some(high)) => high / 1.4,
            (None, None) => rate,
        };
    }
    Ok(low)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_highest_rate_is_found_from_both_sides() {
        for (name, start) in [("from below", 20_000.0), ("from above", 70_000.0)] {
            let found = highest(start, 20, |rate| Ok(rate <= 42_000.0)).unwrap();
            let found = found.unwrap();
            assert!(
                found <= 42_000.0 && found > 42_000.0 / NEAR,
                "{name}: {found}"
            );
        }
        assert_eq!(highest(1000.0, 5, |_| Ok(false)).unwrap(), None);
    }
}
