//! A capture of calls held against the rules: what they do with each call, and what a candidate
//! would change.

use std::io::{Seek as _, SeekFrom};
use std::path::Path;

use blacklist_common::decide::Step;
use blacklist_common::judge::Judgement;
use blacklist_common::outcome::Outcome;
use blacklist_common::rule::Action;

use super::apply::apply_and_look;
use super::change::{Author, ChangeError, ChangeOptions, Changes};
use super::names::NameTable;
use super::settings::ActiveConfiguration;
use blacklist_engine::{Counted, Explanation, RuleSet};
use blacklist_kernel::Kernel;
use blacklist_model::number_text;
use blacklist_sip::capture;
use blacklist_sip::capture::{Capture, CapturedCall, Carrier};
use blacklist_system::clock;
use blacklist_system::files;

/// What rules make of a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Verdict {
    /// Whether it does not go through, whatever the mode.
    pub(crate) is_blocked: bool,
    /// What becomes of it.
    pub(crate) outcome: Outcome,
    /// The rule's id, `default of SCOPE`, or empty.
    pub(crate) decided_by: String,
    /// The rule's pattern.
    pub(crate) pattern: String,
}

/// A call of a capture, judged.
#[derive(Clone, Debug)]
pub(crate) struct Replayed {
    pub(crate) call: CapturedCall,
    pub(crate) caller: String,
    pub(crate) called: String,
    pub(crate) trunk: String,
    pub(crate) now: Verdict,
    /// What the program in the kernel says of its frame; none if it was not asked.
    pub(crate) kernel: Option<Outcome>,
    /// Whether that is what the engine expects of it.
    pub(crate) agree: bool,
    pub(crate) then: Option<Verdict>,
}

/// A capture, judged.
#[derive(Clone, Debug)]
pub(crate) struct Replay {
    pub(crate) calls: Vec<Replayed>,
    pub(crate) counts: blacklist_figures::CaptureCounts,
    pub(crate) problem: Option<String>,
    /// What there is to say of the candidate.
    pub(crate) warnings: Vec<String>,
}

/// Rules that might be.
pub(crate) struct Candidate<'c> {
    pub(crate) name: &'c str,
    pub(crate) text: &'c str,
}

/// Whether a judgement says that the call does not go through, whatever the mode.
pub(crate) fn is_blocked(judgement: &Judgement) -> bool {
    let is_blocking = match judgement.step {
        Some(Step::MandatoryBlock | Step::BlockRule) => true,
        Some(Step::Default) => judgement.rule.is_some(),
        Some(Step::SafetyFloor | Step::Grant | Step::AllowRule | Step::UserSpace) | None => false,
    };
    is_blocking && !matches!(judgement.rule.action(), Action::Monitor | Action::Pass)
}

/// Judges the calls of a capture that begins at `offset` of a staged file.
///
/// # Errors
/// It is not a capture, or the candidate has mistakes.
pub(crate) fn replay(
    changes: &Changes,
    staged: &Path,
    offset: u64,
    candidate: Option<Candidate<'_>>,
    author: &Author,
) -> Result<Replay, ChangeError> {
    let mut file = files::open(staged).map_err(unreadable)?;
    file.seek(SeekFrom::Start(offset)).map_err(unreadable)?;
    let Capture {
        calls,
        counts,
        problem,
    } = capture::read(file).map_err(|error| ChangeError::Input(error.to_string()))?;
    let mut warnings = Vec::new();
    let candidate = match candidate {
        Some(candidate) => {
            let (rules, findings) = with_candidate(changes, &candidate, author)?;
            warnings = findings;
            Some(rules)
        }
        None => None,
    };
    let rules = changes.rules.in_force.read();
    let names = changes.rules.names();
    let judge = Judge {
        rules: &rules,
        candidate: candidate.as_ref(),
        names: &names,
        configuration: &changes.settings.active(),
        kernel: &changes.enforcement.lock().kernel,
    };
    Ok(Replay {
        calls: calls.into_iter().map(|call| judge.call(call)).collect(),
        counts,
        problem,
        warnings,
    })
}

/// The rules as they would be with a file applied; nothing is changed.
fn with_candidate(
    changes: &Changes,
    candidate: &Candidate<'_>,
    author: &Author,
) -> Result<(RuleSet, Vec<String>), ChangeError> {
    let options = ChangeOptions {
        dry_run: true,
        force: true,
    };
    let mut set = None;
    let changed = apply_and_look(
        changes,
        (candidate.name, candidate.text),
        author,
        options,
        |change| {
            let mut rules = changes.rules.in_force.read().clone();
            rules.apply(clock::now(), change.mutations())?;
            set = Some(rules);
            Ok(())
        },
    )?;
    let warnings = changed.warnings();
    match set {
        Some(set) => Ok((set, warnings)),
        None => Err(ChangeError::Input(format!(
            "{} was not judged",
            candidate.name
        ))),
    }
}

fn unreadable(error: impl std::fmt::Display) -> ChangeError {
    ChangeError::Input(format!("cannot read the upload: {error}"))
}

struct Judge<'j> {
    rules: &'j RuleSet,
    candidate: Option<&'j RuleSet>,
    names: &'j NameTable,
    configuration: &'j ActiveConfiguration,
    kernel: &'j Kernel,
}

impl Judge<'_> {
    fn call(&self, call: CapturedCall) -> Replayed {
        let (index, trunk) = self.configuration.trunk_of(call.source.ip());
        let entry = self.configuration.trunk_entries.get(usize::from(index));
        let entry = entry.copied().unwrap_or_default();
        let settings = self.kernel.flags();
        let explanation = self.rules.explain(&call.text, &entry, settings);
        let then = self
            .candidate
            .map(|rules| self.verdict(&rules.explain(&call.text, &entry, settings), rules));
        let kernel = match (&call.frame, call.carrier) {
            (Some(frame), Carrier::Udp) => self.kernel.ask_frame(frame).ok(),
            _ => None,
        };
        let agree = kernel.is_none_or(|answer| {
            // A fragment alone, or another port, ends before it is read.
            !is_judged(answer.outcome) || answer.outcome == explanation.kernel.outcome
        });
        Replayed {
            caller: number_text(&explanation.caller, ""),
            called: number_text(&explanation.called, ""),
            trunk: trunk.map(|trunk| trunk.name.clone()).unwrap_or_default(),
            now: self.verdict(&explanation, self.rules),
            kernel: kernel.map(|answer| answer.outcome),
            agree,
            then,
            call,
        }
    }

    fn verdict(&self, explanation: &Explanation, rules: &RuleSet) -> Verdict {
        let (decided_by, pattern) = match explanation.decided_by {
            None => (String::new(), String::new()),
            Some(Counted::Rule(id)) => (
                format!("rule {id}"),
                rules
                    .get(id)
                    .map(|rule| rule.pattern.to_string())
                    .unwrap_or_default(),
            ),
            Some(Counted::Default(scope)) => (
                format!("default of {}", self.names.scope_names(&[scope]).join(" ")),
                String::new(),
            ),
        };
        Verdict {
            is_blocked: is_blocked(&explanation.judgement),
            outcome: explanation.judgement.outcome,
            decided_by,
            pattern,
        }
    }
}

/// Whether rules were asked.
const fn is_judged(outcome: Outcome) -> bool {
    matches!(
        outcome,
        Outcome::NoRule
            | Outcome::Allowed
            | Outcome::SafetyFloor
            | Outcome::Granted
            | Outcome::Dropped
            | Outcome::Monitored
            | Outcome::Unanswered
            | Outcome::UserSpace
            | Outcome::Steered
    )
}
