//! What measurements share: the programs of the measuring object, a sender of frames, interfaces of
//! their own, what a process holds, and the figure in the middle.

use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context as _, anyhow, bail};
use aya::Ebpf;
use aya::maps::{Array, MapData};
use aya::programs::{TestRun as _, TestRunAttrs, TestRunOptions, Xdp};
use blacklist_common::bench::Variation;

#[derive(Clone, Copy)]
#[repr(transparent)]
struct Raw(Variation);

// SAFETY: a variation consists of integers without gaps.
unsafe impl aya::Pod for Raw {}

/// A program of the measuring object.
///
/// # Errors
/// There is none of this name.
pub fn program<'a>(ebpf: &'a mut Ebpf, name: &str) -> anyhow::Result<&'a mut Xdp> {
    let program = ebpf
        .program_mut(name)
        .ok_or_else(|| anyhow!("the object has no program {name}"))?;
    Ok(program.try_into()?)
}

/// Tells the measuring programs which numbers to use.
///
/// # Errors
/// It is another object, or a system call fails.
pub fn vary(ebpf: &mut Ebpf, variation: Variation) -> anyhow::Result<()> {
    let map = ebpf
        .map_mut("VARIATION")
        .context("looking for the variation")?;
    let mut map: Array<&mut MapData, Raw> = map.try_into()?;
    map.set(0, Raw(variation), 0)?;
    Ok(())
}

/// Nanoseconds for each of so many runs of a program on a frame.
///
/// # Errors
/// There is no such program, or a system call fails.
pub fn run(ebpf: &mut Ebpf, name: &str, frame: &[u8], repeats: u32) -> anyhow::Result<f64> {
    let mut options = TestRunOptions::new();
    options.data_in = Some(frame);
    options.repeat = repeats;
    let result = program(ebpf, name)?.test_run(options)?;
    Ok(result.duration.as_nanos() as f64)
}

/// Sends copies of a frame, each with another number, out of an interface; the time that sending
/// and judging took together.
///
/// # Errors
/// A system call fails.
pub fn send(
    ebpf: &mut Ebpf,
    interface: u32,
    frame: &[u8],
    packets: u32,
) -> anyhow::Result<Duration> {
    let mut context = [0_u8; 24];
    let length = u32::try_from(frame.len())?;
    context
        .chunks_exact_mut(4)
        .zip([0, length, 0, interface, 0, 0])
        .for_each(|(place, value)| place.copy_from_slice(&value.to_ne_bytes()));
    let mut options = TestRunOptions::new();
    options.data_in = Some(frame);
    options.ctx_in = Some(&context);
    options.repeat = packets;
    options.attrs = TestRunAttrs::new().xdp_live_frames(64);
    let began = Instant::now();
    program(ebpf, "send")?.test_run(options)?;
    Ok(began.elapsed())
}

/// Runs `ip`.
///
/// # Errors
/// It is not there, or fails.
pub fn ip(arguments: &[&str]) -> anyhow::Result<()> {
    let status = Command::new("ip")
        .args(arguments)
        .status()
        .context("running ip")?;
    if !status.success() {
        bail!("`ip {}` failed", arguments.join(" "));
    }
    Ok(())
}

/// Bytes that a process holds in memory (proc(5), `VmRSS`).
///
/// # Errors
/// There is no such process.
pub fn held(process: &str) -> anyhow::Result<f64> {
    memory(process, "VmRSS:")
}

/// Bytes of memory that a process held at most, since this was set back.
///
/// # Errors
/// There is no such process.
pub fn highest(process: &str) -> anyhow::Result<f64> {
    memory(process, "VmHWM:")
}

/// Sets back what a process held at most.
///
/// # Errors
/// There is no such process, or it is somebody else's.
pub fn reset_highest(process: &str) -> anyhow::Result<()> {
    Ok(std::fs::write(format!("/proc/{process}/clear_refs"), "5")?)
}

fn memory(process: &str, key: &str) -> anyhow::Result<f64> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status"))?;
    let kibibytes = status
        .lines()
        .find_map(|line| line.strip_prefix(key))
        .and_then(|rest| rest.trim().strip_suffix(" kB"))
        .with_context(|| format!("no {key}"))?;
    let kibibytes: f64 = kibibytes.trim().parse()?;
    Ok(kibibytes * 1024.0)
}

/// The figure in the middle.
pub fn median(mut figures: Vec<f64>) -> f64 {
    figures.sort_by(f64::total_cmp);
    figures.get(figures.len() / 2).copied().unwrap_or(f64::NAN)
}
