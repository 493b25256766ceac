//! Every generation can be read, and so can the differences between any two.

use super::*;

/// Four generations after the first: added, added, changed, removed.
fn history(folder: &Path) -> (Store, RuleRow, RuleRow, RuleRow) {
    let mut store = Store::open(folder).unwrap();
    let one = add(&mut store, &rule(0, "+1415"));
    let two = add(&mut store, &rule(0, "+1416"));
    let changed = RuleRow {
        comment: "changed".to_owned(),
        ..one.clone()
    };
    put(&mut store, &changed);
    remove(&mut store, two.id);
    (store, one, two, changed)
}

#[test]
fn each_generation_stands_as_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let (store, one, two, changed) = history(folder.path());
    let rows = [
        (1, vec![]),
        (2, vec![one.clone()]),
        (3, vec![one.clone(), two.clone()]),
        (4, vec![changed.clone(), two.clone()]),
        (5, vec![changed.clone()]),
    ];
    for (generation, expected) in rows {
        assert_eq!(
            store.all_at::<RuleRow>(generation).unwrap(),
            expected,
            "generation {generation}"
        );
        for row in &expected {
            assert_eq!(
                store.get_at(&row.id, generation).unwrap().as_ref(),
                Some(row),
                "generation {generation}"
            );
        }
    }
    assert_eq!(store.get_at::<RuleRow>(&two.id, 5).unwrap(), None);
}

#[test]
fn differences_lead_from_any_generation_to_any_other() {
    let folder = tempfile::tempdir().unwrap();
    let (mut store, one, _, _) = history(folder.path());
    // Changed back: no difference from the generation before.
    put(&mut store, &one);
    let generations: Vec<Vec<RuleRow>> = (1..=6)
        .map(|generation| store.all_at(generation).unwrap())
        .collect();
    for from in 1..=6 {
        for to in 1..=6 {
            let mut rules: std::collections::BTreeMap<RuleId, RuleRow> = generations[from - 1]
                .iter()
                .map(|rule| (rule.id, rule.clone()))
                .collect();
            for difference in store
                .differences::<RuleRow>(from as u64, to as u64)
                .unwrap()
            {
                let id = difference
                    .before
                    .as_ref()
                    .or(difference.after.as_ref())
                    .unwrap()
                    .id;
                assert_eq!(rules.get(&id), difference.before.as_ref());
                assert_ne!(difference.before, difference.after);
                match difference.after {
                    Some(row) => rules.insert(id, row),
                    None => rules.remove(&id),
                };
            }
            let reached: Vec<RuleRow> = rules.into_values().collect();
            assert_eq!(reached, generations[to - 1], "from {from} to {to}");
        }
    }
    assert_eq!(store.differences::<RuleRow>(3, 3).unwrap(), []);
}

#[test]
fn twice_in_one_generation_is_once() {
    let folder = tempfile::tempdir().unwrap();
    let mut store = Store::open(folder.path()).unwrap();
    let one = add(&mut store, &rule(0, "+1415"));
    let mut change = store.begin(cause("apply")).unwrap();
    for comment in ["first", "second"] {
        let row = RuleRow {
            comment: comment.to_owned(),
            ..one.clone()
        };
        change.put([&row]).unwrap();
    }
    let short_lived = rule(99, "+1416");
    change.put([&short_lived]).unwrap();
    change.remove::<RuleRow>([&short_lived.id]).unwrap();
    change.commit("applied").unwrap();
    let now = store.all::<RuleRow>().unwrap();
    assert_eq!(now.len(), 1);
    assert_eq!(now[0].comment, "second");
    assert_eq!(store.all_at::<RuleRow>(2).unwrap(), [one]);
    assert_eq!(store.get_at::<RuleRow>(&short_lived.id, 3).unwrap(), None);
}

