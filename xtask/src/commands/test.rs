//! `test`: all tests of the host crates, the privileged ones included, and the labs. Compiled as
//! the user who called, run as root; one summary at the end, and nothing is left out silently.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};

use anyhow::{Context, Result, bail};
use serde_json::Value;
use xtask::labs::LabName;
use xtask::privilege;
use xtask::workspace::{self, OBJECT_VARIABLE};

use crate::commands::terms::Terms;
use crate::commands::{build, setup};

/// What can be asked of the tests.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    terms: Terms,
}

/// A compiled test program.
struct Program {
    /// Package and target.
    name: String,
    executable: PathBuf,
    /// The package's folder, where cargo would run it.
    folder: PathBuf,
}

/// How many there were.
#[derive(Debug, Default, PartialEq, Eq)]
struct Counts {
    passed: u64,
    failed: u64,
    ignored: u64,
    skipped: u64,
}

/// Runs the command.
pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode> {
    let terms = &arguments.terms;
    setup::ensure(&terms.of_all_labs(), terms.yes)?;
    let object = build::object(build::Object::Release)?;
    let programs = compile(&object)?;
    let mut total = Counts::default();
    let mut failures = Vec::new();
    for program in &programs {
        println!("\n--- {}", program.name);
        let counts = run_program(program, &object)?;
        if counts.failed > 0 {
            failures.push(program.name.clone());
        }
        total.add(&counts);
    }
    let labs = build::labs(build::Profile::Dev)?;
    for name in LabName::all() {
        println!("\n--- lab {name}");
        let counts = run_lab(*name, &labs, terms)?;
        if counts.failed > 0 {
            failures.push(format!("lab {name}"));
        }
        total.add(&counts);
    }
    println!(
        "\n=== {} test programs and {} labs",
        programs.len(),
        LabName::all().len()
    );
    if total.ignored > 0 {
        println!("{} tests were ignored; they are named above", total.ignored);
    }
    for name in &failures {
        println!("failed: {name}");
    }
    let skipped = match total.skipped {
        0 => String::new(),
        skipped => {
            println!("{skipped} cases were skipped, as asked; they are named above");
            format!(", {skipped} skipped")
        }
    };
    println!("{} passed, {} failed{skipped}", total.passed, total.failed);
    let good = total.failed == 0 && total.passed > 0;
    Ok(if good {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// Compiles all test programs of the default members.
fn compile(object: &Path) -> Result<Vec<Program>> {
    let mut command = workspace::cargo()?;
    command
        .args([
            "test",
            "--no-run",
            "--workspace",
            "--exclude",
            "blacklist-ebpf",
        ])
        .arg("--message-format=json-render-diagnostics")
        .env(OBJECT_VARIABLE, object)
        .stdin(Stdio::null())
        .stderr(Stdio::inherit());
    let output = command.output().context("cannot run cargo")?;
    if !output.status.success() {
        bail!("the tests were not compiled");
    }
    let text = String::from_utf8_lossy(&output.stdout);
    let programs: Vec<Program> = text
        .lines()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok())
        .filter_map(|message| test_program(&message))
        .collect();
    if programs.is_empty() {
        bail!("cargo compiled no test program");
    }
    Ok(programs)
}

/// A test program, if that is what a message of cargo speaks of.
fn test_program(message: &Value) -> Option<Program> {
    let text = |pointer: &str| message.pointer(pointer).and_then(Value::as_str);
    if text("/reason")? != "compiler-artifact" || message.pointer("/profile/test")? != true {
        return None;
    }
    let folder = Path::new(text("/manifest_path")?).parent()?.to_owned();
    let package = folder.file_name()?.to_string_lossy().into_owned();
    let kind = text("/target/kind/0")?;
    let name = text("/target/name")?;
    Some(Program {
        name: format!("{package}: {kind} {name}"),
        executable: PathBuf::from(text("/executable")?),
        folder,
    })
}

/// Runs one as root and counts what it says. One that dies counts as one failure.
fn run_program(program: &Program, object: &Path) -> Result<Counts> {
    let variables = [
        (OBJECT_VARIABLE, object.as_os_str()),
        ("CARGO_MANIFEST_DIR", program.folder.as_os_str()),
    ];
    let mut command = privilege::command(&program.executable, &variables)?;
    command.current_dir(&program.folder);
    let mut counts = Counts::default();
    let success = follow(&mut command, |line| {
        if let Some(counted) = Counts::of_result_line(line) {
            counts.add(&counted);
        }
    })?;
    if !success && counts.failed == 0 {
        println!("{} ended without a result", program.name);
        counts.failed += 1;
    }
    Ok(counts)
}

/// Runs a lab as root and counts its cases.
fn run_lab(name: LabName, labs: &build::Programs, terms: &Terms) -> Result<Counts> {
    let mut command = labs.lab(name, terms.skips(name))?;
    command.arg("--json");
    let mut last = String::new();
    let success = follow(&mut command, |line| line.clone_into(&mut last))?;
    let report: Value = serde_json::from_str(&last).unwrap_or_default();
    let number = |key: &str| report.get(key).and_then(Value::as_u64).unwrap_or_default();
    let mut counts = Counts {
        passed: number("passed"),
        failed: number("failed"),
        ignored: 0,
        skipped: number("skipped"),
    };
    let of = |key: &str| {
        let list = report.get(key).and_then(Value::as_array);
        list.into_iter().flatten()
    };
    for case in of("skipped_cases").filter_map(Value::as_str) {
        println!("lab {name}: skipped: {case}");
    }
    for case in of("cases") {
        if case.get("ok") != Some(&Value::Bool(true)) {
            println!("lab {name}: failed: {case}");
        }
    }
    if !success && counts.failed == 0 {
        println!("lab {name} ended without a result");
        counts.failed += 1;
    }
    Ok(counts)
}

/// Runs a command, shows its lines as they come and hands each over; whether it succeeded.
fn follow(command: &mut Command, mut each: impl FnMut(&str)) -> Result<bool> {
    let name = command.get_program().to_string_lossy().into_owned();
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .with_context(|| format!("cannot run {name}"))?;
    if let Some(stdout) = child.stdout.take() {
        for line in BufReader::new(stdout).split(b'\n') {
            let line = String::from_utf8_lossy(&line?).into_owned();
            println!("{line}");
            each(&line);
        }
    }
    Ok(child.wait()?.success())
}

impl Counts {
    fn add(&mut self, other: &Self) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.ignored += other.ignored;
        self.skipped += other.skipped;
    }

    /// Reads `test result: ok. 3 passed; 0 failed; 1 ignored; ...`.
    fn of_result_line(line: &str) -> Option<Self> {
        let (_, results) = line.strip_prefix("test result: ")?.split_once(". ")?;
        let number = |word: &str| {
            results
                .split("; ")
                .find_map(|part| part.strip_suffix(word)?.trim().parse().ok())
                .unwrap_or_default()
        };
        Some(Self {
            passed: number("passed"),
            failed: number("failed"),
            ignored: number("ignored"),
            skipped: 0,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn result_lines_are_counted() {
        let line = "test result: FAILED. 12 passed; 3 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.01s";
        let counts = Counts {
            passed: 12,
            failed: 3,
            ignored: 1,
            skipped: 0,
        };
        assert_eq!(Counts::of_result_line(line), Some(counts));
        assert_eq!(Counts::of_result_line("test a::b ... ok"), None);
    }
}
