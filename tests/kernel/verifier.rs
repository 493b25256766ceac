//! What the kernel says of the loaded program: its size, and the layout of its maps.

use aya::maps::MapInfo;
use blacklist_common::buckets::Bucket;
use blacklist_common::calls::{CallBucket, CallEntry, call_buckets};
use blacklist_common::event::Event;
use blacklist_common::fragment::{FragmentKey, FragmentState};
use blacklist_common::number::Number;
use blacklist_common::outcome::OUTCOMES;
use blacklist_common::pattern::{EntryKey, Found};
use blacklist_common::scope::{NumberEntry, ScopeEntry};
use blacklist_common::tables::{
    Counter, GrantKey, PeerKey, ReplyPort, Settings, SlotEntry, Traffic, TrunkEntry,
};
use blacklist_tests::lab::Lab;
use blacklist_tests::standard;

/// Most instructions that the verifier may have to look at.
const MOST_VERIFIED: u32 = 250_000;
/// Bytes of a prefix length in front of a key's data.
const BITS: usize = size_of::<u32>();

#[test]
fn programs_are_verified_within_bounds() {
    let mut lab = Lab::open(standard::world());
    let mut names = Vec::new();
    for (name, program) in lab.kernel.programs().unwrap().programs() {
        let Ok(info) = program.info() else {
            continue;
        };
        let verified = info.verified_instruction_count().unwrap();
        println!("{name}: {verified} verified instructions");
        assert!(verified < MOST_VERIFIED, "{name}: {verified}");
        names.push(name.to_owned());
    }
    for name in ["blacklist", "ask"] {
        assert!(
            names.iter().any(|there| there == name),
            "{name} is not loaded: {names:?}"
        );
    }
}

fn info(lab: &Lab, name: &str) -> MapInfo {
    let folder = std::fs::read_dir(lab.settings().pin_directory)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .find(|path| path.join(name).exists());
    let folder = folder.unwrap_or_else(|| panic!("{name} is not pinned"));
    MapInfo::from_pin(folder.join(name)).unwrap()
}

#[test]
fn pinned_maps_have_the_layout_of_the_common_types() {
    let lab = Lab::open(standard::world());
    let index = size_of::<u32>();
    let rows = [
        ("SETTINGS", index, size_of::<Settings>()),
        ("GRANTS", size_of::<GrantKey>(), size_of::<u64>()),
        ("CALLS", index, size_of::<CallBucket>()),
        ("CALLS_STOCK", size_of::<u64>(), size_of::<CallEntry>()),
        ("TRAFFIC", index, size_of::<Traffic>()),
        ("FORGOTTEN", index, size_of::<u64>()),
        (
            "FRAGMENTS",
            size_of::<FragmentKey>(),
            size_of::<FragmentState>(),
        ),
        ("COUNTERS", index, size_of::<Counter>()),
        ("RULES", index, size_of::<SlotEntry>()),
        ("OUTCOMES", index, size_of::<Counter>()),
        ("LOST", index, size_of::<u64>()),
    ];
    for (name, key, value) in rows {
        let info = info(&lab, name);
        assert_eq!(
            (info.key_size() as usize, info.value_size() as usize),
            (key, value),
            "{name}"
        );
    }
    let slots = lab.settings().maximum_rules + 1;
    assert_eq!(info(&lab, "COUNTERS").max_entries(), slots);
    assert_eq!(info(&lab, "RULES").max_entries(), slots);
    assert_eq!(
        info(&lab, "CALLS").max_entries(),
        call_buckets(lab.settings().maximum_calls)
    );
    assert_eq!(
        info(&lab, "EVENTS").max_entries(),
        lab.settings().event_bytes
    );
    assert!(info(&lab, "OUTCOMES").max_entries() as usize >= OUTCOMES);
}

/// Tables of a generation have no pins of their own; those that this process just made are found
/// by their layout.
#[test]
fn tables_of_a_generation_have_the_layout_of_the_common_types() {
    let _lab = Lab::open(standard::world());
    let rows = [
        ("buckets", size_of::<u32>(), size_of::<Bucket>()),
        ("numbers", size_of::<Number>(), size_of::<NumberEntry>()),
        ("scopes", size_of::<u32>(), size_of::<ScopeEntry>()),
        ("trunks", size_of::<u32>(), size_of::<TrunkEntry>()),
        ("peers", BITS + size_of::<PeerKey>(), size_of::<u64>()),
    ];
    let layouts: Vec<(usize, usize)> = aya::maps::loaded_maps()
        .filter_map(Result::ok)
        .map(|info| (info.key_size() as usize, info.value_size() as usize))
        .collect();
    for (name, key, value) in rows {
        assert!(
            layouts.contains(&(key, value)),
            "{name}: no map of {key} and {value} bytes"
        );
    }
}

/// The ABI that pinned state is recognised by: a change of any of these raises the version.
#[test]
fn the_sizes_of_this_abi_version() {
    assert_eq!(blacklist_common::tables::ABI_VERSION, 5);
    assert_eq!(size_of::<ReplyPort>(), 8);
    assert_eq!(size_of::<Event>(), 256);
    assert_eq!(size_of::<EntryKey>() + size_of::<Found>(), 32);
    assert_eq!(size_of::<Bucket>(), 64);
    assert_eq!(size_of::<CallBucket>(), 64);
    assert_eq!(size_of::<Traffic>(), 64);
    assert_eq!(size_of::<Settings>(), 24);
    assert_eq!(size_of::<ScopeEntry>(), 176);
    assert_eq!(size_of::<NumberEntry>(), 40);
    assert_eq!(size_of::<TrunkEntry>(), 120);
    assert_eq!(size_of::<blacklist_common::answer::Answer>(), 32);
}
