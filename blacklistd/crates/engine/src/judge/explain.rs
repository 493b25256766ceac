//! Why a call is decided as it is: the same judgement as for a packet, step by step.

use blacklist_common::decide::{Call, Decision, Observe, Step, Unobserved};
use blacklist_common::judge::Judgement;
use blacklist_common::message::{Reader, read};
use blacklist_common::number::{Number, Party};
use blacklist_common::outcome::Outcome;
use blacklist_common::pattern::{Found, Kind};
use blacklist_common::repeat::PlainLoop;
use blacklist_common::rule::RuleRef;
use blacklist_common::scan::Span;
use blacklist_common::tables::{Direction, TrunkEntry};
use blacklist_generation::GrantEnd;
use blacklist_model::{RuleId, number_text};

use crate::counted::Counted;
use crate::judge::view::{Remote, decoded};
use crate::set::RuleSet;

/// What one step had to say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExplainStep {
    /// `reading`, `safety-floor`, `grant`, `scope`, `user-space` or `verdict`.
    pub step: &'static str,
    /// For whom, as a scope's name; empty where nobody is named.
    pub scope: String,
    /// The rules that it speaks of.
    pub rules: Vec<RuleId>,
    /// A sentence.
    pub outcome: String,
}

/// A judgement and how it came about.
#[derive(Clone, Debug)]
pub struct Explanation {
    /// What was judged.
    pub judgement: Judgement,
    /// The rule or default that decided.
    pub decided_by: Option<Counted>,
    /// When the grant that lets the call through ends; `None` if no grant does.
    pub granted: Option<GrantEnd>,
    /// What the program in the kernel makes of the call; differs from the judgement where rules
    /// are left to user space.
    pub kernel: Judgement,
    /// The caller as read.
    pub caller: Party,
    /// The called party as read.
    pub called: Party,
    /// Bits of the [`blacklist_common::pattern::Class`]es of the caller.
    pub classes: u32,
    /// Steps in their order.
    pub steps: Vec<ExplainStep>,
}

impl Explanation {
    /// The rule that decided; `None` if a default decided or nothing did.
    pub const fn rule(&self) -> Option<RuleId> {
        match self.decided_by {
            Some(Counted::Rule(rule)) => Some(rule),
            Some(Counted::Default(_)) | None => None,
        }
    }
}

/// Keeps what each scope said.
#[derive(Debug, Default)]
struct Witness {
    scopes: Vec<(u32, Found, Found)>,
}

impl Observe for Witness {
    fn scope(&mut self, scope: u32, rules: &Found, user: &Found) {
        self.scopes.push((scope, *rules, *user));
    }
}

/// A judgement without its reasons.
#[derive(Clone, Copy, Debug)]
pub struct Judged {
    /// What was judged.
    pub judgement: Judgement,
    /// The rule or default that decided.
    pub decided_by: Option<Counted>,
    /// The hash of its Call-ID, by which the kernel knows the call.
    pub fingerprint: u64,
    /// Who calls.
    pub caller: Number,
    /// Who is called.
    pub called: Number,
}

/// A message, and its remote party as wildcards in user space see it.
pub(crate) struct MessageRead {
    pub(crate) reader: Box<Reader>,
    pub(crate) remote: Remote,
}

impl MessageRead {
    pub(crate) fn new(message: &[u8], trunk: &TrunkEntry) -> Self {
        let mut reader = Box::<Reader>::default();
        reader.length = reader.text.fill(message);
        read::<PlainLoop>(&mut reader, trunk);
        let remote = Remote::read(&reader, trunk.direction());
        Self { reader, remote }
    }
}

/// Who calls and who is called, in their canonical spelling, as a packet of a trunk is read; empty
/// where nobody is named.
pub fn parties_of(message: &[u8], trunk: &TrunkEntry) -> (String, String) {
    let subject = MessageRead::new(message, trunk);
    let (reader, read) = (&subject.reader, &subject.reader.message);
    let spelled = |party: &Party, user: Span| {
        let user = decoded(reader.text.slice(user.start, user.end));
        number_text(party, &String::from_utf8_lossy(&user))
    };
    (
        spelled(&read.caller, read.caller_user),
        spelled(&read.called, read.called_user),
    )
}

