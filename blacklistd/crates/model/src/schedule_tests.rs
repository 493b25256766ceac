//! Schedules: parsing and writing, and a comparison with a slow reference that looks at every
//! minute.

use fastrand::Rng;
use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::{Schedule, Timing, read_time};

#[test]
fn schedules_that_are_accepted() {
    let rows = [
        (
            "the usual",
            "mo-fr 08:00-18:00, sa 09:00-12:00 Europe/Berlin",
            "mo-fr 08:00-18:00, sa 09:00-12:00 Europe/Berlin",
        ),
        ("no days", "08:00-18:00", "08:00-18:00 UTC"),
        (
            "capitals and blanks",
            " MO-Fr  08:00-18:00 ,SA 09:00-12:00   europe/berlin ",
            "mo-fr 08:00-18:00, sa 09:00-12:00 Europe/Berlin",
        ),
        ("over midnight", "fr 22:00-06:00 UTC", "fr 22:00-06:00 UTC"),
        (
            "days over sunday",
            "fr-mo 00:00-24:00",
            "fr-mo 00:00-24:00 UTC",
        ),
        ("up to midnight", "18:00-00:00", "18:00-24:00 UTC"),
        ("all days", "mo-su 08:00-09:00", "08:00-09:00 UTC"),
        (
            "twice the same",
            "sa 08:00-09:00,sa 08:00-09:00",
            "sa 08:00-09:00 UTC",
        ),
    ];
    for (name, written, canonical) in rows {
        let schedule = Schedule::parse(written).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(schedule.to_string(), canonical, "{name}");
        assert_eq!(Schedule::parse(canonical).as_ref(), Ok(&schedule), "{name}");
    }
}

#[test]
fn schedules_that_are_refused() {
    let rows = [
        ("nothing", "", "is not a span of time"),
        ("no time", "mo-fr", "is not a span of time"),
        ("a word", "work 08:00-18:00", "are not days"),
        ("one time", "mo 08:00", "is not a span of time"),
        (
            "an hour that there is not",
            "mo 08:00-25:00",
            "is not a span of time",
        ),
        (
            "a minute that there is not",
            "mo 08:60-09:00",
            "is not a span of time",
        ),
        ("one digit", "mo 8:00-9:00", "is not a span of time"),
        ("empty", "mo 08:00-08:00", "is empty"),
        ("from the end of a day", "mo 24:00-08:00", "is empty"),
        (
            "a zone that there is not",
            "mo 08:00-18:00 Europe/Cologne",
            "no time zone is named \"Europe/Cologne\"",
        ),
    ];
    for (name, written, expected) in rows {
        let error = Schedule::parse(written).unwrap_err().to_string();
        assert!(error.contains(expected), "{name}: {error}");
    }
}

#[test]
fn times_as_operators_write_them() {
    let berlin = TimeZone::get("Europe/Berlin").unwrap();
    let rows = [
        (
            "rfc 3339",
            "2026-03-29T01:30:00Z",
            false,
            "2026-03-29T01:30:00Z",
        ),
        (
            "with an offset",
            "2026-03-29T01:30:00+02:00",
            false,
            "2026-03-28T23:30:00Z",
        ),
        (
            "first moment of a date",
            "2026-03-29",
            false,
            "2026-03-28T23:00:00Z",
        ),
        ("behind a date", "2026-03-29", true, "2026-03-29T22:00:00Z"),
        (
            "date and time",
            "2026-03-30 08:00",
            false,
            "2026-03-30T06:00:00Z",
        ),
        (
            "parts of a second",
            "2026-03-29T01:30:00.7Z",
            false,
            "2026-03-29T01:30:00Z",
        ),
    ];
    for (name, text, until, expected) in rows {
        assert_eq!(
            read_time(text, &berlin, until).map(|time| time.to_string()),
            Ok(expected.to_owned()),
            "{name}"
        );
    }
    for text in ["", "tomorrow", "2026-13-01", "29.03.2026"] {
        assert!(read_time(text, &berlin, false).is_err(), "{text}");
    }
}

const MINUTE: i64 = 60;
const WEEK: usize = 7 * 24 * 60;

