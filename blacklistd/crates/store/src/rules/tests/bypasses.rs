//! PINs, attempts and grants, which have no versions.

use jiff::Timestamp;

use super::*;
use crate::pin::Limit;
use blacklist_figures::Tried;

const HASH: &str = "$argon2id$v=19$a-hash-that-nobody-else-has";

fn second(second: i64) -> Timestamp {
    Timestamp::from_second(1_700_000_000 + second).unwrap()
}

fn change(store: &mut Store, at: i64) -> StoreChange<'_> {
    let cause = Cause {
        at: second(at),
        author: "ann".to_owned(),
        source: "socket".to_owned(),
        kind: ChangeKind::PinSet,
    };
    store.begin(cause).unwrap()
}

#[test]
fn of_a_pin_nothing_is_left_when_it_goes() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(FILE_NAME);
    let holds = |path: &Path| {
        let bytes = std::fs::read(path).unwrap();
        bytes
            .windows(HASH.len())
            .any(|window| window == HASH.as_bytes())
    };
    let mut store = Store::open(folder.path()).unwrap();
    let mut first = change(&mut store, 0);
    first.put_pin(ScopeId(0), HASH).unwrap();
    first.put_pin(ScopeId(7), HASH).unwrap();
    let row = first.commit("the PIN of global was set").unwrap();
    assert_eq!((row.added, row.changed, row.removed), (2, 0, 0));
    drop(store);
    assert!(holds(&path), "otherwise this tests nothing");

    let mut store = Store::open(folder.path()).unwrap();
    let mut second_change = change(&mut store, 5);
    second_change.put_pin(ScopeId(0), "another").unwrap();
    assert!(second_change.remove_pin(ScopeId(7)).unwrap());
    assert!(!second_change.remove_pin(ScopeId(7)).unwrap());
    let row = second_change.commit("").unwrap();
    assert_eq!((row.added, row.changed, row.removed), (0, 1, 1));
    let expected = PinRow {
        scope: ScopeId(0),
        since: second(5),
        author: "ann".to_owned(),
    };
    assert_eq!(store.pins().unwrap(), [expected]);
    assert_eq!(store.pin_hash(ScopeId(0)).unwrap().unwrap(), "another");
    assert_eq!(store.pin_hash(ScopeId(7)).unwrap(), None);
    drop(store);
    assert!(!holds(&path));
}

#[test]
fn a_pin_that_is_not_committed_was_never_set() {
    let folder = tempfile::tempdir().unwrap();
    let mut store = Store::open(folder.path()).unwrap();
    change(&mut store, 0).put_pin(ScopeId(0), HASH).unwrap();
    assert_eq!(store.pin_hash(ScopeId(0)).unwrap(), None);
}

fn attempt(at: i64, caller: &str, outcome: Tried) -> AttemptRow {
    AttemptRow {
        at: second(at),
        local: "+13125550199".to_owned(),
        caller: caller.to_owned(),
        outcome,
        scope: (outcome == Tried::Right).then(|| "global".to_owned()),
    }
}

#[test]
fn tries_and_limits_outlive_the_process() {
    let folder = tempfile::tempdir().unwrap();
    let mut store = Store::open(folder.path()).unwrap();
    let limit = |wrong| Limit {
        subject: "number:+13125550199".to_owned(),
        begun: 1,
        wrong,
        ready: 3,
    };
    let rows: Vec<AttemptRow> = (0..)
        .zip(Tried::ALL)
        .map(|(at, tried)| attempt(at, "+14155550100", tried))
        .collect();
    for row in &rows {
        store.save_attempt(row, &[limit(4)]).unwrap();
    }
    drop(store);
    let mut store = Store::open(folder.path()).unwrap();
    assert_eq!(store.pin_limits().unwrap(), [limit(4)]);
    let all = store.attempts(&AttemptFilter::default(), 50).unwrap();
    assert!(
        all.iter().eq(rows.iter().rev()),
        "the newest first: {all:?}"
    );
    let since = Some(second(3));
    let late = store.attempts(&AttemptFilter { since }, 50).unwrap();
    assert_eq!(late.len(), 2);
    assert_eq!(
        store.attempts(&AttemptFilter::default(), 1).unwrap().len(),
        1
    );
    store
        .save_attempt(&attempt(9, "bob", Tried::Right), &[limit(0)])
        .unwrap();
    assert_eq!(store.pin_limits().unwrap(), []);
    assert_eq!(store.forget_attempts("+14155550100").unwrap(), 5);
    let left = store.attempts(&AttemptFilter::default(), 50).unwrap();
    assert_eq!(left, [attempt(9, "bob", Tried::Right)]);
}

#[test]
fn the_oldest_tries_make_room() {
    let folder = tempfile::tempdir().unwrap();
    let mut store = Store::open(folder.path()).unwrap();
    store
        .save_attempt(&attempt(0, "old", Tried::Wrong), &[])
        .unwrap();
    let last =
        format!("UPDATE sqlite_sequence SET seq = {MAXIMUM_ATTEMPTS} WHERE name = 'pin_attempt'");
    store.database.connection.execute(&last, []).unwrap();
    store
        .save_attempt(&attempt(1, "new", Tried::Wrong), &[])
        .unwrap();
    let left = store.attempts(&AttemptFilter::default(), 50).unwrap();
    assert_eq!(left, [attempt(1, "new", Tried::Wrong)]);
}

#[test]
fn grants_hold_until_they_are_over_or_revoked() {
    let folder = tempfile::tempdir().unwrap();
    let mut store = Store::open(folder.path()).unwrap();
    let grant = |id, remote: &str, until: Option<i64>| GrantRow {
        id,
        local: "+13125550199".to_owned(),
        remote: remote.to_owned(),
        until: until.map(second),
        once: until.is_some(),
        made: second(0),
        author: "PIN of global".to_owned(),
    };
    let rows = [
        grant(1, "+14155550100", Some(60)),
        grant(2, "alice", None),
        grant(3, "bob", Some(90)),
    ];
    let mut first = change(&mut store, 0);
    for row in &rows {
        assert_eq!(first.grant_id().unwrap(), row.id);
        first.put_grant(row).unwrap();
    }
    first.commit("").unwrap();
    assert_eq!(store.grants(second(59)).unwrap(), rows);
    assert_eq!(store.grants(second(60)).unwrap(), rows[1..]);

    let mut later = change(&mut store, 70);
    assert_eq!(later.remove_grant(1).unwrap(), None, "it is over");
    assert_eq!(later.remove_grant(2).unwrap(), Some(rows[1].clone()));
    assert_eq!(later.grant_id().unwrap(), 4);
    later.put_grant(&grant(4, "bob", None)).unwrap();
    let row = later.commit("").unwrap();
    assert_eq!((row.added, row.changed, row.removed), (0, 1, 1));
    assert_eq!(store.grants(second(0)).unwrap(), [grant(4, "bob", None)]);
}
