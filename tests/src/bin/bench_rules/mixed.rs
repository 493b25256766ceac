//! Everything at once, in engine and kernel: ten million numbers, a million prefixes, ten thousand
//! wildcards, a hundred thousand local numbers with scopes and rules of their own.

use std::collections::HashSet;
use std::time::Instant;

use anyhow::bail;
use blacklist_common::dial_plan::DialPlan;
use blacklist_common::outcome::Outcome;
use blacklist_engine::{Contents, Mutation, RuleSet};
use blacklist_kernel::{Kernel, KernelSettings, PatternTables};
use blacklist_model::{
    DefaultPolicy, List, MatchKind, Pattern, Rule, RuleId, ScopeId, ScopeName, ScopeRecord,
};
use blacklist_tests::measuring::held;
use blacklist_tests::private_bpf::PrivateBpf;
use blacklist_tests::report::Report;
use jiff::Timestamp;

use crate::engine::{asked, change, rule, whole};
use crate::{middle_and_tail, numbers};

const NUMBERS: u32 = 10_000_000;
const PREFIXES: u32 = 1_000_000;
const WILDCARDS: u32 = 10_000;
const LOCALS: u32 = 100_000;
const RULES: u32 = NUMBERS + PREFIXES + WILDCARDS + LOCALS;

/// Changes of each kind that are measured.
const CHANGES: u32 = 1000;

/// Longest time that one of a hundred changes may exceed, in microseconds.
const LONGEST: f64 = 10_000.0;

/// A prefix of 8 to 11 digits.
fn prefix(index: u32) -> String {
    let length = 6 + (index % 4) as usize;
    let scattered = u64::from(index) * 2_654_435_761 % 10_u64.pow(length as u32);
    format!("+7{length}{scattered:0length$}*")
}

/// A wildcard of one of 20 shapes.
fn wildcard(index: u32) -> String {
    let mut head = format!("{index:05}");
    head.insert((index % 5) as usize, '?');
    let tail = "4711";
    let tail = tail.get(..(index % 4) as usize).unwrap_or_default();
    format!("+81{head}*{tail}")
}

fn local(index: u32) -> String {
    format!("+13125{index:06}")
}

fn scope(index: u32) -> anyhow::Result<ScopeRecord> {
    Ok(ScopeRecord {
        id: ScopeId(index + 1),
        name: ScopeName::from_canonical(&format!("number:{}", local(index)))?,
        policy: DefaultPolicy::Unset,
    })
}

fn written(id: u32, pattern: &str) -> anyhow::Result<Rule> {
    Ok(Rule {
        pattern: Pattern::parse(pattern, &DialPlan::default())?,
        ..rule(id, MatchKind::Exact, "+1")?
    })
}

/// The rule of a local number's own scope.
fn own(id: u32, index: u32) -> anyhow::Result<Rule> {
    Ok(Rule {
        scopes: Box::new([ScopeId(index + 1)]),
        ..rule(id, MatchKind::Exact, &format!("+4412{index:06}"))?
    })
}

/// The rule at a place: numbers, then prefixes, wildcards, rules of local numbers.
fn rule_at(place: u32) -> anyhow::Result<Rule> {
    let id = place + 1;
    if place < NUMBERS {
        return rule(id, MatchKind::Exact, &numbers::text(place));
    }
    let place = place - NUMBERS;
    if place < PREFIXES {
        return written(id, &prefix(place));
    }
    let place = place - PREFIXES;
    if place < WILDCARDS {
        return written(id, &wildcard(place));
    }
    own(id, place - WILDCARDS)
}

fn load() -> anyhow::Result<RuleSet> {
    let mut broken = None;
    let rules =
        (0..RULES).map_while(|place| rule_at(place).map_err(|error| broken = Some(error)).ok());
    let mut scopes = vec![ScopeRecord::global()];
    for index in 0..LOCALS {
        scopes.push(scope(index)?);
    }
    let (set, refused) = RuleSet::load(
        Timestamp::UNIX_EPOCH,
        Contents {
            protected: HashSet::new(),
            maximum_rules: RULES + 8 * CHANGES,
            slots: Vec::new(),
            lists: vec![List::standard()],
            scopes,
            members: Vec::new(),
            grants: Vec::new(),
            rules,
        },
    );
    if let Some(error) = broken {
        return Err(error);
    }
    if let Some((rule, refusal)) = refused.first() {
        bail!("rule {rule}: {refusal}");
    }
    Ok(set)
}

