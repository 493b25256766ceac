//! The store: what survives, what is refused.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::*;
use crate::rules::{DialPlans, RuleSpec};

fn draft(pattern: &str) -> Draft {
    let spec: RuleSpec = serde_json::from_value(serde_json::json!({
        "pattern": pattern, "scope": "number:7042", "comment": "a \"comment\" – with more"
    }))
    .unwrap();
    let plans = BTreeMap::new();
    Draft::from_spec(
        &spec,
        DialPlans {
            plans: &plans,
            default: None,
        },
    )
    .unwrap()
}

fn now() -> Timestamp {
    Timestamp::from_second(1_790_000_000).unwrap()
}

#[test]
fn rules_survive_and_ids_are_never_given_twice() {
    let folder = tempfile::tempdir().unwrap();
    let mut store = Store::open(folder.path()).unwrap();
    let first = store
        .insert(draft("+1415*"), now(), "uid 0 (root)")
        .unwrap();
    let second = store.insert(draft("alice"), now(), "uid 0 (root)").unwrap();
    assert_eq!((first.rule().id.0, second.rule().id.0), (1, 2));
    store.delete(second.rule().id).unwrap();
    drop(store);
    let mut store = Store::open(folder.path()).unwrap();
    assert_eq!(store.all().unwrap(), std::slice::from_ref(&first));
    let third = store.insert(draft("bob"), now(), "uid 0 (root)").unwrap();
    assert_eq!(third.rule().id.0, 3);
    let mut changed = first.clone();
    changed.draft.rule.enabled = false;
    store.update(&changed).unwrap();
    assert_eq!(store.get(first.rule().id).unwrap(), Some(changed));
    assert_eq!(store.get(second.rule().id).unwrap(), None);
    store.restore(&second).unwrap();
    assert_eq!(store.get(second.rule().id).unwrap(), Some(second));
    assert!(store.delete(RuleId(99)).is_err());
    assert_eq!(
        Store::reader(folder.path()).unwrap().all().unwrap().len(),
        3
    );
}

/// Set in the process that is killed: its folder.
const VICTIM: &str = "BLACKLISTD_TEST_VICTIM";

/// Adds rules until it is killed, and says which were acknowledged. Does nothing in a usual run.
#[test]
fn victim_of_kill() {
    use std::io::Write as _;
    let Some(folder) = std::env::var_os(VICTIM) else {
        return;
    };
    let mut store = Store::open(Path::new(&folder)).unwrap();
    for number in 0..1_000_000 {
        let stored = store
            .insert(draft(&format!("+1415{number:07}")), now(), "test")
            .unwrap();
        let mut file = std::fs::OpenOptions::new()
            .append(true)
            .create(true)
            .open(Path::new(&folder).join("acknowledged"))
            .unwrap();
        writeln!(file, "{}", stored.rule().id).unwrap();
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
            .args(["--exact", "store::tests::victim_of_kill"])
            .env(VICTIM, folder.path())
            .stdout(std::process::Stdio::null())
            .spawn()
            .unwrap();
        let deadline = std::time::Instant::now() + std::time::Duration::from_secs(20);
        while acknowledged().len() < 20 * round && std::time::Instant::now() < deadline {
            std::thread::yield_now();
        }
        victim.kill().unwrap();
        victim.wait().unwrap();
        let store = Store::open(folder.path()).unwrap();
        let kept: Vec<u32> = store
            .all()
            .unwrap()
            .iter()
            .map(|rule| rule.rule().id.0)
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
            "has version 99, this blacklistd knows up to 1",
        ),
        (
            "damaged",
            |path| {
                let mut store = Store::open(path.parent().unwrap()).unwrap();
                for number in 0..300 {
                    store
                        .insert(draft(&format!("+1415555{number:04}")), now(), "test")
                        .unwrap();
                }
                drop(store);
                let mut bytes = std::fs::read(path).unwrap();
                let from = 4096 * 3;
                bytes[from..from + 2048].fill(0xA5);
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
