//! Queries of the log.

use super::*;

#[test]
fn filters_find_what_they_say() {
    let mut case = Case::new(LogSettings::default());
    let now = case.clock.monotonic();
    let outbound = Event {
        flags: EVENT_OUTBOUND,
        outcome: Outcome::Monitored as u8,
        ..event(3, now, "4989111")
    };
    let mut old = call(&event(1, now, "493012345678"), &case.clock);
    old.time = Timestamp::now() - jiff::SignedDuration::from_hours(2);
    case.log
        .put(vec![old], &case.ring, &case.clock, nothing)
        .unwrap();
    case.put(&[event(2, now, "493087654321"), outbound]);
    let ids = |filter: CallFilter| -> Vec<u64> {
        case.page(&filter).iter().map(|call| call.id).collect()
    };
    let all = CallFilter::default;
    let one_of = |text| Some(NumberFilter::OneOf(vec![number(text)]));
    let hour_ago = Timestamp::now() - jiff::SignedDuration::from_hours(1);
    let text = |text: &str| Some(text.to_owned());
    let rows = [
        ("all", all(), vec![3, 2, 1]),
        (
            "caller",
            CallFilter {
                caller: one_of("493087654321"),
                ..all()
            },
            vec![2],
        ),
        (
            "prefix",
            CallFilter {
                caller: Some(NumberFilter::Prefix(number("4930"))),
                ..all()
            },
            vec![2, 1],
        ),
        (
            "called",
            CallFilter {
                called: one_of("13125550100"),
                ..all()
            },
            vec![3, 2, 1],
        ),
        (
            "nobody",
            CallFilter {
                called: one_of("13125550101"),
                ..all()
            },
            vec![],
        ),
        (
            "rule",
            CallFilter {
                rule: Some(40),
                ..all()
            },
            vec![3, 2, 1],
        ),
        (
            "another rule",
            CallFilter {
                rule: Some(41),
                ..all()
            },
            vec![],
        ),
        (
            "list",
            CallFilter {
                list: text("nuisance"),
                ..all()
            },
            vec![3, 2, 1],
        ),
        (
            "unknown list",
            CallFilter {
                list: text("nobody's"),
                ..all()
            },
            vec![],
        ),
        (
            "action",
            CallFilter {
                action: text("drop"),
                ..all()
            },
            vec![3, 2, 1],
        ),
        (
            "outcome",
            CallFilter {
                outcome: text("monitored"),
                ..all()
            },
            vec![3],
        ),
        (
            "trunk",
            CallFilter {
                trunk: text("carrier"),
                ..all()
            },
            vec![3, 2, 1],
        ),
        (
            "outbound",
            CallFilter {
                outbound: Some(true),
                ..all()
            },
            vec![3],
        ),
        (
            "inbound",
            CallFilter {
                outbound: Some(false),
                ..all()
            },
            vec![2, 1],
        ),
        (
            "since",
            CallFilter {
                since: Some(hour_ago),
                ..all()
            },
            vec![3, 2],
        ),
        (
            "until",
            CallFilter {
                until: Some(hour_ago),
                ..all()
            },
            vec![1],
        ),
        (
            "before",
            CallFilter {
                before: Some(2),
                ..all()
            },
            vec![1],
        ),
        (
            "after",
            CallFilter {
                after: Some(2),
                ..all()
            },
            vec![3],
        ),
        (
            "several",
            CallFilter {
                since: Some(hour_ago),
                outbound: Some(false),
                rule: Some(40),
                ..all()
            },
            vec![2],
        ),
    ];
    for (name, filter, expected) in rows {
        assert_eq!(ids(filter), expected, "{name}");
    }
}

#[test]
fn the_busiest_of_a_period() {
    let mut case = Case::new(LogSettings::default());
    let now = case.clock.monotonic();
    let events: Vec<Event> = (0..30)
        .map(|id| event(id + 1, now, if id % 3 == 0 { "4989111" } else { "4930222" }))
        .collect();
    case.put(&events);
    let period = Period {
        since: Timestamp::now() - jiff::SignedDuration::from_hours(1),
        until: Timestamp::now() + jiff::SignedDuration::from_hours(1),
    };
    for (name, period, one_by_one) in [("an hour", Some(period), true), ("ever", None, false)] {
        let today = case.log.today().busiest(Side::Caller);
        let (busy, counted) = case
            .reader()
            .busiest(period, Side::Caller, 5, today)
            .unwrap();
        assert_eq!(counted, one_by_one, "{name}");
        let busy: Vec<_> = busy
            .iter()
            .map(|one| (one.number.as_str(), one.calls, one.error))
            .collect();
        assert_eq!(busy, [("+4930222", 20, 0), ("+4989111", 10, 0)], "{name}");
    }
}

#[test]
fn the_sample_is_found_by_its_ids_and_bounded() {
    let mut seen = Seen::default();
    let passed = |id: u64, caller: &str| Event {
        outcome: Outcome::NoRule as u8,
        ..event(id, 0, caller)
    };
    seen.add(&passed(1, "4930111"), Timestamp::now(), "carrier");
    seen.add(&event(2, 0, "4930222"), Timestamp::now(), "carrier");
    seen.add(&passed(3, "4930333"), Timestamp::now(), "");
    let ids: Vec<String> = seen.newest(|_| true).map(|call| call.id).collect();
    assert_eq!(ids, ["s2", "s1"], "blocked calls stand in the log");
    let call = seen.get("s1").unwrap();
    assert_eq!(
        (call.caller.as_str(), call.remote()),
        ("+4930111", "+4930111")
    );
    assert_eq!(seen.get("s3"), None);
    assert_eq!(seen.get("1"), None);
    assert_eq!(seen.judged().len(), 3);
    assert_eq!(seen.forget(number("4930111")), 1);
    assert_eq!(seen.get("s1").unwrap().caller, "");
    assert_eq!(seen.get("s2").unwrap().caller, "+4930333");
    for id in 0..10_500 {
        seen.add(&passed(id, "4930111"), Timestamp::now(), "");
    }
    assert_eq!(seen.newest(|_| true).count(), 10_000);
    assert_eq!(seen.get("s2"), None);
    assert_eq!(seen.get("s10502").unwrap().caller, "+4930111");
}
