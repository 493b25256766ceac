//! Engine and kernel in this process: what loading takes, and a single change.

use std::collections::HashSet;
use std::net::SocketAddr;
use std::time::Instant;

use anyhow::{Context as _, bail};
use blacklist_common::dial_plan::DialPlan;
use blacklist_common::outcome::Outcome;
use blacklist_common::tables::TrunkEntry;
use blacklist_engine::{Contents, Mutation, Plan, RuleSet};
use blacklist_generation::Tables;
use blacklist_kernel::{Kernel, KernelSettings, PatternTables};
use blacklist_model::{List, ListId, MatchKind, Pattern, Rule, RuleId, ScopeRecord};
use blacklist_sip::invite::Invite;
use blacklist_tests::measuring::held;
use blacklist_tests::private_bpf::PrivateBpf;
use blacklist_tests::report::Report;
use jiff::Timestamp;

use crate::{middle_and_tail, numbers, words};

/// Whom everybody calls.
const CALLED: &str = "+13125550100";

/// Changes of each kind that are measured.
const CHANGES: u32 = 2000;

/// Measures one size.
pub(crate) fn measure(size: u32, report: &mut Report) -> anyhow::Result<()> {
    let of = words(size);
    report.section(&format!("engine and kernel, {of} exact rules"));
    let before = held("self")?;
    let began = Instant::now();
    let mut set = load(size)?;
    report.row(
        &format!("{of}: load into the engine"),
        "s",
        began.elapsed().as_secs_f64(),
    );
    let bytes = (held("self")? - before) / f64::from(size);
    report.row(
        &format!("{of}: memory of the engine per rule"),
        "bytes",
        bytes,
    );
    if size >= 1_000_000 {
        report.at_most(&format!("{of}: bytes of the engine per rule"), bytes, 200.0);
    }

    let pins = PrivateBpf::mount()?;
    let mut kernel = Kernel::open(&KernelSettings {
        pin_directory: pins.path().join("bench"),
        maximum_rules: size + 2 * CHANGES,
        maximum_calls: 4096,
        event_bytes: 1 << 16,
        tables: PatternTables::Hashed,
    })?;
    let began = Instant::now();
    kernel.install(&whole(&set), 1)?;
    report.row(
        &format!("{of}: a whole generation into the kernel"),
        "s",
        began.elapsed().as_secs_f64(),
    );
    if asked(&kernel, &numbers::text(size - 1), CALLED)? != Outcome::Dropped {
        bail!("the kernel does not know the last rule");
    }
    for (name, pattern) in [("number", MatchKind::Exact), ("prefix", MatchKind::Prefix)] {
        let (added, removed) = changes(&mut set, &mut kernel, size, pattern)?;
        for (what, figures) in [("added", added), ("removed", removed)] {
            let longest = figures.iter().copied().fold(0.0, f64::max);
            let (middle, tail) = middle_and_tail(figures);
            report.row(&format!("{of}: a {name} {what}, median"), "us", middle);
            report.row(&format!("{of}: a {name} {what}, 99 of 100"), "us", tail);
            report.row(
                &format!("{of}: a {name} {what}, the longest"),
                "us",
                longest,
            );
            let measure = format!("{of}: a {name} {what} in engine and kernel, microseconds");
            report.at_most(&measure, tail, 10_000.0);
        }
    }
    whole_list(&mut set, &mut kernel, of, report)
}

pub(crate) fn rule(id: u32, kind: MatchKind, number: &str) -> anyhow::Result<Rule> {
    let pattern = match kind {
        MatchKind::Exact => Pattern::from_canonical(kind, number)?,
        _ => Pattern::parse(&format!("{number}*"), &DialPlan::default())?,
    };
    Ok(Rule::of(RuleId(id), ListId::DEFAULT, pattern))
}

