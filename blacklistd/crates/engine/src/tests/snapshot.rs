//! What judges calls while the set is changed: it says what the set says, and goes on saying it.

use blacklist_common::rule::Action;
use blacklist_common::tables::{TrunkEntry, setting_answers};
use fastrand::Rng;

use super::changes::any_mutation;
use super::engine::{load, time};
use super::*;
use crate::reference::{RefCall, RefWorld};
use crate::worlds::any_time;

/// What is reported of a call: how it was judged, by what, and what its rule asks for.
#[derive(Debug, PartialEq)]
struct Answer {
    reported: String,
    action: Option<RuleAction>,
}

fn answers(snapshot: &RulesSnapshot, calls: &[RefCall]) -> Vec<Answer> {
    let settings = Action::ALL.into_iter().map(setting_answers);
    let settings = settings.fold(0, |all, one| all | one);
    let answer = |call: &RefCall| {
        let reported = snapshot.judge_and_report(&call.message(), &call.trunk(), settings);
        Answer {
            action: snapshot.action_of(reported.judged.judgement.rule),
            reported: format!("{reported:?}"),
        }
    };
    calls.iter().map(answer).collect()
}

/// The set itself says the same, by the rules that it holds in full.
fn assert_same(set: &RuleSet, snapshot: &RulesSnapshot, calls: &[RefCall], name: &str) {
    for call in calls {
        let explained = set.explain(&call.message(), &call.trunk(), 0);
        let judged = snapshot.judge(&call.message(), &call.trunk(), 0);
        assert_eq!(judged.judgement, explained.judgement, "{name}: {call:?}");
        assert_eq!(judged.decided_by, explained.decided_by, "{name}: {call:?}");
        let rule = explained.rule().and_then(|id| set.get(id));
        let action = rule.and_then(|rule| Some(set.effective(rule)?.action));
        assert_eq!(
            snapshot.action_of(judged.judgement.rule),
            action,
            "{name}: {call:?}"
        );
    }
}

#[test]
fn it_says_what_the_set_said_whatever_becomes_of_the_set() {
    let mut differing = 0;
    for seed in 0..60 {
        let mut rng = Rng::with_seed(seed);
        let world = RefWorld::random(&mut rng, 40);
        let mut at = any_time(&mut rng);
        let mut set = load(&world, at);
        let calls: Vec<RefCall> = (0..40).map(|_| RefCall::random(&mut rng)).collect();
        for step in 0..12 {
            let name = format!("seed {seed}, step {step}");
            let before = set.snapshot();
            assert_same(&set, &before, &calls, &name);
            let said = answers(&before, &calls);
            let other = RefWorld::random(&mut rng, 25);
            let mutations: Vec<Mutation> = (0..rng.usize(1..6))
                .map(|_| any_mutation(&mut rng, &set, &other))
                .collect();
            let undo = set.apply(time(at), &mutations);
            assert_eq!(answers(&before, &calls), said, "{name}: {mutations:?}");
            let after = set.snapshot();
            assert_same(&set, &after, &calls, &name);
            let differs = answers(&after, &calls) != said;
            differing += u32::from(differs);
            match undo {
                Ok((_, undo)) if rng.bool() => {
                    set.undo(time(at), undo);
                    let again = answers(&set.snapshot(), &calls);
                    assert_eq!(again, said, "{name}: taken back: {mutations:?}");
                }
                Ok(_) => {
                    at = any_time(&mut rng);
                    set.advance(time(at));
                }
                Err(_) => assert!(!differs, "{name}: refused: {mutations:?}"),
            }
            assert_eq!(answers(&before, &calls), said, "{name}: {mutations:?}");
        }
    }
    assert!(differing > 50, "only {differing} changes changed an answer");
}

#[test]
fn it_keeps_what_a_rule_asked_for() {
    let asks = |word| RuleSpec {
        action: RuleAction::from_word(word),
        ..RuleSpec::of("+33123456789")
    };
    let call = invite("+33123456789", "+14155550009");
    let trunk = TrunkEntry {
        identity: [1, 0, 0, 0],
        ..TrunkEntry::default()
    };
    let settings = Action::ALL.into_iter().map(setting_answers);
    let settings = settings.fold(0, |all, one| all | one);
    let mut set = set();
    let mut kept = Vec::new();
    let words = [
        "reject:607",
        "drop",
        "redirect:one",
        "redirect:two",
        "announce",
        "announce:own",
        "pin",
        "torment:5m",
        "torment",
        "reject",
    ];
    for word in words {
        add(&mut set, 1, &asks(word)).unwrap();
        kept.push((word, set.snapshot()));
    }
    for (word, snapshot) in &kept {
        let judged = snapshot.judge(&call, &trunk, settings);
        let action = snapshot.action_of(judged.judgement.rule);
        assert_eq!(action, RuleAction::from_word(word));
    }
    set.apply(now(), &[Mutation::RemoveRule(RuleId(1))])
        .unwrap();
    let judged = set.snapshot().judge(&call, &trunk, settings);
    assert_eq!(set.snapshot().action_of(judged.judgement.rule), None);
    let (_, last) = kept.last().unwrap();
    assert!(last.judge(&call, &trunk, settings).decided_by.is_some());
}
