//! The demo: a carrier calls an SBC on which the real daemon stands, with a real configuration
//! and rules added through its real command line. What became of each call is asked at both
//! ends: the caller and the answerer behind the blocker, and the daemon's own log and counters.

mod calls;
mod judge;
mod message;

use std::time::Instant;

use anyhow::{Context, Result, bail};
use serde_json::Value;

use self::message::Call;
use super::daemon::{self, Daemon};
use super::sip::{PATIENCE, Placed};
use super::{Lab, Report, answerer, sipp};

/// A rule that is in force: its name, and the number the daemon gave it.
pub(crate) struct InForce {
    rule: &'static str,
    id: u64,
}

/// A call that was placed.
pub(crate) struct Finished {
    call: Call,
    placed: Placed,
    client: &'static str,
}

/// Runs the demo.
pub(crate) fn run(lab: &Lab) -> Result<Report> {
    answerer::start(lab, &message::destinations()?)?;
    let daemon = Daemon::start(lab, &daemon::configuration(lab))?;
    let rules = add_rules(&daemon)?;
    let calls = calls::calls()?
        .into_iter()
        .enumerate()
        .map(|(index, row)| Call::new(index, row))
        .collect::<Result<Vec<_>>>()?;
    eprintln!(
        "labs: {} rules in force, placing {} calls",
        rules.len(),
        calls.len()
    );
    let finished = place_all(lab, calls)?;
    judge::judge(lab, &daemon, &rules, &finished)
}

fn add_rules(daemon: &Daemon<'_>) -> Result<Vec<InForce>> {
    calls::rules()?
        .into_iter()
        .map(|(rule, arguments)| {
            let all = [&["rule", "add"], &*arguments, &["--comment", rule]].concat();
            let added = daemon.ask(&all)?;
            let id = added
                .get("id")
                .and_then(Value::as_u64)
                .context("a rule without an id")?;
            Ok(InForce { rule, id })
        })
        .collect()
}

/// Places all calls at once, by sipp where it can write them.
fn place_all(lab: &Lab, calls: Vec<Call>) -> Result<Vec<Finished>> {
    let has_sipp = sipp::is_installed();
    let (ordinary, special): (Vec<Call>, Vec<Call>) = calls
        .into_iter()
        .partition(|call| has_sipp && call.scenario().is_some());
    let mut finished = Vec::new();
    let running = ordinary
        .into_iter()
        .map(|call| {
            let scenario = call.scenario().context("a call that sipp cannot place")?;
            Ok((call.start_sipp(lab, scenario)?, call))
        })
        .collect::<Result<Vec<_>>>()?;
    let deadline = Instant::now() + PATIENCE;
    finished.extend(lab.network.carrier.run(|| place_by_hand(special))?);
    for (sipp, call) in running {
        finished.push(Finished {
            placed: sipp.wait(deadline)?,
            call,
            client: "sipp",
        });
    }
    Ok(finished)
}

/// Threads inherit the carrier's network from the one that starts them.
fn place_by_hand(calls: Vec<Call>) -> Result<Vec<Finished>> {
    std::thread::scope(|scope| {
        let threads: Vec<_> = calls
            .into_iter()
            .map(|call| {
                scope.spawn(move || {
                    let placed = call.place()?;
                    Ok(Finished {
                        call,
                        placed,
                        client: "own",
                    })
                })
            })
            .collect();
        threads
            .into_iter()
            .map(|thread| {
                thread
                    .join()
                    .unwrap_or_else(|_| bail!("a caller's thread panicked"))
            })
            .collect()
    })
}
