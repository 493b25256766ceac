//! The engine against the slow reference, on random rule sets and calls.

use blacklist_common::decide::{Call, Decision, Step};
use blacklist_common::message::{Reader, read};
use blacklist_common::outcome::Outcome;
use blacklist_common::repeat::PlainLoop;
use blacklist_common::tables::Direction;
use fastrand::Rng;
use jiff::Timestamp;

use crate::judge::view::Remote;
use crate::reference::{RefCall, RefVerdict, RefWorld, judge};
use crate::worlds::any_time;
use crate::{Counted, RuleSet};

/// A call that was read once, so that it can be asked about often.
pub(crate) struct Asked {
    pub(crate) call: RefCall,
    pub(crate) read: Call,
    pub(crate) direction: Direction,
    pub(crate) remote: Remote,
}

impl Asked {
    pub(crate) fn of(call: RefCall) -> Self {
        let trunk = call.trunk();
        let mut reader = Box::<Reader>::default();
        reader.length = reader.text.fill(&call.message());
        read::<PlainLoop>(&mut reader, &trunk);
        let message = &reader.message;
        let direction = trunk.direction();
        Self {
            read: Call {
                caller: message.caller,
                called: message.called,
                classes: message.classes,
                asserted: u32::from(call.asserted),
            },
            direction,
            remote: Remote::read(&reader, direction),
            call,
        }
    }
}

fn verdict(decision: &Decision, by: Option<Counted>) -> RefVerdict {
    RefVerdict {
        step: decision.step.as_str(),
        rule: match by {
            Some(Counted::Rule(rule)) => Some(rule.0),
            _ => None,
        },
        default_of: match by {
            Some(Counted::Default(scope)) => Some(scope.0),
            _ => None,
        },
        monitor: decision.rule.action() == blacklist_common::rule::Action::Monitor,
    }
}

pub(crate) fn load(world: &RefWorld, at: i64) -> RuleSet {
    let (set, refused) = RuleSet::load(time(at), world.contents().unwrap());
    assert_eq!(refused, []);
    set
}

pub(crate) fn time(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap()
}

/// The world with as few rules as still make engine and reference differ.
fn shrunk(world: &RefWorld, asked: &Asked) -> RefWorld {
    let differs = |world: &RefWorld| {
        let set = load(world, asked.call.at);
        let (decision, by) =
            set.judge_of_calls()
                .decide_as(&asked.read, asked.direction, &asked.remote);
        verdict(&decision, by) != judge(world, &asked.call)
    };
    let mut small = world.clone();
    let mut place = 0;
    while place < small.rules.len() {
        let mut smaller = small.clone();
        smaller.rules.remove(place);
        if differs(&smaller) {
            small = smaller;
        } else {
            place += 1;
        }
    }
    small
}

fn lines(world: &RefWorld) -> String {
    let mut text = format!("protected {:?}\n", world.protected);
    for scope in &world.scopes {
        text.push_str(&format!("{scope:?}\n"));
    }
    for list in &world.lists {
        text.push_str(&format!("{list:?}\n"));
    }
    for rule in &world.rules {
        text.push_str(&format!("{rule:?}\n"));
    }
    text
}

/// Asks `sets` rule sets about `calls` calls each; returns how many were asked and what ended how
/// often.
fn compare(
    seed: u64,
    sets: u32,
    calls: usize,
) -> (u64, std::collections::BTreeMap<&'static str, u64>) {
    const TIMES: usize = 4;
    let mut rng = Rng::with_seed(seed);
    let mut steps = std::collections::BTreeMap::new();
    let mut pool: Vec<Asked> = (0..4000)
        .map(|_| Asked::of(RefCall::random(&mut rng)))
        .collect();
    let mut asked = 0;
    for number in 0..sets {
        let rules = rng.u32(1..50);
        let world = RefWorld::random(&mut rng, rules);
        let mut at = any_time(&mut rng);
        let mut set = load(&world, at);
        for _ in 0..TIMES {
            for _ in 0..calls / TIMES {
                let place = rng.usize(0..pool.len());
                let one = &mut pool[place];
                one.call.at = at;
                let expected = judge(&world, &one.call);
                let (decision, by) =
                    set.judge_of_calls()
                        .decide_as(&one.read, one.direction, &one.remote);
                let found = verdict(&decision, by);
                if found != expected {
                    let small = shrunk(&world, one);
                    panic!(
                        "seed {seed}, set {number}: {:?}\nreference {expected:?}\nengine    {found:?}\n{}",
                        one.call,
                        lines(&small)
                    );
                }
                *steps.entry(expected.step).or_default() += 1;
                asked += 1;
            }
            at = any_time(&mut rng);
            set.advance(time(at));
        }
    }
    (asked, steps)
}

/// How many calls are asked about; `BLACKLIST_CALLS` says another number.
const CALLS: u64 = 10_000_000;
const CALLS_PER_SET: u32 = 2000;

#[test]
fn the_engine_decides_as_the_reference() {
    let calls = std::env::var("BLACKLIST_CALLS")
        .ok()
        .map_or(CALLS, |text| text.parse().unwrap());
    let sets = u32::try_from(calls / u64::from(CALLS_PER_SET) / 2).unwrap();
    let threads: Vec<_> = [1_u64, 2]
        .into_iter()
        .map(|seed| std::thread::spawn(move || compare(seed, sets, CALLS_PER_SET as usize)))
        .collect();
    let mut asked = 0;
    for thread in threads {
        let (count, steps) = thread.join().unwrap();
        asked += count;
        for step in [
            "safety-floor",
            "mandatory-block",
            "allow-rule",
            "block-rule",
            "default",
        ] {
            assert!(
                steps.get(step).is_some_and(|times| *times > count / 200),
                "{step}: {steps:?}"
            );
        }
    }
    assert_eq!(asked, 2 * u64::from(sets) * u64::from(CALLS_PER_SET));
}

/// The whole way from an INVITE: what is explained is what the reference says, and the kernel says
/// the same or leaves the call to user space.
#[test]
fn messages_are_explained_as_the_reference_decides() {
    let mut rng = Rng::with_seed(3);
    let mut left = 0;
    for _ in 0..150 {
        let world = RefWorld::random(&mut rng, 30);
        let at = any_time(&mut rng);
        let set = load(&world, at);
        for _ in 0..40 {
            let call = RefCall {
                at,
                ..RefCall::random(&mut rng)
            };
            let expected = judge(&world, &call);
            let explanation = set.explain(&call.message(), &call.trunk(), 0);
            let judgement = explanation.judgement;
            assert_eq!(judgement.step.unwrap().as_str(), expected.step, "{call:?}");
            assert_eq!(
                explanation.rule().map(|rule| rule.0),
                expected.rule,
                "{call:?}"
            );
            assert_eq!(
                judgement.outcome == Outcome::Monitored,
                expected.monitor,
                "{call:?}"
            );
            let verdict = explanation.steps.last().unwrap();
            assert_eq!(
                verdict.rules.first().map(|rule| rule.0),
                expected.rule,
                "{verdict:?}"
            );
            if explanation.kernel.step == Some(Step::UserSpace) {
                left += 1;
                assert!(
                    explanation
                        .steps
                        .iter()
                        .any(|step| step.step == "user-space")
                );
            } else {
                assert_eq!(explanation.kernel, judgement, "{call:?}");
            }
        }
    }
    assert!(left > 100, "{left} of 6000 calls were left to user space");
}
