//! Why a call is decided as it is: the same judgement as for a packet, told step by step.

use blacklist_common::decide::{Observe, Step, Walk};
use blacklist_common::judge::{Judgement, judge};
use blacklist_common::message::Reader;
use blacklist_common::number::Party;
use blacklist_common::pattern::{Found, Kind};
use blacklist_common::repeat::PlainLoop;
use blacklist_common::rule::RuleRef;
use blacklist_common::tables::TrunkEntry;

use super::rule::RuleId;
use super::set::RuleSet;

/// What one step had to say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScopeStep {
    /// `safety-floor` or `scope`.
    pub step: &'static str,
    /// For whom: `global` or `number:NUMBER`; empty where nobody is named.
    pub scope: String,
    /// A sentence.
    pub outcome: String,
}

/// A judgement and how it came about.
#[derive(Clone, Debug)]
pub struct Explanation {
    /// What was judged.
    pub judgement: Judgement,
    /// The rule that decided.
    pub rule: Option<RuleId>,
    /// The caller as read.
    pub caller: Party,
    /// The called party as read.
    pub called: Party,
    /// Steps in their order.
    pub steps: Vec<ScopeStep>,
}

/// Keeps what each scope said.
#[derive(Debug, Default)]
struct Witness {
    scopes: Vec<(u32, RuleRef, RuleRef)>,
}

impl Observe for Witness {
    fn scope(&mut self, scope: u32, rules: &Found, _user: &Found) {
        self.scopes
            .push((scope, rules.of(Kind::Allow), rules.of(Kind::Block)));
    }
}

impl RuleSet {
    /// Judges a message as a packet of a trunk would be; `settings` are the kernel's.
    pub fn explain(&self, message: &[u8], trunk: &TrunkEntry, settings: u32) -> Explanation {
        let mut reader = Box::new(Reader::EMPTY);
        reader.length = reader.text.fill(message);
        let mut witness = Witness::default();
        let judgement = judge::<PlainLoop, _, _>(
            &mut reader,
            &mut Walk::default(),
            trunk,
            &self.tables,
            settings,
            &mut witness,
        );
        Explanation {
            judgement,
            rule: self.of_slot(judgement.rule.slot()).map(|rule| rule.id),
            caller: reader.message.caller,
            called: reader.message.called,
            steps: self.steps(&judgement, &witness),
        }
    }

    fn steps(&self, judgement: &Judgement, witness: &Witness) -> Vec<ScopeStep> {
        let Some(decided) = judgement.step else {
            return vec![ScopeStep {
                step: "reading",
                scope: String::new(),
                outcome: format!("not decided: {}; passes", judgement.outcome.as_str()),
            }];
        };
        let floor = if decided == Step::SafetyFloor {
            "a protected number: no rule is asked, the call goes through"
        } else {
            "neither party is a protected number"
        };
        let mut steps = vec![ScopeStep {
            step: "safety-floor",
            scope: String::new(),
            outcome: floor.to_owned(),
        }];
        if decided == Step::SafetyFloor {
            return steps;
        }
        for (scope, allow, block) in &witness.scopes {
            steps.push(ScopeStep {
                step: "scope",
                scope: self.tables.scopes.scope(*scope).to_string(),
                outcome: self.scope_sentence(*allow, *block),
            });
        }
        steps
    }

    fn scope_sentence(&self, allow: RuleRef, block: RuleRef) -> String {
        let named = |reference: RuleRef| match self.of_slot(reference.slot()) {
            Some(rule) => format!("rule {} ({})", rule.id, rule.written),
            None => format!("the rule of counter slot {}", reference.slot()),
        };
        match (allow.is_some(), block.is_some()) {
            (false, false) => "no rule".to_owned(),
            (true, false) => format!("{} allows", named(allow)),
            (false, true) => format!("{} blocks", named(block)),
            (true, true) => format!("{} allows, {} would block", named(allow), named(block)),
        }
    }
}
