//! `setup`: finds what the build and the labs need, says what is missing and how it will be
//! installed, asks, installs. Every other command begins with [`ensure`], which is silent when
//! all is there.

use std::io::{BufRead, IsTerminal, Write};
use std::process::{Command, ExitCode};

use anyhow::{Context, Result, bail};
use xtask::{peers, privilege, python, testing_suite, workspace};

pub(crate) use crate::commands::needs::For;
use crate::commands::needs::{Cure, Need, needs};
use crate::commands::terms::Terms;
use crate::ebpf_toolchain::{BPF_LINKER_PACKAGES, BPF_LINKER_VERSION, LLVM_MAJOR, LLVM_PREFIX};

/// What can be asked of the set-up.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    terms: Terms,
    /// Only report; exit code 1 if anything is missing
    #[arg(long)]
    check: bool,
}

/// Runs the command.
pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode> {
    let wanted = arguments.terms.of_all_labs();
    let is_wanted = |need: &Need| wanted.iter().any(|purpose| purpose.includes(need.purpose));
    let (needs, without): (Vec<Need>, Vec<Need>) = needs().into_iter().partition(is_wanted);
    for need in &without {
        println!("skipped  {:<15} gone without, as asked", need.what);
    }
    for need in &needs {
        match &need.found {
            Ok(found) => println!("ok       {:<15} {found}", need.what),
            Err(problem) => println!("missing  {:<15} {problem}", need.what),
        }
    }
    let missing: Vec<&Need> = needs.iter().filter(|need| need.found.is_err()).collect();
    if missing.is_empty() {
        println!("everything is there");
        return Ok(ExitCode::SUCCESS);
    }
    if arguments.check {
        for line in by_hand(&missing) {
            println!("by hand  {line}");
        }
        for line in plan(&missing)? {
            println!("to do    {line}");
        }
        return Ok(ExitCode::FAILURE);
    }
    install(&missing, arguments.terms.yes)?;
    Ok(ExitCode::SUCCESS)
}

/// Installs what is missing; asks first, unless `yes` is given.
pub(crate) fn ensure(purposes: &[For], yes: bool) -> Result<()> {
    let needs = needs();
    let is_wanted = |need: &Need| {
        let mut purposes = purposes.iter();
        purposes.any(|purpose| purpose.includes(need.purpose))
    };
    let missing: Vec<&Need> = needs
        .iter()
        .filter(|need| need.found.is_err() && is_wanted(need))
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    for need in &missing {
        if let Err(problem) = &need.found {
            eprintln!("xtask: missing: {}: {problem}", need.what);
        }
    }
    install(&missing, yes)
}

/// Debian packages, each once.
fn packages(missing: &[&Need]) -> Vec<&'static str> {
    let mut packages = Vec::new();
    for need in missing {
        let wanted: &[&str] = match &need.cure {
            Cure::Packages(wanted) => wanted,
            Cure::BpfLinker => BPF_LINKER_PACKAGES,
            Cure::TestingSuite => testing_suite::needs_installed(),
            Cure::ByHand(_) | Cure::Unpacked(_) | Cure::Python => &[],
        };
        packages.extend(
            wanted
                .iter()
                .filter(|package| !packages.contains(*package))
                .copied()
                .collect::<Vec<_>>(),
        );
    }
    packages
}

/// Debian packages that are unpacked, each once.
fn unpacked(missing: &[&Need]) -> Vec<&'static str> {
    let wanted = |need: &&Need| match &need.cure {
        Cure::Unpacked(wanted) => wanted.to_vec(),
        Cure::Packages(_)
        | Cure::TestingSuite
        | Cure::BpfLinker
        | Cure::Python
        | Cure::ByHand(_) => Vec::new(),
    };
    let mut packages: Vec<&str> = missing.iter().flat_map(wanted).collect();
    packages.sort_unstable();
    packages.dedup();
    packages
}

/// What a person has to do first, a line each.
fn by_hand(missing: &[&Need]) -> Vec<String> {
    let cure = |need: &&Need| match &need.cure {
        Cure::ByHand(cure) => Some(format!("{}: {cure}", need.what)),
        Cure::Packages(_)
        | Cure::Unpacked(_)
        | Cure::TestingSuite
        | Cure::BpfLinker
        | Cure::Python => None,
    };
    missing.iter().filter_map(cure).collect()
}

/// Whether one of the missing has a cure of this kind.
fn has(missing: &[&Need], cure: &Cure) -> bool {
    let kind = std::mem::discriminant(cure);
    let kinds = missing
        .iter()
        .map(|need| std::mem::discriminant(&need.cure));
    kinds.into_iter().any(|other| other == kind)
}

