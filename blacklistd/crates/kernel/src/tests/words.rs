//! Tables that are used as memory change by one word at a time, and a call sees each change as
//! before or as after it.

use std::cell::RefCell;
use std::rc::Rc;

use super::*;
use crate::Change;
use crate::mapped::{Written, watch_words};

/// Makes single changes; the words that were written and the verdict after each.
fn words(memory: &Memory, kernel: &mut Kernel, changes: &[Change]) -> Vec<(Written, [u32; 2])> {
    let seen = Rc::new(RefCell::new(Vec::new()));
    let (noted, asked) = (seen.clone(), memory.clone());
    watch_words(Some(Box::new(move |written| {
        noted.borrow_mut().push((written, slots(&asked)));
    })));
    kernel.apply(changes, kernel.generation() + 1).unwrap();
    watch_words(None);
    Rc::into_inner(seen).unwrap().into_inner()
}

/// The slots that decide the two callers' calls.
fn slots(memory: &Memory) -> [u32; 2] {
    [ONE, TWO].map(|caller| memory.ask_frame(&invite(caller)).unwrap().slot)
}

#[test]
fn a_change_is_one_word_and_seen_as_before_or_after_it() {
    let (memory, mut kernel) = open(PatternTables::Hashed);
    kernel.install(&blocking(&[ONE]), 1).unwrap();
    let entry = |caller, rule| Change::Entry(EntryKey::exact(0, number(caller)), Kind::Block, rule);
    let rows = [
        // The number of a cell that nobody finds yet, then the word that makes it an entry.
        ("added", entry(TWO, block(2)), vec![[1, 0], [1, 2]]),
        ("replaced", entry(ONE, block(3)), vec![[3, 2]]),
        ("removed", entry(ONE, RuleRef::NONE), vec![[0, 2]]),
        ("removed again", entry(ONE, RuleRef::NONE), vec![]),
        (
            "back in its cell",
            entry(ONE, block(1)),
            vec![[1, 2], [1, 2]],
        ),
    ];
    for (name, change, expected) in rows {
        let before = slots(&memory);
        let seen = words(&memory, &mut kernel, &[change]);
        let after = slots(&memory);
        let verdicts: Vec<[u32; 2]> = seen.iter().map(|(_, verdict)| *verdict).collect();
        assert!(
            verdicts
                .iter()
                .all(|verdict| [before, after].contains(verdict)),
            "{name}"
        );
        if name != "back in its cell" {
            assert_eq!(verdicts, expected, "{name}");
        }
        assert_eq!(after, *expected.last().unwrap_or(&before), "{name}");
        let decisive = seen.iter().filter(|(written, _)| written.word % 2 == 1);
        assert!(decisive.count() <= 1, "{name}: one word decides");
    }
}

#[test]
fn a_cell_keeps_its_number() {
    let (memory, mut kernel) = open(PatternTables::Hashed);
    kernel.install(&blocking(&[]), 1).unwrap();
    let broken = Rc::new(RefCell::new(Vec::new()));
    let kept = Rc::new(RefCell::new(0));
    let (noted, counted) = (broken.clone(), kept.clone());
    watch_words(Some(Box::new(move |written: Written| {
        let is_number = written.size == 64 && written.word.is_multiple_of(2);
        if is_number && written.before != 0 {
            *counted.borrow_mut() += 1;
            if written.before != written.after {
                noted.borrow_mut().push(written);
            }
        }
    })));
    // Few numbers at a time, all of them in turn: cells are freed and filled again.
    let mut state = 1_u64;
    for turn in 0..30_000_u32 {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        let key = EntryKey::exact(
            (state >> 60) as u32 & 1,
            number(&format!("+1415{:07}", state >> 40 & 0xFFF)),
        );
        let rule = if turn % 3 == 0 {
            RuleRef::NONE
        } else {
            block(turn % 60 + 1)
        };
        kernel
            .apply(&[Change::Entry(key, Kind::Block, rule)], 2)
            .unwrap();
    }
    watch_words(None);
    drop(memory);
    assert!(broken.borrow().is_empty(), "{:?}", broken.borrow());
    assert!(
        *kept.borrow() > 1_000,
        "only {} cells were filled again",
        kept.borrow()
    );
}
