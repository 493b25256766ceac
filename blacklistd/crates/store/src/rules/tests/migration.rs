//! A database of version 1 keeps its rules and their ids.

use blacklist_model::{RuleAction, RuleDirection, RuleKind};
use rusqlite::Connection;

use super::*;
use crate::database::layout;

/// A database as version 1 created it.
fn version_1(folder: &Path) {
    let connection = Connection::open(folder.join(FILE_NAME)).unwrap();
    connection
        .execute_batch(include_str!("../version_1.sql"))
        .unwrap();
    connection
        .execute_batch(
            "PRAGMA application_id = 0x424C4B4C; PRAGMA user_version = 1;
             INSERT INTO rule VALUES
                (1, '+1 (415) 555-0100', 'exact', '+14155550100', 'block', 'global', 'inbound', 'drop', 'us', 'ticket 4711', 1, 1700000000, 'uid 0 (root)'),
                (2, '+4930*', 'prefix', '+4930', 'allow', 'number:+13125550199', 'both', 'pass', 'none', '', 0, 1700000100, 'uid 1000 (ann)'),
                (4, 'alice', 'exact', 'alice', 'block', 'number:+13125550199', 'outbound', 'monitor', 'none', '', 1, 1700000200, 'uid 0 (root)'),
                (7, 'gone', 'exact', 'gone', 'block', 'global', 'inbound', 'drop', 'none', '', 1, 1700000300, 'uid 0 (root)');
             DELETE FROM rule WHERE id = 7;",
        )
        .unwrap();
}

#[test]
fn rules_of_version_1_are_kept() {
    let folder = tempfile::tempdir().unwrap();
    version_1(folder.path());
    let mut store = Store::open(folder.path()).unwrap();
    let number_scope = ScopeId(1);
    let expected = [
        RuleRow {
            made: 2,
            written: "+1 (415) 555-0100".to_owned(),
            dial_plan: "us".to_owned(),
            comment: "ticket 4711".to_owned(),
            ..rule(1, "+14155550100")
        },
        RuleRow {
            made: 3,
            matching: MatchKind::Prefix,
            written: "+4930*".to_owned(),
            kind: Some(RuleKind::Allow),
            scopes: vec![number_scope],
            direction: Some(RuleDirection::Both),
            enabled: false,
            ..rule(2, "+4930")
        },
        RuleRow {
            made: 4,
            scopes: vec![number_scope],
            direction: Some(RuleDirection::Outbound),
            action: Some(RuleAction::Monitor),
            ..rule(4, "alice")
        },
    ];
    assert_eq!(store.all::<RuleRow>().unwrap(), expected);
    let scopes: Vec<(ScopeId, String)> = store
        .all::<ScopeRow>()
        .unwrap()
        .into_iter()
        .map(|scope| (scope.id, scope.name))
        .collect();
    assert_eq!(
        scopes,
        [
            (ScopeId(0), "global".to_owned()),
            (number_scope, "number:+13125550199".to_owned())
        ]
    );
    let made = store.generation(3).unwrap().unwrap().cause;
    assert_eq!(made.author, "uid 1000 (ann)");
    assert_eq!(made.at.as_second(), 1_700_000_100);
    assert_eq!(store.head().unwrap(), 4);
    let next = add(&mut store, &rule(0, "+1415"));
    assert_eq!(
        next.id,
        RuleId(8),
        "the id of a removed rule is not given again"
    );
    drop(store);
    assert_eq!(Store::open(folder.path()).unwrap().head().unwrap(), 5);
}

/// A database written by version 3, as `sqlite3 blacklist.db .dump` shows it.
const VERSION_3: &str = include_str!("version_3_kept.sql");

#[test]
fn a_database_of_the_present_version_is_read_and_a_new_one_looks_the_same() {
    let [kept, new] = [(); 2].map(|()| tempfile::tempdir().unwrap());
    Connection::open(kept.path().join(FILE_NAME))
        .unwrap()
        .execute_batch(VERSION_3)
        .unwrap();
    let mut store = Store::open(kept.path()).unwrap();
    let first = RuleRow {
        made: 2,
        matching: MatchKind::Prefix,
        written: "+1 415*".to_owned(),
        comment: "a \"comment\" – with more".to_owned(),
        scopes: vec![ScopeId(0), ScopeId(17)],
        mandatory: Some(true),
        valid_until: Some(Timestamp::from_second(1_800_000_000).unwrap()),
        schedule: Some("mo-fr 08:00-18:00 Europe/Berlin".to_owned()),
        origin: "import:7".to_owned(),
        dial_plan: "us".to_owned(),
        enabled: false,
        ..rule(1, "+1415")
    };
    let third = RuleRow {
        made: 5,
        ..rule(3, "bob")
    };
    assert_eq!(store.all::<RuleRow>().unwrap(), [first, third]);
    assert_eq!(store.head().unwrap(), 6);
    assert_eq!(add(&mut store, &rule(0, "+1416")).id, RuleId(4));
    drop(store);
    drop(Store::open(new.path()).unwrap());
    let layouts = [kept, new].map(|folder| layout(&folder.path().join(FILE_NAME)));
    assert_eq!(layouts[0], layouts[1]);
}

#[test]
fn nobody_else_reads_a_database_whatever_its_folder_is() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::tempdir().unwrap();
    let open_to_all = std::fs::Permissions::from_mode(0o755);
    std::fs::set_permissions(folder.path(), open_to_all).unwrap();
    let modes = || {
        let entries = std::fs::read_dir(folder.path()).unwrap();
        entries
            .map(|entry| entry.unwrap().metadata().unwrap().permissions().mode() & 0o777)
            .collect::<Vec<_>>()
    };
    let store = Store::open(folder.path()).unwrap();
    assert!(
        modes().len() > 1 && modes().iter().all(|mode| *mode == 0o600),
        "{:?}",
        modes()
    );
    drop(store);
    for entry in std::fs::read_dir(folder.path()).unwrap() {
        let readable = std::fs::Permissions::from_mode(0o644);
        std::fs::set_permissions(entry.unwrap().path(), readable).unwrap();
    }
    let _store = Store::open(folder.path()).unwrap();
    assert!(
        modes().iter().all(|mode| *mode == 0o600),
        "of an earlier version: {:?}",
        modes()
    );
}

#[test]
fn a_new_database_has_the_default_list_and_the_global_scope() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path()).unwrap();
    let lists = store.all::<ListRow>().unwrap();
    assert_eq!(lists.len(), 1);
    assert_eq!(
        (lists[0].id, lists[0].name.as_str(), lists[0].enabled),
        (ListId(1), "default", true)
    );
    assert_eq!(lists[0].scopes, [ScopeId(0)]);
    assert_eq!(store.all::<ScopeRow>().unwrap().len(), 1);
    assert_eq!(store.all::<MemberRow>().unwrap(), []);
    assert_eq!(store.head().unwrap(), 1);
}
