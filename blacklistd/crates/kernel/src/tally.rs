//! What the program has counted since its state was made: packets and calls by rule, by outcome and
//! by trunk. None of it is ever set back, so that a difference between two looks is what came
//! between.

use std::path::Path;

use aya::maps::{Map, MapData, PerCpuArray};
use blacklist_common::event::Event;
use blacklist_common::object::map;
use blacklist_common::outcome::Outcome;
use blacklist_common::tables::{Counter, SlotEntry, Traffic};

use super::KernelError;
use super::mapped::Mapped;
use super::maps::PerCpu;
use super::object::chain;
use super::plain::{AbiType, Plain};
use super::ring::EventRing;
use super::side::Side;

/// The counters of the program in force.
pub struct Tally {
    identity: String,
    counters: Mapped<Counter>,
    outcomes: PerCpu<Counter>,
    traffic: PerCpu<Traffic>,
    lost: PerCpu<u64>,
    forgotten: PerCpu<u64>,
}

impl Tally {
    pub(super) fn open(side: &mut Side, slots: u32) -> Result<Self, KernelError> {
        Ok(Self {
            identity: identity_of(side)?,
            counters: side.mapped(map::COUNTERS, slots)?,
            outcomes: side.per_cpu(map::OUTCOMES)?,
            traffic: side.per_cpu(map::TRAFFIC)?,
            lost: side.per_cpu(map::LOST)?,
            forgotten: side.per_cpu(map::FORGOTTEN)?,
        })
    }

    /// A name for this state of the counters: another one after a reboot, or if the tables were
    /// made anew.
    pub fn identity(&self) -> &str {
        &self.identity
    }

    /// Counters of all slots that are not zero.
    pub fn counters(&self) -> impl Iterator<Item = (u32, Counter)> + '_ {
        (1..self.counters.len()).filter_map(|slot| {
            let counter = self
                .counters
                .get(slot)
                .filter(|counter| counter.packets != 0)?;
            Some((u32::try_from(slot).ok()?, counter))
        })
    }

    /// Counters of one slot; zero for a slot that does not exist.
    pub fn counter(&self, slot: u32) -> Counter {
        self.counters.get(slot as usize).unwrap_or_default()
    }

    /// Packets, and calls where there are any, by outcome, in the order of [`Outcome::ALL`].
    ///
    /// # Errors
    /// A system call that fails.
    pub fn outcomes(&self) -> Result<Vec<(Outcome, Counter)>, KernelError> {
        outcomes_of(&self.outcomes)
    }

    /// What became of the INVITEs of a trunk, by its index.
    ///
    /// # Errors
    /// A system call that fails.
    pub fn traffic(&self, trunk: u16) -> Result<Traffic, KernelError> {
        traffic_of(&self.traffic, trunk)
    }

    /// Events that did not fit the ring.
    ///
    /// # Errors
    /// A system call that fails.
    pub fn lost_events(&self) -> Result<u64, KernelError> {
        sum_of(&self.lost)
    }

    /// Calls that made room before they were over: at most that many were counted twice.
    ///
    /// # Errors
    /// A system call that fails.
    pub fn forgotten_calls(&self) -> Result<u64, KernelError> {
        sum_of(&self.forgotten)
    }
}

fn failed(name: &'static str) -> impl Fn(aya::maps::MapError) -> KernelError {
    move |error| KernelError::failed(format!("reading the kernel's {name} table"), chain(&error))
}

fn per_cpu<T: AbiType + Copy>(map: MapData) -> Result<PerCpu<T>, KernelError> {
    let array: Result<PerCpuArray<MapData, Plain<T>>, _> = Map::PerCpuArray(map).try_into();
    array.map(PerCpu::Kernel).map_err(failed("counter"))
}

/// By outcome, on all processors.
fn outcomes_of(map: &PerCpu<Counter>) -> Result<Vec<(Outcome, Counter)>, KernelError> {
    let of = |outcome: Outcome| {
        let values = map
            .get(u32::from(outcome as u8))
            .map_err(failed("outcome"))?;
        Ok((outcome, sum(values.into_iter())))
    };
    Outcome::ALL.into_iter().map(of).collect()
}

/// What was lost, on all processors.
fn sum_of(map: &PerCpu<u64>) -> Result<u64, KernelError> {
    Ok(map.get(0).map_err(failed("loss"))?.iter().sum())
}

/// What became of the INVITEs of a trunk, on all processors.
fn traffic_of(map: &PerCpu<Traffic>, trunk: u16) -> Result<Traffic, KernelError> {
    let values = map.get(u32::from(trunk)).map_err(failed("traffic"))?;
    let mut traffic = Traffic::default();
    for (index, share) in traffic.shares.iter_mut().enumerate() {
        let of = |one: &Traffic| one.shares.get(index).copied();
        *share = sum(values.iter().filter_map(of));
    }
    Ok(traffic)
}

fn sum(counters: impl Iterator<Item = Counter>) -> Counter {
    counters.fold(Counter::default(), |sum, one| Counter {
        calls: sum.calls.wrapping_add(one.calls),
        packets: sum.packets.wrapping_add(one.packets),
    })
}

