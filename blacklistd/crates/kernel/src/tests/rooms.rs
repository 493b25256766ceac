//! Tables that are full refuse by name, and what was in them stays in force.

use blacklist_common::scope::NumberEntry;
use blacklist_common::shape::Shape;
use blacklist_common::tables::GrantKey;
use blacklist_generation::GrantEnd;

use super::*;
use crate::{Change, KernelError};

/// Makes changes until one is refused: the table's name, and how much it holds.
fn refused(kernel: &mut Kernel, mut change: impl FnMut(u32) -> Change) -> (&'static str, u32) {
    for index in 0..200_000 {
        match kernel.apply(&[change(index)], 2) {
            Ok(()) => {}
            Err(KernelError::Full { table, capacity }) => return (table, capacity),
            Err(other) => panic!("{other}"),
        }
    }
    panic!("the table is never full");
}

fn caller(index: u32) -> Number {
    number(&format!("+1212{index:07}"))
}

#[test]
fn single_changes_say_which_table_is_full() {
    type Row = (&'static str, PatternTables, u32, fn(u32) -> Change);
    let rows: [Row; 7] = [
        ("number", PatternTables::Hashed, 1024, |index| {
            Change::Number(caller(index), Some(NumberEntry::default()))
        }),
        ("scope", PatternTables::Hashed, 4096, |index| {
            Change::Scope(index + 2, ScopeEntry::default())
        }),
        ("pattern", PatternTables::Hashed, 16_384, |index| {
            Change::Entry(EntryKey::exact(0, caller(index)), Kind::Block, block(9))
        }),
        ("exact", PatternTables::Stock, 16_384, |index| {
            Change::Entry(EntryKey::exact(0, caller(index)), Kind::Block, block(9))
        }),
        ("prefix", PatternTables::Stock, 16_384, |index| {
            Change::Entry(
                EntryKey::prefix(0, caller(index), 11),
                Kind::Block,
                block(9),
            )
        }),
        ("counter", PatternTables::Hashed, 64, |index| {
            Change::Slot(index + 1, 5)
        }),
        ("grant", PatternTables::Hashed, 65_536, |index| {
            let pair = GrantKey {
                local: number("100"),
                remote: caller(index),
            };
            Change::Grant(pair, Some(GrantEnd::Open))
        }),
    ];
    for (table, kind, capacity, change) in rows {
        let (memory, mut kernel) = open(kind);
        kernel.install(&blocking(&[ONE]), 1).unwrap();
        assert_eq!(refused(&mut kernel, change), (table, capacity), "{table}");
        assert_eq!(blocked(&memory), [true, false], "{table}");
        // A whole generation has room again.
        kernel.install(&blocking(&[TWO]), 3).unwrap();
        assert_eq!(blocked(&memory), [false, true], "{table}");
    }
}

#[test]
fn a_generation_that_does_not_fit_changes_nothing() {
    let trunk = blocking(&[]).trunks[0];
    let rows = [
        (
            "shape",
            240,
            Tables {
                shapes: vec![Shape::default(); 241],
                ..blocking(&[TWO])
            },
        ),
        (
            "trunk",
            1024,
            Tables {
                trunks: vec![trunk; 1025],
                ..blocking(&[TWO])
            },
        ),
        (
            "counter",
            64,
            Tables {
                slots: vec![(65, 1)],
                ..blocking(&[TWO])
            },
        ),
    ];
    for (name, room, tables) in rows {
        let (memory, mut kernel) = open(PatternTables::Hashed);
        kernel.install(&blocking(&[ONE]), 1).unwrap();
        match kernel.install(&tables, 2) {
            Err(KernelError::Full { table, capacity }) => {
                assert_eq!((table, capacity), (name, room));
            }
            other => panic!("{name}: {other:?}"),
        }
        assert_eq!(
            (blocked(&memory), kernel.generation()),
            ([true, false], 1),
            "{name}"
        );
    }
}
