//! The decision for scripts: a question in words, an answer in words.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use blacklist_common::tables::{Direction, TRUNK_OUTBOUND, TrunkEntry};

use super::Companion;
use super::asked_by::AskedBy;
use super::decide::{Decided, decide};
use crate::daemon::settings::ActiveConfiguration;
use blacklist_engine::{ExplainStep, ReportedCall, RuleSet};
use blacklist_sip::answer::Status;
use blacklist_sip::companion::{Fate, Question, QuestionError, refusal};

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ScreenError {
    /// The question cannot be answered.
    #[error(transparent)]
    Question(#[from] QuestionError),
    /// There are too many.
    #[error("there are more questions than maximum_per_second of [companion]: let the call go on")]
    Overload,
}

/// An answer.
#[derive(Clone, Debug)]
pub(crate) struct Screened {
    /// What was judged.
    pub(crate) reported: ReportedCall,
    /// How the call is answered.
    pub(crate) fate: Fate,
    /// With which status it is refused.
    pub(crate) status: Option<Status>,
    /// The trunk's name; empty for none.
    pub(crate) trunk: String,
    /// Which way the call goes.
    pub(crate) direction: Direction,
    /// How it came about, where that was asked.
    pub(crate) steps: Vec<ExplainStep>,
}

/// Tells calls that have no Call-ID apart.
static NAMELESS: AtomicU64 = AtomicU64::new(0);

/// What a question is about.
struct Subject {
    message: Vec<u8>,
    source: SocketAddr,
    trunk: String,
    entry: TrunkEntry,
}

impl Companion {
    /// Answers a question.
    ///
    /// # Errors
    /// It cannot be answered, or there are too many.
    pub(crate) async fn screen(&self, question: &Question) -> Result<Screened, ScreenError> {
        AskedBy::Http.count(&mut self.count());
        let configuration = self.configuration();
        let settings = &configuration.companion;
        let subject = subject(&configuration, question)?;
        if question.commit && !self.try_count(settings.maximum_per_second) {
            self.count().overload += 1;
            return Err(ScreenError::Overload);
        }
        let patience = question
            .deadline_ms
            .map_or(settings.deadline, |most| Duration::from_millis(most.into()))
            .min(settings.deadline);
        let Subject { message, entry, .. } = &subject;
        let explained = if question.explain {
            let explain = |rules: &RuleSet| {
                let decided = decide(&rules.snapshot(), &configuration, message, entry);
                (
                    decided,
                    rules.explain(message, entry, configuration.flags).steps,
                )
            };
            self.with_rules(patience, explain).await
        } else {
            None
        };
        // The decision is there at once, if need be without how it came about.
        let (decided, steps) =
            explained.unwrap_or_else(|| (self.decide(&configuration, message, entry), Vec::new()));
        if question.commit {
            let status = status(&configuration, &decided.fate).map(|status| status.code);
            let here = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 0);
            let here = settings.http.unwrap_or(here);
            self.commit(&decided, status, subject.source, here);
        }
        Ok(answer(&configuration, subject, decided, steps))
    }
}

/// The status that scripts get for a fate.
fn status(configuration: &ActiveConfiguration, fate: &Fate) -> Option<Status> {
    let Fate::Refuse(asked, reason) = fate else {
        return None;
    };
    let settings = &configuration.companion;
    let statuses = &configuration.responder.settings;
    Some(refusal(statuses, settings, (*asked, *reason), false))
}

fn answer(
    configuration: &ActiveConfiguration,
    subject: Subject,
    decided: Decided,
    steps: Vec<ExplainStep>,
) -> Screened {
    let Decided { reported, fate } = decided;
    Screened {
        status: status(configuration, &fate),
        reported,
        fate,
        trunk: subject.trunk,
        direction: subject.entry.direction(),
        steps,
    }
}

/// Finds the trunk of a question, and writes its message.
fn subject(
    configuration: &ActiveConfiguration,
    question: &Question,
) -> Result<Subject, QuestionError> {
    let nobody = SocketAddr::new(IpAddr::V4(Ipv4Addr::UNSPECIFIED), 0);
    let came_from = question.came_from()?;
    let index = match &question.trunk {
        Some(name) => match configuration.trunk_named(name) {
            Some((index, _)) => index,
            None => {
                return Err(QuestionError(format!(
                    "no trunk is named \"{}\"",
                    name.escape_default()
                )));
            }
        },
        None => configuration.trunk_for(came_from, nobody),
    };
    let trunk = configuration.trunk(index);
    let mut entry = configuration
        .trunk_entries
        .get(usize::from(index))
        .copied()
        .unwrap_or_default();
    let asked = question
        .direction
        .map_or(entry.direction(), Direction::from);
    if asked != entry.direction() {
        if let Some(trunk) = trunk {
            return Err(QuestionError(format!(
                "calls of trunk {} are {}: name another trunk, or leave out direction",
                trunk.name,
                trunk.direction.as_str()
            )));
        }
        entry.flags ^= TRUNK_OUTBOUND;
    }
    let number = NAMELESS.fetch_add(1, Ordering::Relaxed);
    let nameless = format!("screen-{}-{number}", std::process::id());
    Ok(Subject {
        message: question.message(&nameless)?,
        source: came_from.unwrap_or(nobody),
        trunk: trunk.map(|trunk| trunk.name.clone()).unwrap_or_default(),
        entry,
    })
}
