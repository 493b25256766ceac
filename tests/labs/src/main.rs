//! The labs: scenarios in network namespaces of their own. `cargo xtask` builds this program and
//! starts it as root; here its command line is parsed.

#![cfg_attr(
    not(feature = "all"),
    expect(
        dead_code,
        reason = "the frame of all labs does more than the demo needs"
    )
)]

#[cfg(feature = "all")]
mod accounting;
mod answerer;
#[cfg(feature = "all")]
mod answering;
#[cfg(feature = "all")]
mod asterisk;
#[cfg(feature = "all")]
mod bench;
mod cleanup;
#[cfg(feature = "all")]
mod companion;
mod daemon;
mod demo;
#[cfg(feature = "all")]
mod hearing;
#[cfg(feature = "all")]
mod kernels;
mod lab;
mod network;
#[cfg(feature = "all")]
mod phone;
#[cfg(feature = "all")]
mod phones;
#[cfg(feature = "all")]
mod proxy;
#[cfg(feature = "all")]
mod readme;
mod report;
#[cfg(feature = "all")]
mod restart;
mod rows;
#[cfg(feature = "all")]
mod rules;
mod sip;
mod sipp;
#[cfg(feature = "all")]
mod sound;
#[cfg(feature = "all")]
mod tagged;
#[cfg(feature = "all")]
mod testing_suite;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;
use clap::{Parser, Subcommand};
use xtask::labs::LabName;

use self::lab::Lab;
use self::report::{Case, Report};

/// Scenarios with the real daemon and real clients; `cargo xtask lab` starts them.
#[derive(Parser)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Runs a scenario and prints what it found
    Run {
        /// Which scenario
        name: LabName,
        /// Leave the lab running and say how to enter and remove it
        #[arg(long)]
        keep: bool,
        /// Run nothing, and name what is skipped
        #[arg(long)]
        skip: bool,
        #[command(flatten)]
        common: Common,
    },
    /// Measures what answering costs
    #[cfg(feature = "all")]
    MeasureAnswering(Common),
    /// The phone system of a lab; started by the lab itself
    #[command(hide = true)]
    AnswerCalls {
        /// Addresses with their ports
        #[arg(required = true)]
        addresses: Vec<SocketAddr>,
    },
    /// The first process of a lab's virtual machine; started by its kernel
    #[cfg(feature = "all")]
    #[command(hide = true)]
    InsideMachine,
}

/// What is run and how it is printed.
#[derive(clap::Args)]
struct Common {
    /// The program under trial
    #[arg(long)]
    daemon: PathBuf,
    /// One JSON object as the last line of stdout
    #[arg(long)]
    json: bool,
}

fn main() -> ExitCode {
    let result = match Arguments::parse().command {
        Command::Run {
            name,
            keep,
            skip,
            common,
        } => run(name, keep, skip, &common),
        #[cfg(feature = "all")]
        Command::MeasureAnswering(common) => measure_answering(&common),
        Command::AnswerCalls { addresses } => answerer::run(&addresses).map(|()| ExitCode::SUCCESS),
        #[cfg(feature = "all")]
        Command::InsideMachine => kernels::inside_machine().map(|never| match never {}),
    };
    match result {
        Ok(code) => code,
        Err(error) => {
            eprintln!("labs: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(name: LabName, keep: bool, skip: bool, common: &Common) -> Result<ExitCode> {
    let mut report = if skip {
        lab::skip(name)
    } else {
        lab::play(lab::scenario(name)?, &common.daemon, keep)?
    };
    report.name = name.to_string();
    if common.json {
        println!("{}", report.json());
    } else {
        println!("{}", report.table());
    }
    let (passed, failed) = report.counts();
    Ok(if failed == 0 && passed + report.skipped.len() > 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

#[cfg(feature = "all")]
fn measure_answering(common: &Common) -> Result<ExitCode> {
    let mut figures = bench::Figures::new("answering");
    let measured = bench::run(&common.daemon, &mut figures);
    // What was measured before something was wrong is printed all the same.
    figures.print(common.json);
    measured.map(|()| ExitCode::SUCCESS)
}
