//! What stands in the lookup tables: keys and values, byte for byte as the kernel holds them.
//!
//! Every type here is part of the ABI between the kernel program and the daemon; a change of any
//! layout or meaning raises [`ABI_VERSION`].

use crate::dial_plan::DialPlan;
use crate::number::{Number, Party};
use crate::pattern::{EntryKey, Found};
use crate::rule::{Action, RuleRef};
use crate::scope::{NumberEntry, ScopeEntry};
use crate::shape::Shape;

/// Version of all map layouts. A daemon that finds pinned maps of another version replaces them.
pub const ABI_VERSION: u32 = 5;

/// Which way a call goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
#[repr(u8)]
pub enum Direction {
    /// From a trunk to us: the remote party is the caller.
    #[default]
    Inbound = 0,
    /// From our users to a trunk: the remote party is the called one.
    Outbound = 1,
}

impl Direction {
    /// The word for people and for `--json`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Inbound => "inbound",
            Self::Outbound => "outbound",
        }
    }
}

/// Data of a key in the stock table of prefixes, most significant byte first as the kernel's LPM
/// trie compares it; its prefix length is [`PREFIX_TAG_BITS`] and the bits of the number that are
/// fixed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(C)]
pub struct PrefixKey {
    /// Partition and kind, big-endian.
    pub tag: [u8; 4],
    /// The number, big-endian.
    pub number: [u8; 8],
}

/// Bits of a prefix key in front of the number.
pub const PREFIX_TAG_BITS: u32 = 32;
/// All bits of a prefix key: the length with which a number is looked up.
pub const PREFIX_LOOKUP_BITS: u32 = 96;

impl PrefixKey {
    /// The key of a number in a partition.
    #[inline(always)]
    pub const fn new(partition: u32, kind: u32, number: Number) -> Self {
        Self {
            tag: (partition << 2 | kind).to_be_bytes(),
            number: number.0.to_be_bytes(),
        }
    }
}

/// Value of the stock table of prefixes: a rule, and of how many digits its prefix is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
#[repr(C)]
pub struct PrefixValue {
    /// The rule.
    pub rule: RuleRef,
    /// Digits of the prefix.
    pub digits: u32,
}

/// What is true of all tables of a generation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
#[repr(C)]
pub struct GenerationEntry {
    /// Buckets of the table of patterns.
    pub buckets: u32,
    /// Digits of the longest number of which something is known; 15 if it may be a text.
    pub known_digits: u32,
    /// Digits of the longest number that is never blocked.
    pub protected_digits: u32,
    /// Zero.
    pub padding: u32,
}

/// Key of a grant: who may call whom for a while.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(C)]
pub struct GrantKey {
    /// The party inside.
    pub local: Number,
    /// The party outside.
    pub remote: Number,
}

/// Where the caller's number is taken from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum IdentitySource {
    /// `From` (RFC 3261, 20.20).
    From = 1,
    /// `P-Asserted-Identity` (RFC 3325, 9.1).
    PAssertedIdentity = 2,
    /// `Remote-Party-ID` (draft-ietf-sip-privacy-04).
    RemotePartyId = 3,
}

impl IdentitySource {
    /// The word for people, for `--json` and for the configuration.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::From => "from",
            Self::PAssertedIdentity => "p-asserted-identity",
            Self::RemotePartyId => "remote-party-id",
        }
    }

    /// From its number; none for a number that no source has.
    #[inline(always)]
    pub const fn from_number(number: u8) -> Option<Self> {
        Some(match number {
            1 => Self::From,
            2 => Self::PAssertedIdentity,
            3 => Self::RemotePartyId,
            _ => return None,
        })
    }
}

/// Identity sources that a trunk can list.
pub const IDENTITY_SOURCES: usize = 3;
/// Places of a trunk's list: the last is always 0. A power of two, so that a mask keeps an index
/// inside.
pub const IDENTITY_PLACES: usize = 4;

/// The trunk is outside of all judgement.
pub const TRUNK_BYPASS: u8 = 1;
/// Calls are decided, counted and logged, and let through.
pub const TRUNK_MONITOR: u8 = 2;
/// The trunk is believed: `Priority: psap-callback` (RFC 7090) lifts every rule.
pub const TRUNK_TRUSTED: u8 = 4;
/// The called number is the user of To, not of the Request-URI.
pub const TRUNK_CALLED_FROM_TO: u8 = 8;
/// Calls over this trunk are outbound.
pub const TRUNK_OUTBOUND: u8 = 16;
/// Calls that the daemon would answer are dropped while it is not there; else they pass.
pub const TRUNK_DOWN_DROP: u8 = 32;

/// A trunk's settings; trunk 0 is every peer that no trunk names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
#[repr(C)]
pub struct TrunkEntry {
    /// Index in the trunk table.
    pub trunk: u16,
    /// `TRUNK_...` bits.
    pub flags: u8,
    /// [`IdentitySource`] numbers in order; 0 ends the list.
    pub identity: [u8; IDENTITY_PLACES],
    /// Zero.
    pub padding: u8,
    /// How it spells numbers.
    pub dial_plan: DialPlan,
}

impl TrunkEntry {
    /// Whether all `bits` are set.
    #[inline(always)]
    pub const fn has(&self, bits: u8) -> bool {
        self.flags & bits == bits
    }

    /// Which way its calls go.
    #[inline(always)]
    pub const fn direction(&self) -> Direction {
        if self.has(TRUNK_OUTBOUND) {
            Direction::Outbound
        } else {
            Direction::Inbound
        }
    }
}

/// Trunks a configuration can have, the unnamed one included.
pub const MAXIMUM_TRUNKS: u32 = 1024;

