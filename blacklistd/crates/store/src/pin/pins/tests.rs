use std::sync::{Arc, mpsc};

use super::super::digits::Pin;
use super::super::hash::hash;
use super::*;

const NUMBER: &str = "number:+13125550199";
const BEGIN: i64 = 1_700_000_000_000;

fn pin(scope: &str, digits: &str) -> ScopePin {
    ScopePin {
        scope: scope.to_owned(),
        hash: hash(&Pin::parse(digits).unwrap()).unwrap(),
    }
}

fn three() -> [ScopePin; 3] {
    [
        pin("global", "2580"),
        pin("account:acme", "8642"),
        pin(NUMBER, "97531"),
    ]
}

fn right(scope: &str) -> Attempt {
    Attempt::Right {
        scope: scope.to_owned(),
    }
}

#[test]
fn any_pin_of_the_number_is_right() {
    let rows = [
        ("of the number", "97531", Some(NUMBER)),
        ("of its account", "8642", Some("account:acme")),
        ("of everybody", "2580", Some("global")),
        ("of nobody", "1379", None),
        ("nothing", "", None),
        ("too much", "9753197531975319753197531975319753197531", None),
        ("too little", "9753", None),
        ("two in one", "25808642", None),
    ];
    for (name, digits, scope) in rows {
        let pins = Pins::default();
        let checked = pins.check(NUMBER, &three(), digits.as_bytes(), BEGIN);
        let expected = scope.map_or(
            Attempt::Wrong {
                wait: Duration::from_secs(1),
            },
            right,
        );
        assert_eq!(checked.attempt, expected, "{name}");
    }
}

#[test]
fn a_try_is_counted_before_it_is_compared() {
    let pins = Arc::new(Pins::default());
    // Nobody gets to compare.
    *lock(&pins.comparing) = AT_ONCE;
    let (send, answers) = mpsc::channel();
    for _ in 0..2 {
        let (pins, send) = (pins.clone(), send.clone());
        std::thread::spawn(move || {
            let checked = pins.check(NUMBER, &three(), b"97531", BEGIN);
            send.send(checked.tried).unwrap();
        });
    }
    let wait = Duration::from_secs(20);
    let first = answers.recv_timeout(wait);
    assert_eq!(
        first,
        Ok(AttemptResult::Early),
        "the other is counted and not compared"
    );
    assert_eq!(answers.try_recv(), Err(mpsc::TryRecvError::Empty));
    *lock(&pins.comparing) = 0;
    pins.done.notify_all();
    assert_eq!(answers.recv_timeout(wait), Ok(AttemptResult::Right));
}

#[test]
fn a_try_before_its_time_is_not_compared_and_counts() {
    let pins = Pins::default();
    let known = three();
    let check = |digits: &str, now| pins.check(NUMBER, &known, digits.as_bytes(), now);
    let wait = |seconds| Attempt::Wrong {
        wait: Duration::from_secs(seconds),
    };
    assert_eq!(check("0000", BEGIN).attempt, wait(1));
    let early = check("97531", BEGIN + 999);
    assert_eq!(
        (early.attempt, early.tried),
        (wait(2), AttemptResult::Early)
    );
    assert_eq!(check("97531", BEGIN + 2999).attempt, right(NUMBER));
    assert_eq!(check("0000", BEGIN + 3000).attempt, wait(1), "begun anew");
    let figures = pins.figures();
    assert_eq!((figures.right, figures.wrong, figures.early), (1, 2, 1));
}

#[test]
fn ten_wrong_ones_lock_for_the_rest_of_the_hour() {
    let pins = Pins::default();
    let known = three();
    let mut now = BEGIN;
    let mut stored = Vec::new();
    for index in 1..=10 {
        let checked = pins.check(NUMBER, &known, b"0000", now);
        let is_locked = matches!(checked.attempt, Attempt::Locked { .. });
        assert_eq!(is_locked, index == 10, "try {index}");
        assert_eq!(checked.tried, AttemptResult::Wrong, "try {index}");
        stored = checked.limits;
        now += 61_000;
    }
    let until = time(BEGIN + 3_600_000);
    let locked = Attempt::Locked { until };
    let again = Pins::new(stored);
    for (name, pins) in [("the same", &pins), ("after a restart", &again)] {
        let checked = pins.check(NUMBER, &known, b"97531", now);
        assert_eq!(checked.attempt, locked, "{name}");
        assert_eq!(checked.tried, AttemptResult::Locked, "{name}");
    }
    assert!(pins.forget(NUMBER) && !pins.forget(NUMBER));
    let checked = pins.check(NUMBER, &known, b"97531", now);
    assert_eq!(checked.attempt, right(NUMBER), "unlocked");
}

#[test]
fn many_numbers_do_not_give_many_tries_of_one_pin() {
    let pins = Pins::default();
    let shared = [pin("global", "2580")];
    let mut compared = 0;
    for number in 0..30 {
        for turn in 0..10 {
            let subject = format!("number:{number}");
            let now = BEGIN + turn * 60_000;
            let checked = pins.check(&subject, &shared, b"0000", now);
            compared += u32::from(checked.tried == AttemptResult::Wrong);
        }
    }
    assert_eq!(compared, MAXIMUM_SHARED_WRONG);
    let now = BEGIN + 600_000;
    let checked = pins.check("number:100", &shared, b"2580", now);
    assert_eq!(checked.tried, AttemptResult::Locked);
    let own = [pin("global", "2580"), pin("number:100", "97531")];
    let checked = pins.check("number:100", &own, b"97531", now);
    assert_eq!(
        checked.attempt,
        right("number:100"),
        "a number's own PIN is compared all the same"
    );
}

#[test]
fn a_number_without_a_pin_has_none() {
    let pins = Pins::default();
    let checked = pins.check(NUMBER, &[], b"2580", BEGIN);
    assert_eq!(checked.attempt, Attempt::NoPin);
    assert!(checked.limits.is_empty());
}

#[test]
fn tries_at_the_same_time_do_not_pass_each_other() {
    let pins = Pins::default();
    let known = three();
    std::thread::scope(|scope| {
        for _ in 0..20 {
            scope.spawn(|| pins.check(NUMBER, &known, b"0000", BEGIN));
        }
    });
    let figures = pins.figures();
    assert_eq!(figures.wrong, 1, "one is compared");
    assert_eq!((figures.early, figures.locked), (9, 10));
}
