//! Loads the object and says what the kernel's verifier made of it: size, instructions walked,
//! stack, memory of the maps.

use std::process::Command;

use anyhow::{Context as _, bail};
use blacklist_kernel::{Kernel, KernelSettings, PatternTables, Tables};
use blacklist_tests::private_bpf::PrivateBpf;
use serde_json::{Value, json};

/// Most instructions that the verifier may walk for one program; its own limit is a million.
const MOST_INSTRUCTIONS: u64 = 250_000;
/// Most bytes of stack that a chain of calls may use (include/linux/filter.h, MAX_BPF_STACK).
const MOST_STACK: u64 = 512;

fn main() -> std::process::ExitCode {
    match run() {
        Ok(()) => std::process::ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("verify: {error:#}");
            std::process::ExitCode::FAILURE
        }
    }
}

fn run() -> anyhow::Result<()> {
    let json = std::env::args().any(|argument| argument == "--json");
    if !nix::unistd::geteuid().is_root() {
        bail!("loading a program needs root: run `cargo xtask verify`");
    }
    let object = std::env::var("BLACKLIST_EBPF_OBJECT")
        .context("name the object in BLACKLIST_EBPF_OBJECT: run `cargo xtask verify`")?;
    let pins = PrivateBpf::mount()?;
    let stacks = stacks(&object, &pins)?;
    let mut rows = Vec::new();
    let mut goals = Vec::new();
    for tables in [PatternTables::Stock, PatternTables::Hashed] {
        programs(&pins, tables, &stacks, &mut rows, &mut goals)?;
    }
    let missed = goals.iter().any(|goal| goal["met"] == Value::Bool(false));
    if json {
        println!(
            "{}",
            json!({"name": "verify", "rows": rows, "goals": goals})
        );
    } else {
        print(&rows, &object)?;
    }
    if missed {
        bail!("a program is larger than it may be");
    }
    Ok(())
}

/// Loads the programs of one kind of tables and says what the kernel says of them.
fn programs(
    pins: &PrivateBpf,
    tables: PatternTables,
    stacks: &[(String, String)],
    rows: &mut Vec<Value>,
    goals: &mut Vec<Value>,
) -> anyhow::Result<()> {
    let mut kernel = Kernel::open(&KernelSettings {
        pin_directory: pins.path().join("verify"),
        maximum_rules: 1_000_000,
        maximum_calls: 65_536,
        event_bytes: 1 << 22,
        tables,
    })?;
    kernel.install(&Tables::default(), 1)?;
    for (name, program) in kernel.programs()?.programs() {
        let Ok(info) = program.info() else {
            // Of the other kind.
            continue;
        };
        let verified = u64::from(info.verified_instruction_count().unwrap_or(0));
        let stack = stacks
            .iter()
            .find(|(program, _)| program == name)
            .map(|(_, stack)| stack.as_str());
        rows.push(json!({
            "program": name,
            "verified_instructions": verified,
            "translated_bytes": info.size_translated(),
            "native_bytes": info.size_jitted(),
            "stack_bytes_by_function": stack,
            "deepest_frame_bytes": stack.map(deepest),
        }));
        goals.push(json!({
            "measure": format!("verified instructions of {name}"),
            "value": verified,
            "at_most": MOST_INSTRUCTIONS,
            "met": verified <= MOST_INSTRUCTIONS,
        }));
    }
    let memory = map_memory()?;
    rows.push(json!({
        "tables": tables.as_str(),
        "maps_bytes": memory,
        "rules": 1_000_000,
    }));
    Ok(())
}

fn print(rows: &[Value], object: &str) -> anyhow::Result<()> {
    println!("object: {} bytes", std::fs::metadata(object)?.len());
    for row in rows {
        if let Some(program) = row["program"].as_str() {
            println!("program {program}");
            println!(
                "  verified instructions: {} (at most {MOST_INSTRUCTIONS})",
                row["verified_instructions"]
            );
            println!(
                "  size: {} bytes, {} as native code",
                row["translated_bytes"], row["native_bytes"]
            );
            println!(
                "  deepest stack frame: {} bytes (a chain of calls: at most {MOST_STACK})",
                row["deepest_frame_bytes"]
            );
            println!("  stack by function: {}", row["stack_bytes_by_function"]);
        } else {
            println!(
                "{} maps: {} bytes with room for {} rules",
                row["tables"], row["maps_bytes"], row["rules"]
            );
        }
    }
    Ok(())
}

/// The largest frame of a verifier's list such as `8+344+16`.
fn deepest(list: &str) -> u64 {
    list.split('+')
        .filter_map(|frame| frame.parse().ok())
        .max()
        .unwrap_or(0)
}

/// What the verifier says of the stack, by program: only its log has that, and only an
/// independent loader shows the log of a program that it accepts.
fn stacks(object: &str, pins: &PrivateBpf) -> anyhow::Result<Vec<(String, String)>> {
    let output = Command::new("bpftool")
        .args(["--debug", "prog", "loadall", object])
        .arg(pins.path().join("stack"))
        .output()
        .context("running bpftool: install it with `apt-get install bpftool`")?;
    let text = String::from_utf8_lossy(&output.stderr);
    let text = format!("{}{text}", String::from_utf8_lossy(&output.stdout));
    if !output.status.success() {
        bail!(
            "bpftool did not load the object: {}",
            text.lines().last().unwrap_or("")
        );
    }
    let mut list = Vec::new();
    let mut program = String::new();
    for line in text.lines() {
        if let Some(rest) = line.strip_prefix("libbpf: prog '")
            && let Some((name, rest)) = rest.split_once('\'')
            && rest.contains("BEGIN PROG LOAD LOG")
        {
            program = name.to_owned();
        } else if let Some(depth) = line.strip_prefix("stack depth ") {
            list.push((program.clone(), depth.trim().to_owned()));
        }
    }
    Ok(list)
}

/// Memory of the maps that this process has open.
fn map_memory() -> anyhow::Result<u64> {
    let mut sum = 0;
    for entry in std::fs::read_dir("/proc/self/fdinfo")? {
        let text = std::fs::read_to_string(entry?.path()).unwrap_or_default();
        if !text.contains("map_type:") {
            continue;
        }
        sum += text
            .lines()
            .find_map(|line| line.strip_prefix("memlock:")?.trim().parse::<u64>().ok())
            .unwrap_or(0);
    }
    Ok(sum)
}