/// Calls of which every kind of rule knows one, and one that none knows.
fn require_decided(kernel: &Kernel) -> anyhow::Result<()> {
    let anybody = "+13129990100";
    let rows = [
        (numbers::text(NUMBERS - 1), anybody.to_owned(), true),
        (prefix(17).replace('*', "1"), anybody.to_owned(), true),
        (
            wildcard(19).replace('?', "5").replace('*', "0"),
            anybody.to_owned(),
            true,
        ),
        ("+4412000123".to_owned(), local(123), true),
        ("+4412000123".to_owned(), local(124), false),
        ("+33123456".to_owned(), local(124), false),
    ];
    for (caller, called, blocked) in rows {
        let outcome = asked(kernel, &caller, &called)?;
        if (outcome == Outcome::Dropped) != blocked {
            bail!("{caller} calls {called}: {outcome:?}");
        }
    }
    Ok(())
}

/// Measures all of it.
pub(crate) fn measure(report: &mut Report) -> anyhow::Result<()> {
    report.section(
        "engine and kernel: 10 M numbers, 1 M prefixes, 10,000 wildcards, 100,000 local numbers",
    );
    let before = held("self")?;
    let began = Instant::now();
    let mut set = load()?;
    report.row(
        "mixed: load into the engine",
        "s",
        began.elapsed().as_secs_f64(),
    );
    let bytes = (held("self")? - before) / f64::from(RULES);
    report.row("mixed: memory of the engine per rule", "bytes", bytes);
    let pins = PrivateBpf::mount()?;
    let mut kernel = Kernel::open(&KernelSettings {
        pin_directory: pins.path().join("bench"),
        maximum_rules: RULES + 8 * CHANGES,
        maximum_calls: 4096,
        event_bytes: 1 << 16,
        tables: PatternTables::Hashed,
    })?;
    let began = Instant::now();
    kernel.install(&whole(&set), 1)?;
    report.row(
        "mixed: a whole generation into the kernel",
        "s",
        began.elapsed().as_secs_f64(),
    );
    require_decided(&kernel)?;
    let kinds: [(&str, Made); 4] = [
        ("number", |turn| {
            let text = format!("+3312{turn:06}");
            Ok(vec![put(rule(RULES + 1 + turn, MatchKind::Exact, &text)?)])
        }),
        ("prefix", |turn| {
            let text = format!("+3313{turn:06}*");
            Ok(vec![put(written(RULES + 1 + turn, &text)?)])
        }),
        ("wildcard", |turn| {
            let text = format!("+3314?{turn:05}*7");
            Ok(vec![put(written(RULES + 1 + turn, &text)?)])
        }),
        ("local number with its rule", |turn| {
            let index = LOCALS + turn;
            let record = Mutation::PutScope(scope(index)?);
            Ok(vec![record, put(own(RULES + 1 + turn, index)?)])
        }),
    ];
    for (name, made) in kinds {
        let mut added = Vec::new();
        let mut removed = Vec::new();
        for turn in 0..CHANGES {
            added.push(change(&mut set, &mut kernel, &made(turn)?)?);
        }
        for turn in 0..CHANGES {
            let gone = Mutation::RemoveRule(RuleId(RULES + 1 + turn));
            removed.push(change(&mut set, &mut kernel, &[gone])?);
        }
        for (what, figures) in [("added", added), ("removed", removed)] {
            let longest = figures.iter().copied().fold(0.0, f64::max);
            let (middle, tail) = middle_and_tail(figures);
            report.row(&format!("mixed: a {name} {what}, median"), "us", middle);
            report.row(
                &format!("mixed: a {name} {what}, the longest"),
                "us",
                longest,
            );
            let measure = format!("mixed: a {name} {what} in engine and kernel, microseconds");
            report.at_most(&measure, tail, LONGEST);
        }
    }
    require_decided(&kernel)
}

/// The change of a turn.
type Made = fn(u32) -> anyhow::Result<Vec<Mutation>>;

const fn put(rule: Rule) -> Mutation {
    Mutation::PutRule(rule)
}