impl RuleSet {
    /// Judges a message as a packet of a trunk would be; `settings` are the kernel's.
    pub fn explain(&self, message: &[u8], trunk: &TrunkEntry, settings: u32) -> Explanation {
        let mut subject = MessageRead::new(message, trunk);
        let mut witness = Witness::default();
        let judge_of_calls = self.judge_of_calls();
        let judgement =
            judge_of_calls.judge_as::<true, _>(&mut subject, trunk, settings, &mut witness);
        let kernel =
            judge_of_calls.judge_as::<false, _>(&mut subject, trunk, settings, &mut Unobserved);
        let read = &subject.reader.message;
        let parties = (read.caller.number, read.called.number);
        let granted = self.granted_until(judgement.step, parties, trunk.direction());
        Explanation {
            judgement,
            decided_by: self.of_slot(judgement.rule.slot()),
            granted,
            kernel,
            caller: read.caller,
            called: read.called,
            classes: read.classes,
            steps: Explainer {
                rules: self,
                witness: &witness,
            }
            .steps(&judgement, granted, &kernel),
        }
    }

    /// Decides a call of which only the numbers and classes are known: names are not compared with
    /// wildcards.
    pub fn decide(&self, call: &Call, direction: Direction) -> (Decision, Option<Counted>) {
        let remote = Remote::of(match direction {
            Direction::Inbound => call.caller,
            Direction::Outbound => call.called,
        });
        self.judge_of_calls().decide_as(call, direction, &remote)
    }
}

/// Puts into words how the rules decided about a call.
struct Explainer<'a> {
    rules: &'a RuleSet,
    witness: &'a Witness,
}

