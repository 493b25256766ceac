//! What was counted, of a made-up daemon, exactly as the API and Prometheus get it. The files in
//! `snapshots/` are what clients rely on: a difference is a change of the API.

use std::collections::HashSet;

use blacklist_common::dial_plan::DialPlan;
use blacklist_common::outcome::{Outcome, Share};
use blacklist_common::rule::Action;
use blacklist_common::tables::Counter;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::coverage::paths;
use super::{live, metrics as collected, stats, status};
use crate::daemon::{CountKey, NameTable};
use crate::metrics;
use blacklist_engine::{DEFAULT_OF_SCOPE, Mutation, RuleSet};
use blacklist_figures::{Figures, Live, Shares, Stats, Status};
use blacklist_model::{
    DefaultPolicy, List, ListId, MatchKind, Pattern, Rule, RuleDirection, RuleId, RuleKind,
    ScopeId, ScopeName, ScopeRecord,
};
use blacklist_store::journal::{Account, CompanionResult, Ledger};
use blacklist_store::rules::{ListRow, ScopeRow};

const TIME: &str = "2026-07-31T10:00:00Z";

fn counter(calls: u64) -> Counter {
    Counter {
        calls,
        packets: 7 * calls + 1,
    }
}

/// Something of each account.
fn ledger() -> Ledger {
    let mut ledger = Ledger::default();
    let mut add = |account, calls| ledger.add(account, 0, counter(calls));
    for (number, outcome) in (1..).zip(Outcome::ALL) {
        if outcome != Outcome::Tunnel {
            add(Account::Outcome(outcome), number);
        }
    }
    for (number, share) in (100..).zip(Share::ALL) {
        add(Account::Trunk("carrier".into(), share), number);
        add(Account::Trunk("\"gone\"".into(), share), number * 2);
    }
    add(Account::Trunk("".into(), Share::Passed), 5);
    for (number, passage) in (200..).zip(CompanionResult::ALL) {
        add(Account::Companion(passage), number);
    }
    for (id, calls) in [(0, 3), (1, 40), (2, 50), (9, 1)] {
        add(Account::List(id), calls);
    }
    for (id, calls) in [(7, 60), (8, 70), (DEFAULT_OF_SCOPE | 1, 65), (0, 0)] {
        add(Account::Rule(id), calls);
    }
    add(Account::Action(Action::Drop), 80);
    add(Account::Action(Action::Monitor), 90);
    for (number, account) in (300..).zip([
        Account::Held,
        Account::Lost,
        Account::Forgotten,
        Account::Recounted,
        Account::Logged,
    ]) {
        add(account, number);
    }
    ledger
}

fn list_row(id: u32, name: &str, enabled: bool) -> ListRow {
    ListRow {
        id: ListId(id),
        made: 1,
        name: name.to_owned(),
        kind: RuleKind::Block,
        direction: RuleDirection::Inbound,
        action: None,
        mandatory: false,
        enabled,
        scopes: vec![ScopeId(1)],
        comment: String::new(),
    }
}

fn names() -> NameTable {
    let scope = |id, name: &str| ScopeRow {
        id: ScopeId(id),
        made: 1,
        name: name.to_owned(),
        policy: DefaultPolicy::Block,
        comment: String::new(),
    };
    let mut names = NameTable::new(
        vec![
            list_row(1, "default", true),
            list_row(2, "spam", true),
            list_row(3, "off", false),
        ],
        vec![scope(0, "global"), scope(1, "account:acme")],
    );
    let matchings = [
        MatchKind::Exact,
        MatchKind::Prefix,
        MatchKind::Wildcard,
        MatchKind::Anonymous,
        MatchKind::Unverified,
        MatchKind::Everything,
    ];
    for (number, matching) in (1..).zip(matchings) {
        for _ in 0..number {
            names.tally.add(CountKey {
                list: ListId(number % 3 + 1),
                kind: (number % 2 == 0).then_some(RuleKind::Allow),
                matching,
                enabled: number != 4,
                timed: number == 5,
                in_kernel: number != 3,
            });
        }
    }
    names
}

fn rules() -> RuleSet {
    let mut rules = RuleSet::empty(HashSet::new(), 10);
    let spam = List {
        id: ListId(2),
        name: "spam".into(),
        scopes: vec![ScopeId(1)],
        ..List::standard()
    };
    let pattern = Pattern::parse("+1415*", &DialPlan::default()).unwrap();
    let rule = Rule::of(RuleId(7), ListId(2), pattern);
    let scope = ScopeRecord {
        id: ScopeId(1),
        name: ScopeName::from_canonical("account:acme").unwrap(),
        policy: DefaultPolicy::Block,
    };
    let mutations = [
        Mutation::PutScope(scope),
        Mutation::PutList(spam),
        Mutation::PutRule(rule),
    ];
    rules.apply(TIME.parse().unwrap(), &mutations).unwrap();
    rules
}

