//! Rows of the evasion checklist: a trick, what becomes of a listed caller's call, and its benign
//! twin, which is the same frame from an unlisted caller.

mod addresses;
mod frames;
mod header_lines;
mod identities;
mod start_lines;
mod users;

use std::collections::BTreeSet;

use blacklist_common::number::Number;
use blacklist_common::outcome::Outcome;
use blacklist_tests::datagram::{Datagram, Frame};
use blacklist_tests::invite::{Invite, LISTED, UNLISTED, filled};
use blacklist_tests::lab::Lab;
use blacklist_tests::rules;
use blacklist_tests::standard::{self, PLAIN};

/// Rows of the checklist that are about what frames and texts say.
const CHECKLIST: std::ops::RangeInclusive<u8> = 1..=49;
/// Rows that are no frame: fragments, and retransmissions have tests of their own; 25's `any` mode
/// and 43's companion are not the kernel's.
const ELSEWHERE: [u8; 3] = [35, 36, 48];

/// A row.
pub(crate) struct Row {
    evasion: u8,
    name: &'static str,
    template: Vec<u8>,
    frame: fn(Vec<u8>) -> Frame,
    outcome: Outcome,
    twin: Outcome,
    caller: Option<&'static str>,
}

/// An ordinary frame from an unnamed peer.
fn plain(text: Vec<u8>) -> Frame {
    Datagram::new(PLAIN, text).frame()
}

impl Row {
    /// A row whose caller is judged; `caller` is a spelling of it.
    fn judged(evasion: u8, name: &'static str, caller: &'static str, invite: &Invite) -> Self {
        Self {
            evasion,
            name,
            template: invite.template(),
            frame: plain,
            outcome: Outcome::Dropped,
            twin: Outcome::NoRule,
            caller: Some(caller),
        }
    }

    /// A row from `+1415555123~`.
    fn same(evasion: u8, name: &'static str, invite: &Invite) -> Self {
        Self::judged(evasion, name, "+1415555123~", invite)
    }

    /// A row that is not judged, whoever calls.
    fn passes(evasion: u8, name: &'static str, outcome: Outcome, template: Vec<u8>) -> Self {
        assert!(!outcome.is_dropped());
        Self {
            evasion,
            name,
            template,
            frame: plain,
            outcome,
            twin: outcome,
            caller: None,
        }
    }

    /// The text as it is.
    fn text(mut self, template: Vec<u8>) -> Self {
        self.template = template;
        self
    }

    /// In another frame.
    fn inside(mut self, frame: fn(Vec<u8>) -> Frame) -> Self {
        self.frame = frame;
        self
    }

    /// What becomes of the listed caller's call, and of the twin's.
    fn ends(mut self, outcome: Outcome, twin: Outcome) -> Self {
        self.outcome = outcome;
        self.twin = twin;
        self
    }

    /// Checks one of the two.
    fn check(&self, lab: &mut Lab, digit: u8) -> Result<(), String> {
        let expected = if digit == LISTED {
            self.outcome
        } else {
            self.twin
        };
        let frame = (self.frame)(filled(&self.template, digit));
        let seen = lab.agree(&frame)?;
        if seen.outcome != expected {
            return Err(format!("expected {}, seen {seen:?}", expected.as_str()));
        }
        if let Some(caller) = self.caller {
            let caller = expected_caller(caller, digit);
            if seen.caller != caller {
                return Err(format!("expected caller {caller}, seen {}", seen.caller));
            }
        }
        if lab.send(&frame.bytes) == expected.is_dropped() {
            Ok(())
        } else {
            Err(format!(
                "the enforcing program did not do as {}",
                expected.as_str()
            ))
        }
    }
}

/// The number of a row's caller; `none` is no number.
fn expected_caller(template: &str, digit: u8) -> Number {
    if template == "none" {
        Number::NONE
    } else {
        rules::number(filled(template.as_bytes(), digit))
    }
}

fn all() -> Vec<Row> {
    let mut rows = header_lines::rows();
    rows.extend(addresses::rows());
    rows.extend(users::rows());
    rows.extend(identities::rows());
    rows.extend(start_lines::rows());
    rows.extend(frames::rows());
    rows
}

#[test]
fn every_row_and_its_benign_twin() {
    let mut lab = Lab::open(standard::world());
    let mut failures = Vec::new();
    let rows = all();
    for row in &rows {
        for (digit, kind) in [(LISTED, "listed"), (UNLISTED, "benign twin")] {
            if let Err(why) = row.check(&mut lab, digit) {
                failures.push(format!("{} {} ({kind}): {why}", row.evasion, row.name));
            }
        }
    }
    println!("{} rows, each with its benign twin", rows.len());
    assert!(
        failures.is_empty(),
        "{} failed:\n{}",
        failures.len(),
        failures.join("\n")
    );
}

#[test]
fn no_row_of_the_checklist_is_missing() {
    let there: BTreeSet<u8> = all()
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
    let rows = all();
    let twice: Vec<_> = rows
        .iter()
        .map(|row| row.name)
        .filter(|name| !names.insert(*name))
        .collect();
    assert!(twice.is_empty(), "more than one row is called {twice:?}");
}

/// Texts that other tests cut and change: each row's, from the listed caller.
pub(crate) fn texts() -> Vec<(String, Vec<u8>)> {
    all()
        .iter()
        .map(|row| {
            (
                format!("{} {}", row.evasion, row.name),
                filled(&row.template, LISTED),
            )
        })
        .collect()
}
