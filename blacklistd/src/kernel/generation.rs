//! The tables of a generation in the kernel: filled beside the one in force, then switched to.

use std::net::IpAddr;

use aya::Ebpf;
use aya::maps::lpm_trie::{Key, LpmTrie};
use aya::maps::{Array, ArrayOfMaps, HashMap, MapData, MapError};
use blacklist_common::number::Number;
use blacklist_common::rule::RuleRef;
use blacklist_common::tables::{
    ExactKey, ExactValue, MAXIMUM_TRUNKS, NumberEntry, PORT_WORDS, PREFIX_PARTITION_BITS,
    PrefixKey, PrefixValue, ScopeEntry, TrunkEntry,
};
use ipnet::IpNet;

use super::object::{chain, take};
use super::plain::Plain;
use super::{Change, KernelError, Tables};

const NO_PREALLOC: u32 = 1;
const INNER_MAP: u32 = 1 << 12;

/// Fewest entries of a table that can grow: single rules can be added without a new generation.
const LEAST_ENTRIES: u32 = 16_384;
/// The same for numbers.
const LEAST_NUMBERS: u32 = 1_024;

type Exact = HashMap<MapData, Plain<ExactKey>, Plain<ExactValue>>;
type Prefixes = LpmTrie<MapData, Plain<PrefixKey>, Plain<PrefixValue>>;
type Numbers = HashMap<MapData, Plain<Number>, Plain<NumberEntry>>;
type Scopes = Array<MapData, Plain<ScopeEntry>>;
type Peers = LpmTrie<MapData, [u8; 16], u64>;

/// The maps of maps, two slots each.
pub(super) struct Outer {
    exact: ArrayOfMaps<MapData, Exact>,
    allow_prefixes: ArrayOfMaps<MapData, Prefixes>,
    block_prefixes: ArrayOfMaps<MapData, Prefixes>,
    numbers: ArrayOfMaps<MapData, Numbers>,
    scopes: ArrayOfMaps<MapData, Scopes>,
    peers: ArrayOfMaps<MapData, Peers>,
    /// Both slots one behind the other.
    trunks: Array<MapData, Plain<TrunkEntry>>,
    /// See `trunks`.
    ports: Array<MapData, u64>,
}

/// The maps of one generation.
pub(super) struct Inner {
    /// Entries that the tables of rules can hold.
    capacity: u32,
    number_capacity: u32,
    exact: Exact,
    allow_prefixes: Prefixes,
    block_prefixes: Prefixes,
    numbers: Numbers,
    scopes: Scopes,
    peers: Peers,
}

fn failed(table: &'static str) -> impl Fn(MapError) -> KernelError {
    move |error| KernelError::failed(format!("filling the kernel's {table} table"), chain(&error))
}