/// A name for the state of the counters, before they are opened.
fn identity_of(side: &Side) -> Result<String, KernelError> {
    match side {
        Side::Kernel(loaded) => match loaded.ebpf.map(map::COUNTERS) {
            Some(Map::Array(data)) => identity(data),
            _ => Err(KernelError::failed("looking for a table", "no COUNTERS")),
        },
        Side::Memory(memory) => Ok(memory.identity()),
    }
}

/// Boot and map: ids of maps begin anew with each boot.
fn identity(counters: &MapData) -> Result<String, KernelError> {
    let boot = std::fs::read_to_string("/proc/sys/kernel/random/boot_id").unwrap_or_default();
    let info = counters.info().map_err(failed("counter"))?;
    Ok(format!("{}/{}", boot.trim(), info.id()))
}

/// What a state of another layout has counted. These tables have looked the same in every version
/// that has them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OtherTally {
    /// As [`Tally::identity`].
    pub identity: String,
    /// Slot, the id of what it counts, as the slot table has it, and the counter.
    pub counted: Vec<(u32, u32, Counter)>,
    /// By outcome.
    pub outcomes: Vec<(Outcome, Counter)>,
    /// What became of the INVITEs of each trunk, by its index; those that had any.
    pub traffic: Vec<(u16, Traffic)>,
    /// Events that did not fit the ring, or that nobody has taken out of it.
    pub lost: u64,
    /// Calls that made room before they were over.
    pub forgotten: u64,
}

/// The tallies of states of other layouts beside this one; memory has none.
pub(super) fn others(side: &Side) -> Vec<OtherTally> {
    let Side::Kernel(loaded) = side else {
        return Vec::new();
    };
    let read = |folder: std::path::PathBuf| match other(&folder) {
        Ok(tally) => Some(tally),
        Err(error) => {
            tracing::warn!(
                "what {} has counted cannot be taken over: {error}",
                folder.display()
            );
            None
        }
    };
    loaded
        .pins
        .other_states()
        .into_iter()
        .filter_map(read)
        .collect()
}

fn other(folder: &Path) -> Result<OtherTally, KernelError> {
    let counters = pinned(folder, map::COUNTERS)?;
    let rules = pinned(folder, map::RULES)?;
    let info = counters.info().map_err(failed("counter"))?;
    let entries = info.max_entries();
    let counters_map: Mapped<Counter> = Mapped::new(counters.fd(), entries)?;
    let rules_map: Mapped<SlotEntry> = Mapped::new(rules.fd(), entries)?;
    let counted = (1..entries as usize).filter_map(|slot| {
        let counter = counters_map.get(slot).filter(|one| one.packets != 0)?;
        Some((
            u32::try_from(slot).ok()?,
            rules_map.get(slot)?.rule,
            counter,
        ))
    });
    Ok(OtherTally {
        identity: identity(&counters)?,
        counted: counted.collect(),
        outcomes: outcomes_of(&per_cpu(pinned(folder, map::OUTCOMES)?)?)?,
        traffic: other_traffic(folder)?,
        lost: other_loss(folder, map::LOST)? + waiting(folder)?,
        forgotten: other_loss(folder, map::FORGOTTEN)?,
    })
}

fn other_traffic(folder: &Path) -> Result<Vec<(u16, Traffic)>, KernelError> {
    let Some(map) = pinned_if_any(folder, map::TRAFFIC)? else {
        return Ok(Vec::new());
    };
    let trunks = map.info().map_err(failed("traffic"))?.max_entries();
    let map = per_cpu(map)?;
    let mut all = Vec::new();
    for trunk in 0..u16::try_from(trunks).unwrap_or(u16::MAX) {
        let traffic = traffic_of(&map, trunk)?;
        if traffic != Traffic::default() {
            all.push((trunk, traffic));
        }
    }
    Ok(all)
}

/// A sum of what was lost.
fn other_loss(folder: &Path, name: &str) -> Result<u64, KernelError> {
    let Some(map) = pinned_if_any(folder, name)? else {
        return Ok(0);
    };
    sum_of(&per_cpu(map)?)
}

/// A map that earlier versions did not have.
fn pinned_if_any(folder: &Path, name: &str) -> Result<Option<MapData>, KernelError> {
    if !folder.join(name).exists() {
        return Ok(None);
    }
    pinned(folder, name).map(Some)
}

fn pinned(folder: &Path, name: &str) -> Result<MapData, KernelError> {
    MapData::from_pin(folder.join(name)).map_err(failed("counter"))
}

/// Events of blocked calls that nobody has taken out of a ring.
fn waiting(folder: &Path) -> Result<u64, KernelError> {
    let map = pinned(folder, map::EVENTS)?;
    let size = map.info().map_err(failed("event"))?.max_entries();
    let mut ring = EventRing::new(map.fd(), size)?;
    let mut count = 0;
    while let Some(event) = ring.next_event() {
        count += u64::from(is_blocked(&event));
    }
    Ok(count)
}

/// Whether an event is for the log; the others tell of calls that passed.
pub fn is_blocked(event: &Event) -> bool {
    Outcome::from_number(event.outcome).is_some_and(Outcome::is_logged)
}
