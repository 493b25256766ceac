//! The rows of the evasion checklist by the host's reading of the same frames.

use std::collections::BTreeSet;

use blacklist_tests::host::Host;
use blacklist_tests::{rows, standard};

/// Rows of the checklist that are about what frames and texts say.
const CHECKLIST: std::ops::RangeInclusive<u8> = 1..=49;
/// Rows that are no frame: fragments, and retransmissions have tests of their own; 25's `any` mode
/// and 43's companion are not the kernel's.
const ELSEWHERE: [u8; 3] = [35, 36, 48];

#[test]
fn every_row_and_its_benign_twin() {
    let world = standard::world();
    let mut host = Host::default();
    rows::check_all(|row, digit| {
        let (frame, _) = row.frame(digit);
        row.check(digit, &host.judge_frame(&world, &frame.bytes))
    });
}

#[test]
fn no_row_of_the_checklist_is_missing() {
    let there: BTreeSet<u8> = rows::all()
        .iter()
        .map(|row| row.evasion)
        .chain(ELSEWHERE)
        .collect();
    let missing: Vec<u8> = CHECKLIST.filter(|row| !there.contains(row)).collect();
    assert!(missing.is_empty(), "no test for {missing:?}");
}

#[test]
fn names_are_unique() {
    let mut names = BTreeSet::new();
    let rows = rows::all();
    let twice: Vec<_> = rows
        .iter()
        .map(|row| row.name)
        .filter(|name| !names.insert(*name))
        .collect();
    assert!(twice.is_empty(), "more than one row is called {twice:?}");
}