/// What became of calls in an hour.
fn hour() -> Shares {
    let outcomes = [
        (Outcome::Dropped, 1),
        (Outcome::DroppedFragment, 2),
        (Outcome::Monitored, 4),
        (Outcome::NoRule, 8),
        (Outcome::BadAddress, 16),
        (Outcome::Tcp, 32),
    ];
    let passages = [
        (CompanionResult::Refused, 100),
        (CompanionResult::Diverted, 200),
        (CompanionResult::Monitored, 400),
        (CompanionResult::Passed, 800),
    ];
    let outcomes = outcomes.map(|(outcome, calls)| (Account::Outcome(outcome), calls));
    let passages = passages.map(|(passage, calls)| (Account::Companion(passage), calls));
    let mut shares = Shares::default();
    for (account, calls) in outcomes.into_iter().chain(passages) {
        account.add_to(&mut shares, counter(calls));
    }
    shares
}

/// An object of the API, of which the same is read that is written.
fn read<T: Serialize + DeserializeOwned>(text: &str) -> T {
    let object: T = serde_json::from_str(text).unwrap();
    let expected: Value = serde_json::from_str(text).unwrap();
    let written = serde_json::to_value(&object).unwrap();
    assert_eq!(written, expected, "{written:#}");
    object
}

fn status() -> Status {
    read(include_str!("snapshots/status.json"))
}

#[test]
fn the_status_says_what_was_counted() {
    let (status, ledger) = (status(), ledger());
    let shares = status::shares(&ledger);
    assert_eq!(status.daemon.outcomes, status::outcomes(&ledger));
    assert_eq!(status.rules, status::rule_counts(&names(), 17));
    assert_eq!(status.blocked, shares.blocked);
    assert_eq!(status.monitored, shares.monitored);
    assert_eq!(status.paths, paths(&ledger));
}

#[test]
fn statistics_and_screen_say_what_was_counted() {
    let (ledger, names, rules) = (ledger(), names(), rules());
    let stats: Stats = read(include_str!("snapshots/stats.json"));
    let sums = stats::sums(ledger.totals(), &names);
    assert_eq!(stats.sums, sums);
    let rounded = |share: Option<f64>| share.map(|share| (share * 1e6).round());
    let blocked_share = sums.shares.blocked_share();
    assert_eq!(rounded(stats.blocked_share), rounded(blocked_share));
    assert_eq!(stats.hours, [stats::hour_figures((495_034, hour()))]);
    let busiest = stats::busiest_rules(ledger.totals(), Some(&rules), &names, 10);
    assert_eq!(stats.rules, busiest);

    let live: Live = read(include_str!("snapshots/live.json"));
    let trunks = live::with_idle(sums.trunks, ["carrier", "idle"].into_iter());
    let lists: Vec<_> = sums.lists.into_iter().map(live::list_figures).collect();
    let rules: Vec<_> = busiest.into_iter().map(live::without_scopes).collect();
    assert_eq!(live.daemon, status().daemon);
    assert_eq!(live.trunks, trunks);
    assert_eq!(live.lists, lists);
    assert_eq!(live.rules, rules);
}

/// The lines of a text; the order of families and of their values has no meaning.
fn lines(text: &str) -> Vec<&str> {
    let mut lines: Vec<&str> = text.lines().collect();
    lines.sort_unstable();
    lines
}

#[test]
fn prometheus_gets_what_was_counted() {
    let (ledger, names) = (ledger(), names());
    let mut sums = stats::sums(ledger.totals(), &names);
    sums.trunks = live::with_idle(sums.trunks, ["", "carrier", "idle"].into_iter());
    collected::add_idle_lists(&mut sums.lists, &names);
    let figures = Figures {
        status: status(),
        sums,
        rules: stats::by_rule(ledger.totals()),
        companion: collected::companion(&ledger),
        logged: ledger.total(&Account::Logged).calls,
        begun: 1_785_492_000.5,
        silent_for: vec![("interfaces", 500), ("journal", 250), ("timer", 1750)],
        capacities: [1000, 2000, 65_536],
    };
    let text = metrics::text(figures).unwrap();
    assert_eq!(lines(&text), lines(include_str!("snapshots/metrics.txt")));
}
