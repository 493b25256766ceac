//! Questions to tables in memory: the judgement that the program makes, over the same tables.

use std::net::Ipv6Addr;

use aya::maps::lpm_trie::Key;
use blacklist_common::buckets::{self, Bucket, Filter, MAXIMUM_CHAIN, filter_place};
use blacklist_common::decide::{Tables, Unobserved, Walk, is_longer};
use blacklist_common::frame::{self, Extensions, PROTOCOL_UDP, Packet as _, Part};
use blacklist_common::judge::judge;
use blacklist_common::message::{Reader, Start};
use blacklist_common::number::Number;
use blacklist_common::object::{SLOTS, map};
use blacklist_common::outcome::Outcome;
use blacklist_common::pattern::{EntryKey, Found};
use blacklist_common::repeat::PlainLoop;
use blacklist_common::scope::{NUMBER_PROTECTED, NumberEntry, ScopeEntry};
use blacklist_common::shape::{MAXIMUM_SHAPES, Shape};
use blacklist_common::tables::{
    GenerationEntry, GrantKey, MAXIMUM_TRUNKS, PORT_WORDS, PREFIX_LOOKUP_BITS, PeerKey, PrefixKey,
    PrefixValue, Settings, SlotEntry, TrunkEntry, table_slot,
};
use blacklist_common::text::TEXT_CAPACITY;
use blacklist_system::clock;

use super::Memory;
use crate::mapped::Mapped;
use crate::plain::{AbiType, Plain, bytes};
use crate::{Answer, KernelError, PatternTables};

/// The tables of one slot, as one packet sees them.
struct Slot<'a, const TRIES: bool> {
    memory: &'a Memory,
    slot: u32,
    generation: GenerationEntry,
    buckets: Option<Mapped<Bucket>>,
    filters: Mapped<Filter>,
    rules: Mapped<SlotEntry>,
    scopes: Vec<(u32, ScopeEntry)>,
    shapes: Vec<Shape>,
}

impl Memory {
    /// What the program would say of a frame, without counting it.
    ///
    /// # Errors
    /// No [`crate::Kernel`] has made the tables.
    pub fn ask_frame(&self, bytes: &[u8]) -> Result<Answer, KernelError> {
        match self.settings().tables {
            PatternTables::Hashed => self.ask_by::<false>(bytes),
            PatternTables::Stock => self.ask_by::<true>(bytes),
        }
    }

    fn ask_by<const TRIES: bool>(&self, bytes: &[u8]) -> Result<Answer, KernelError> {
        let settings: Settings = self.entry(map::SETTINGS, &0_u32).unwrap_or_default();
        let slot = table_slot(settings.active);
        let of = |outcome| Answer {
            outcome,
            slot: 0,
            caller: Number::NONE,
            called: Number::NONE,
        };
        let (peer, text, is_first) = match self.datagram(bytes, slot) {
            Ok(datagram) => datagram,
            Err(outcome) => return Ok(of(outcome)),
        };
        let tables = Slot::<TRIES>::open(self, slot)?;
        let trunk: Option<TrunkEntry> = self.entry(
            map::TRUNKS,
            &(slot * MAXIMUM_TRUNKS + self.trunk(slot, &peer)),
        );
        let Some(trunk) = trunk else {
            return Ok(of(Outcome::Internal));
        };
        let mut reader = Box::<Reader>::default();
        reader.text.fill(text);
        reader.length = u32::try_from(text.len())
            .unwrap_or(u32::MAX)
            .min(TEXT_CAPACITY);
        reader.fragment = u32::from(is_first);
        let judgement = judge::<PlainLoop, _, _>(
            &mut reader,
            &mut Walk::default(),
            &trunk,
            &tables,
            settings.flags,
            &mut Unobserved,
        );
        Ok(Answer {
            outcome: judgement.outcome,
            slot: judgement.rule.slot(),
            caller: reader.message.caller.number,
            called: reader.message.called.number,
        })
    }

    fn entry<K: AbiType, V: AbiType + Copy>(&self, name: &str, key: &K) -> Option<V> {
        self.object(name)?.get(key).ok()
    }

    /// An entry of the table in a slot of a map of maps.
    fn inner<K: AbiType, V: AbiType + Copy>(&self, name: &str, slot: u32, key: &K) -> Option<V> {
        self.object(name)?.slot(slot)?.get(key).ok()
    }

    /// The value of the longest prefix of an address or number in a trie.
    fn longest<K: AbiType + Copy, V: AbiType + Copy>(
        &self,
        name: &str,
        slot: u32,
        wanted: &K,
    ) -> Option<V> {
        let entries = self.object(name)?.slot(slot)?.entries::<Key<Plain<K>>, V>();
        let is_prefix = |key: &Key<Plain<K>>| {
            let Plain(data) = key.data();
            let mut pairs = bytes(wanted).iter().zip(bytes(&data));
            let differ = pairs.position(|(left, right)| left != right);
            let same = differ.map_or(size_of::<K>() * 8, |index| {
                let at = |of: &K| bytes(of).get(index).copied().unwrap_or_default();
                index * 8 + (at(wanted) ^ at(&data)).leading_zeros() as usize
            });
            key.prefix_len() as usize <= same
        };
        let found = entries.into_iter().filter(|(key, _)| is_prefix(key));
        found
            .max_by_key(|(key, _)| key.prefix_len())
            .map(|(_, value)| value)
    }

    fn trunk(&self, slot: u32, peer: &PeerKey) -> u32 {
        self.longest::<PeerKey, u64>(map::PEERS, slot, peer)
            .unwrap_or_default() as u32
    }