/// An error of a table that may be full: E2BIG of hash tables, ENOSPC of tries.
fn full_or_failed(table: &'static str, capacity: u32) -> impl Fn(MapError) -> KernelError {
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

fn room_for(entries: usize, least: u32) -> u32 {
    u32::try_from(entries.saturating_mul(2))
        .unwrap_or(u32::MAX)
        .max(least)
}

impl Outer {
    pub(super) fn take(ebpf: &mut Ebpf) -> Result<Self, KernelError> {
        Ok(Self {
            exact: take(ebpf, "EXACT")?.try_into().map_err(failed("exact"))?,
            allow_prefixes: take(ebpf, "ALLOW_PREFIX")?
                .try_into()
                .map_err(failed("prefix"))?,
            block_prefixes: take(ebpf, "BLOCK_PREFIX")?
                .try_into()
                .map_err(failed("prefix"))?,
            numbers: take(ebpf, "NUMBERS")?
                .try_into()
                .map_err(failed("number"))?,
            scopes: take(ebpf, "SCOPES")?.try_into().map_err(failed("scope"))?,
            trunks: take(ebpf, "TRUNKS")?.try_into().map_err(failed("trunk"))?,
            peers: take(ebpf, "PEERS")?.try_into().map_err(failed("peer"))?,
            ports: take(ebpf, "PORTS")?.try_into().map_err(failed("port"))?,
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
        let set = |result: Result<(), MapError>, table| result.map_err(failed(table));
        set(self.exact.set(slot, &inner.exact, 0), "exact")?;
        set(
            self.allow_prefixes.set(slot, &inner.allow_prefixes, 0),
            "prefix",
        )?;
        set(
            self.block_prefixes.set(slot, &inner.block_prefixes, 0),
            "prefix",
        )?;
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
    pub(super) fn fill(tables: &Tables) -> Result<Self, KernelError> {
        let largest = tables
            .exact
            .len()
            .max(tables.allow_prefixes.len())
            .max(tables.block_prefixes.len());
        let capacity = room_for(largest, LEAST_ENTRIES);
        // Asked for both parties of each call, so it is kept small enough for a cache.
        let number_capacity = room_for(tables.numbers.len(), LEAST_NUMBERS);
        let mut inner = Self {
            capacity,
            number_capacity,
            exact: HashMap::create(capacity, NO_PREALLOC).map_err(failed("exact"))?,
            allow_prefixes: LpmTrie::create(capacity, NO_PREALLOC).map_err(failed("prefix"))?,
            block_prefixes: LpmTrie::create(capacity, NO_PREALLOC).map_err(failed("prefix"))?,
            numbers: HashMap::create(number_capacity, NO_PREALLOC).map_err(failed("number"))?,
            scopes: Array::create(room_for(tables.scopes.len(), LEAST_ENTRIES), INNER_MAP)
                .map_err(failed("scope"))?,
            peers: LpmTrie::create(entries(tables.peers.len()), NO_PREALLOC)
                .map_err(failed("peer"))?,
        };
        inner.fill_rules(tables)?;
        inner.fill_peers(tables)?;
        Ok(inner)
    }

    fn fill_rules(&mut self, tables: &Tables) -> Result<(), KernelError> {
        for (key, value) in &tables.exact {
            self.set_exact(key, Some(*value))?;
        }
        for (bits, key, rule) in &tables.allow_prefixes {
            set_prefix(
                &mut self.allow_prefixes,
                self.capacity,
                *bits,
                key,
                Some(*rule),
            )?;
        }
        for (bits, key, rule) in &tables.block_prefixes {
            set_prefix(
                &mut self.block_prefixes,
                self.capacity,
                *bits,
                key,
                Some(*rule),
            )?;
        }
        for (number, entry) in &tables.numbers {
            self.set_number(*number, Some(*entry))?;
        }
        for (partition, entry) in (0..).zip(&tables.scopes) {
            self.set_scope(partition, *entry)?;
        }
        Ok(())
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

    /// Makes one change.
    pub(super) fn apply(&mut self, change: &Change) -> Result<(), KernelError> {
        match change {
            Change::Exact(key, value) => self.set_exact(key, *value),
            Change::AllowPrefix(bits, key, rule) => {
                set_prefix(&mut self.allow_prefixes, self.capacity, *bits, key, *rule)
            }
            Change::BlockPrefix(bits, key, rule) => {
                set_prefix(&mut self.block_prefixes, self.capacity, *bits, key, *rule)
            }
            Change::Number(number, entry) => self.set_number(*number, *entry),
            Change::Scope(partition, entry) => self.set_scope(*partition, *entry),
            // Slots are no table of a generation.
            Change::Slot(..) => Ok(()),
        }
    }

    fn set_exact(&mut self, key: &ExactKey, value: Option<ExactValue>) -> Result<(), KernelError> {
        let full = full_or_failed("exact", self.capacity);
        match value {
            Some(value) => self
                .exact
                .insert(Plain(*key), Plain(value), 0)
                .map_err(full),
            None => absent_is_fine(self.exact.remove(&Plain(*key))).map_err(failed("exact")),
        }
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

fn prefix_key(bits: u32, key: &PrefixKey) -> Key<Plain<PrefixKey>> {
    Key::new(PREFIX_PARTITION_BITS + bits, Plain(*key))
}

fn set_prefix(
    table: &mut Prefixes,
    capacity: u32,
    bits: u32,
    key: &PrefixKey,
    rule: Option<RuleRef>,
) -> Result<(), KernelError> {
    let key = prefix_key(bits, key);
    match rule {
        Some(rule) => table
            .insert(&key, Plain(PrefixValue::new(rule)), 0)
            .map_err(full_or_failed("prefix", capacity)),
        None => absent_is_fine(table.remove(&key)).map_err(failed("prefix")),
    }
}

fn absent_is_fine(result: Result<(), MapError>) -> Result<(), MapError> {
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
