//! Messages that were once read wrongly, from their files: what becomes of each, by the kernel and by the
//! host.

use blacklist_common::outcome::Outcome;
use blacklist_common::pattern::Class;
use blacklist_tests::datagram::Datagram;
use blacklist_tests::lab::Lab;
use blacklist_tests::rules::{List, World};
use blacklist_tests::standard::{self, OUTBOUND, PLAIN, REMOTE_PARTY, TRUSTED};

/// What the world of a row adds to the trunks.
type Rules = fn(&mut World);

const ROWS: [(&str, &str, Rules, Outcome); 9] = [
    (
        "national-number-with-phone-context",
        PLAIN,
        listed,
        Outcome::Dropped,
    ),
    ("tel-with-at-in-isub", PLAIN, listed, Outcome::Dropped),
    (
        "emergency-phone-context",
        TRUSTED,
        listed,
        Outcome::SafetyFloor,
    ),
    ("caller-911-untrusted", PLAIN, everybody, Outcome::Dropped),
    ("caller-911-untrusted", PLAIN, nobody, Outcome::NoRule),
    ("called-plus44-0", OUTBOUND, mobiles, Outcome::Dropped),
    (
        "verstat-uri-parameter-failed",
        TRUSTED,
        failed,
        Outcome::Dropped,
    ),
    (
        "rpid-privacy-full",
        REMOTE_PARTY,
        withheld,
        Outcome::Dropped,
    ),
    ("rpid-privacy-full", PLAIN, withheld, Outcome::NoRule),
];

fn nobody(_: &mut World) {}

fn listed(world: &mut World) {
    let _ = world.global().block(1, "+14155550100");
}

fn everybody(world: &mut World) {
    let _ = world.global().class(List::Block, 1, Class::Everything);
}

fn mobiles(world: &mut World) {
    let _ = world
        .global()
        .outbound()
        .mandatory()
        .prefix(List::Block, 1, "+447");
    let own = world.of_number("+13125550101");
    let _ = own.outbound().prefix(List::Allow, 2, "+44");
}

fn failed(world: &mut World) {
    let _ = world
        .global()
        .class(List::Block, 1, Class::ValidationFailed);
}

fn withheld(world: &mut World) {
    let _ = world.global().class(List::Block, 1, Class::Withheld);
}

#[test]
fn messages_from_their_files() {
    let mut lab = Lab::open(standard::trunks_alone());
    for (name, peer, rules, expected) in ROWS {
        let path = format!("{}/data/messages/{name}.sip", env!("CARGO_MANIFEST_DIR"));
        let text = std::fs::read(path).unwrap();
        let mut world = standard::trunks_alone();
        rules(&mut world);
        lab.install(world);
        let frame = Datagram::new(peer, text).frame();
        let seen = lab
            .agree(&frame)
            .unwrap_or_else(|why| panic!("{name}: {why}"));
        assert_eq!(seen.outcome, expected, "{name} from {peer}: {seen:?}");
    }
}
