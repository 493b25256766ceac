//! What is wrong with the daemon at the moment, as it is reported.

use std::collections::{BTreeMap, HashMap};

use parking_lot::Mutex;

use blacklist_engine::Mutation;
use blacklist_model::{Refusal, Rule, RuleId};

/// Rules that are noted one by one if they cannot be put in force.
const NOTED: usize = 20;

/// Problems, by what they concern. The lock is never held while another one is taken.
#[derive(Debug, Default)]
pub(crate) struct Problems(Mutex<Noted>);

#[derive(Debug, Default)]
struct Noted {
    /// Who detached the program, while it is detached.
    detached_by: Option<String>,
    by_subject: BTreeMap<String, String>,
}

fn of_rule(id: RuleId) -> String {
    format!("rule {id}")
}

impl Noted {
    fn note(&mut self, subject: &str, problem: Option<String>) {
        match problem {
            Some(problem) => {
                if self.by_subject.get(subject) != Some(&problem) {
                    tracing::warn!("{problem}");
                }
                self.by_subject.insert(subject.to_owned(), problem);
            }
            None => {
                if self.by_subject.remove(subject).is_some() {
                    tracing::info!("{subject}: well again");
                }
            }
        }
    }
}

impl Problems {
    /// Notes what is wrong with something, or that it is well again; logs the difference.
    pub(super) fn note(&self, subject: &str, problem: Option<String>) {
        self.0.lock().note(subject, problem);
    }

    /// Notes that somebody has detached the program.
    pub(super) fn note_detached(&self, author: &str) {
        tracing::warn!("{author} detached the program: nothing is judged");
        self.0.lock().detached_by = Some(author.to_owned());
    }

    /// Notes which of the stored rules are not in force; replaces what was noted of rules before.
    pub(super) fn note_refused(&self, refused: Vec<(RuleId, Refusal)>) {
        let mut noted = self.0.lock();
        noted
            .by_subject
            .retain(|subject, _| !subject.starts_with("rule "));
        let more = refused.len().saturating_sub(NOTED);
        for (id, refusal) in refused.into_iter().take(NOTED) {
            let problem = format!("rule {id} is not in force: {refusal}");
            noted.note(&of_rule(id), Some(problem));
        }
        noted.note(
            "more rules",
            (more > 0).then(|| {
                format!("{more} more rules are not in force: `blacklistd rule show` says why")
            }),
        );
    }

    /// Notes that changes are in force: what was wrong with their rules is so no more.
    pub(super) fn note_in_force(&self, mutations: &[Mutation]) {
        let mut noted = self.0.lock();
        if noted.by_subject.is_empty() {
            return;
        }
        for mutation in mutations {
            if let Mutation::PutRule(Rule { id, .. }) | Mutation::RemoveRule(id) = mutation {
                noted.note(&of_rule(*id), None);
            }
        }
    }

    /// What is wrong, as sentences.
    pub(crate) fn sentences(&self) -> Vec<String> {
        let noted = self.0.lock();
        let detached = noted.detached_by.as_ref().map(|author| {
            format!("nothing is judged: {author} detached the program; restart blacklistd to attach it again")
        });
        detached
            .into_iter()
            .chain(noted.by_subject.values().cloned())
            .collect()
    }

    /// Why rules that should be in force are not.
    pub(crate) fn of_rules(&self) -> HashMap<RuleId, String> {
        let of_rule = |(subject, problem): (&String, &String)| {
            let id = subject.strip_prefix("rule ")?.parse().ok()?;
            Some((RuleId(id), problem.clone()))
        };
        self.0
            .lock()
            .by_subject
            .iter()
            .filter_map(of_rule)
            .collect()
    }
}
