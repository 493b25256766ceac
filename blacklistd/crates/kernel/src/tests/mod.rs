//! The daemon's side of the kernel over tables in memory: what is written when, and what a call is
//! judged by meanwhile.

mod generations;
mod ring;
mod rooms;
mod words;

use std::sync::Arc;

use blacklist_common::dial_plan::DialPlan;
use blacklist_common::number::Number;
use blacklist_common::outcome::Outcome;
use blacklist_common::pattern::{EntryKey, Kind};
use blacklist_common::rule::{Action, ReasonClass, RuleRef};
use blacklist_common::scope::{SCOPE_HAS_EXACT, ScopeEntry};
use blacklist_common::tables::TrunkEntry;
use blacklist_common::user_part;
use blacklist_generation::Buckets;

use crate::{Kernel, KernelSettings, Memory, PatternTables, Tables, ask};

/// Two callers, each of which has a rule in some of the tests.
const ONE: &str = "+14155551234";
const TWO: &str = "+14155559999";

fn settings(tables: PatternTables) -> KernelSettings {
    KernelSettings {
        pin_directory: "/nowhere".into(),
        maximum_rules: 64,
        maximum_calls: 1024,
        event_bytes: 1 << 14,
        tables,
    }
}

fn number(spelling: &str) -> Number {
    let party = user_part::canonical(spelling.as_bytes(), &DialPlan::default());
    party.unwrap().number
}

fn block(slot: u32) -> RuleRef {
    RuleRef::new(slot, Action::Drop, ReasonClass::OwnList, false)
}

/// A generation that blocks these callers, by slots 1, 2 and so on.
fn blocking(callers: &[&str]) -> Tables {
    let mut buckets = Buckets::default();
    let mut slots = Vec::new();
    for (slot, caller) in (1..).zip(callers) {
        let key = EntryKey::exact(0, number(caller));
        buckets.set(&key, Kind::Block, block(slot));
        slots.push((slot, 1000 + slot));
    }
    let scope = ScopeEntry {
        contents: SCOPE_HAS_EXACT,
        ..ScopeEntry::default()
    };
    Tables {
        buckets: Arc::new(buckets),
        scopes: vec![scope, ScopeEntry::default()],
        trunks: vec![TrunkEntry {
            identity: [1, 0, 0, 0],
            ..TrunkEntry::default()
        }],
        peers: vec![("192.0.2.0/24".parse().unwrap(), 0)],
        ports: vec![5060],
        slots,
        ..Tables::default()
    }
}

fn open(tables: PatternTables) -> (Memory, Kernel) {
    let memory = Memory::new(&settings(tables));
    let kernel = Kernel::in_memory(&memory).unwrap();
    (memory, kernel)
}

/// An INVITE in a frame.
fn invite(caller: &str) -> Vec<u8> {
    let text = format!(
        "INVITE sip:+12015550100@192.0.2.1 SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.9;branch=z9hG4bK1\r\n\
         From: <sip:{caller}@example.com>;tag=1\r\nTo: <sip:+12015550100@example.com>\r\n\
         Call-ID: {caller}\r\nCSeq: 1 INVITE\r\nMax-Forwards: 70\r\nContent-Length: 0\r\n\r\n"
    );
    let from = "192.0.2.9:5060".parse().unwrap();
    ask::frame(from, "192.0.2.1:5060".parse().unwrap(), text.as_bytes()).unwrap()
}

fn outcome(memory: &Memory, caller: &str) -> Outcome {
    memory.ask_frame(&invite(caller)).unwrap().outcome
}

/// Which of the two callers are blocked.
fn blocked(memory: &Memory) -> [bool; 2] {
    [ONE, TWO].map(|caller| outcome(memory, caller).is_dropped())
}
