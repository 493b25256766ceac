//! Wildcards, shared lists, defaults, and what is left to user space: kernel
//! and host agree, and both do what the rule says.

use blacklist_common::outcome::Outcome;
use blacklist_common::pattern::Class;
use blacklist_common::rule::Action;
use blacklist_common::tables::{IdentitySource, TRUNK_TRUSTED};
use blacklist_tests::datagram::Datagram;
use blacklist_tests::invite::Invite;
use blacklist_tests::lab::Lab;
use blacklist_tests::rules::{List, World};
use blacklist_tests::standard::PLAIN;

/// What becomes of a call.
pub(crate) fn outcome(lab: &mut Lab, peer: &str, invite: &Invite) -> Outcome {
    let frame = Datagram::new(peer, invite.unlisted()).frame();
    let seen = lab.agree(&frame).unwrap_or_else(|why| panic!("{why}"));
    assert_eq!(lab.send(&frame.bytes), seen.outcome.is_dropped());
    seen.outcome
}

pub(crate) fn from(caller: &str) -> Invite {
    Invite::new().from(format!("<sip:{caller}@carrier.example.net>;tag=1"))
}

/// A world with one trunk that is trusted.
pub(crate) fn world() -> World {
    let mut world = World::new();
    world.trunk(
        &["192.0.2.10/32"],
        TRUNK_TRUSTED,
        &[IdentitySource::PAssertedIdentity, IdentitySource::From],
    );
    let remote_party = [IdentitySource::RemotePartyId, IdentitySource::From];
    world.trunk(&["192.0.2.60/32"], 0, &remote_party);
    world
}

#[test]
fn wildcards_match_what_they_say() {
    let rows: [(&str, &[&str], &[&str]); 9] = [
        (
            "+49?0*",
            &["+49301", "+49101", "+4930"],
            &["+4931", "+493", "+49", "301"],
        ),
        (
            "+1415555*",
            &["+14155559999", "+1415555"],
            &["+1415554", "+1415"],
        ),
        (
            "+4940????",
            &["+49401234"],
            &["+4940123", "+494012345", "+4940"],
        ),
        (
            "*123",
            &["+4940123", "123", "+123"],
            &["+49401234", "+12", "12"],
        ),
        (
            "+49*12",
            &["+4912", "+4940312", "+499912"],
            &["+491", "+49121", "4912"],
        ),
        ("+49*1?", &["+4919", "+49012345617"], &["+491", "+4929"]),
        ("?????", &["12345", "+12345"], &["1234", "123456"]),
        ("*", &["1", "+4940"], &["alice", "anonymous"]),
        (
            "+1*9?9",
            &["+1415555999", "+1999"],
            &["+1415555998", "+199"],
        ),
    ];
    let mut lab = Lab::open(world());
    for (pattern, matches, others) in rows {
        for list in [List::Block, List::Allow] {
            let mut world = world();
            let _ = world.global().wildcard(list, 1, pattern);
            lab.install(world);
            let expected = if list == List::Block {
                Outcome::Dropped
            } else {
                Outcome::Allowed
            };
            for caller in matches {
                let seen = outcome(&mut lab, PLAIN, &from(caller));
                assert_eq!(seen, expected, "{pattern} {caller}");
            }
            for caller in others {
                let seen = outcome(&mut lab, PLAIN, &from(caller));
                assert_eq!(seen, Outcome::NoRule, "{pattern} {caller}");
            }
        }
    }
}

#[test]
fn the_most_specific_pattern_is_credited() {
    let mut full = world();
    let _ = full
        .global()
        .class(List::Block, 1, Class::Everything)
        .wildcard(List::Block, 2, "+1415?*")
        .wildcard(List::Block, 3, "+1415?5*")
        .prefix(List::Block, 4, "+1415")
        .prefix(List::Block, 5, "+141555")
        .block(6, "+14155551234");
    let mut lab = Lab::open(full);
    let rows = [
        ("+14155551234", 6),
        ("+14155551235", 5),
        ("+14156551235", 4),
        ("+15156551235", 1),
        ("alice", 1),
    ];
    for (caller, slot) in rows {
        let frame = Datagram::new(PLAIN, from(caller).unlisted()).frame();
        assert_eq!(lab.agree(&frame).unwrap().slot, slot, "{caller}");
    }
    let mut wildcards = world();
    let _ = wildcards
        .global()
        .wildcard(List::Block, 9, "+1415*5")
        .wildcard(List::Block, 2, "+1?15*5")
        .wildcard(List::Block, 3, "+1?155*")
        .wildcard(List::Block, 7, "+14?55*");
    lab.install(wildcards);
    for (caller, slot) in [
        ("+14155551235", 9),
        ("+15155551235", 2),
        ("+14255551234", 7),
        ("+15156551235", 2),
    ] {
        let frame = Datagram::new(PLAIN, from(caller).unlisted()).frame();
        assert_eq!(lab.agree(&frame).unwrap().slot, slot, "{caller}");
    }
}

