//! The eBPF object, which is part of this binary, and how it is loaded.

use aya::maps::{Map, MapData};
use aya::programs::{Program, ProgramError, Xdp};
use aya::{Ebpf, EbpfLoader, include_bytes_aligned};
use blacklist_common::calls;
use blacklist_common::object::{map, program};

use super::pins::Pins;
use super::{KernelError, KernelSettings, PatternTables};

pub(super) static OBJECT: &[u8] = include_bytes_aligned!(env!("BLACKLIST_EBPF_OBJECT_PATH"));

impl PatternTables {
    /// The program that is attached.
    pub(super) const fn program(self) -> &'static str {
        match self {
            Self::Hashed => program::BLACKLIST,
            Self::Stock => program::BLACKLIST_STOCK,
        }
    }

    /// The program that is asked by test runs.
    pub(super) const fn asked(self) -> &'static str {
        match self {
            Self::Hashed => program::ASK,
            Self::Stock => program::ASK_STOCK,
        }
    }

    /// Whether a program of the object is for these tables; those for measurements are for all.
    fn takes(self, program: &str) -> bool {
        let other = match self {
            Self::Hashed => Self::Stock,
            Self::Stock => Self::Hashed,
        };
        program != other.program() && program != other.asked()
    }
}

/// Slot 0 of the counters is no rule's.
pub(super) fn counter_slots(settings: &KernelSettings) -> u32 {
    settings.maximum_rules.saturating_add(1)
}

/// Buckets of our own table of calls; it is empty where the stock one is used.
pub(super) fn call_buckets(settings: &KernelSettings) -> u32 {
    match settings.tables {
        PatternTables::Hashed => calls::call_buckets(settings.maximum_calls),
        PatternTables::Stock => 1,
    }
}

fn stock_calls(settings: &KernelSettings) -> u32 {
    match settings.tables {
        PatternTables::Hashed => 1,
        PatternTables::Stock => settings.maximum_calls,
    }
}

/// Loads maps and programs; what is pinned is taken over.
pub(super) fn load(
    settings: &KernelSettings,
    pins: &Pins,
    object: &[u8],
) -> Result<Ebpf, KernelError> {
    let mut loader = EbpfLoader::new();
    for name in map::PINNED {
        loader.map_pin_path(name, pins.map(name));
    }
    loader
        .map_max_entries(map::COUNTERS, counter_slots(settings))
        .map_max_entries(map::RULES, counter_slots(settings))
        .map_max_entries(map::CALLS, call_buckets(settings))
        .map_max_entries(map::CALLS_STOCK, stock_calls(settings))
        .map_max_entries(map::EVENTS, settings.event_bytes);
    let mut ebpf = loader
        .load(object)
        .map_err(|error| KernelError::failed("loading the kernel's tables", chain(&error)))?;
    // All of them, while all maps that they name are open.
    for (name, program) in ebpf.programs_mut() {
        if !settings.tables.takes(name) {
            continue;
        }
        match program {
            Program::SchedClassifier(program) => program.load(),
            other => <&mut Xdp>::try_from(other).and_then(|program| program.load()),
        }
        .map_err(refused)?;
    }
    Ok(ebpf)
}

/// One of the programs.
pub(super) fn program<'a>(ebpf: &'a mut Ebpf, name: &str) -> Result<&'a mut Xdp, KernelError> {
    let program = ebpf
        .program_mut(name)
        .ok_or_else(|| KernelError::failed("looking for a program", format!("no {name}")))?;
    program
        .try_into()
        .map_err(|error: ProgramError| KernelError::failed("looking for a program", error))
}

/// A map by its name, out of the object.
pub(super) fn take(ebpf: &mut Ebpf, name: &str) -> Result<Map, KernelError> {
    ebpf.take_map(name)
        .ok_or_else(|| KernelError::failed("looking for a table", format!("no {name}")))
}

/// The data of an array map.
pub(super) fn take_array(ebpf: &mut Ebpf, name: &str) -> Result<MapData, KernelError> {
    match take(ebpf, name)? {
        Map::Array(data) => Ok(data),
        _ => Err(KernelError::failed(
            "looking for a table",
            format!("{name} is not an array"),
        )),
    }
}

fn refused(error: ProgramError) -> KernelError {
    match error {
        ProgramError::LoadError {
            io_error,
            verifier_log,
        } => {
            let log = verifier_log.to_string();
            let last = log.lines().rev().take(12).collect::<Vec<_>>();
            let last = last.into_iter().rev().collect::<Vec<_>>().join("\n");
            KernelError::Refused(format!("{io_error}\n{last}"))
        }
        other => KernelError::Refused(chain(&other)),
    }
}

/// An error and what caused it.
pub(super) fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        let cause_text = cause.to_string();
        if !text.contains(&cause_text) {
            text.push_str(": ");
            text.push_str(&cause_text);
        }
        next = cause.source();
    }
    text
}
