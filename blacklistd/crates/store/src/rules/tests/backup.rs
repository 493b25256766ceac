//! A backup while the database is written.

use super::*;

#[test]
fn a_backup_is_one_moment_while_changes_go_on() {
    let folder = tempfile::tempdir().unwrap();
    let mut store = Store::open(folder.path()).unwrap();
    let rows: Vec<RuleRow> = (1..=60_000)
        .map(|number| rule(number, &format!("+1415{number:07}")))
        .collect();
    let mut change = store.begin(cause("import")).unwrap();
    change.rule_ids(rows.len() as u64).unwrap();
    change.add(&rows).unwrap();
    let generation = change.commit("imported").unwrap().number;
    let target = folder.path().join("copy.db");
    let mut turns = 0;
    Store::reader(folder.path())
        .unwrap()
        .back_up(&target, |progress| {
            turns += 1;
            assert!(progress.copied <= progress.pages);
            add(&mut store, &rule(0, "+1416"));
        })
        .unwrap();
    assert!(
        turns > 1,
        "the copy took one turn: nothing was written meanwhile"
    );
    assert_eq!(store.head().unwrap(), generation + turns);
    assert_eq!(check_backup(&target).unwrap(), generation);
    let elsewhere = tempfile::tempdir().unwrap();
    std::fs::rename(&target, elsewhere.path().join(FILE_NAME)).unwrap();
    assert_eq!(rules_of(elsewhere.path()), rows);
}

#[test]
fn a_backup_overwrites_nothing_and_a_bad_one_is_found() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path()).unwrap();
    let target = folder.path().join("copy.db");
    std::fs::write(&target, "mine").unwrap();
    let error = store.back_up(&target, |_| ()).unwrap_err().to_string();
    assert!(error.contains("cannot make"), "{error}");
    assert_eq!(std::fs::read(&target).unwrap(), b"mine");
    assert!(check_backup(&target).is_err());
    std::fs::remove_file(&target).unwrap();
    store.back_up(&target, |_| ()).unwrap();
    assert_eq!(check_backup(&target).unwrap(), 1);
}