#[test]
fn everything_is_blocked_but_what_is_allowed() {
    let mut strict = world();
    let _ = strict
        .global()
        .class(List::Block, 1, Class::Everything)
        .wildcard(List::Allow, 2, "+4940*")
        .class(List::Allow, 3, Class::Withheld);
    let mut lab = Lab::open(strict);
    assert_eq!(outcome(&mut lab, PLAIN, &from("+49401")), Outcome::Allowed);
    assert_eq!(outcome(&mut lab, PLAIN, &from("+49411")), Outcome::Dropped);
    let withheld = from("+49411").last("Privacy: id");
    assert_eq!(outcome(&mut lab, PLAIN, &withheld), Outcome::Allowed);
}

#[test]
fn lists_are_shared_and_defaults_inherited() {
    let mut shared = world();
    let index = shared.list_index();
    let _ = shared
        .of_index(index)
        .block(1, "+14155551234")
        .prefix(List::Block, 2, "+49");
    for local in ["+12015550100", "+12015550101"] {
        let _ = shared.of_number(local).list(index).block(3, "+14155551234");
    }
    shared.of_number("+12015550102").block_by_default(4);
    let mut lab = Lab::open(shared);
    let to = |caller: &str, called: &str| {
        from(caller)
            .start(format!("INVITE sip:{called}@sbc.example.com SIP/2.0"))
            .to(format!("<sip:{called}@sbc.example.com>"))
    };
    let slot = |lab: &mut Lab, caller: &str, called: &str| {
        let frame = Datagram::new(PLAIN, to(caller, called).unlisted()).frame();
        lab.agree(&frame).unwrap().slot
    };
    assert_eq!(
        slot(&mut lab, "+14155551234", "+12015550100"),
        1,
        "the lower id"
    );
    assert_eq!(slot(&mut lab, "+4940", "+12015550101"), 2);
    assert_eq!(slot(&mut lab, "+4940", "+12015550102"), 4, "by default");
    assert_eq!(slot(&mut lab, "+4940", "+12015550103"), 0);
    let mut open = world();
    open.global().block_by_default(1);
    open.of_number("+12015550100").allow_by_default();
    lab.install(open);
    assert_eq!(
        slot(&mut lab, "+4940", "+12015550100"),
        0,
        "the narrower default"
    );
    assert_eq!(slot(&mut lab, "+4940", "+12015550101"), 1);
}

#[test]
fn mandatory_rules_have_a_place_of_their_own() {
    let mut mandatory = world();
    // The more specific rule that is not mandatory does not hide the one that is.
    let _ = mandatory
        .global()
        .mandatory()
        .prefix(List::Block, 1, "+1415");
    let _ = mandatory.global().block(2, "+14155551234");
    let _ = mandatory
        .of_number("+12015550100")
        .allow(3, "+14155551234")
        .allow(4, "+15105551234");
    let mut lab = Lab::open(mandatory.clone());
    let slot = |lab: &mut Lab, caller: &str| {
        let frame = Datagram::new(PLAIN, from(caller).unlisted()).frame();
        let seen = lab.agree(&frame).unwrap();
        (seen.slot, seen.outcome)
    };
    assert_eq!(slot(&mut lab, "+14155551234"), (1, Outcome::Dropped));
    assert_eq!(slot(&mut lab, "+15105551234"), (4, Outcome::Allowed));
    let _ = mandatory.global().prefix(List::Allow, 5, "+1415555");
    lab.install(mandatory);
    assert_eq!(
        slot(&mut lab, "+14155551234"),
        (3, Outcome::Allowed),
        "lifted by its own scope"
    );
}

#[test]
fn what_user_space_could_change_is_left_to_it() {
    let mut lab = Lab::open(world());
    let mut left = world();
    let _ = left
        .global()
        .block(1, "+14155551234")
        .exact(List::Allow, 2, "+14155559999", Action::Pass)
        .user_allow();
    lab.install(left);
    assert_eq!(
        outcome(&mut lab, PLAIN, &from("+14155551234")),
        Outcome::UserSpace
    );
    assert_eq!(
        outcome(&mut lab, PLAIN, &from("+14155559999")),
        Outcome::Allowed
    );
    assert_eq!(
        outcome(&mut lab, PLAIN, &from("+14155550000")),
        Outcome::UserSpace
    );
}

#[test]
fn wildcards_on_names_leave_only_names_to_user_space() {
    let mut left = world();
    let _ = left
        .global()
        .class(List::Block, 1, Class::Everything)
        .user_allow_names();
    let mut lab = Lab::open(left);
    let rows = [
        ("+14155551234", Outcome::Dropped),
        ("1234", Outcome::Dropped),
        ("alice", Outcome::UserSpace),
        // Text and number.
        ("+1415555123456789012", Outcome::UserSpace),
    ];
    for (caller, expected) in rows {
        assert_eq!(
            outcome(&mut lab, PLAIN, &from(caller)),
            expected,
            "{caller}"
        );
    }
}
