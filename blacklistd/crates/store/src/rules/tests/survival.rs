//! Committed changes survive, and other files are left alone.

use std::time::{Duration, Instant};

use rusqlite::Connection;

use super::*;

#[test]
fn rules_survive_and_ids_are_never_given_twice() {
    let folder = tempfile::tempdir().unwrap();
    let mut store = Store::open(folder.path()).unwrap();
    let first = RuleRow {
        matching: MatchKind::Prefix,
        written: "+1 415*".to_owned(),
        comment: "a \"comment\" – with more".to_owned(),
        scopes: vec![ScopeId(0), ScopeId(17)],
        mandatory: Some(true),
        valid_until: Some(Timestamp::from_second(1_800_000_000).unwrap()),
        schedule: Some("mo-fr 08:00-18:00 Europe/Berlin".to_owned()),
        origin: "import:7".to_owned(),
        dial_plan: "us".to_owned(),
        ..rule(0, "+1415")
    };
    let first = add(&mut store, &first);
    let second = add(&mut store, &rule(0, "alice"));
    assert_eq!((first.id, second.id), (RuleId(1), RuleId(2)));
    remove(&mut store, second.id);
    drop(store);
    let mut store = Store::open(folder.path()).unwrap();
    assert_eq!(
        store.all::<RuleRow>().unwrap(),
        std::slice::from_ref(&first)
    );
    let third = add(&mut store, &rule(0, "bob"));
    assert_eq!(third.id, RuleId(3));
    let changed = RuleRow {
        enabled: false,
        ..first.clone()
    };
    put(&mut store, &changed);
    assert_eq!(store.get::<RuleRow>(&first.id).unwrap(), Some(changed));
    assert_eq!(store.get::<RuleRow>(&second.id).unwrap(), None);
    assert_eq!(rules_of(folder.path()).len(), 2);
}

#[test]
fn what_is_not_committed_never_was() {
    let folder = tempfile::tempdir().unwrap();
    let mut store = Store::open(folder.path()).unwrap();
    let head = store.head().unwrap();
    let mut change = store.begin(cause("rule add")).unwrap();
    let id = change.rule_ids(1).unwrap();
    change.add([&rule(id.0, "+1415")]).unwrap();
    assert!(change.get::<RuleRow>(&id).unwrap().is_some());
    drop(change);
    assert_eq!(store.head().unwrap(), head);
    assert_eq!(store.get::<RuleRow>(&id).unwrap(), None);
    assert_eq!(add(&mut store, &rule(0, "+1415")).id, id);
}

/// Set in the process that is killed, to its folder.
const VICTIM: &str = "BLACKLISTD_TEST_VICTIM";

/// Adds rules until it is killed, and prints the committed ones. Does nothing in a normal run.
#[test]
fn victim_of_kill() {
    use std::io::Write as _;
    let Some(folder) = std::env::var_os(VICTIM) else {
        return;
    };
    let mut store = Store::open(Path::new(&folder)).unwrap();
    for number in 0..1_000_000 {
        let stored = add(&mut store, &rule(0, &format!("+1415{number:07}")));
        let mut file = std::fs::OpenOptions::new()
            .append(true)
            .create(true)
            .open(Path::new(&folder).join("acknowledged"))
            .unwrap();
        writeln!(file, "{}", stored.id).unwrap();
    }
}

#[test]
fn an_acknowledged_change_survives_sigkill() {
    let folder = tempfile::tempdir().unwrap();
    let acknowledged = || {
        let text = std::fs::read_to_string(folder.path().join("acknowledged")).unwrap_or_default();
        text.split_inclusive('\n')
            .filter(|line| line.ends_with('\n'))
            .filter_map(|line| line.trim().parse::<u32>().ok())
            .collect::<Vec<_>>()
    };
    for round in 1..=3 {
        let mut victim = std::process::Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "rules::tests::survival::victim_of_kill"])
            .env(VICTIM, folder.path())
            .stdout(std::process::Stdio::null())
            .spawn()
            .unwrap();
        let deadline = Instant::now() + Duration::from_secs(20);
        while acknowledged().len() < 20 * round && Instant::now() < deadline {
            std::thread::yield_now();
        }
        victim.kill().unwrap();
        victim.wait().unwrap();
        let store = Store::open(folder.path()).unwrap();
        let kept: Vec<u32> = store
            .all::<RuleRow>()
            .unwrap()
            .iter()
            .map(|rule| rule.id.0)
            .collect();
        let acknowledged = acknowledged();
        assert!(
            acknowledged.len() >= 20 * round,
            "round {round}: the victim was too slow"
        );
        for id in acknowledged {
            assert!(kept.contains(&id), "round {round}: rule {id} is lost");
        }
    }
}

#[test]
fn what_is_not_ours_is_left_as_it_is() {
    type Make = fn(&Path);
    let rows: [(&str, Make, &str); 4] = [
        (
            "not a database",
            |path| std::fs::write(path, "hello, world, this is no database").unwrap(),
            "file is not a database",
        ),
        (
            "another program's",
            |path| {
                let other = Connection::open(path).unwrap();
                other.execute_batch("CREATE TABLE things (x)").unwrap();
            },
            "database of another program",
        ),
        (
            "a later version",
            |path| {
                drop(Store::open(path.parent().unwrap()).unwrap());
                Connection::open(path)
                    .unwrap()
                    .pragma_update(None, "user_version", 99)
                    .unwrap();
            },
            "has version 99, this blacklistd knows up to 3",
        ),
        (
            "damaged",
            |path| {
                let mut store = Store::open(path.parent().unwrap()).unwrap();
                let rows: Vec<RuleRow> = (1..=3000)
                    .map(|number| rule(number, &format!("+1415555{number:04}")))
                    .collect();
                let mut change = store.begin(cause("import")).unwrap();
                change.add(&rows).unwrap();
                change.commit("rules were imported").unwrap();
                drop(store);
                let mut bytes = std::fs::read(path).unwrap();
                for page in 2..bytes.len() / 4096 {
                    bytes[4096 * page..4096 * page + 2048].fill(0xA5);
                }
                std::fs::write(path, bytes).unwrap();
            },
            "cannot be used",
        ),
    ];
    for (name, make, expected) in rows {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(FILE_NAME);
        make(&path);
        let before = std::fs::read(&path).unwrap();
        let error = Store::open(folder.path()).unwrap_err().to_string();
        assert!(error.contains(expected), "{name}: {error}");
        assert_eq!(std::fs::read(&path).unwrap(), before, "{name}");
    }
}