/// Words of the port table: one bit for each UDP port.
pub const PORT_WORDS: u32 = 1024;

/// Data of the peer table's key: an IPv6 address, IPv4 as `::ffff:a.b.c.d` (RFC 4291, 2.5.5.2).
/// The value is the trunk's index.
pub type PeerKey = [u8; 16];

/// Generation-independent settings of the program; one entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
#[repr(C)]
pub struct Settings {
    /// Generation in force: bit 0 is the table slot, the other bits its number. Read once per
    /// packet.
    pub active: u64,
    /// [`ABI_VERSION`] of the program that is in force.
    pub abi_version: u32,
    /// `SETTING_...` bits.
    pub flags: u32,
    /// Buckets of the table of calls.
    pub call_buckets: u32,
    /// Zero.
    pub padding: u32,
}

/// Everything is decided, counted and logged, and let through.
pub const SETTING_MONITOR: u32 = 1;
/// There are grants to be looked up.
pub const SETTING_GRANTS: u32 = 2;

const SETTING_ANSWERS_SHIFT: u32 = 8;
/// The bits of all actions that the daemon answers.
pub const SETTING_ANSWERS: u32 = 0xFFFF << SETTING_ANSWERS_SHIFT;

/// The bit of the settings that says that the daemon answers calls of an action.
#[inline(always)]
pub const fn setting_answers(action: Action) -> u32 {
    1 << (SETTING_ANSWERS_SHIFT + (action as u32 & 0xF))
}

/// Judged ports whose calls the daemon can answer.
pub const MAXIMUM_ANSWER_PORTS: u32 = 64;

/// From which port packets leave that the daemon sends from one of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
#[repr(C)]
pub struct ReplyPort {
    /// The judged port.
    pub port: u32,
    /// The mark of the daemon's packets; others are left alone.
    pub mark: u32,
}

/// Nanoseconds after its last sign of life when the daemon is taken to be gone.
pub const DAEMON_GONE_AFTER: u64 = 2_000_000_000;

/// Place of the daemon's last sign of life in the table of times, in nanoseconds since boot.
pub const TIME_DAEMON: u32 = 0;
/// Place of the last packet that was sent to the daemon.
pub const TIME_STEERED: u32 = 1;

/// The table slot of an active word.
#[inline(always)]
pub const fn table_slot(active: u64) -> u32 {
    (active & 1) as u32
}

/// The generation's number of an active word.
pub const fn generation(active: u64) -> u64 {
    active >> 1
}

/// Packets and calls of one rule (or one reason) on one CPU.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
#[repr(C)]
pub struct Counter {
    /// Calls: each Call-ID once, however often its INVITE was sent.
    pub calls: u64,
    /// Packets.
    pub packets: u64,
}

/// What became of the INVITEs of one trunk, on one CPU.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
#[repr(C)]
pub struct Traffic {
    /// By [`crate::outcome::Share`], in the order of their numbers.
    pub shares: [Counter; crate::outcome::SHARES],
}

/// Which rule has a counter slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
#[repr(C)]
pub struct SlotEntry {
    /// The rule's id in the store; 0 if the slot is free.
    pub rule: u32,
    /// Zero.
    pub padding: u32,
}

/// What decides a call: the engine's tables and the kernel's maps answer the same questions.
pub trait Tables {
    /// Whether [`Tables::user`] is asked: what the others cannot compare is not left open.
    const COMPLETE: bool;
    /// Whether prefixes are found by [`Tables::longest_prefix`]; else by their lengths.
    const TRIES: bool;

    /// Whether a key with gaps may have rules; certainly if it has.
    fn perhaps(&self, key: &EntryKey) -> bool;
    /// Adds the rules of a key to `found`.
    fn entry(&self, key: &EntryKey, found: &mut Found);
    /// The rule of a kind with the longest prefix of a number, in a partition.
    fn longest_prefix(&self, partition: u32, kind: u32, number: Number) -> PrefixValue;
    /// A shape of wildcards, by its number.
    fn shape(&self, number: u8) -> Option<&Shape>;
    /// What is known of a local number. False, and the entry left as it was, if nothing.
    fn number(&self, number: Number, entry: &mut NumberEntry) -> bool;
    /// Whether a number is never blocked.
    fn is_protected(&self, number: Number) -> bool;
    /// What a partition holds.
    fn scope(&self, partition: u32) -> Option<&ScopeEntry>;
    /// Whether a grant lets this call through.
    fn granted(&self, key: &GrantKey) -> bool;
    /// The id of the rule with this counter slot.
    fn rule_id(&self, slot: u32) -> u32;
    /// Adds the rules of a partition that only user space can compare with the remote party.
    fn user(&self, partition: u32, found: &mut Found);
}

/// A call as it is decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
#[repr(C)]
pub struct Call {
    /// Who calls.
    pub caller: Party,
    /// Who is called.
    pub called: Party,
    /// Bits of the [`crate::pattern::Class`]es of the caller.
    pub classes: u32,
    /// Zero.
    pub padding: u32,
}

const _: () = {
    assert!(size_of::<PrefixKey>() == 12);
    assert!(size_of::<PrefixValue>() == 8 && align_of::<PrefixValue>() == 4);
    assert!(size_of::<GenerationEntry>() == 16);
    assert!(size_of::<GrantKey>() == 16);
    assert!(size_of::<DialPlan>() == 112);
    assert!(size_of::<TrunkEntry>() == 120);
    assert!(size_of::<Settings>() == 24);
    assert!(size_of::<ReplyPort>() == 8);
    assert!(size_of::<Traffic>() == 64);
    assert!(size_of::<Counter>() == 16);
    assert!(size_of::<SlotEntry>() == 8);
    assert!(size_of::<RuleRef>() == 4);
};
