//! Changes of a set as values.

use blacklist_common::tables::GrantKey;
use blacklist_generation::GrantEnd;
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

/// What takes a change of the set back.
#[derive(Clone, Debug, Default)]
pub struct Undo {
    pub(crate) mutations: Vec<Mutation>,
}
