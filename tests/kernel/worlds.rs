//! Random rule sets of every kind (lists, scopes, wildcards, classes, schedules, mandatory rules,
//! defaults) in the kernel, changed as time goes by: the program, the engine and the slow reference
//! say the same of random calls.

use std::net::IpAddr;
use std::time::Instant;

use blacklist_common::decide::Step;
use blacklist_common::outcome::Outcome;
use blacklist_common::rule::RuleRef;
use blacklist_common::tables::{GrantKey, TrunkEntry};
use blacklist_engine::reference::{RefCall, RefVerdict, RefWorld, judge};
use blacklist_engine::{Counted, Explanation, Mutation, Plan, RuleSet};
use blacklist_generation::Tables;
use blacklist_kernel::{Answer, GrantEnd, Kernel, KernelSettings, PatternTables};
use blacklist_tests::datagram::Datagram;
use blacklist_tests::lab;
use blacklist_tests::private_bpf::PrivateBpf;
use fastrand::Rng;
use jiff::Timestamp;

/// Frames that are judged, by both programs each.
const FRAMES: u32 = 1_000_000;
/// Rules of a world.
const RULES: u32 = 30;
/// Times at which a world is looked at, and calls at each.
const TIMES: usize = 4;
const CALLS: u32 = 500;

/// The trunk of each combination of direction, trust and assertion has its own peer.
fn peer(call: &RefCall) -> String {
    let bits = [call.outbound, call.trusted, call.asserted];
    let number = bits
        .iter()
        .fold(1, |number, bit| 2 * number + u8::from(*bit));
    format!("192.0.2.{number}")
}

fn with_trunks(tables: Tables) -> Tables {
    let mut trunks = vec![TrunkEntry {
        identity: [1, 0, 0, 0],
        ..TrunkEntry::default()
    }];
    let mut peers = Vec::new();
    for bits in 0..8_u8 {
        let index = u16::try_from(trunks.len()).unwrap();
        let call = RefCall {
            outbound: bits & 1 != 0,
            trusted: bits & 2 != 0,
            asserted: bits & 4 != 0,
            ..RefCall::default()
        };
        let address: IpAddr = peer(&call).parse().unwrap();
        peers.push((address.into(), index));
        trunks.push(TrunkEntry {
            trunk: index,
            ..call.trunk()
        });
    }
    Tables {
        trunks,
        peers,
        ports: vec![5060],
        ..tables
    }
}

fn open(bpf: &PrivateBpf, tables: PatternTables) -> Kernel {
    let settings = KernelSettings {
        maximum_rules: 256,
        tables,
        ..lab::settings(bpf)
    };
    Kernel::open(&settings).unwrap_or_else(|error| panic!("{error}"))
}

/// Puts a plan in force, as the daemon does.
fn put(kernel: &mut Kernel, set: &RuleSet, plan: &Plan) {
    let number = kernel.generation() + 1;
    let done = match plan {
        Plan::Changes { changes, .. } => kernel.apply(changes, number).is_ok(),
        Plan::Whole => false,
    };
    if !done {
        let tables = with_trunks(set.generation());
        kernel.install(&tables, number).unwrap();
    }
}

/// Some grants more for parties that call each other, and some less. A world begins without any.
fn any_grants(rng: &mut Rng, set: &mut RuleSet, now: Timestamp) -> Plan {
    let mut mutations = Vec::new();
    for _ in 0..rng.u32(..8) {
        let call = RefCall::random(rng);
        let parties = set.explain(&call.message(), &call.trunk(), 0);
        let (caller, called) = (parties.caller.number, parties.called.number);
        let (local, remote) = if call.outbound {
            (caller, called)
        } else {
            (called, caller)
        };
        let pair = GrantKey { local, remote };
        mutations.push(if rng.u8(..4) == 0 {
            Mutation::RemoveGrant(pair)
        } else {
            Mutation::PutGrant(pair, GrantEnd::Open)
        });
    }
    set.apply(now, &mutations).unwrap().0
}

/// What the engine expects of the kernel.
fn expected(explanation: &Explanation) -> Answer {
    let rule = match explanation.kernel.outcome {
        Outcome::UserSpace => RuleRef::NONE,
        _ => explanation.kernel.rule,
    };
    Answer {
        outcome: explanation.kernel.outcome,
        slot: rule.slot(),
        caller: explanation.caller.number,
        called: explanation.called.number,
    }
}

