//! The tables of a generation in the kernel: filled beside the one in force, then switched to.

use std::net::IpAddr;

use aya::Ebpf;
use aya::maps::lpm_trie::{Key, LpmTrie};
use aya::maps::{Array, ArrayOfMaps, HashMap, MapData, MapError};
use blacklist_common::number::{Number, NumberKind};
use blacklist_common::object::{INNER_MAP, NO_PREALLOC, map};
use blacklist_common::scope::{NUMBER_PROTECTED, NumberEntry, ScopeEntry};
use blacklist_common::shape::{FIRST_WILDCARD_SHAPE, MAXIMUM_SHAPES, Shape};
use blacklist_common::tables::{GenerationEntry, MAXIMUM_TRUNKS, PORT_WORDS, TrunkEntry};
use ipnet::IpNet;

use super::object::{chain, take};
use super::patterns::{OuterPatterns, Patterns};
use super::plain::Plain;
use super::{Change, KernelError, PatternTables, Tables};

/// Fewest partitions of a table that can grow: single rules can be added without a new generation.
const LEAST_SCOPES: u32 = 4_096;
/// The same for numbers.
const LEAST_NUMBERS: u32 = 1_024;

type Numbers = HashMap<MapData, Plain<Number>, Plain<NumberEntry>>;
type Scopes = Array<MapData, Plain<ScopeEntry>>;
type Peers = LpmTrie<MapData, [u8; 16], u64>;

/// The maps of maps, two slots each, and the arrays that have both slots one behind the other.
pub(super) struct Outer {
    patterns: OuterPatterns,
    numbers: ArrayOfMaps<MapData, Numbers>,
    scopes: ArrayOfMaps<MapData, Scopes>,
    peers: ArrayOfMaps<MapData, Peers>,
    generations: Array<MapData, Plain<GenerationEntry>>,
    shapes: Array<MapData, Plain<Shape>>,
    trunks: Array<MapData, Plain<TrunkEntry>>,
    ports: Array<MapData, u64>,
}

/// The maps of one generation.
pub(super) struct Inner {
    number_capacity: u32,
    patterns: Patterns,
    numbers: Numbers,
    scopes: Scopes,
    peers: Peers,
    entry: GenerationEntry,
}

pub(super) fn failed(table: &'static str) -> impl Fn(MapError) -> KernelError {
    move |error| KernelError::failed(format!("filling the kernel's {table} table"), chain(&error))
}

/// An error of a table that may be full: E2BIG of hash tables, ENOSPC of tries.
pub(super) fn full_or_failed(
    table: &'static str,
    capacity: u32,
) -> impl Fn(MapError) -> KernelError {
    move |error| {
        let number = match &error {
            MapError::SyscallError(call) => call.io_error.raw_os_error(),
            _ => None,
        };
        let is_full = matches!(error, MapError::OutOfBounds { .. })
            || number == Some(nix::errno::Errno::E2BIG as i32)
            || number == Some(nix::errno::Errno::ENOSPC as i32);
        if is_full {
            KernelError::Full { table, capacity }
        } else {
            failed(table)(error)
        }
    }
}

pub(super) fn room_for(entries: usize, least: u32) -> u32 {
    u32::try_from(entries.saturating_mul(2))
        .unwrap_or(u32::MAX)
        .max(least)
}

impl Outer {
    pub(super) fn take(ebpf: &mut Ebpf) -> Result<Self, KernelError> {
        Ok(Self {
            patterns: OuterPatterns::take(ebpf)?,
            numbers: take(ebpf, map::NUMBERS)?
                .try_into()
                .map_err(failed("number"))?,
            scopes: take(ebpf, map::SCOPES)?
                .try_into()
                .map_err(failed("scope"))?,
            peers: take(ebpf, map::PEERS)?.try_into().map_err(failed("peer"))?,
            generations: take(ebpf, map::GENERATIONS)?
                .try_into()
                .map_err(failed("generation"))?,
            shapes: take(ebpf, map::SHAPES)?
                .try_into()
                .map_err(failed("shape"))?,
            trunks: take(ebpf, map::TRUNKS)?
                .try_into()
                .map_err(failed("trunk"))?,
            ports: take(ebpf, map::PORTS)?.try_into().map_err(failed("port"))?,
        })
    }