/// As the daemon does at its start: each pattern is read from its spelling.
fn load(size: u32) -> anyhow::Result<RuleSet> {
    let mut broken = None;
    let rules = (0..size).map_while(|index| {
        rule(index + 1, MatchKind::Exact, &numbers::text(index))
            .map_err(|error| broken = Some(error))
            .ok()
    });
    let contents = Contents {
        protected: HashSet::new(),
        maximum_rules: size + 2 * CHANGES,
        slots: Vec::new(),
        lists: vec![List::standard()],
        scopes: vec![ScopeRecord::global()],
        members: Vec::new(),
        grants: Vec::new(),
        rules,
    };
    let (set, refused) = RuleSet::load(Timestamp::UNIX_EPOCH, contents);
    if let Some(error) = broken {
        return Err(error);
    }
    if let Some((rule, refusal)) = refused.first() {
        bail!("rule {rule}: {refusal}");
    }
    Ok(set)
}

pub(crate) fn whole(set: &RuleSet) -> Tables {
    Tables {
        trunks: vec![TrunkEntry {
            identity: [1, 0, 0, 0],
            ..TrunkEntry::default()
        }],
        ports: vec![5060],
        ..set.generation()
    }
}

pub(crate) fn asked(kernel: &Kernel, caller: &str, called: &str) -> anyhow::Result<Outcome> {
    let peer: SocketAddr = "192.0.2.1:5060".parse()?;
    let ours: SocketAddr = "192.0.2.2:5060".parse()?;
    let message = Invite::between(caller, called).text();
    Ok(kernel.ask(peer, ours, &message)?.outcome)
}

/// Adds rules one by one and removes them again; microseconds of each change.
fn changes(
    set: &mut RuleSet,
    kernel: &mut Kernel,
    size: u32,
    kind: MatchKind,
) -> anyhow::Result<(Vec<f64>, Vec<f64>)> {
    let ids = size + 1..=size + CHANGES;
    let callers: Vec<String> = (0..CHANGES)
        .map(|index| format!("+3312{index:06}"))
        .collect();
    let mut added = Vec::new();
    for (id, caller) in ids.clone().zip(&callers) {
        let mutation = Mutation::PutRule(rule(id, kind, caller)?);
        added.push(change(set, kernel, &[mutation])?);
    }
    let first = callers.first().context("no caller")?;
    if asked(kernel, first, CALLED)? != Outcome::Dropped {
        bail!("a rule that was added is not in force");
    }
    let mut removed = Vec::new();
    for id in ids {
        removed.push(change(set, kernel, &[Mutation::RemoveRule(RuleId(id))])?);
    }
    if asked(kernel, first, CALLED)? == Outcome::Dropped {
        bail!("a rule that was removed is in force");
    }
    Ok((added, removed))
}

/// Makes a change in both; microseconds.
pub(crate) fn change(
    set: &mut RuleSet,
    kernel: &mut Kernel,
    mutations: &[Mutation],
) -> anyhow::Result<f64> {
    let number = kernel.generation() + 1;
    let began = Instant::now();
    let (plan, _) = set.apply(Timestamp::UNIX_EPOCH, mutations)?;
    let Plan::Changes { changes, .. } = plan else {
        bail!("a single change asks for a whole generation");
    };
    // As the daemon does: what does not fit becomes a generation with more room.
    match kernel.apply(&changes, number) {
        Err(error) if error.is_full() => kernel.install(&whole(set), number)?,
        other => other?,
    }
    Ok(began.elapsed().as_secs_f64() * 1e6)
}

/// A list switched off and on as a whole.
fn whole_list(
    set: &mut RuleSet,
    kernel: &mut Kernel,
    of: &str,
    report: &mut Report,
) -> anyhow::Result<()> {
    let standard = set
        .list(ListId::DEFAULT)
        .context("no default list")?
        .clone();
    for enabled in [false, true] {
        let number = kernel.generation() + 1;
        let began = Instant::now();
        let list = List {
            enabled,
            ..standard.clone()
        };
        match set
            .apply(Timestamp::UNIX_EPOCH, &[Mutation::PutList(list)])?
            .0
        {
            Plan::Changes { changes, .. } => kernel.apply(&changes, number)?,
            Plan::Whole => kernel.install(&whole(set), number)?,
        }
        let word = if enabled { "on" } else { "off" };
        report.row(
            &format!("{of}: the list switched {word} as a whole"),
            "s",
            began.elapsed().as_secs_f64(),
        );
        let outcome = asked(kernel, &numbers::text(0), CALLED)?;
        if (outcome == Outcome::Dropped) != enabled {
            bail!("a list switched {word} is not: {outcome:?}");
        }
    }
    Ok(())
}