impl Explainer<'_> {
    fn steps(
        &self,
        judgement: &Judgement,
        granted: Option<GrantEnd>,
        kernel: &Judgement,
    ) -> Vec<ExplainStep> {
        let plain = |step, outcome: String| ExplainStep {
            step,
            scope: String::new(),
            rules: Vec::new(),
            outcome,
        };
        let Some(decided) = judgement.step else {
            let outcome = judgement.outcome.as_str();
            return vec![plain("reading", format!("not decided: {outcome}; passes"))];
        };
        if decided == Step::SafetyFloor {
            let sentence = "a protected number, or a call to or back from emergency services: no rule is asked, the call goes through";
            return vec![plain("safety-floor", sentence.to_owned())];
        }
        let sentence = "neither party is a protected number";
        let mut steps = vec![plain("safety-floor", sentence.to_owned())];
        if decided == Step::Grant {
            let until = match granted {
                Some(GrantEnd::At(time)) => format!("until {time}"),
                Some(GrantEnd::Open) | None => "until it is revoked".to_owned(),
            };
            let sentence = format!(
                "a grant for these two parties lets the call through {until}: no rule is asked"
            );
            steps.push(plain("grant", sentence));
            return steps;
        }
        for (scope, rules, user) in &self.witness.scopes {
            steps.push(self.scope_step(*scope, rules, user));
        }
        if kernel.step == Some(Step::UserSpace) {
            let sentence = "the program in the kernel passes the call as user-space: rules that only user space compares could change what it decides";
            steps.push(plain("user-space", sentence.to_owned()));
        }
        steps.push(self.verdict_step(decided, judgement));
        steps
    }

    fn scope_step(&self, scope: u32, rules: &Found, user: &Found) -> ExplainStep {
        let mut named = Vec::new();
        let mut parts = Vec::new();
        for (found, where_compared) in [(rules, ""), (user, ", compared in user space")] {
            for kind in Kind::ALL {
                let reference = found.of(kind);
                if !reference.is_some() {
                    continue;
                }
                let does = match (kind, reference.action()) {
                    (Kind::Allow, _) => "allows",
                    (_, blacklist_common::rule::Action::Monitor) => "watches",
                    (Kind::Block, _) => "blocks",
                    (Kind::Mandatory, _) => "blocks whatever narrower scopes allow",
                };
                parts.push(format!(
                    "{} {does}{where_compared}",
                    self.name_of(reference)
                ));
                if let Some(Counted::Rule(rule)) = self.rules.of_slot(reference.slot()) {
                    named.push(rule);
                }
            }
        }
        if parts.is_empty() {
            parts.push("no rule".to_owned());
        }
        if let Some(policy) = self.policy_sentence(scope) {
            parts.push(policy);
        }
        let record = self
            .rules
            .scopes
            .at(scope)
            .map(|held| held.record.name.to_string());
        ExplainStep {
            step: "scope",
            scope: record.unwrap_or_default(),
            rules: named,
            outcome: parts.join("; "),
        }
    }

    fn policy_sentence(&self, scope: u32) -> Option<String> {
        let policy = self.rules.scopes.at(scope)?.record.policy;
        match policy {
            blacklist_model::DefaultPolicy::Unset => None,
            blacklist_model::DefaultPolicy::Allow | blacklist_model::DefaultPolicy::Block => {
                Some(format!("its default is {}", policy.as_str()))
            }
        }
    }

    /// A rule for people: its number and pattern.
    fn name_of(&self, reference: RuleRef) -> String {
        match self.rules.of_slot(reference.slot()) {
            Some(Counted::Rule(id)) => match self.rules.get(id) {
                Some(rule) => {
                    let list = self.rules.list(rule.list).map_or("", |list| &*list.name);
                    format!("rule {id} ({} in list {list})", rule.pattern)
                }
                None => format!("rule {id}"),
            },
            Some(Counted::Default(scope)) => {
                let name = self
                    .rules
                    .scope(scope)
                    .map(|record| record.name.to_string());
                format!("the default of {}", name.unwrap_or_default())
            }
            None => format!("the rule of counter slot {}", reference.slot()),
        }
    }

    /// The other rules of some kinds that name the call, and what they would have done.
    fn others(&self, rule: RuleRef, kinds: &[Kind], words: &str) -> String {
        let all = self
            .witness
            .scopes
            .iter()
            .flat_map(|(_, rules, user)| [rules, user]);
        let mut others: Vec<RuleRef> = all
            .flat_map(|found| kinds.iter().map(|kind| found.of(*kind)))
            .filter(|other| other.is_some() && other.slot() != rule.slot())
            .collect();
        others.dedup();
        if others.is_empty() {
            return String::new();
        }
        let names: Vec<String> = others
            .into_iter()
            .map(|other| self.name_of(other))
            .collect();
        format!("; {} {words}", names.join(", "))
    }

    fn verdict_step(&self, decided: Step, judgement: &Judgement) -> ExplainStep {
        let rule = judgement.rule;
        let name = self.name_of(rule);
        let sentence = match decided {
            Step::SafetyFloor => "a protected number: the call goes through".to_owned(),
            Step::Grant => "a grant lets the call through".to_owned(),
            Step::MandatoryBlock => format!(
                "{name} decides, whatever narrower scopes allow{}",
                self.others(rule, &[Kind::Allow], "would have allowed")
            ),
            Step::AllowRule => format!(
                "{name} lets the call through{}",
                self.others(rule, &[Kind::Block, Kind::Mandatory], "would have blocked")
            ),
            Step::BlockRule => format!("{name} decides; no allow rule names the call"),
            Step::Default if rule.is_some() => {
                format!("no rule names the call; {name} blocks it")
            }
            Step::Default => {
                "no rule names the call, and no default blocks it: it goes through".to_owned()
            }
            Step::UserSpace => "left to user space".to_owned(),
        };
        let outcome = match judgement.outcome {
            Outcome::Monitored => format!("{sentence}; it is only watched, and goes through"),
            Outcome::Steered => format!("{sentence}; blacklistd answers the call"),
            Outcome::Unanswered => format!(
                "{sentence}; nobody answers the call: it goes through, unless its trunk drops such calls"
            ),
            _ => sentence,
        };
        let rules = match self.rules.of_slot(rule.slot()) {
            Some(Counted::Rule(rule)) => vec![rule],
            Some(Counted::Default(_)) | None => Vec::new(),
        };
        ExplainStep {
            step: "verdict",
            scope: String::new(),
            rules,
            outcome,
        }
    }
}