    /// Who sent a datagram to a judged port, its text, and whether it is a first fragment; or what
    /// becomes of the frame without a look at its text.
    fn datagram<'a>(
        &self,
        frame: &'a [u8],
        slot: u32,
    ) -> Result<(PeerKey, &'a [u8], bool), Outcome> {
        let is_judged = |port: u16| {
            let word: Option<u64> =
                self.entry(map::PORTS, &(slot * PORT_WORDS + u32::from(port >> 6)));
            word.unwrap_or_default() >> (port & 63) & 1 != 0
        };
        let mut walk = Extensions::default();
        let ip = frame::ip::<PlainLoop, _>(frame, frame::ethernet(frame)?, || Some(&mut walk))?;
        if ip.protocol != PROTOCOL_UDP {
            return Err(ip.other_protocol(frame, is_judged));
        }
        if ip.part() == Part::Later {
            return Err(Outcome::LaterFragment);
        }
        let udp = frame::udp(frame, ip.offset, ip.length)?;
        if !is_judged(udp.destination_port) {
            return Err(Outcome::OtherPort);
        }
        let first = ip.part() == Part::First;
        let word = frame.load(udp.offset).map(u64::from_le);
        Start::of(word, udp.length, first).admit(false, udp.has_right_length(ip.part()))?;
        let [source, _] = ip.addresses(frame).ok_or(Outcome::BrokenFrame)?;
        let text = frame.get(udp.offset as usize..).unwrap_or_default();
        let text = text.get(..udp.length as usize).unwrap_or_default();
        Ok((Ipv6Addr::from(source).octets(), text, first))
    }
}

impl<'a, const TRIES: bool> Slot<'a, TRIES> {
    fn open(memory: &'a Memory, slot: u32) -> Result<Self, KernelError> {
        let named = |name: &str| {
            let object = memory.object(name);
            object.ok_or_else(|| KernelError::failed("asking the tables", format!("no {name}")))
        };
        let generation: GenerationEntry = memory.entry(map::GENERATIONS, &slot).unwrap_or_default();
        let buckets = named(map::BUCKETS)?.slot(slot);
        let rules = named(map::RULES)?;
        let scopes = named(map::SCOPES)?.slot(slot);
        let shape = |number| {
            memory
                .entry(map::SHAPES, &(slot * MAXIMUM_SHAPES + number))
                .unwrap_or_default()
        };
        Ok(Self {
            memory,
            slot,
            buckets: buckets
                .map(|table| Mapped::new(table.memory(), generation.buckets))
                .transpose()?,
            generation,
            filters: Mapped::new(named(map::FILTERS)?.memory(), SLOTS)?,
            rules: Mapped::new(rules.memory(), rules.capacity)?,
            scopes: scopes.map(|table| table.entries()).unwrap_or_default(),
            shapes: (0..MAXIMUM_SHAPES).map(shape).collect(),
        })
    }

    fn known(&self, number: Number, digits: u32) -> Option<NumberEntry> {
        if is_longer(number, digits) {
            return None;
        }
        self.memory.inner(map::NUMBERS, self.slot, &number)
    }
}

impl<const TRIES: bool> Tables for Slot<'_, TRIES> {
    const COMPLETE: bool = false;
    const TRIES: bool = TRIES;

    fn perhaps(&self, key: &EntryKey) -> bool {
        let (word, bit) = filter_place(key);
        let bits = self.filters.word(self.slot as usize, word);
        TRIES || bits.is_none_or(|bits| bits & bit != 0)
    }

    fn entry(&self, key: &EntryKey, found: &mut Found) {
        if TRIES {
            let exact: Option<Found> = self.memory.inner(map::EXACT, self.slot, key);
            *found = exact.unwrap_or(*found);
            return;
        }
        let count = self.generation.buckets;
        let mut place = buckets::home(key, count);
        for _ in 0..MAXIMUM_CHAIN {
            let bucket = self
                .buckets
                .as_ref()
                .and_then(|table| table.get(place as usize));
            if !bucket.is_some_and(|bucket| buckets::look(&bucket, key, found)) {
                return;
            }
            place = buckets::next(place, count);
        }
    }

    fn longest_prefix(&self, partition: u32, kind: u32, number: Number) -> PrefixValue {
        const { assert!(PREFIX_LOOKUP_BITS as usize == 8 * size_of::<PrefixKey>()) };
        let key = PrefixKey::new(partition, kind, number);
        let found = self.memory.longest(map::PREFIXES, self.slot, &key);
        found.unwrap_or_default()
    }

    fn shape(&self, number: u8) -> Option<&Shape> {
        self.shapes.get(usize::from(number))
    }

    fn number(&self, number: Number, entry: &mut NumberEntry) -> bool {
        let known = self.known(number, self.generation.known_digits);
        *entry = known.unwrap_or(*entry);
        known.is_some()
    }

    fn is_protected(&self, number: Number) -> bool {
        let known = self.known(number, self.generation.protected_digits);
        known.is_some_and(|entry| entry.flags & NUMBER_PROTECTED != 0)
    }

    fn scope(&self, partition: u32) -> Option<&ScopeEntry> {
        let mut scopes = self.scopes.iter();
        scopes.find_map(|(index, entry)| (*index == partition).then_some(entry))
    }

    fn granted(&self, key: &GrantKey) -> bool {
        let until: Option<u64> = self.memory.entry(map::GRANTS, key);
        until.is_some_and(|until| clock::monotonic() < until)
    }

    fn rule_id(&self, slot: u32) -> u32 {
        self.rules
            .get(slot as usize)
            .map_or(u32::MAX, |entry| entry.rule)
    }

    fn user(&self, _partition: u32, _found: &mut Found) {}
}
