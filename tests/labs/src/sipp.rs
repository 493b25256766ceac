//! sipp as a caller, the ordinary SIP client of a lab, and as a callee. Its scenario files stand in
//! `tests/scenarios`.

use std::net::SocketAddr;
use std::process::Command;
use std::time::Instant;

use anyhow::{Context, Result};

use super::Lab;
use super::cleanup::{self, Process};
use super::network::Namespace;
use super::sip::Placed;
use xtask::workspace;

/// A call for sipp.
pub(crate) struct SippCall<'a> {
    /// File name in `tests/scenarios`.
    pub(crate) scenario: &'a str,
    /// Where the call comes from.
    pub(crate) source: SocketAddr,
    /// Where it goes.
    pub(crate) destination: SocketAddr,
    /// `u1` for UDP, `t1` for TCP.
    pub(crate) transport: &'a str,
    /// Its Call-ID.
    pub(crate) call_id: &'a str,
    /// What the scenario's keywords stand for.
    pub(crate) keywords: &'a [(&'a str, &'a str)],
}

/// A sipp that places one call.
pub(crate) struct Running {
    process: Process,
    began: Instant,
}

/// Whether there is a sipp.
pub(crate) fn is_installed() -> bool {
    workspace::find_program("sipp").is_some()
}

/// Starts a call from the carrier.
pub(crate) fn start(lab: &Lab, call: &SippCall<'_>) -> Result<Running> {
    let mut command = command(
        lab,
        call.scenario,
        call.source,
        call.transport,
        call.keywords,
    )?;
    command
        .arg(call.destination.to_string())
        .args(["-cid_str", call.call_id]);
    run(lab, &lab.network.carrier, command, call.source)
}

/// Starts a callee on a host, for one call.
pub(crate) fn answer(
    lab: &Lab,
    host: &Namespace,
    scenario: &str,
    address: SocketAddr,
    keywords: &[(&str, &str)],
) -> Result<Running> {
    let command = command(lab, scenario, address, "u1", keywords)?;
    run(lab, host, command, address)
}

/// sipp with a scenario for one call, at an address.
fn command(
    lab: &Lab,
    scenario: &str,
    address: SocketAddr,
    transport: &str,
    keywords: &[(&str, &str)],
) -> Result<Command> {
    let scenario = workspace::root()?.join("tests/scenarios").join(scenario);
    let port = address.port();
    let mut command = Command::new(workspace::find_program("sipp").context("there is no sipp")?);
    command
        .arg("-sf")
        .arg(scenario)
        .args(["-i", &address.ip().to_string(), "-bind_local"])
        .args(["-p", &port.to_string()])
        // Each has a control port and a media port of its own, so that none has to search for a
        // free one; those of media are above those of control.
        .args(["-cp", &(port + 10_000).to_string()])
        .args(["-mp", &(45_000 + port % 5_000 * 4).to_string()])
        .args(["-m", "1", "-l", "1", "-r", "20"])
        // A call that nobody answers ends without a CANCEL.
        .args(["-nd", "-nostdin", "-t", transport])
        .current_dir(&lab.folder)
        .env("TERM", "dumb");
    for (keyword, value) in keywords {
        command.args(["-key", keyword, value]);
    }
    Ok(command)
}

fn run(lab: &Lab, host: &Namespace, mut command: Command, address: SocketAddr) -> Result<Running> {
    host.host(&mut command)?;
    let log = format!("sipp-{}.log", address.port());
    let began = Instant::now();
    let process = lab.spawn(&mut command, &log)?;
    Ok(Running { process, began })
}

impl Running {
    /// Whether the scenario came to its end as it should until a deadline.
    pub(crate) fn succeeds(&self, deadline: Instant) -> Result<bool> {
        Ok(self.wait(deadline)?.answered)
    }

    /// Waits for the end of the call, and ends it at a deadline: sipp alone would go on sending.
    pub(crate) fn wait(&self, deadline: Instant) -> Result<Placed> {
        let code = cleanup::wait(&self.process, deadline)?;
        if code.is_none() {
            let mut child = cleanup::lock(&self.process);
            child.kill()?;
            child.wait()?;
        }
        Ok(Placed {
            packets: None,
            answered: code == Some(0),
            took: self.began.elapsed(),
        })
    }
}
