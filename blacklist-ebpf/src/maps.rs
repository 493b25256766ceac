//! The maps that the daemon knows too. Their names are what it looks for and what is pinned.

use aya_ebpf::btf_maps::{Array, ArrayOfMaps, HashMap, LpmTrie, LruHashMap, PerCpuArray, RingBuf};
use blacklist_common::answer::Answer;
use blacklist_common::buckets::{Bucket, Filter};
use blacklist_common::calls::{CallBucket, PASSED_CALLS};
use blacklist_common::event::SampleState;
use blacklist_common::fragment::{FragmentKey, FragmentState};
use blacklist_common::number::Number;
use blacklist_common::object;
use blacklist_common::scope::{NumberEntry, ScopeEntry};
use blacklist_common::shape::{MAXIMUM_SHAPES, Shape};
use blacklist_common::tables::{
    Counter, GenerationEntry, GrantKey, MAXIMUM_ANSWER_PORTS, MAXIMUM_TRUNKS, PORT_WORDS, PeerKey,
    ReplyPort, Settings, SlotEntry, Traffic, TrunkEntry,
};

pub(crate) const NO_PREALLOC: usize = object::NO_PREALLOC as usize;
pub(crate) const SLOTS: usize = object::SLOTS as usize;
const INNER_MAP: usize = object::INNER_MAP as usize;
const MMAPABLE: usize = object::MMAPABLE as usize;
/// Outcomes that can be counted.
pub(crate) const OUTCOME_COUNTERS: usize = 64;

/// Defines maps. One whose name the daemon does not know by [`object::map`] does not compile.
macro_rules! map {
    ($($(#[$doc:meta])* $name:ident: $kind:ty;)*) => {$(
        const _: &str = blacklist_common::object::map::$name;
        $(#[$doc])*
        #[aya_ebpf::macros::btf_map]
        pub(crate) static $name: $kind = <$kind>::new();
    )*};
}
pub(crate) use map;

/// The value of a table in a map of maps, where it is a structure. The daemon makes such tables
/// without a description of their types (BTF), and before Linux 6.2 a table that is described as one
/// of structures does not equal one that is not described, while one of arrays does: there a timer is
/// looked for in structures alone (`timer_off` in `bpf_map_meta_equal`).
pub(crate) type Inner<T> = [T; 1];

pub(crate) type Patterns = Array<Inner<Bucket>, 1, { INNER_MAP | MMAPABLE }>;
pub(crate) type Numbers = HashMap<Number, Inner<NumberEntry>, 1, NO_PREALLOC>;
pub(crate) type Scopes = Array<Inner<ScopeEntry>, 1, INNER_MAP>;
pub(crate) type Peers = LpmTrie<PeerKey, u64, 1>;

map! {
    /// Settings that belong to no generation.
    SETTINGS: Array<Settings, 1>;

    /// What is true of all tables of a slot.
    GENERATIONS: Array<GenerationEntry, SLOTS>;

    /// Every rule by its pattern.
    BUCKETS: ArrayOfMaps<Patterns, SLOTS>;

    /// Which prefixes and wildcards there may be, of one slot after the other.
    FILTERS: Array<Filter, SLOTS, MMAPABLE>;

    /// Shapes of wildcards, of one slot after the other: the kernel inlines the lookup.
    SHAPES: Array<Shape, { SLOTS * MAXIMUM_SHAPES as usize }>;

    /// Local and protected numbers.
    NUMBERS: ArrayOfMaps<Numbers, SLOTS>;

    /// What each partition holds.
    SCOPES: ArrayOfMaps<Scopes, SLOTS>;

    /// Trunks, of one slot after the other: the kernel inlines the lookup.
    TRUNKS: Array<TrunkEntry, { SLOTS * MAXIMUM_TRUNKS as usize }>;

    /// Trunks by source address.
    PEERS: ArrayOfMaps<Peers, SLOTS>;

    /// One bit for each UDP port, of one slot after the other.
    PORTS: Array<u64, { SLOTS * PORT_WORDS as usize }>;

    /// Grants: until when, in nanoseconds since boot.
    GRANTS: HashMap<GrantKey, u64, 65536, NO_PREALLOC>;

    /// Calls that rules decided, by the hash of their Call-ID: when last seen, and how many packets.
    CALLS: Array<CallBucket, 1, MMAPABLE>;

    /// Calls that made room in [`CALLS`] before they were over, in all.
    FORGOTTEN: PerCpuArray<u64, 1>;

    /// Calls that no rule decided, by the hash of their Call-ID; the last one of each place.
    PASSED: Array<u64, { PASSED_CALLS as usize }>;

    /// What became of the INVITEs of each trunk.
    TRAFFIC: PerCpuArray<Traffic, { MAXIMUM_TRUNKS as usize }>;

    /// Datagrams whose first fragment was judged, or whose later fragments came first.
    FRAGMENTS: LruHashMap<FragmentKey, FragmentState, 4096>;

    /// Calls and packets by counter slot of a rule.
    COUNTERS: Array<Counter, 1024, MMAPABLE>;

    /// Rule id by counter slot; kept for the daemon, which may have restarted.
    RULES: Array<SlotEntry, 1024, MMAPABLE>;

    /// Packets, and calls where a rule decided, by outcome.
    OUTCOMES: PerCpuArray<Counter, OUTCOME_COUNTERS>;

    /// First packets of blocked calls.
    EVENTS: RingBuf<(), { 1 << 22 }>;

    /// How far the sample of calls is.
    SAMPLES: PerCpuArray<SampleState, 1>;

    /// Events that found no room, in all.
    LOST: PerCpuArray<u64, 1>;

    /// Calls that were sent to the daemon, by the hash of their Call-ID: when last seen, in
    /// nanoseconds since boot.
    STEERED: LruHashMap<u64, u64, 65536>;

    /// When the daemon last said that it is alive, and when a packet was last sent to it.
    TIMES: Array<u64, 2>;

    /// Ports that are judged, and where the daemon answers their calls.
    ANSWER_PORTS: HashMap<u32, u32, { MAXIMUM_ANSWER_PORTS as usize }>;

    /// Ports from which the daemon answers, and what its packets are to have instead.
    REPLY_PORTS: HashMap<u32, ReplyPort, { MAXIMUM_ANSWER_PORTS as usize }>;

    /// What `ask` has to say.
    ANSWER: Array<Answer, 1>;
}
