//! Rows of the evasion checklist: a trick, what becomes of a listed caller's call, and its benign
//! twin, which is the same frame from an unlisted caller.

mod addresses;
mod frames;
mod header_lines;
mod identities;
mod start_lines;
mod users;

use blacklist_common::number::Number;
use blacklist_common::outcome::Outcome;
use blacklist_kernel::Answer;

use crate::datagram::{Datagram, Frame};
use crate::invite::{Invite, LISTED, UNLISTED, filled};
use crate::rules;
use crate::standard::PLAIN;

/// A row.
#[derive(Debug)]
pub struct Row {
    /// Its number in the checklist.
    pub evasion: u8,
    /// What it is called.
    pub name: &'static str,
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

    /// The frame of one of the two, and what becomes of it.
    pub fn frame(&self, digit: u8) -> (Frame, Outcome) {
        let outcome = if digit == LISTED {
            self.outcome
        } else {
            self.twin
        };
        ((self.frame)(filled(&self.template, digit)), outcome)
    }

    /// Compares an answer with what must become of one of the two.
    ///
    /// # Errors
    /// It is another outcome, or another caller.
    pub fn check(&self, digit: u8, seen: &Answer) -> Result<(), String> {
        let (_, expected) = self.frame(digit);
        if seen.outcome != expected {
            return Err(format!("expected {}, seen {seen:?}", expected.as_str()));
        }
        if let Some(caller) = self.caller {
            let caller = expected_caller(caller, digit);
            if seen.caller != caller {
                return Err(format!("expected caller {caller}, seen {}", seen.caller));
            }
        }
        Ok(())
    }
}

/// The number of a row's caller; `none` is not a number.
fn expected_caller(template: &str, digit: u8) -> Number {
    if template == "none" {
        Number::NONE
    } else {
        rules::number(filled(template.as_bytes(), digit))
    }
}

/// All rows.
pub fn all() -> Vec<Row> {
    let mut rows = header_lines::rows();
    rows.extend(addresses::rows());
    rows.extend(users::rows());
    rows.extend(identities::rows());
    rows.extend(start_lines::rows());
    rows.extend(frames::rows());
    rows
}

/// Checks each row and its benign twin.
///
/// # Panics
/// If any is another.
pub fn check_all(mut check: impl FnMut(&Row, u8) -> Result<(), String>) {
    let rows = all();
    let mut failures = Vec::new();
    for row in &rows {
        for (digit, kind) in [(LISTED, "listed"), (UNLISTED, "benign twin")] {
            if let Err(why) = check(row, digit) {
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

/// Texts that other tests cut and change: each row's, from the listed caller.
pub fn texts() -> Vec<(String, Vec<u8>)> {
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