/// What will be done, a line each; fails if it cannot be done from here.
fn plan(missing: &[&Need]) -> Result<Vec<String>> {
    let mut lines = Vec::new();
    let (packages, unpacked) = (packages(missing), unpacked(missing));
    let has_apt = workspace::find_program("apt-get").is_some();
    let wanted = [packages.as_slice(), &unpacked].concat();
    if !has_apt && !wanted.is_empty() {
        bail!(
            "there is no apt-get here; install what corresponds to Debian's {}",
            wanted.join(" ")
        );
    }
    if !packages.is_empty() {
        if !privilege::is_reachable() {
            bail!(
                "installing {} needs root, and there is no sudo: run this as root",
                packages.join(" ")
            );
        }
        lines.push(format!("apt-get install {}", packages.join(" ")));
    }
    if !unpacked.is_empty() {
        lines.push(format!(
            "apt-get download {} (unpacked into the target folder, not installed)",
            unpacked.join(" ")
        ));
    }
    if has(missing, &Cure::TestingSuite) {
        if !has_apt {
            bail!(
                "there is no apt-get here for Debian's testing suite; `--without testing-suite` goes on without"
            );
        }
        lines.push(testing_suite::plan());
    }
    if has(missing, &Cure::BpfLinker) {
        lines.push(format!(
            "cargo install bpf-linker {BPF_LINKER_VERSION} (with LLVM {LLVM_MAJOR}, about a minute)"
        ));
    }
    if has(missing, &Cure::Python) {
        lines.push(python::plan());
    }
    Ok(lines)
}

fn install(missing: &[&Need], yes: bool) -> Result<()> {
    let first = by_hand(missing);
    if !first.is_empty() {
        bail!("this cannot be installed from here: {}", first.join("; "));
    }
    let steps = plan(missing)?;
    eprintln!("xtask: will run:");
    for step in &steps {
        eprintln!("  {step}");
    }
    if !yes && !agreed()? {
        bail!("nothing was installed; `cargo xtask setup` lists what is missing");
    }
    let packages = packages(missing);
    if !packages.is_empty() {
        install_packages(&packages)?;
    }
    if has(missing, &Cure::BpfLinker) {
        install_bpf_linker()?;
    }
    let unpacked = unpacked(missing);
    if !unpacked.is_empty() {
        peers::unpack(&unpacked)?;
    }
    if has(missing, &Cure::Python) {
        python::install()?;
    }
    if has(missing, &Cure::TestingSuite) {
        testing_suite::make().context(
            "Debian's testing suite was not set up; `--without testing-suite` goes on without it",
        )?;
    }
    let left: Vec<String> = needs()
        .into_iter()
        .filter(|need| missing.iter().any(|missed| missed.what == need.what))
        .filter_map(|need| {
            need.found
                .err()
                .map(|problem| format!("{}: {problem}", need.what))
        })
        .collect();
    if !left.is_empty() {
        bail!("still missing after the installation: {}", left.join("; "));
    }
    eprintln!("xtask: everything is there");
    Ok(())
}

fn agreed() -> Result<bool> {
    if !std::io::stdin().is_terminal() {
        bail!("there is nobody to ask; give --yes to install without asking");
    }
    eprint!("go on? [y/N] ");
    std::io::stderr().flush()?;
    let mut answer = String::new();
    std::io::stdin().lock().read_line(&mut answer)?;
    Ok(matches!(answer.trim(), "y" | "Y" | "yes"))
}

fn install_packages(packages: &[&str]) -> Result<()> {
    let quiet = [("DEBIAN_FRONTEND", "noninteractive".as_ref())];
    workspace::run(privilege::command("apt-get", &quiet)?.arg("update"))?;
    workspace::run(
        privilege::command("apt-get", &quiet)?
            .args(["install", "--yes", "--no-install-recommends"])
            .args(packages),
    )
    .with_context(|| {
        format!(
            "Debian 12 with its security updates has {}; is it this system?",
            packages.join(" ")
        )
    })
}

fn install_bpf_linker() -> Result<()> {
    let mut command: Command = workspace::cargo()?;
    command
        .args([
            "install",
            "bpf-linker",
            "--version",
            &format!("={BPF_LINKER_VERSION}"),
        ])
        .args(["--locked", "--force", "--no-default-features"])
        .args(["--features", &format!("llvm-{LLVM_MAJOR}")])
        .env("LLVM_PREFIX", LLVM_PREFIX);
    // The variables of the build that runs us must not reach another package's.
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("CARGO_PKG_") {
            command.env_remove(&name);
        }
    }
    workspace::run(&mut command)
}