#[test]
fn members_and_scopes_have_versions_too() {
    let folder = tempfile::tempdir().unwrap();
    let mut store = Store::open(folder.path()).unwrap();
    let mut change = store.begin(cause("scope add")).unwrap();
    let scope = ScopeRow {
        id: change.scope_id().unwrap(),
        made: change.number(),
        name: "group:sales".to_owned(),
        policy: blacklist_model::DefaultPolicy::Block,
        comment: String::new(),
    };
    let member = |number: &str| MemberRow {
        scope: scope.id,
        number: number.to_owned(),
    };
    let members = [member("+13125550100"), member("100")];
    change.add([&scope]).unwrap();
    change.add(&members).unwrap();
    change.commit("made").unwrap();
    let mut change = store.begin(cause("scope member remove")).unwrap();
    change.remove::<MemberRow>([&members[0]]).unwrap();
    change.commit("removed").unwrap();
    assert_eq!(store.all::<MemberRow>().unwrap(), [members[1].clone()]);
    assert_eq!(store.all_at::<MemberRow>(2).unwrap().len(), 2);
    assert_eq!(
        store.differences::<MemberRow>(2, 3).unwrap(),
        [Difference {
            before: Some(members[0].clone()),
            after: None
        }]
    );
}

#[test]
fn the_history_is_filtered() {
    let folder = tempfile::tempdir().unwrap();
    let (mut store, one, two, _) = history(folder.path());
    let mut change = store
        .begin(Cause {
            author: "uid 1000 (ann)".to_owned(),
            at: Timestamp::from_second(1_800_000_000).unwrap(),
            ..cause("list add")
        })
        .unwrap();
    let list = ListRow {
        id: change.list_id().unwrap(),
        name: "spam".to_owned(),
        made: change.number(),
        ..store_default()
    };
    change.add([&list]).unwrap();
    change.commit("list spam was added").unwrap();
    let numbers = |filter: HistoryFilter| -> Vec<u64> {
        let rows = store.history(&filter, 100).unwrap();
        rows.iter().map(|row| row.number).collect()
    };
    let all = HistoryFilter::default;
    assert_eq!(numbers(all()), [6, 5, 4, 3, 2, 1]);
    let rows = [
        (
            HistoryFilter {
                author: Some("ann".to_owned()),
                ..all()
            },
            vec![6],
        ),
        (
            HistoryFilter {
                rule: Some(one.id),
                ..all()
            },
            vec![4, 2],
        ),
        (
            HistoryFilter {
                rule: Some(two.id),
                ..all()
            },
            vec![5, 3],
        ),
        (
            HistoryFilter {
                list: Some("default".to_owned()),
                ..all()
            },
            vec![5, 4, 3, 2, 1],
        ),
        (
            HistoryFilter {
                list: Some("spam".to_owned()),
                ..all()
            },
            vec![6],
        ),
        (
            HistoryFilter {
                action: Some("rule add".to_owned()),
                ..all()
            },
            vec![3, 2],
        ),
        (
            HistoryFilter {
                since: Some(Timestamp::from_second(1_800_000_000).unwrap()),
                ..all()
            },
            vec![6],
        ),
        (
            HistoryFilter {
                before: Some(3),
                ..all()
            },
            vec![2, 1],
        ),
    ];
    for (filter, expected) in rows {
        assert_eq!(numbers(filter.clone()), expected, "{filter:?}");
    }
    assert_eq!(store.history(&all(), 2).unwrap().len(), 2);
    let last = store.generation(5).unwrap().unwrap();
    assert_eq!((last.added, last.changed, last.removed), (0, 0, 1));
}

fn store_default() -> ListRow {
    let folder = tempfile::tempdir().unwrap();
    Store::open(folder.path())
        .unwrap()
        .get(&ListId(1))
        .unwrap()
        .unwrap()
}

#[test]
fn what_a_generation_made_is_found_as_it_stands() {
    let folder = tempfile::tempdir().unwrap();
    let mut store = Store::open(folder.path()).unwrap();
    let mut change = store.begin(cause("import")).unwrap();
    let generation = change.number();
    let rows: Vec<RuleRow> = (1..=3)
        .map(|id| RuleRow {
            made: generation,
            ..rule(id, &format!("+1415{id}"))
        })
        .collect();
    change.rule_ids(3).unwrap();
    change.add(&rows).unwrap();
    change.commit("imported").unwrap();
    let other = add(&mut store, &rule(0, "+1416"));
    let changed = RuleRow {
        comment: "changed".to_owned(),
        ..rows[1].clone()
    };
    put(&mut store, &changed);
    remove(&mut store, rows[2].id);
    let same_generation_later = put(&mut store, &other);
    assert_eq!(
        store.made_in(generation).unwrap(),
        [rows[0].clone(), changed]
    );
    assert_eq!(store.made_in(same_generation_later).unwrap(), []);
}
