//! What the program tells of blocked calls.

use std::collections::HashSet;
use std::net::Ipv4Addr;
use std::time::Instant;

use blacklist_common::event::{
    EVENT_CALL_ID, EVENT_MONITORED, EVENT_OUTBOUND, EVENT_SAMPLED, EVENT_USER, Event,
    SAMPLES_PER_SECOND,
};
use blacklist_common::outcome::Outcome;
use blacklist_common::pattern::Class;
use blacklist_common::rule::Action;
use blacklist_common::tables::IdentitySource;
use blacklist_kernel::EventRing;
use blacklist_tests::datagram::Datagram;
use blacklist_tests::invite::Invite;
use blacklist_tests::lab::Lab;
use blacklist_tests::rules::number;
use blacklist_tests::standard::{self, LISTED_SLOT, MONITOR, OUTBOUND, PLAIN, PLAIN_V6, TRUSTED};

fn only(lab: &mut Lab) -> Event {
    let mut events = lab.events();
    assert_eq!(events.len(), 1, "{events:?}");
    events.remove(0)
}

/// The text of a field, whose length may be more than fits.
fn text(field: &[u8], length: u8) -> String {
    String::from_utf8(field[..usize::from(length).min(field.len())].to_vec()).unwrap()
}

fn caller_user(event: &Event) -> String {
    text(&event.caller_user, event.caller_length)
}

fn called_user(event: &Event) -> String {
    text(&event.called_user, event.called_length)
}

fn call_id(event: &Event) -> String {
    text(&event.call_id, event.call_id_length)
}

#[test]
fn a_blocked_call_is_told_with_all_that_is_known() {
    let mut lab = Lab::open(standard::world());
    let invite = Invite::new()
        .from("\"x\" <sip:001-415-555-123~;a=b:pw@h>;tag=1")
        .start("INVITE sip:2015550100;c=d@sbc SIP/2.0")
        .line("Call-ID", "i:\r\n  77-abc@192.0.2.1  ");
    assert!(
        lab.send(
            &Datagram::new(PLAIN, invite.listed())
                .to_port(5080)
                .frame()
                .bytes
        )
    );
    let event = only(&mut lab);
    assert_eq!(event.caller, number("+14155551234"));
    assert_eq!(event.called, number("+12015550100"));
    assert_eq!(caller_user(&event), "001-415-555-1234;a=b:pw");
    assert_eq!(called_user(&event), "2015550100;c=d");
    assert_eq!(call_id(&event), "77-abc@192.0.2.1");
    assert_eq!(
        event.source,
        PLAIN.parse::<Ipv4Addr>().unwrap().to_ipv6_mapped().octets()
    );
    assert_eq!(
        event.destination,
        Ipv4Addr::new(198, 51, 100, 2).to_ipv6_mapped().octets()
    );
    assert_eq!((event.source_port, event.destination_port), (5060, 5080));
    assert_eq!(event.rule.slot(), LISTED_SLOT);
    assert_eq!(event.rule.action(), Action::Drop);
    assert_eq!(event.outcome, Outcome::Dropped as u8);
    assert_eq!(event.identity, IdentitySource::From as u8);
    assert_eq!((event.flags & !EVENT_SAMPLED, event.trunk), (0, 0));
    assert_eq!(event.generation, lab.kernel.generation());
    assert!(event.interface > 0 && event.time > 0);
}

#[test]
fn identity_trunk_and_direction_are_told() {
    let mut lab = Lab::open(standard::world());
    let asserted = Invite::new()
        .from("<sip:anonymous@anonymous.invalid>;tag=1")
        .last("P-Asserted-Identity: <tel:+1-415-555-123~>");
    assert!(lab.send(&Datagram::new(TRUSTED, asserted.listed()).frame().bytes));
    let event = only(&mut lab);
    assert_eq!(event.identity, IdentitySource::PAssertedIdentity as u8);
    assert_eq!(
        (caller_user(&event).as_str(), event.trunk),
        ("+1-415-555-1234", 1)
    );

    let outbound = Invite::new()
        .from("<sip:+12015550100@x>;tag=1")
        .start("INVITE sip:+1800555123~@x SIP/2.0")
        .call_id("outbound");
    assert!(lab.send(&Datagram::new(OUTBOUND, outbound.listed()).frame().bytes));
    let event = only(&mut lab);
    assert_eq!(
        (event.flags & !EVENT_SAMPLED, event.trunk),
        (EVENT_OUTBOUND, 3)
    );
    assert_eq!(event.called, number("+18005551234"));

    let monitored = Invite::new().call_id("monitored");
    assert!(!lab.send(&Datagram::new(MONITOR, monitored.listed()).frame().bytes));
    let event = only(&mut lab);
    assert_eq!(
        (event.flags & !EVENT_SAMPLED, event.outcome),
        (EVENT_MONITORED, Outcome::Monitored as u8)
    );
}

#[test]
fn long_fields_are_cut_and_say_so() {
    let mut lab = Lab::open(standard::world());
    let user = format!("+1415555123~;{}", "p".repeat(300));
    let id = "i".repeat(200);
    let invite = Invite::new()
        .from(format!("<sip:{user}@x>;tag=1"))
        .call_id(&id);
    assert!(lab.send(&Datagram::new(PLAIN_V6, invite.listed()).frame().bytes));
    let event = only(&mut lab);
    assert_eq!((event.caller_length, event.call_id_length), (255, 200));
    assert_eq!(caller_user(&event), user.replace('~', "4")[..EVENT_USER]);
    assert_eq!(call_id(&event), id[..EVENT_CALL_ID]);
}

