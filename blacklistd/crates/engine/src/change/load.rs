//! A set from what the store holds.

use std::collections::HashSet;

use blacklist_common::number::Number;
use blacklist_common::tables::GrantKey;
use blacklist_generation::GrantEnd;
use blacklist_model::{List, ListId, Member, Refusal, Rule, RuleId, ScopeRecord};
use jiff::Timestamp;

use super::Trust;
use crate::enforcement::Enforcement;
use crate::enforcement::slots::Slots;
use crate::enforcement::tables::EngineTables;
use crate::register::Register;
use crate::register::scopes::Scopes;
use crate::set::RuleSet;

/// What a set is made of.
#[derive(Debug)]
pub struct Contents<R> {
    /// Numbers that no rule blocks.
    pub protected: HashSet<Number>,
    /// Counter slots that there are.
    pub maximum_rules: u32,
    /// Slots and ids as the kernel has them.
    pub slots: Vec<(u32, u32)>,
    /// All lists; the default one is made if it is missing.
    pub lists: Vec<List>,
    /// All scopes; the global one is made if it is missing.
    pub scopes: Vec<ScopeRecord>,
    /// Who belongs to accounts and groups.
    pub members: Vec<Member>,
    /// Who may call whom, and until when; those that are over are passed over.
    pub grants: Vec<(GrantKey, GrantEnd)>,
    /// All rules, in any order; one whose size hint is true saves memory.
    pub rules: R,
}

impl RuleSet {
    /// Makes a set; also the rules that are refused, each with the reason. What is wrong with lists,
    /// scopes, members and grants is listed under the rule id 0.
    pub fn load<R: IntoIterator<Item = Rule>>(
        now: Timestamp,
        contents: Contents<R>,
    ) -> (Self, Vec<(RuleId, Refusal)>) {
        let Contents {
            protected,
            maximum_rules,
            slots,
            lists,
            scopes,
            members,
            grants,
            rules,
        } = contents;
        let rules = rules.into_iter();
        let expected = rules.size_hint().0;
        let mut set = Self {
            register: Register {
                scopes: Scopes::new(),
                ..Register::default()
            },
            enforcement: Enforcement {
                slots: Slots::new(maximum_rules, &slots),
                tables: EngineTables::new(protected, expected),
                ..Enforcement::default()
            },
            now,
            plans: Vec::new(),
        };
        set.register.index.reserve(expected);
        let mut editor = set.editor(now);
        let mut unloaded = Vec::new();
        let mut note = |rule: Option<RuleId>, refusal| {
            unloaded.push((rule.unwrap_or_default(), refusal));
        };
        for record in scopes {
            if let Err(refusal) = editor.put_scope(record) {
                note(None, refusal);
            }
        }
        for member in members {
            if let Err(refusal) = editor.add_member(member) {
                note(None, refusal);
            }
        }
        let standard = (!lists.iter().any(|list| list.id == ListId::DEFAULT)).then(List::standard);
        for list in standard.into_iter().chain(lists) {
            if let Err(refusal) = editor.put_list(list) {
                note(None, refusal);
            }
        }
        for rule in rules {
            let id = rule.id;
            if let Err(refusal) = editor.put_rule(rule, Trust::WasThere) {
                note(Some(id), refusal);
            }
        }
        for (pair, end) in grants {
            if let Err(refusal) = editor.put_grant(pair, end) {
                note(None, refusal);
            }
        }
        // The kernel has nothing of this yet.
        set.enforcement.stale = false;
        set.enforcement.tables.take_reused();
        (set, unloaded)
    }

    /// A set without rules.
    pub fn empty(protected: HashSet<Number>, maximum_rules: u32) -> Self {
        let contents = Contents {
            protected,
            maximum_rules,
            slots: Vec::new(),
            lists: Vec::new(),
            scopes: vec![ScopeRecord::global()],
            members: Vec::new(),
            grants: Vec::new(),
            rules: std::iter::empty(),
        };
        Self::load(Timestamp::UNIX_EPOCH, contents).0
    }
}
