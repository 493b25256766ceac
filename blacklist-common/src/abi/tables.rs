//! What the lookup tables hold: keys and values, byte for byte as the kernel stores them.
//!
//! Every type here is part of the ABI between the kernel program and the daemon; a change of any
//! layout or meaning raises [`ABI_VERSION`].

use crate::dial_plan::DialPlan;
use crate::number::Number;
use crate::rule::{Action, RuleRef};

pub use crate::rule::Direction;

/// Version of all map layouts. A daemon that finds pinned maps of another version replaces them.
pub const ABI_VERSION: u32 = 5;

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

    /// From its number; `None` for a number that no source has.
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prefix_keys_are_compared_from_the_left() {
        let key = PrefixKey::new(5, 2, Number(0x1234_5678_9ABC_DEF0));
        assert_eq!(key.tag, [0, 0, 0, 22]);
        assert_eq!(key.number[..2], [0x12, 0x34]);
        assert_eq!(PREFIX_LOOKUP_BITS as usize, 8 * size_of::<PrefixKey>());
    }

    #[test]
    fn an_active_word_is_a_slot_and_a_number() {
        assert_eq!((table_slot(7), generation(7)), (1, 3));
        assert_eq!((table_slot(8), generation(8)), (0, 4));
    }

    #[test]
    fn each_action_has_a_bit_of_its_own() {
        let mut all = 0;
        for action in Action::ALL {
            let bit = setting_answers(action);
            assert_eq!(all & bit, 0, "{action:?}");
            assert_eq!(bit & !SETTING_ANSWERS, 0, "{action:?}");
            all |= bit;
        }
        assert_eq!(all & (SETTING_MONITOR | SETTING_GRANTS), 0);
    }

    #[test]
    fn identity_sources_have_their_numbers() {
        for number in 0..=u8::MAX {
            match IdentitySource::from_number(number) {
                Some(source) => assert_eq!(source as u8, number),
                None => assert!(number == 0 || number as usize > IDENTITY_SOURCES),
            }
        }
    }
}