/// What the reference says, as the engine would put it.
fn agrees(set: &RuleSet, explanation: &Explanation, verdict: &RefVerdict) -> bool {
    let judgement = &explanation.judgement;
    let step = judgement.step.map_or("", |step| step.as_str());
    let (rule, default) = match set.of_slot(judgement.rule.slot()) {
        Some(Counted::Rule(id)) => (Some(id.0), None),
        Some(Counted::Default(id)) => (None, Some(id.0)),
        None => (None, None),
    };
    step == verdict.step
        && rule == verdict.rule
        && default == verdict.default_of
        && (judgement.outcome == Outcome::Monitored) == verdict.monitor
}

#[test]
fn kernel_engine_and_reference_agree_on_random_worlds() {
    let bpf = PrivateBpf::mount().unwrap_or_else(|error| panic!("{error:#}"));
    let mut hashed = open(&bpf, PatternTables::Hashed);
    let mut stock = open(&bpf, PatternTables::Stock);
    let seed = std::env::var("BLACKLIST_SEED").ok();
    let first: u64 = seed
        .and_then(|text| text.parse().ok())
        .unwrap_or(0x000D_0000_0000);
    let began = Instant::now();
    let (mut frames, mut worlds, mut dropped, mut left, mut changes) =
        (0_u32, 0_u64, 0_u32, 0_u32, 0);
    let mut passes = 0_u32;
    while frames < FRAMES {
        let seed = first + worlds;
        worlds += 1;
        let mut rng = Rng::with_seed(seed);
        let world = RefWorld::random(&mut rng, RULES);
        let mut times: Vec<i64> = (0..TIMES)
            .map(|_| blacklist_engine::worlds::any_time(&mut rng))
            .collect();
        times.sort_unstable();
        let at = |index: usize| Timestamp::from_second(times[index]).unwrap();
        let (mut set, _) = RuleSet::load(at(0), world.contents().unwrap());
        for kernel in [&mut hashed, &mut stock] {
            put(kernel, &set, &Plan::Whole);
        }
        for (index, second) in times.iter().enumerate() {
            let plan = set.advance(at(index));
            if let Plan::Changes { changes: list, .. } = &plan {
                changes += list.len();
            }
            for kernel in [&mut hashed, &mut stock] {
                put(kernel, &set, &plan);
            }
            let granted = any_grants(&mut rng, &mut set, at(index));
            for kernel in [&mut hashed, &mut stock] {
                put(kernel, &set, &granted);
            }
            for _ in 0..CALLS {
                let mut call = RefCall::random(&mut rng);
                call.at = *second;
                let text = call.message();
                let frame = Datagram::new(&peer(&call), text.clone()).frame();
                let explanation = set.explain(&text, &call.trunk(), 0);
                let wanted = expected(&explanation);
                let ours = hashed.ask_frame(&frame.bytes).unwrap();
                assert_eq!(ours, wanted, "seed {seed}: {call:?}\n{world:?}");
                let theirs = stock.ask_frame(&frame.bytes).unwrap();
                assert_eq!(theirs, wanted, "stock, seed {seed}: {call:?}\n{world:?}");
                let verdict = judge(&world, &call);
                if explanation.judgement.step == Some(Step::Grant) {
                    // The reference knows of none; it says whether a rule would have been asked.
                    assert_ne!(verdict.step, "safety-floor", "seed {seed}: {call:?}");
                    assert!(explanation.granted.is_some());
                    assert_eq!(ours.outcome, Outcome::Granted);
                    passes += 1;
                    frames += 1;
                    continue;
                }
                assert!(
                    agrees(&set, &explanation, &verdict),
                    "seed {seed}: {call:?}\n{explanation:?}\n{verdict:?}\n{world:?}"
                );
                frames += 1;
                dropped += u32::from(ours.outcome.is_dropped());
                left += u32::from(ours.outcome == Outcome::UserSpace);
            }
        }
    }
    println!(
        "{frames} frames, {worlds} worlds, {changes} changes in place, {dropped} dropped, {left} left to user space, {passes} granted, {:?}",
        began.elapsed()
    );
    assert!(dropped > frames / 10, "{dropped} dropped");
    assert!(left > frames / 200, "{left} left to user space");
    assert!(passes > frames / 1000, "{passes} granted");
    assert!(changes > 100, "{changes} changes in place");
}
