//! Changes of the set as values, and what they ask of the kernel.

use blacklist_common::tables::GrantKey;
use blacklist_generation::{Change, GrantEnd};
use blacklist_model::{List, ListId, Member, Rule, RuleId, ScopeId, ScopeRecord};

/// One change of the set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Mutation {
    /// Adds a rule, or puts it in the place of the one with its id.
    PutRule(Rule),
    /// Removes a rule.
    RemoveRule(RuleId),
    /// Adds a list, or puts it in the place of the one with its id.
    PutList(List),
    /// Removes a list that has no rules.
    RemoveList(ListId),
    /// Adds a scope, or puts it in the place of the one with its id.
    PutScope(ScopeRecord),
    /// Removes a scope that no rule or list names and that has no members.
    RemoveScope(ScopeId),
    /// A number belongs to an account or group from now on.
    AddMember(Member),
    /// It does not any more.
    RemoveMember(Member),
    /// Two parties may call each other up to its end, whatever the rules say.
    PutGrant(GrantKey, GrantEnd),
    /// They may not any more.
    RemoveGrant(GrantKey),
}

/// What the kernel has to do so that a change is in force.
#[derive(Clone, Debug, PartialEq)]
pub enum Plan {
    /// Single entries of the generation in force.
    Changes {
        /// Entries, in an order in which no call in between is judged by half a change.
        changes: Vec<Change>,
    },
    /// A new generation, made of [`super::RuleSet::generation`].
    Whole,
}

impl Plan {
    /// Nothing to do.
    pub const NOTHING: Self = Self::Changes {
        changes: Vec::new(),
    };

    /// Whether there is nothing to do.
    pub fn is_nothing(&self) -> bool {
        *self == Self::NOTHING
    }
}

/// What takes a change of the set back.
#[derive(Clone, Debug, Default)]
pub struct Undo {
    pub(super) mutations: Vec<Mutation>,
}

/// How grave a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// The change is not made.
    Refuse,
    /// The operator should know.
    Warn,
}

/// What there is to say of a change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// How grave it is.
    pub severity: Severity,
    /// The rule it is about; none for lists, scopes and rules without a number.
    pub rule: Option<RuleId>,
    /// What there is to say, and what to do.
    pub sentence: String,
}
