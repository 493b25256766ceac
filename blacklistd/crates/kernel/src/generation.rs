//! The tables of a generation in the kernel: filled beside the one in force, then switched to.

use std::net::IpAddr;

use aya::maps::MapError;
use aya::maps::lpm_trie::Key;
use blacklist_common::number::{Number, NumberKind};
use blacklist_common::object::{INNER_MAP, NO_PREALLOC, map};
use blacklist_common::scope::{NUMBER_PROTECTED, NumberEntry, ScopeEntry};
use blacklist_common::shape::{FIRST_WILDCARD_SHAPE, MAXIMUM_SHAPES, Shape};
use blacklist_common::tables::{GenerationEntry, MAXIMUM_TRUNKS, PORT_WORDS, PeerKey, TrunkEntry};
use ipnet::IpNet;

use super::filling::{absent_is_fine, failed, full_or_failed, room_for};
use super::maps::{Array, Arrays, Hash, Hashes, Trie, Tries};
use super::patterns::{OuterPatterns, Patterns};
use super::plain::Plain;
use super::side::{Maker, Side};
use super::{Change, KernelError, PatternTables, Tables};

/// Fewest partitions of a table that can grow: single rules can be added without a new generation.
const LEAST_SCOPES: u32 = 4_096;
/// The same for numbers.
const LEAST_NUMBERS: u32 = 1_024;

/// The maps of maps, two slots each, and the arrays that have both slots one behind the other.
pub(super) struct Outer {
    patterns: OuterPatterns,
    numbers: Hashes<Number, NumberEntry>,
    scopes: Arrays<ScopeEntry>,
    peers: Tries<PeerKey, u64>,
    generations: Array<GenerationEntry>,
    shapes: Array<Shape>,
    trunks: Array<TrunkEntry>,
    ports: Array<u64>,
}

/// The maps of one generation.
pub(super) struct Inner {
    number_capacity: u32,
    patterns: Patterns,
    numbers: Hash<Number, NumberEntry>,
    scopes: Array<ScopeEntry>,
    scope_capacity: u32,
    peers: Trie<PeerKey, u64>,
    entry: GenerationEntry,
}

impl Outer {
    pub(super) fn open(side: &mut Side) -> Result<Self, KernelError> {
        Ok(Self {
            patterns: OuterPatterns::open(side)?,
            numbers: side.tables(map::NUMBERS)?,
            scopes: side.tables(map::SCOPES)?,
            peers: side.tables(map::PEERS)?,
            generations: side.table(map::GENERATIONS)?,
            shapes: side.table(map::SHAPES)?,
            trunks: side.table(map::TRUNKS)?,
            ports: side.table(map::PORTS)?,
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
        set(self.numbers.set(slot, &inner.numbers), "number")?;
        set(self.scopes.set(slot, &inner.scopes), "scope")?;
        self.wait(slot, inner)
    }

    /// Waits until no packet is under way that began before this call: a change of a map of maps
    /// does (kernel/bpf/syscall.c, maybe_wait_bpf_programs).
    pub(super) fn wait(&mut self, slot: u32, inner: &Inner) -> Result<(), KernelError> {
        self.peers.set(slot, &inner.peers).map_err(failed("peer"))
    }

    fn set_shape(&mut self, slot: u32, number: u32, shape: Shape) -> Result<(), KernelError> {
        if number >= MAXIMUM_SHAPES {
            return Err(KernelError::Full {
                table: "shape",
                capacity: MAXIMUM_SHAPES - FIRST_WILDCARD_SHAPE,
            });
        }
        self.shapes
            .set(&(slot * MAXIMUM_SHAPES + number), shape, 0)
            .map_err(failed("shape"))
    }

    fn set_entry(&mut self, slot: u32, entry: GenerationEntry) -> Result<(), KernelError> {
        self.generations
            .set(&slot, entry, 0)
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
                .set(&index, *trunk, 0)
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
            self.ports.set(&index, word, 0).map_err(failed("port"))?;
        }
        Ok(())
    }
}

impl Inner {
    /// New maps with these entries.
    pub(super) fn fill(
        maker: &Maker,
        tables: &Tables,
        kind: PatternTables,
    ) -> Result<Self, KernelError> {
        // Asked for both parties of each call, so it is kept small enough for a cache.
        let number_capacity = room_for(tables.numbers.len(), LEAST_NUMBERS);
        let scope_capacity = room_for(tables.scopes.len(), LEAST_SCOPES);
        let mut inner = Self {
            number_capacity,
            scope_capacity,
            patterns: Patterns::fill(maker, &tables.buckets, kind)?,
            numbers: maker.create("number", number_capacity, NO_PREALLOC)?,
            scopes: maker.create("scope", scope_capacity, INNER_MAP)?,
            peers: maker.create("peer", entries(tables.peers.len()), NO_PREALLOC)?,
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
                .set(&Key::new(bits, Plain(address)), u64::from(*trunk), 0)
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
                .set(&number, entry, 0)
                .map_err(full_or_failed("number", self.number_capacity)),
            None => absent_is_fine(self.numbers.remove(&number)).map_err(failed("number")),
        }
    }

    fn set_scope(&mut self, partition: u32, entry: ScopeEntry) -> Result<(), KernelError> {
        self.scopes
            .set(&partition, entry, 0)
            .map_err(full_or_failed("scope", self.scope_capacity))
    }
}

fn entries(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX).max(1)
}

/// A network as the peer table has it: IPv4 within `::ffff:0:0/96`.
fn peer_key(network: &IpNet) -> (u32, PeerKey) {
    let bits = u32::from(network.prefix_len());
    match network.network() {
        IpAddr::V4(address) => (96 + bits, address.to_ipv6_mapped().octets()),
        IpAddr::V6(address) => (bits, address.octets()),
    }
}
