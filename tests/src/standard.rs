//! The rules and peers that most tests speak of.

use blacklist_common::dial_plan::DialPlan;
use blacklist_common::pattern::Class;
use blacklist_common::rule::Action;
use blacklist_common::tables::{
    IdentitySource, TRUNK_BYPASS, TRUNK_CALLED_FROM_TO, TRUNK_MONITOR, TRUNK_OUTBOUND,
    TRUNK_TRUSTED,
};

use crate::rules::{List, World};

/// A peer that no trunk names.
pub const PLAIN: &str = "192.0.2.1";
/// The same over IPv6.
pub const PLAIN_V6: &str = "2001:db8::1";
/// A trusted trunk: P-Asserted-Identity, then From.
pub const TRUSTED: &str = "192.0.2.10";
/// The same over IPv6.
pub const TRUSTED_V6: &str = "2001:db8:10::1";
/// A trunk whose called number is To's.
pub const CALLED_FROM_TO: &str = "192.0.2.20";
/// A trunk of our users' calls.
pub const OUTBOUND: &str = "192.0.2.30";
/// A trunk that is not judged.
pub const BYPASS: &str = "192.0.2.40";
/// A trunk that is monitored.
pub const MONITOR: &str = "192.0.2.50";
/// A trunk that names the caller in Remote-Party-ID, then From.
pub const REMOTE_PARTY: &str = "192.0.2.60";
/// A trunk without a dial plan.
pub const NO_PLAN: &str = "192.0.2.70";

/// Slot of the rule for `+14155551234`.
pub const LISTED_SLOT: u32 = 1;

/// Numbers that are never blocked.
const PROTECTED: [&str; 4] = ["911", "112", "+112", "+911"];

/// The rules.
pub fn world() -> World {
    let mut world = World::new();
    rules(&mut world);
    trunks(&mut world);
    world
}

/// The trunks, and the numbers that are never blocked.
pub fn trunks_alone() -> World {
    let mut world = World::new();
    for protected in PROTECTED {
        world.protect(protected);
    }
    trunks(&mut world);
    world
}

/// Patterns of every kind where calls from and to the usual numbers meet them, in several scopes,
/// with lists that scopes share.
pub fn patterns() -> World {
    let mut world = World::new();
    let shared = world.list_index();
    let other = world.list_index();
    let _ = world
        .of_index(shared)
        .wildcard(List::Block, 31, "+1415555*4")
        .prefix(List::Allow, 32, "+141555512")
        .class(List::Block, 33, Class::NoNumber);
    let _ = world
        .of_index(other)
        .mandatory()
        .wildcard(List::Block, 34, "+1415?5?????")
        .class(List::Block, 35, Class::ValidationFailed);
    let _ = world
        .global()
        .list(shared)
        .class(List::Block, 1, Class::AnonymousUri)
        .class(List::Block, 2, Class::Withheld)
        .class(List::Block, 3, Class::Unusable)
        .class(List::Allow, 4, Class::AttestationB)
        .wildcard(List::Block, 5, "*1234")
        .wildcard(List::Allow, 6, "+4940*")
        .prefix(List::Block, 7, "+1415555")
        .prefix(List::Block, 8, "+4")
        .block(9, "+14155551235");
    let _ = world
        .global()
        .outbound()
        .wildcard(List::Block, 10, "+1??5*");
    let _ = world
        .of_number("+12015550100")
        .list(other)
        .list(shared)
        .allow(11, "+14155551235")
        .class(List::Block, 12, Class::NotValidated);
    world.of_number("+12015550101").block_by_default(13);
    let _ = world.of_number("+12015550102").user_allow();
    world.protect("911");
    trunks(&mut world);
    world
}

fn rules(world: &mut World) {
    let _ = world
        .global()
        .block(LISTED_SLOT, "+14155551234")
        .block(2, "mallory4")
        .block(3, "anonymous")
        .prefix(List::Block, 4, "+4940")
        .allow(5, "+4940123456")
        .prefix(List::Allow, 6, "+494077")
        .block(7, "*674")
        .block(8, "91#4")
        .block(9, "12a4")
        .block(10, "7044")
        .block(11, "911")
        .exact(List::Block, 12, "+16505551234", Action::Monitor)
        .exact(List::Block, 13, "+16505552234", Action::Reject)
        .block(14, "0014155551234567890")
        .block(15, "+35312345678901234");
    let _ = world.global().mandatory().block(16, "+16505553234");
    let _ = world.global().outbound().block(17, "+18005551234");
    let _ = world
        .of_number("+12015550177")
        .block(18, "+15105551234")
        .allow(19, "+16505553234");
    let _ = world.of_number("+12015550188").allow(20, "+14155551234");
    world
        .of_number("+12015550199")
        .allow(21, "+15105559999")
        .block_by_default(22);
    for protected in PROTECTED {
        world.protect(protected);
    }
}

fn trunks(world: &mut World) {
    use IdentitySource::{From, PAssertedIdentity, RemotePartyId};
    let trusted = [PAssertedIdentity, From];
    world.trunk(
        &["192.0.2.10/32", "2001:db8:10::/48"],
        TRUNK_TRUSTED,
        &trusted,
    );
    world.trunk(&["192.0.2.20/32"], TRUNK_CALLED_FROM_TO, &[From]);
    world.trunk(&["192.0.2.30/32"], TRUNK_OUTBOUND, &[From]);
    world.trunk(&["192.0.2.40/32"], TRUNK_BYPASS, &[From]);
    world.trunk(&["192.0.2.50/32"], TRUNK_MONITOR, &[From]);
    world.trunk(&["192.0.2.60/32"], 0, &[RemotePartyId, From]);
    world.trunk(&["192.0.2.64/28"], 0, &[From]).dial_plan = DialPlan::default();
}