#[test]
fn a_bounded_sample_of_all_calls_is_told() {
    let mut lab = Lab::open(standard::world());
    let passed = Invite::new().last("Privacy: id").unlisted();
    assert!(!lab.send(&Datagram::new(PLAIN, passed.clone()).frame().bytes));
    let events = lab.all_events();
    let [event] = events.as_slice() else {
        panic!("{events:?}");
    };
    assert_eq!(event.outcome, Outcome::NoRule as u8);
    assert_eq!(event.flags, EVENT_SAMPLED);
    assert_eq!(event.caller, number("+14155551235"));
    assert_eq!(event.classes, Class::Withheld.bit());
    let began = Instant::now();
    let mut events = Vec::new();
    for call in 0..1000 {
        let invite = Invite::new().call_id(format!("many-{call}@x"));
        lab.send(&Datagram::new(PLAIN, passed.clone()).frame().bytes);
        assert!(lab.send(&Datagram::new(PLAIN, invite.listed()).frame().bytes));
        events.append(&mut lab.all_events());
    }
    let dropped = |event: &&Event| event.outcome == Outcome::Dropped as u8;
    assert_eq!(events.iter().filter(dropped).count(), 1000, "all are told");
    let sampled = |event: &&Event| event.flags & EVENT_SAMPLED != 0;
    let sampled = events.iter().filter(sampled).count() as u64;
    let processors = std::thread::available_parallelism().unwrap().get() as u64;
    let most = SAMPLES_PER_SECOND * processors * (began.elapsed().as_secs() + 2);
    assert!((10..=most).contains(&sampled), "{sampled} in the sample");
}

#[test]
fn calls_that_go_through_are_not_logged() {
    let mut lab = Lab::open(standard::world());
    let allowed = Invite::new().start("INVITE sip:+12015550188@x SIP/2.0");
    for text in [
        Invite::new().unlisted(),
        allowed.listed(),
        b"\r\n\r\n".to_vec(),
    ] {
        assert!(!lab.send(&Datagram::new(PLAIN, text).frame().bytes));
    }
    assert_eq!(lab.events(), []);
}

#[test]
fn seen_is_received_and_lost() {
    const CALLS: u64 = 1500;
    let mut lab = Lab::open(standard::world());
    for call in 0..CALLS {
        let invite = Invite::new().call_id(format!("flood-{call}@x"));
        let frame = Datagram::new(PLAIN, invite.listed()).frame().bytes;
        assert!(lab.send(&frame));
        assert!(lab.send(&frame));
    }
    let received = lab.events();
    let lost = lab.kernel.tally().lost_events().unwrap();
    assert!(lost > 0, "the ring took all {CALLS}");
    assert!(received.len() > 100, "{}", received.len());
    assert_eq!(received.len() as u64 + lost, CALLS);
    let ids: HashSet<String> = received.iter().map(call_id).collect();
    assert_eq!(ids.len(), received.len());
    let counter = lab.counter(LISTED_SLOT);
    assert_eq!((counter.calls, counter.packets), (CALLS, 2 * CALLS));

    let after = Invite::new().call_id("after the flood");
    assert!(lab.send(&Datagram::new(PLAIN, after.listed()).frame().bytes));
    assert_eq!(call_id(&only(&mut lab)), "after the flood");
    assert_eq!(lab.kernel.tally().lost_events().unwrap(), lost);
}

/// Call-IDs of all events that a ring has.
fn call_ids(ring: &mut EventRing) -> Vec<String> {
    std::iter::from_fn(|| ring.next_event())
        .map(|event| call_id(&event))
        .collect()
}

#[test]
fn events_stay_until_they_are_released() {
    let mut lab = Lab::open(standard::world());
    let send = |lab: &mut Lab, id: &str| {
        let invite = Invite::new().call_id(id);
        assert!(lab.send(&Datagram::new(PLAIN, invite.listed()).frame().bytes));
    };
    for id in ["a@x", "b@x", "c@x"] {
        send(&mut lab, id);
    }
    let mut ring = lab.kernel.take_ring().unwrap();
    assert!(lab.kernel.take_ring().is_none(), "there is one reader");
    assert_eq!(call_ids(&mut ring), ["a@x", "b@x", "c@x"]);
    assert_eq!(ring.waiting(), 3 * 264);
    ring.rewind();
    assert_eq!(call_ids(&mut ring).len(), 3, "nothing was released");
    drop(ring);

    // As a daemon that was killed between writing and releasing.
    let mut lab = lab.restarted();
    let mut ring = lab.kernel.take_ring().unwrap();
    assert_eq!(call_ids(&mut ring), ["a@x", "b@x", "c@x"]);
    ring.rewind();
    ring.next_event().unwrap();
    let written = ring.position();
    ring.rewind();
    ring.skip_to(written);
    assert_eq!(call_ids(&mut ring), ["b@x", "c@x"]);
    ring.release();
    assert_eq!((ring.waiting(), ring.released()), (0, ring.position()));
    send(&mut lab, "d@x");
    assert_eq!(call_ids(&mut ring), ["d@x"]);
    ring.skip_to(u64::MAX);
    assert_eq!(ring.waiting(), 0, "not further than there is anything");
}
