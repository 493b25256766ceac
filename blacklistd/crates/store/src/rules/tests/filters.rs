//! The database filters and pages rules.

use super::*;

#[test]
fn rules_are_filtered_counted_and_paged() {
    let folder = tempfile::tempdir().unwrap();
    let mut store = Store::open(folder.path()).unwrap();
    let rows = [
        RuleRow {
            comment: "ticket 100%".to_owned(),
            ..rule(1, "+14155550100")
        },
        RuleRow {
            matching: MatchKind::Prefix,
            scopes: vec![ScopeId(17)],
            ..rule(2, "+4930")
        },
        RuleRow {
            list: ListId(2),
            origin: "import:7".to_owned(),
            ..rule(3, "+14155550101")
        },
        RuleRow {
            list: ListId(2),
            enabled: false,
            scopes: vec![ScopeId(1), ScopeId(7)],
            ..rule(4, "100")
        },
        RuleRow {
            schedule: Some("mo 08:00-09:00 UTC".to_owned()),
            written: "Alice".to_owned(),
            ..rule(5, "alice")
        },
    ];
    let mut change = store.begin(cause("import")).unwrap();
    change.add(&rows).unwrap();
    change.commit("imported").unwrap();
    let all = RuleFilter::default;
    let scope = |scope, lists: &[u32]| {
        Some(ScopeFilter {
            scope: ScopeId(scope),
            lists: lists.iter().copied().map(ListId).collect(),
        })
    };
    let search = |text: &str| Some(text.to_owned());
    let cases = [
        (all(), vec![1, 2, 3, 4, 5]),
        (
            RuleFilter {
                list: Some(ListId(2)),
                ..all()
            },
            vec![3, 4],
        ),
        (
            RuleFilter {
                matching: Some(MatchKind::Prefix),
                ..all()
            },
            vec![2],
        ),
        (
            RuleFilter {
                enabled: Some(false),
                ..all()
            },
            vec![4],
        ),
        (
            RuleFilter {
                origin: search("import:7"),
                ..all()
            },
            vec![3],
        ),
        (
            RuleFilter {
                origin: search("manual"),
                ..all()
            },
            vec![1, 2, 4, 5],
        ),
        (
            RuleFilter {
                timed: Some(true),
                ..all()
            },
            vec![5],
        ),
        (
            RuleFilter {
                timed: Some(false),
                ..all()
            },
            vec![1, 2, 3, 4],
        ),
        (
            RuleFilter {
                search: search("5550"),
                ..all()
            },
            vec![1, 3],
        ),
        (
            RuleFilter {
                search: search("100%"),
                ..all()
            },
            vec![1],
        ),
        (
            RuleFilter {
                search: search("1_0"),
                ..all()
            },
            vec![],
        ),
        (
            RuleFilter {
                search: search("ALI"),
                ..all()
            },
            vec![5],
        ),
        (
            RuleFilter {
                scope: scope(17, &[]),
                ..all()
            },
            vec![2],
        ),
        (
            RuleFilter {
                scope: scope(7, &[]),
                ..all()
            },
            vec![4],
        ),
        (
            RuleFilter {
                scope: scope(0, &[1]),
                ..all()
            },
            vec![1, 5],
        ),
        (
            RuleFilter {
                scope: scope(1, &[2]),
                ..all()
            },
            vec![3, 4],
        ),
        (
            RuleFilter {
                list: Some(ListId(2)),
                search: search("100"),
                ..all()
            },
            vec![4],
        ),
    ];
    let everything = Page {
        offset: 0,
        limit: 100,
    };
    for (filter, expected) in cases {
        let ids: Vec<u32> = store
            .rules(&filter, everything)
            .unwrap()
            .iter()
            .map(|rule| rule.id.0)
            .collect();
        assert_eq!(ids, expected, "{filter:?}");
        assert_eq!(
            store.count(&filter).unwrap(),
            expected.len() as u64,
            "{filter:?}"
        );
        let mut streamed = Vec::new();
        let result: Result<(), ReadError<()>> = store.for_each_rule(&filter, |rule| {
            streamed.push(rule.id.0);
            Ok(())
        });
        assert!(result.is_ok());
        assert_eq!(streamed, expected, "{filter:?}");
    }
    let page = store
        .rules(
            &all(),
            Page {
                offset: 1,
                limit: 2,
            },
        )
        .unwrap();
    assert_eq!(page, rows[1..3]);
    assert_eq!(
        store.ids_of_list(ListId(2)).unwrap(),
        [RuleId(3), RuleId(4)]
    );
    assert_eq!(
        store.counts_by_list().unwrap(),
        [(ListId(1), 3), (ListId(2), 2)]
    );
    let mut by_scopes = store.counts_by_scopes().unwrap();
    by_scopes.sort();
    assert_eq!(
        by_scopes,
        [(vec![ScopeId(1), ScopeId(7)], 1), (vec![ScopeId(17)], 1)]
    );
}
