//! What a daemon might say, for tests.

use std::collections::BTreeMap;

use super::rates::Rates;
use super::state::Snapshot;
use blacklist_figures::{
    BusyNumber, Counts, DaemonFigures, EventCounts, InterfaceFigures, ListFigures, Live,
    RecentCall, RuleFigures, SeenParty, Shares, TrunkFigures,
};
use blacklist_model::{RuleId, RuleKind};

const TODAY: &str = "2026-07-31T09:59:58.250Z";

const fn counts(calls: u64, packets: u64) -> Counts {
    Counts { calls, packets }
}

fn outcomes() -> BTreeMap<String, Counts> {
    let rows = [
        ("dropped", counts(1200, 8400)),
        ("monitored", counts(0, 0)),
        ("no-rule", counts(99_999, 99_999)),
        ("allowed", counts(3, 12)),
        ("open-quote", counts(0, 4)),
        ("not-invite", counts(0, 1_234_567)),
    ];
    let named = rows.map(|(name, counts)| (name.to_owned(), counts));
    BTreeMap::from(named)
}

fn trunk(name: &str, blocked: Counts, passed: Counts) -> TrunkFigures {
    TrunkFigures {
        name: name.to_owned(),
        shares: Shares {
            passed,
            blocked,
            ..Shares::default()
        },
    }
}

fn rule(id: u32, pattern: &str, kind: RuleKind, list: &str, calls: u64) -> RuleFigures {
    RuleFigures {
        id: RuleId(id),
        pattern: pattern.to_owned(),
        list: list.to_owned(),
        kind,
        scopes: None,
        calls,
        packets: calls * 7,
    }
}

fn party(number: &str, calls: u64, error: u64) -> BusyNumber {
    BusyNumber {
        number: number.to_owned(),
        calls,
        error,
    }
}

fn call(id: u64, caller: &str, rule: u32, pattern: &str) -> RecentCall {
    RecentCall {
        id,
        time: TODAY.to_owned(),
        caller: caller.to_owned(),
        called: "+493012345".to_owned(),
        rule: RuleId(rule),
        pattern: pattern.to_owned(),
        outcome: "dropped".to_owned(),
    }
}

fn seen(id: &str, caller: &str) -> SeenParty {
    SeenParty {
        id: id.to_owned(),
        time: TODAY.to_owned(),
        caller: caller.to_owned(),
        called: "+493012345".to_owned(),
        trunk: "carrier".to_owned(),
    }
}

fn list(name: &str, calls: u64) -> ListFigures {
    ListFigures {
        name: name.to_owned(),
        blocked: counts(calls, calls * 7),
    }
}

/// A daemon that works.
pub(super) fn live() -> Live {
    Live {
        time: "2026-07-31T10:00:00Z".to_owned(),
        monotonic: 100_000,
        daemon: DaemonFigures {
            version: "0.1.0".to_owned(),
            mode: "enforce".to_owned(),
            health: "ok".to_owned(),
            problems: Vec::new(),
            generation: 12,
            interfaces: vec![InterfaceFigures {
                name: "eth0".to_owned(),
                index: 2,
                xdp_mode: "native".to_owned(),
                attached: true,
                reply_hook: Some("tcx".to_owned()),
            }],
            outcomes: outcomes(),
            events: EventCounts {
                received: 1200,
                lost: 0,
            },
        },
        trunks: vec![
            trunk("carrier", counts(900, 6300), counts(70_000, 70_000)),
            trunk("backup", counts(300, 2100), counts(30_011, 30_011)),
            trunk("", counts(0, 0), counts(0, 0)),
        ],
        lists: vec![list("default", 1000), list("spam", 200)],
        rules: vec![
            rule(7, "+1415*", RuleKind::Block, "spam", 900),
            rule(3, "+14155550100", RuleKind::Block, "default", 300),
            rule(9, "alice", RuleKind::Allow, "default", 3),
            rule(0, "default of account:acme", RuleKind::Block, "", 0),
        ],
        callers: vec![
            party("+14155550100", 640, 0),
            party("+14155550199", 300, 2),
            party("averylongnamethatwascut…", 12, 1),
        ],
        called: vec![party("+493012345", 700, 0), party("+4989", 240, 5)],
        seen: vec![seen("s17", "+4989123"), seen("s16", "bob")],
        calls: vec![
            call(501, "+14155550100", 3, "+14155550100"),
            call(500, "+14155550199", 7, "+1415*"),
            call(499, "", 0, "anonymous"),
        ],
        rows: 12_345,
    }
}

/// The same two seconds later, with five more blocked calls and what passed.
pub(super) fn later() -> Live {
    let mut live = live();
    live.time = "2026-07-31T10:00:02Z".to_owned();
    live.monotonic += 2000;
    live.daemon.events.received += 5;
    live.daemon
        .outcomes
        .insert("dropped".to_owned(), counts(1205, 8435));
    live.daemon
        .outcomes
        .insert("no-rule".to_owned(), counts(100_240, 100_240));
    if let Some(trunk) = live.trunks.first_mut() {
        trunk.shares.blocked = counts(905, 6335);
        trunk.shares.passed.calls += 241;
        trunk.shares.passed.packets += 241;
    }
    if let Some(rule) = live.rules.first_mut() {
        rule.calls += 5;
        rule.packets += 35;
    }
    live
}

pub(super) fn snapshot() -> Snapshot {
    let live = later();
    Snapshot {
        rates: Rates::between(Some(&self::live()), &live),
        live,
    }
}
