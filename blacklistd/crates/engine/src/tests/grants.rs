//! Grants: what they let through, when they end, and what the kernel gets of them.

use blacklist_common::decide::Step;
use blacklist_common::outcome::Outcome;
use blacklist_common::tables::{GrantKey, SETTING_GRANTS, TRUNK_OUTBOUND, TrunkEntry};
use blacklist_generation::{Change, GrantEnd, MAXIMUM_GRANTS};

use super::*;

const LOCAL: &str = "+13125550199";
const REMOTE: &str = "+14155550100";
const EMERGENCY: &str = "+13125550911";

fn number_of(text: &str) -> Number {
    read_number(text, &DialPlan::default(), "number").unwrap().1
}

fn pair(local: &str, remote: &str) -> GrantKey {
    GrantKey {
        local: number_of(local),
        remote: number_of(remote),
    }
}

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(now().as_second() + second).unwrap()
}

/// Everything is blocked, in both directions, and no whitelist lifts it.
fn blocked() -> RuleSet {
    let protected = [number_of(EMERGENCY)].into_iter().collect();
    let mut set = RuleSet::empty(protected, 100);
    let spec = RuleSpec {
        direction: Some(RuleDirection::Both),
        mandatory: Some(true),
        ..RuleSpec::of("*")
    };
    add(&mut set, 1, &spec).unwrap();
    set
}

fn explain(set: &RuleSet, caller: &str, called: &str, flags: u8) -> Explanation {
    let trunk = TrunkEntry {
        identity: [1, 0, 0, 0],
        flags,
        ..TrunkEntry::default()
    };
    set.explain(&invite(caller, called), &trunk, 0)
}

fn put(set: &mut RuleSet, pair: GrantKey, end: GrantEnd) -> Plan {
    let mutation = [Mutation::PutGrant(pair, end)];
    set.apply(now(), &mutation).unwrap().0
}

#[test]
fn a_grant_is_for_its_two_parties_in_both_directions() {
    let mut set = blocked();
    put(&mut set, pair(LOCAL, REMOTE), GrantEnd::At(at(900)));
    put(&mut set, pair("100", "alice"), GrantEnd::Open);
    let rows = [
        ("from outside", REMOTE, LOCAL, 0, Outcome::Granted),
        (
            "from inside",
            LOCAL,
            REMOTE,
            TRUNK_OUTBOUND,
            Outcome::Granted,
        ),
        ("turned round", LOCAL, REMOTE, 0, Outcome::Dropped),
        ("another caller", "+14155550101", LOCAL, 0, Outcome::Dropped),
        (
            "another number",
            REMOTE,
            "+13125550198",
            0,
            Outcome::Dropped,
        ),
        ("names", "alice", "100", 0, Outcome::Granted),
        ("another name", "alice2", "100", 0, Outcome::Dropped),
        ("nobody", "anonymous", LOCAL, 0, Outcome::Dropped),
        (
            "nobody vouches for it",
            EMERGENCY,
            LOCAL,
            0,
            Outcome::Dropped,
        ),
        ("never blocked", REMOTE, EMERGENCY, 0, Outcome::SafetyFloor),
    ];
    for (name, caller, called, flags, expected) in rows {
        let explanation = explain(&set, caller, called, flags);
        assert_eq!(explanation.judgement.outcome, expected, "{name}");
        assert_eq!(explanation.kernel.outcome, expected, "{name}, kernel");
    }
}

#[test]
fn an_explanation_says_until_when() {
    let mut set = blocked();
    put(&mut set, pair(LOCAL, REMOTE), GrantEnd::At(at(900)));
    put(&mut set, pair("100", "alice"), GrantEnd::Open);
    let rows = [
        (REMOTE, LOCAL, format!("until {}", at(900))),
        ("alice", "100", "until it is revoked".to_owned()),
    ];
    for (caller, called, until) in rows {
        let explanation = explain(&set, caller, called, 0);
        assert_eq!(explanation.judgement.step, Some(Step::Grant));
        let last = explanation.steps.last().unwrap();
        assert_eq!(last.step, "grant");
        assert!(last.outcome.contains(&until), "{}", last.outcome);
    }
    assert_eq!(explain(&set, "bob", "100", 0).granted, None);
}

#[test]
fn time_ends_a_grant_and_the_kernel_is_told() {
    let mut set = blocked();
    let pair = pair(LOCAL, REMOTE);
    let end = GrantEnd::At(at(900));
    let plan = put(&mut set, pair, end);
    let told = |end| Plan::Changes {
        changes: vec![Change::Grant(pair, end)],
    };
    assert_eq!(plan, told(Some(end)));
    assert_eq!(set.next_transition(), Some(at(900)));
    assert_eq!(set.generation().grants, [(pair, end)]);
    assert!(set.advance(at(899)).is_nothing());
    let back = set.advance(at(0));
    assert_eq!(back, told(Some(end)), "the clock was set back");
    assert_eq!(set.advance(at(900)), told(None));
    assert_eq!((set.grants(), set.next_transition()), (0, None));
    assert_eq!(
        explain(&set, REMOTE, LOCAL, 0).judgement.outcome,
        Outcome::Dropped
    );
}

#[test]
fn a_change_of_grants_is_taken_back_whole() {
    let mut set = blocked();
    let (one, other) = (pair(LOCAL, REMOTE), pair("100", "alice"));
    let (early, late) = (GrantEnd::At(at(60)), GrantEnd::At(at(900)));
    put(&mut set, one, early);
    let mutations = [
        Mutation::PutGrant(one, late),
        Mutation::PutGrant(other, GrantEnd::Open),
        Mutation::RemoveGrant(pair(LOCAL, "bob")),
    ];
    let (_, undo) = set.apply(now(), &mutations).unwrap();
    assert_eq!((set.grant(&one), set.grants()), (Some(late), 2));
    set.undo(now(), undo);
    assert_eq!((set.grant(&one), set.grants()), (Some(early), 1));
    assert_eq!(set.next_transition(), Some(at(60)));
}

#[test]
fn one_that_is_over_is_none_and_one_too_many_is_refused() {
    let mut set = blocked();
    let plan = put(&mut set, pair(LOCAL, REMOTE), GrantEnd::At(at(0)));
    assert!(plan.is_nothing());
    assert_eq!(set.grants(), 0);
    let many: Vec<Mutation> = (0..MAXIMUM_GRANTS)
        .map(|index| Mutation::PutGrant(pair(LOCAL, &format!("+1{index:09}")), GrantEnd::Open))
        .collect();
    let (plan, _) = set.apply(now(), &many).unwrap();
    assert_eq!(plan, Plan::Whole, "so many make a generation of their own");
    let one_more = [Mutation::PutGrant(pair("100", "alice"), GrantEnd::Open)];
    let refusal = set.apply(now(), &one_more).unwrap_err().to_string();
    assert!(refusal.contains("65536 grants are in force"), "{refusal}");
    let another_end = GrantEnd::At(at(5));
    put(&mut set, pair(LOCAL, "+1000000007"), another_end);
    assert_eq!(set.grants(), MAXIMUM_GRANTS);
}

#[test]
fn the_setting_of_a_caller_does_not_say_that_there_are_grants() {
    let set = blocked();
    let trunk = TrunkEntry {
        identity: [1, 0, 0, 0],
        ..TrunkEntry::default()
    };
    let text = invite(REMOTE, LOCAL);
    let judged = set
        .snapshot()
        .judge(&text, &trunk, SETTING_GRANTS)
        .judgement;
    assert_eq!(judged.outcome, Outcome::Dropped);
}
