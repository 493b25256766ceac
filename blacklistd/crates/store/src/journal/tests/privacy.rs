//! What is kept, and what must be removed.

use super::*;

#[test]
fn a_pattern_that_is_the_number_is_not_written_twice() {
    let mut case = Case::new(LogSettings::default());
    let event = event(9, case.clock.monotonic(), "493012345678");
    let around = Surroundings {
        by: by(1, "+493012345678"),
        ..Surroundings::default()
    };
    let call = NewCall::new(&event, case.clock.wall(), around);
    case.log
        .put(vec![call], &case.ring, &case.clock, nothing)
        .unwrap();
    assert_eq!(
        case.page(&CallFilter::default())[0].pattern,
        "+493012345678"
    );
    let words: u64 = case
        .log
        .database
        .connection
        .query_row(
            "SELECT count(*) FROM word WHERE text LIKE '%4930%'",
            [],
            |row| row.get(0),
        )
        .unwrap();
    assert_eq!(words, 0);
}

/// Whether a text occurs anywhere in the files of a log.
fn stands_in_files(case: &Case, text: &str) -> bool {
    let entries = std::fs::read_dir(case.folder.path()).unwrap();
    entries.flatten().any(|entry| {
        let bytes = std::fs::read(entry.path()).unwrap();
        bytes
            .windows(text.len())
            .any(|window| window == text.as_bytes())
    })
}

#[test]
fn pseudonyms_stand_in_the_place_of_numbers_everywhere() {
    let settings = LogSettings {
        pseudonyms: true,
        ..LogSettings::default()
    };
    let mut case = Case::new(settings);
    case.flood(3, "493012345678");
    case.log.save_days().unwrap();
    let call = case.page(&CallFilter::default()).remove(0);
    assert!(
        call.caller.starts_with('~') && call.caller.len() == 16,
        "{}",
        call.caller
    );
    assert_eq!(call.caller_as_sent, "");
    assert_eq!(
        call.called, "+13125550100",
        "the party inside has its number"
    );
    assert!(!stands_in_files(&case, "493012345678"));
    let pseudonym = case.log.pseudonyms().unwrap().of(number("493012345678"));
    assert_eq!(read_pseudonym(&call.caller), Some(pseudonym));
    let filter = CallFilter {
        caller: Some(NumberFilter::OneOf(vec![pseudonym])),
        ..CallFilter::default()
    };
    assert_eq!(case.page(&filter).len(), 3);
    assert_eq!(case.log.forget(number("493012345678"), "").unwrap(), 3);
    assert_eq!(case.page(&CallFilter::default()).len(), 0);
}

#[test]
fn a_forgotten_number_leaves_no_trace() {
    let mut case = Case::new(LogSettings::default());
    case.flood(50, "493012345678");
    let now = case.clock.monotonic();
    case.put(&[event(1, now, "4989111222333")]);
    case.log.save_days().unwrap();
    assert!(stands_in_files(&case, "493012345678"));
    assert_eq!(case.log.forget(number("493012345678"), "").unwrap(), 50);
    assert!(!stands_in_files(&case, "493012345678"));
    let left = case.page(&CallFilter::default());
    assert_eq!((left.len(), left[0].caller.as_str()), (1, "+4989111222333"));
    let busy: Vec<_> = case.log.today().busiest(Side::Caller).top(9).collect();
    assert_eq!(busy.len(), 1, "{busy:?}");
    assert_eq!(case.log.open_calls(), 1);
    let case = case.reopened();
    assert_eq!(case.log.today().busiest(Side::Caller).len(), 1);
}

#[test]
fn old_calls_go_and_so_do_too_many() {
    let settings = LogSettings {
        keep_days: 1,
        keep_bytes: 1 << 20,
        ..LogSettings::default()
    };
    let mut case = Case::new(settings);
    case.flood(20_000, "493012345678");
    let full = case.log.bytes().unwrap();
    assert!(full > 1 << 20, "{full}");
    let removed = case
        .log
        .retain(Timestamp::now(), Duration::from_secs(20))
        .unwrap();
    let left = case.log.bytes().unwrap();
    assert!(
        left <= 1 << 20 && removed > 1000,
        "{left} bytes, {removed} removed"
    );
    let (oldest, newest) = case.reader().ends().unwrap();
    assert_eq!((oldest, newest), (removed + 1, 20_000), "the oldest go");
    let tomorrow = Timestamp::now() + jiff::SignedDuration::from_hours(25);
    case.log.retain(tomorrow, Duration::from_secs(20)).unwrap();
    assert_eq!(case.reader().ends().unwrap(), (0, 0));
}
