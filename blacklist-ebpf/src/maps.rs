//! The maps. Their names are what the daemon looks for and what is pinned.

use aya_ebpf::btf_maps::{Array, ArrayOfMaps, HashMap, LpmTrie, LruHashMap, PerCpuArray, RingBuf};
use aya_ebpf::macros::btf_map;
use blacklist_common::answer::Answer;
use blacklist_common::buckets::{Bucket, Filter};
use blacklist_common::calls::{CallBucket, CallEntry, PASSED_CALLS};
use blacklist_common::decide::Walk;
use blacklist_common::event::SampleState;
use blacklist_common::fragment::{FragmentKey, FragmentState};
use blacklist_common::message::Reader;
use blacklist_common::number::Number;
use blacklist_common::outcome::Outcome;
use blacklist_common::pattern::{EntryKey, Found};
use blacklist_common::rule::RuleRef;
use blacklist_common::scope::{NumberEntry, ScopeEntry};
use blacklist_common::shape::{MAXIMUM_SHAPES, Shape};
use blacklist_common::tables::{
    Counter, GenerationEntry, GrantKey, MAXIMUM_ANSWER_PORTS, MAXIMUM_TRUNKS, PORT_WORDS, PeerKey,
    PrefixKey, PrefixValue, ReplyPort, Settings, SlotEntry, Traffic, TrunkEntry,
};

use crate::calls::Room;
use crate::frame::Extensions;

const NO_PREALLOC: usize = 1;
const INNER_MAP: usize = 1 << 12;
const MMAPABLE: usize = 1 << 10;

/// Tables of the two slots: the generation in force, and the one that is being filled.
const SLOTS: usize = 2;

/// The value of a table in a map of maps, where it is a structure. The daemon makes such tables
/// without a description of their types (BTF), and before Linux 6.2 a table that is described as one
/// of structures does not equal one that is not described, while one of arrays does: there a timer is
/// looked for in structures alone (`timer_off` in `bpf_map_meta_equal`).
type Inner<T> = [T; 1];

/// Working memory of one packet.
#[repr(C)]
pub(crate) struct Scratch {
    pub(crate) reader: Reader,
    pub(crate) walk: Walk,
    pub(crate) way: Way,
    pub(crate) room: Room,
}

/// How the text came: what an event says of it.
#[repr(C)]
pub(crate) struct Way {
    /// The hash of the Call-ID; zero where nobody asks for it.
    pub(crate) fingerprint: u64,
    /// IPv4 as `::ffff:a.b.c.d`.
    pub(crate) source: [u8; 16],
    pub(crate) destination: [u8; 16],
    /// The settings' active word.
    pub(crate) active: u64,
    /// The rule that decided.
    pub(crate) rule: RuleRef,
    pub(crate) interface: u32,
    /// As in the packet; of fragments only.
    pub(crate) identification: u32,
    pub(crate) protocol: u32,
    /// `SETTING_...` bits.
    pub(crate) settings: u32,
    pub(crate) source_port: u16,
    pub(crate) destination_port: u16,
    pub(crate) trunk: u16,
    pub(crate) outbound: u16,
    /// Offset of the UDP header.
    pub(crate) udp: u32,
    /// 1 if the trunk's calls are dropped while the daemon that would answer them is not there.
    pub(crate) drops: u32,
    /// What became of it, on its way through memory that the verifier does not follow.
    pub(crate) outcome: Outcome,
}

#[btf_map]
pub(crate) static SCRATCH: PerCpuArray<Scratch, 1> = PerCpuArray::new();

#[btf_map]
pub(crate) static EXTENSIONS: PerCpuArray<Extensions, 1> = PerCpuArray::new();

#[btf_map]
pub(crate) static SETTINGS: Array<Settings, 1> = Array::new();

/// Every rule by its pattern: the table in use.
pub(crate) type Patterns = Array<Inner<Bucket>, 1, { INNER_MAP | MMAPABLE }>;
#[btf_map]
pub(crate) static BUCKETS: ArrayOfMaps<Patterns, SLOTS> = ArrayOfMaps::new();

/// Which prefixes and wildcards there may be, one behind the other for both slots.
#[btf_map]
pub(crate) static FILTERS: Array<Filter, SLOTS, MMAPABLE> = Array::new();

/// Every rule but prefixes, and prefixes: the same in stock maps, for reference.
pub(crate) type Exact = HashMap<EntryKey, Inner<Found>, 1, NO_PREALLOC>;
#[btf_map]
pub(crate) static EXACT: ArrayOfMaps<Exact, SLOTS> = ArrayOfMaps::new();
pub(crate) type Prefixes = LpmTrie<PrefixKey, Inner<PrefixValue>, 1>;
#[btf_map]
pub(crate) static PREFIXES: ArrayOfMaps<Prefixes, SLOTS> = ArrayOfMaps::new();

