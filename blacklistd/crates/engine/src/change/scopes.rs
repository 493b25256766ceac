//! Changes of scopes and of who belongs to them.

use blacklist_common::number::Number;
use blacklist_model::{
    DefaultPolicy, Member, Refusal, RuleAction, ScopeId, ScopeName, ScopeRecord, count, judge_name,
};

use crate::change::Editor;
use crate::counted::Counted;
use crate::enforcement::tables::DefaultEntry;

impl Editor<'_> {
    /// Adds a scope, or puts it in the place of the one with its id, which is returned.
    pub(crate) fn put_scope(
        &mut self,
        record: ScopeRecord,
    ) -> Result<Option<ScopeRecord>, Refusal> {
        self.judge_scope(&record)?;
        let id = record.id;
        if record.policy == DefaultPolicy::Block
            && self
                .register
                .scopes
                .get(id)
                .is_none_or(|held| held.slot == 0)
        {
            self.ensure_slots(1, &format!("the default of {}", record.name))?;
        }
        let policy = record.policy;
        let number = number_of(&record.name);
        let old = self.register.scopes.put(record);
        if old.is_none() {
            let slot = self.enforcement.slot_again(Counted::Default(id));
            if let Some(held) = self.register.scopes.get_mut(id) {
                held.slot = slot;
            }
        }
        self.set_policy(id, policy);
        if let Some(number) = number
            && old.is_none()
        {
            self.refresh_number(number);
        }
        Ok(old)
    }

    fn judge_scope(&self, record: &ScopeRecord) -> Result<(), Refusal> {
        let name = &record.name;
        match name {
            ScopeName::Account(text) => judge_name(text, "an account")?,
            ScopeName::Group(text) => judge_name(text, "a group")?,
            ScopeName::Global | ScopeName::Number { .. } => {}
        }
        if let Some(other) = self.register.scope_named(name)
            && other.id != record.id
        {
            return Err(Refusal::Conflict(format!(
                "there is a scope {name} already"
            )));
        }
        if let Some(old) = self.register.scope(record.id) {
            let renames = matches!(
                (&old.name, name),
                (ScopeName::Account(_), ScopeName::Account(_))
                    | (ScopeName::Group(_), ScopeName::Group(_))
            );
            if old.name != *name && !renames {
                return Err(Refusal::Conflict(format!(
                    "{} does not become {name}: make a scope of its own",
                    old.name
                )));
            }
            return Ok(());
        }
        if *name == ScopeName::Global {
            return Err(Refusal::Conflict(
                "the global scope is always there".to_owned(),
            ));
        }
        if let ScopeName::Number { text, number } = name {
            if self.enforcement.tables.lookup.protected.contains(number) {
                return Err(Refusal::Invalid(format!(
                    "scope number:{text}: {text} is an emergency number, whose calls no rule decides; if it is an extension here, take it out of emergency in [safety] of the configuration"
                )));
            }
            self.register.scopes.judge_room(*number)?;
        }
        Ok(())
    }

    /// Puts a scope's default into the tables.
    fn set_policy(&mut self, id: ScopeId, policy: DefaultPolicy) {
        let Some(held) = self.register.scopes.get(id) else {
            return;
        };
        let (index, mut slot) = (held.index, held.slot);
        let default = match policy {
            DefaultPolicy::Unset => DefaultEntry::Unset,
            DefaultPolicy::Allow => DefaultEntry::Allow,
            DefaultPolicy::Block => {
                if slot == 0 {
                    slot = self.enforcement.give_slot(Counted::Default(id));
                }
                DefaultEntry::Block(blacklist_common::rule::RuleRef::new(
                    slot,
                    RuleAction::Drop.in_tables(),
                    blacklist_common::rule::ReasonClass::OwnList,
                    false,
                ))
            }
        };
        if let Some(held) = self.register.scopes.get_mut(id) {
            held.slot = slot;
        }
        self.enforcement.tables.set_default(index, default);
    }

    fn refresh_number(&mut self, number: Number) {
        let entry = self.register.scopes.entry(number);
        self.enforcement.tables.set_number(number, entry);
    }

    /// Removes a scope that nothing names and that has no members.
    pub(crate) fn remove_scope(&mut self, id: ScopeId) -> Result<ScopeRecord, Refusal> {
        let Some(held) = self.register.scopes.get(id) else {
            return Err(Refusal::Unknown(format!("there is no scope {id}")));
        };
        let name = &held.record.name;
        if id == ScopeId::GLOBAL {
            return Err(Refusal::Conflict(
                "the global scope is always there".to_owned(),
            ));
        }
        if held.rules > 0 || !held.lists.is_empty() {
            return Err(Refusal::Conflict(format!(
                "{name} is the scope of {} and {}: take it out of them first",
                count(held.rules, "rule"),
                count(held.lists.len(), "list")
            )));
        }
        if held.members > 0 {
            return Err(Refusal::Conflict(format!(
                "{name} has {}: take them out first",
                count(held.members, "member")
            )));
        }
        self.enforcement
            .tables
            .set_default(held.index, DefaultEntry::Unset);
        let Some(held) = self.register.scopes.remove(id) else {
            return Err(Refusal::Unknown(format!("there is no scope {id}")));
        };
        if held.slot != 0 {
            self.enforcement.free_slot(held.slot);
        }
        if let Some(number) = number_of(&held.record.name) {
            self.refresh_number(number);
        }
        Ok(held.record)
    }

    fn judge_member(&self, member: Member) -> Result<&ScopeName, Refusal> {
        match self.register.scope(member.scope).map(|record| &record.name) {
            Some(name @ (ScopeName::Account(_) | ScopeName::Group(_))) => Ok(name),
            Some(name) => Err(Refusal::Invalid(format!(
                "{name} has no members: they belong to accounts and groups"
            ))),
            None => Err(Refusal::Unknown(format!(
                "there is no scope {}",
                member.scope
            ))),
        }
    }

    pub(crate) fn add_member(&mut self, member: Member) -> Result<(), Refusal> {
        let name = self.judge_member(member)?;
        if self.register.scopes.is_member(member) {
            return Err(Refusal::Conflict(format!(
                "{} belongs to {name} already",
                member.number
            )));
        }
        self.register.scopes.judge_room(member.number)?;
        self.register.scopes.add_member(member);
        self.refresh_number(member.number);
        Ok(())
    }

    pub(crate) fn remove_member(&mut self, member: Member) -> Result<(), Refusal> {
        let name = self.judge_member(member)?;
        if !self.register.scopes.is_member(member) {
            return Err(Refusal::Unknown(format!(
                "{} does not belong to {name}",
                member.number
            )));
        }
        self.register.scopes.remove_member(member);
        self.refresh_number(member.number);
        Ok(())
    }
}

/// The number of a number's own scope.
const fn number_of(name: &ScopeName) -> Option<Number> {
    match name {
        ScopeName::Number { number, .. } => Some(*number),
        ScopeName::Global | ScopeName::Account(_) | ScopeName::Group(_) => None,
    }
}