    /// Puts a generation's maps into a slot. The kernel waits after each for packets that may
    /// still see what was there before.
    pub(super) fn set(
        &mut self,
        slot: u32,
        inner: &Inner,
        tables: &Tables,
    ) -> Result<(), KernelError> {
        self.fill_trunks(slot, tables)?;
        self.fill_ports(slot, tables)?;
        for (number, shape) in (FIRST_WILDCARD_SHAPE..).zip(&tables.shapes) {
            self.set_shape(slot, number, *shape)?;
        }
        self.set_entry(slot, inner.entry)?;
        self.patterns.set(slot, &inner.patterns, &tables.buckets)?;
        let set = |result: Result<(), MapError>, table| result.map_err(failed(table));
        set(self.numbers.set(slot, &inner.numbers, 0), "number")?;
        set(self.scopes.set(slot, &inner.scopes, 0), "scope")?;
        self.wait(slot, inner)
    }

    /// Waits until no packet is under way that began before this call: a change of a map of maps
    /// does (kernel/bpf/syscall.c, maybe_wait_bpf_programs).
    pub(super) fn wait(&mut self, slot: u32, inner: &Inner) -> Result<(), KernelError> {
        self.peers
            .set(slot, &inner.peers, 0)
            .map_err(failed("peer"))
    }

    fn set_shape(&mut self, slot: u32, number: u32, shape: Shape) -> Result<(), KernelError> {
        if number >= MAXIMUM_SHAPES {
            return Err(KernelError::Full {
                table: "shape",
                capacity: MAXIMUM_SHAPES - FIRST_WILDCARD_SHAPE,
            });
        }
        self.shapes
            .set(slot * MAXIMUM_SHAPES + number, Plain(shape), 0)
            .map_err(failed("shape"))
    }

    fn set_entry(&mut self, slot: u32, entry: GenerationEntry) -> Result<(), KernelError> {
        self.generations
            .set(slot, Plain(entry), 0)
            .map_err(failed("generation"))
    }

    fn fill_trunks(&mut self, slot: u32, tables: &Tables) -> Result<(), KernelError> {
        let maximum = MAXIMUM_TRUNKS as usize;
        if tables.trunks.len() > maximum {
            return Err(KernelError::Full {
                table: "trunk",
                capacity: MAXIMUM_TRUNKS,
            });
        }
        for (index, trunk) in (slot * MAXIMUM_TRUNKS..).zip(&tables.trunks) {
            self.trunks
                .set(index, Plain(*trunk), 0)
                .map_err(failed("trunk"))?;
        }
        Ok(())
    }

    fn fill_ports(&mut self, slot: u32, tables: &Tables) -> Result<(), KernelError> {
        let mut words = [0_u64; PORT_WORDS as usize];
        for port in &tables.ports {
            if let Some(word) = words.get_mut(usize::from(port >> 6)) {
                *word |= 1 << (port & 63);
            }
        }
        for (index, word) in (slot * PORT_WORDS..).zip(words) {
            self.ports.set(index, word, 0).map_err(failed("port"))?;
        }
        Ok(())
    }
}