/// The days, begin and end of a span, and all minutes of a week that it covers.
fn any_span(rng: &mut Rng, minutes: &mut [bool]) -> String {
    let names = ["mo", "tu", "we", "th", "fr", "sa", "su"];
    let (first, length) = (rng.usize(0..7), rng.usize(0..7));
    // Round times coincide with clock changes.
    let begin = rng.usize(0..48) * 30;
    let end = (begin + rng.usize(1..48) * 30) % (24 * 60);
    let end = if end == 0 { 24 * 60 } else { end };
    for day in first..=first + length {
        let midnight = day % 7 * 24 * 60;
        let last = if end > begin { end } else { end + 24 * 60 };
        for minute in begin..last {
            minutes[(midnight + minute) % WEEK] = true;
        }
    }
    let time = |minute: usize| format!("{:02}:{:02}", minute / 60, minute % 60);
    format!(
        "{}-{} {}-{}",
        names[first],
        names[(first + length) % 7],
        time(begin),
        time(end)
    )
}

fn is_on(minutes: &[bool], zone: &TimeZone, second: i64) -> bool {
    let local = zone.to_datetime(Timestamp::from_second(second).unwrap());
    let day = local.weekday().to_monday_zero_offset() as usize;
    minutes[(day * 24 + local.hour() as usize) * 60 + local.minute() as usize]
}

/// Looks at every minute of 10 days, mostly around clock changes.
#[test]
fn schedules_follow_the_clock_on_the_wall() {
    let zones = [
        "Europe/Berlin",
        "America/New_York",
        "Australia/Lord_Howe",
        "America/Santiago",
        "Asia/Kathmandu",
        "UTC",
    ];
    let mut rng = Rng::with_seed(1);
    let mut changed = 0;
    for turn in 0..400 {
        let name = zones[rng.usize(0..zones.len())];
        let zone = TimeZone::get(name).unwrap();
        let mut minutes = vec![false; WEEK];
        let spans: Vec<String> = (0..rng.usize(1..4))
            .map(|_| any_span(&mut rng, &mut minutes))
            .collect();
        let text = format!("{} {name}", spans.join(", "));
        let schedule = Schedule::parse(&text).unwrap();
        // From 2026-01-01 on, usually a few days before a clock change.
        let mut start = 1_767_225_600 + rng.i64(0..365 * 24 * 60) * MINUTE + rng.i64(0..MINUTE);
        let transition = zone
            .following(Timestamp::from_second(start).unwrap())
            .next();
        if let Some(transition) = transition.filter(|_| turn % 3 > 0) {
            start = transition.timestamp().as_second() - rng.i64(0..3 * 24 * 60 * MINUTE);
        }
        let now = Timestamp::from_second(start).unwrap();
        let on = is_on(&minutes, &zone, start);
        assert_eq!(schedule.covers(now), on, "{text} at {now}");
        let first = start - start.rem_euclid(MINUTE) + MINUTE;
        let change = (0..10 * 24 * 60)
            .map(|minute| first + minute * MINUTE)
            .find(|second| is_on(&minutes, &zone, *second) != on);
        let found = schedule.next_change(now).map(Timestamp::as_second);
        assert_eq!(found, change, "{text} behind {now}");
        changed += u32::from(change.is_some());
    }
    assert!(changed > 300, "{changed}");
}

#[test]
fn validity_and_schedule_together() {
    let time = |text: &str| text.parse::<Timestamp>().unwrap();
    let timing = Timing {
        from: Some(time("2026-01-05T09:00:00Z")),
        until: Some(time("2026-01-07T10:00:00Z")),
        schedule: Some(Schedule::parse("08:00-12:00").unwrap()),
    };
    let rows = [
        (
            "before",
            "2026-01-01T10:00:00Z",
            false,
            Some("2026-01-05T09:00:00Z"),
        ),
        (
            "from on",
            "2026-01-05T09:00:00Z",
            true,
            Some("2026-01-05T12:00:00Z"),
        ),
        (
            "between",
            "2026-01-05T12:00:00Z",
            false,
            Some("2026-01-06T08:00:00Z"),
        ),
        (
            "the last span",
            "2026-01-07T09:00:00Z",
            true,
            Some("2026-01-07T10:00:00Z"),
        ),
        ("until", "2026-01-07T10:00:00Z", false, None),
    ];
    for (name, now, covered, next) in rows {
        assert_eq!(timing.covers(time(now)), covered, "{name}");
        assert_eq!(timing.next_change(time(now)), next.map(time), "{name}");
    }
    let late = Timing {
        from: Some(time("2026-01-05T13:00:00Z")),
        until: Some(time("2026-01-06T07:00:00Z")),
        ..timing
    };
    assert_eq!(
        late.next_change(time("2026-01-01T00:00:00Z")),
        None,
        "never comes into force"
    );
}