/// Shapes of wildcards, both slots one behind the other: the kernel inlines the lookup.
#[btf_map]
pub(crate) static SHAPES: Array<Shape, { SLOTS * MAXIMUM_SHAPES as usize }> = Array::new();

/// What is true of all tables of a slot.
#[btf_map]
pub(crate) static GENERATIONS: Array<GenerationEntry, SLOTS> = Array::new();

pub(crate) type Numbers = HashMap<Number, Inner<NumberEntry>, 1, NO_PREALLOC>;
#[btf_map]
pub(crate) static NUMBERS: ArrayOfMaps<Numbers, SLOTS> = ArrayOfMaps::new();

pub(crate) type Scopes = Array<Inner<ScopeEntry>, 1, INNER_MAP>;
#[btf_map]
pub(crate) static SCOPES: ArrayOfMaps<Scopes, SLOTS> = ArrayOfMaps::new();

/// Both slots in one map, one behind the other: the kernel inlines the lookup.
#[btf_map]
pub(crate) static TRUNKS: Array<TrunkEntry, { SLOTS * MAXIMUM_TRUNKS as usize }> = Array::new();

pub(crate) type Peers = LpmTrie<PeerKey, u64, 1>;
#[btf_map]
pub(crate) static PEERS: ArrayOfMaps<Peers, SLOTS> = ArrayOfMaps::new();

/// One bit for each UDP port, both slots in one map.
#[btf_map]
pub(crate) static PORTS: Array<u64, { SLOTS * PORT_WORDS as usize }> = Array::new();

/// Grants: until when, in nanoseconds since boot.
#[btf_map]
pub(crate) static GRANTS: HashMap<GrantKey, u64, 65536, NO_PREALLOC> = HashMap::new();

/// Calls that rules decided, by the hash of their Call-ID: when last seen, and how many packets.
#[btf_map]
pub(crate) static CALLS: Array<CallBucket, 1, MMAPABLE> = Array::new();

/// The same in a stock map, for reference.
#[btf_map]
pub(crate) static CALLS_STOCK: LruHashMap<u64, CallEntry, 1> = LruHashMap::new();

/// Calls that made room in [`CALLS`] before they were over, in all.
#[btf_map]
pub(crate) static FORGOTTEN: PerCpuArray<u64, 1> = PerCpuArray::new();

/// Calls that no rule decided, by the hash of their Call-ID; the last one of each place.
#[btf_map]
pub(crate) static PASSED: Array<u64, { PASSED_CALLS as usize }> = Array::new();

/// What became of the INVITEs of each trunk.
#[btf_map]
pub(crate) static TRAFFIC: PerCpuArray<Traffic, { MAXIMUM_TRUNKS as usize }> = PerCpuArray::new();

/// Datagrams whose first fragment was judged, or whose later fragments came first.
#[btf_map]
pub(crate) static FRAGMENTS: LruHashMap<FragmentKey, FragmentState, 4096> = LruHashMap::new();

/// Calls and packets by counter slot of a rule.
#[btf_map]
pub(crate) static COUNTERS: Array<Counter, 1024, MMAPABLE> = Array::new();

/// Rule id by counter slot; kept for the daemon, which may have restarted.
#[btf_map]
pub(crate) static RULES: Array<SlotEntry, 1024, MMAPABLE> = Array::new();

pub(crate) const OUTCOME_COUNTERS: usize = 64;
/// Packets, and calls where a rule decided, by outcome.
#[btf_map]
pub(crate) static OUTCOMES: PerCpuArray<Counter, OUTCOME_COUNTERS> = PerCpuArray::new();

/// First packets of blocked calls.
#[btf_map]
pub(crate) static EVENTS: RingBuf<(), { 1 << 22 }> = RingBuf::new();

/// How far the sample of calls is.
#[btf_map]
pub(crate) static SAMPLES: PerCpuArray<SampleState, 1> = PerCpuArray::new();

/// Events that found no room, in all.
#[btf_map]
pub(crate) static LOST: PerCpuArray<u64, 1> = PerCpuArray::new();

/// Calls that were sent to the daemon, by the hash of their Call-ID: when seen last, in nanoseconds
/// since boot.
#[btf_map]
pub(crate) static STEERED: LruHashMap<u64, u64, 65536> = LruHashMap::new();

/// When the daemon was alive last, and when a packet was sent to it last.
#[btf_map]
pub(crate) static TIMES: Array<u64, 2> = Array::new();

/// Ports that are judged, and where the daemon answers their calls.
#[btf_map]
pub(crate) static ANSWER_PORTS: HashMap<u32, u32, { MAXIMUM_ANSWER_PORTS as usize }> =
    HashMap::new();

/// Ports from which the daemon answers, and what its packets are to have instead.
#[btf_map]
pub(crate) static REPLY_PORTS: HashMap<u32, ReplyPort, { MAXIMUM_ANSWER_PORTS as usize }> =
    HashMap::new();

/// What `ask` has to say.
#[btf_map]
pub(crate) static ANSWER: Array<Answer, 1> = Array::new();
