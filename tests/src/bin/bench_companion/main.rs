//! What a decision costs who asks: the redirect server and the screen API, beside Kamailio that decides
//! alone, with htable and with secfilter, on lists of the same numbers.
//!
//! Decisions in a second are those for each second of processor time that the server's processes took:
//! what the client takes is not in it. Waiting times are those of one question after the other.

mod ask;
mod kamailio;
mod list;
mod processor;

use std::path::PathBuf;

use anyhow::bail;
use blacklist_tests::house::stop;
use blacklist_tests::report::Report;

use ask::{Http, Sip};

/// Numbers in a list.
const SIZES: [u32; 2] = [10_000, 1_000_000];
/// Questions that are asked for a rate, and one after the other.
const MANY: u32 = 60_000;
const ONE_BY_ONE: u32 = 10_000;
/// The same of a server that looks through its whole list, if that is long.
const FEW: u32 = 2000;

fn main() -> std::process::ExitCode {
    match run() {
        Ok(()) => std::process::ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("bench_companion: {error:#}");
            std::process::ExitCode::FAILURE
        }
    }
}

/// What is measured: the daemon's program, Kamailio's, and the folder of its libraries.
struct Programs {
    blacklistd: PathBuf,
    kamailio: PathBuf,
    libraries: PathBuf,
}

fn run() -> anyhow::Result<()> {
    let mut json = false;
    let mut paths = Vec::new();
    for argument in std::env::args_os().skip(1) {
        match argument.to_str() {
            Some("--json") => json = true,
            _ => paths.push(PathBuf::from(argument)),
        }
    }
    let [blacklistd, kamailio, libraries] = paths.as_slice() else {
        bail!("name the programs: run `cargo xtask bench companion`");
    };
    if !nix::unistd::geteuid().is_root() {
        bail!("measuring needs root: run `cargo xtask bench companion`");
    }
    let programs = Programs {
        blacklistd: blacklistd.clone(),
        kamailio: kamailio.clone(),
        libraries: libraries.clone(),
    };
    // Interfaces and ports of the measurement live in a namespace that ends with this process.
    nix::sched::unshare(nix::sched::CloneFlags::CLONE_NEWNET)?;
    blacklist_tests::measuring::ip(&["link", "set", "lo", "up"])?;
    let mut report = Report::new("companion");
    for size in SIZES {
        measure(&programs, size, &mut report)?;
    }
    report.print(json);
    Ok(())
}

fn words(size: u32) -> &'static str {
    if size == 10_000 { "10 k" } else { "1 M" }
}

/// Measures all on a list of one size.
fn measure(programs: &Programs, size: u32, report: &mut Report) -> anyhow::Result<()> {
    let of = words(size);
    report.section(&format!("{of} exact numbers"));
    let house = list::house(&programs.blacklistd, size)?;
    let mut daemon = house.start()?;
    list::fill(&house, size)?;
    let process = daemon.id();
    let sip = Sip::new(list::REDIRECT, size)?;
    let name = format!("{of}: blacklistd by SIP");
    figures(report, &name, process, &sip, (MANY, ONE_BY_ONE))?;
    let http = Http::new(list::SCREEN, size);
    let name = format!("{of}: blacklistd by HTTP");
    figures(report, &name, process, &http, (MANY, ONE_BY_ONE))?;
    let table = list::mirror(&house, "kamailio-htable")?;
    stop(&mut daemon)?;

    let mut kamailio = kamailio::start(programs, kamailio::By::Htable, &table, size)?;
    let sip = Sip::new(kamailio::LISTEN, size)?;
    let name = format!("{of}: Kamailio alone, htable");
    figures(report, &name, kamailio.id(), &sip, (MANY, ONE_BY_ONE))?;
    kamailio.end()?;

    let mut kamailio = kamailio::start(programs, kamailio::By::Secfilter, &table, size)?;
    let name = format!("{of}: Kamailio alone, secfilter");
    let counts = if size > 100_000 {
        (FEW, FEW)
    } else {
        (MANY, ONE_BY_ONE)
    };
    figures(report, &name, kamailio.id(), &sip, counts)?;
    kamailio.end()
}

/// Somebody who asks.
trait Ask: Sync {
    /// Asks so many questions, several at once.
    fn many(&self, count: u32) -> anyhow::Result<()>;
    /// Asks so many, one after the other; seconds until each answer.
    fn one_by_one(&self, count: u32) -> anyhow::Result<Vec<f64>>;
}

/// Rate and waiting times of one server.
fn figures(
    report: &mut Report,
    name: &str,
    process: u32,
    asker: &impl Ask,
    (many, one_by_one): (u32, u32),
) -> anyhow::Result<()> {
    // What is only done once is done.
    asker.many(many / 10)?;
    let before = processor::seconds(process)?;
    asker.many(many)?;
    let took = processor::seconds(process)? - before;
    report.row(
        &format!("{name}: decisions in a second of one core"),
        "1/s",
        f64::from(many) / took.max(0.01),
    );
    let mut waited = asker.one_by_one(one_by_one)?;
    waited.sort_by(f64::total_cmp);
    for (percent, words) in [(50, "p50"), (99, "p99")] {
        let at = waited.len() * percent / 100;
        let seconds = waited.get(at).copied().unwrap_or(f64::NAN);
        report.row(
            &format!("{name}: answer after, {words}"),
            "us",
            seconds * 1e6,
        );
    }
    Ok(())
}
