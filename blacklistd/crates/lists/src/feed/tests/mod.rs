//! Tables of decisions; whole attempts are in the files next to it.

mod fetching;
mod refreshing;

use std::time::Duration;

use jiff::Timestamp;

use super::run::{due, until_next};
use super::subscription::{Source, source};
use super::*;
use blacklist_model::{Feed, FeedState, LineCounts, Subscription};

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(1_795_000_000 + seconds).unwrap()
}

fn counts(rules: u64, duplicates: u64, bad: u64) -> LineCounts {
    LineCounts {
        lines: rules + duplicates + bad,
        rules,
        duplicates,
        bad,
    }
}

#[test]
fn what_may_take_the_place_of_a_good_feed() {
    type Row = (
        &'static str,
        Option<u64>,
        LineCounts,
        bool,
        Result<(), &'static str>,
    );
    let rows: [Row; 14] = [
        ("first", None, counts(10, 0, 0), false, Ok(())),
        ("same", Some(100), counts(100, 0, 0), false, Ok(())),
        ("larger", Some(100), counts(100_000, 0, 0), false, Ok(())),
        ("half", Some(100), counts(50, 0, 0), false, Ok(())),
        (
            "less than half",
            Some(100),
            counts(49, 0, 0),
            false,
            Err("shrank from 100 entries to 49"),
        ),
        (
            "less than half, forced",
            Some(100),
            counts(49, 0, 0),
            true,
            Ok(()),
        ),
        (
            "duplicates are no entries",
            Some(100),
            counts(49, 51, 0),
            false,
            Err("shrank from 100 entries to 49"),
        ),
        (
            "empty",
            Some(1),
            counts(0, 0, 0),
            true,
            Err("the feed is empty"),
        ),
        (
            "empty, first",
            None,
            counts(0, 0, 0),
            false,
            Err("the feed is empty"),
        ),
        (
            "nothing but bad lines",
            None,
            counts(0, 0, 20),
            true,
            Err("20 of 20 lines are not rules"),
        ),
        ("some bad lines", Some(95), counts(95, 0, 5), false, Ok(())),
        (
            "too many bad lines",
            Some(94),
            counts(94, 0, 6),
            false,
            Err("6 of 100 lines are not rules, and 5 percent may be"),
        ),
        (
            "too many bad lines, forced",
            Some(94),
            counts(94, 0, 6),
            true,
            Err("6 of 100 lines"),
        ),
        ("one of one", Some(1), counts(1, 0, 0), false, Ok(())),
    ];
    let subscription = Subscription::of("spam", "/tmp/x", "spam");
    for (name, previous, counts, is_forced, expected) in rows {
        let found = judge(&subscription, previous, Staged { counts }, is_forced);
        match (&found, expected) {
            (Ok(()), Ok(())) => {}
            (Err(reason), Err(part)) => assert!(reason.contains(part), "{name}: {reason}"),
            _ => panic!("{name}: {found:?}"),
        }
    }
}

#[test]
fn when_a_feed_is_tried_next() {
    let hour = Duration::from_secs(3600);
    let state = |tried: Option<i64>, failures| FeedState {
        tried_at: tried.map(at),
        failures,
        ..FeedState::default()
    };
    let rows = [
        ("never tried", state(None, 0), 5, 5),
        ("good", state(Some(0), 0), 5, 3600),
        ("failed once", state(Some(0), 1), 5, 60),
        ("failed twice", state(Some(0), 2), 5, 120),
        ("failed five times", state(Some(0), 5), 5, 960),
        ("failed often", state(Some(0), 9), 5, 3600),
        ("failed very often", state(Some(0), u32::MAX), 5, 3600),
        ("the clock was set back", state(Some(9_000_000), 0), 5, 3605),
    ];
    for (name, state, now, expected) in rows {
        assert_eq!(next_try(&state, hour, at(now)), at(expected), "{name}");
    }
    let feed = |name: &str, tried, enabled| Feed {
        subscription: Subscription {
            enabled,
            ..Subscription::of(name, "/x", "spam")
        },
        state: state(tried, 0),
    };
    let feeds = [
        feed("a", Some(0), true),
        feed("b", Some(100), true),
        feed("c", None, false),
    ];
    assert_eq!(due(&feeds, at(3600)), ["a"]);
    assert_eq!(due(&feeds, at(3700)), ["a", "b"]);
    assert_eq!(until_next(&feeds, at(3590)), Duration::from_secs(10));
    assert_eq!(until_next(&feeds, at(0)), Duration::from_secs(60));
    assert_eq!(until_next(&feeds, at(99_999)), Duration::from_secs(1));
}

#[test]
fn subscriptions_are_judged() {
    let good = Subscription::of("ftc", "https://example.com/list.csv", "spam");
    assert_eq!(judge_subscription(&good), Ok(()));
    let rows: [(&str, Subscription); 7] = [
        (
            "cannot be fetched by ftp",
            Subscription {
                source: "ftp://x/y".into(),
                ..good.clone()
            },
        ),
        (
            "neither a URL nor a whole path",
            Subscription {
                source: "list.csv".into(),
                ..good.clone()
            },
        ),
        (
            "too often",
            Subscription {
                every: "1s".into(),
                ..good.clone()
            },
        ),
        (
            "not a length of time",
            Subscription {
                keep: Some("x".into()),
                ..good.clone()
            },
        ),
        (
            "names no column",
            Subscription {
                map: Some("comment=x".into()),
                ..good.clone()
            },
        ),
        (
            "percentages",
            Subscription {
                max_shrink: 101,
                ..good.clone()
            },
        ),
        (
            "Not A Name",
            Subscription {
                name: "Not A Name".into(),
                ..good
            },
        ),
    ];
    for (expected, subscription) in rows {
        let error = judge_subscription(&subscription).unwrap_err();
        assert!(error.contains(expected), "{error}");
    }
    assert_eq!(
        source(&Subscription::of("a", "file:///tmp/x", "b")),
        Ok(Source::File("/tmp/x".into()))
    );
}