impl Inner {
    /// New maps with these entries.
    pub(super) fn fill(tables: &Tables, kind: PatternTables) -> Result<Self, KernelError> {
        // Asked for both parties of each call, so it is kept small enough for a cache.
        let number_capacity = room_for(tables.numbers.len(), LEAST_NUMBERS);
        let mut inner = Self {
            number_capacity,
            patterns: Patterns::fill(&tables.buckets, kind)?,
            numbers: HashMap::create(number_capacity, NO_PREALLOC).map_err(failed("number"))?,
            scopes: Array::create(room_for(tables.scopes.len(), LEAST_SCOPES), INNER_MAP)
                .map_err(failed("scope"))?,
            peers: LpmTrie::create(entries(tables.peers.len()), NO_PREALLOC)
                .map_err(failed("peer"))?,
            entry: GenerationEntry::default(),
        };
        inner.entry.buckets = inner.patterns.buckets();
        for (number, entry) in &tables.numbers {
            inner.lengthen(*number, entry);
            inner.set_number(*number, Some(*entry))?;
        }
        for (partition, entry) in (0..).zip(&tables.scopes) {
            inner.set_scope(partition, *entry)?;
        }
        inner.fill_peers(tables)?;
        Ok(inner)
    }

    fn fill_peers(&mut self, tables: &Tables) -> Result<(), KernelError> {
        for (network, trunk) in &tables.peers {
            let (bits, address) = peer_key(network);
            self.peers
                .insert(&Key::new(bits, address), u64::from(*trunk), 0)
                .map_err(failed("peer"))?;
        }
        Ok(())
    }

    /// Makes one change in the slot where this generation is.
    pub(super) fn apply(
        &mut self,
        change: &Change,
        outer: &mut Outer,
        slot: u32,
    ) -> Result<(), KernelError> {
        match change {
            Change::Entry(key, kind, rule) => {
                self.patterns
                    .change(&mut outer.patterns, slot, (key, *kind, *rule))
            }
            Change::Shape(number, shape) => outer.set_shape(slot, u32::from(*number), *shape),
            Change::Number(number, entry) => {
                // Asked for before it can be found.
                if let Some(entry) = entry
                    && self.lengthen(*number, entry)
                {
                    outer.set_entry(slot, self.entry)?;
                }
                self.set_number(*number, *entry)
            }
            Change::Scope(partition, entry) => self.set_scope(*partition, *entry),
            // Slots and grants are in no table of a generation.
            Change::Slot(..) | Change::Grant(..) => Ok(()),
        }
    }

    /// Notes how long a number is of which something is known. True if none was so long.
    fn lengthen(&mut self, number: Number, entry: &NumberEntry) -> bool {
        let before = self.entry;
        let digits = match number.kind() {
            NumberKind::Text | NumberKind::None => 15,
            NumberKind::E164 | NumberKind::Local => number.digits(),
        };
        self.entry.known_digits = before.known_digits.max(digits);
        if entry.flags & NUMBER_PROTECTED != 0 {
            self.entry.protected_digits = before.protected_digits.max(digits);
        }
        self.entry != before
    }

    fn set_number(
        &mut self,
        number: Number,
        entry: Option<NumberEntry>,
    ) -> Result<(), KernelError> {
        match entry {
            Some(entry) => self
                .numbers
                .insert(Plain(number), Plain(entry), 0)
                .map_err(full_or_failed("number", self.number_capacity)),
            None => absent_is_fine(self.numbers.remove(&Plain(number))).map_err(failed("number")),
        }
    }

    fn set_scope(&mut self, partition: u32, entry: ScopeEntry) -> Result<(), KernelError> {
        let full = full_or_failed("scope", self.scopes.len());
        self.scopes.set(partition, Plain(entry), 0).map_err(full)
    }
}

fn entries(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX).max(1)
}

pub(super) fn absent_is_fine(result: Result<(), MapError>) -> Result<(), MapError> {
    match result {
        Err(MapError::SyscallError(call))
            if call.io_error.raw_os_error() == Some(nix::errno::Errno::ENOENT as i32) =>
        {
            Ok(())
        }
        Err(MapError::KeyNotFound) => Ok(()),
        other => other,
    }
}

/// A network as the peer table has it: IPv4 within `::ffff:0:0/96`.
fn peer_key(network: &IpNet) -> (u32, [u8; 16]) {
    let bits = u32::from(network.prefix_len());
    match network.network() {
        IpAddr::V4(address) => (96 + bits, address.to_ipv6_mapped().octets()),
        IpAddr::V6(address) => (bits, address.octets()),
    }
}
