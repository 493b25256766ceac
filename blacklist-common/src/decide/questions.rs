//! What the lookup order asks of tables, wherever they are, and what it reports.

use crate::number::{Number, Party};
use crate::pattern::{EntryKey, Found};
use crate::scope::{NumberEntry, ScopeEntry};
use crate::shape::Shape;
use crate::tables::{GrantKey, PrefixValue};

/// What decides a call: the engine's tables and the kernel's maps answer the same questions.
pub trait Tables {
    /// Whether [`Tables::user`] is asked: what the others cannot compare is not left open.
    const COMPLETE: bool;
    /// Whether prefixes are found by [`Tables::longest_prefix`]; else by their lengths.
    const TRIES: bool;

    /// Whether a key with gaps may have rules; true of every key that has.
    fn perhaps(&self, key: &EntryKey) -> bool;
    /// Adds the rules of a key to `found`.
    fn entry(&self, key: &EntryKey, found: &mut Found);
    /// The rule of a kind with the longest prefix of a number, in a partition.
    fn longest_prefix(&self, partition: u32, kind: u32, number: Number) -> PrefixValue;
    /// A shape of wildcards, by its number.
    fn shape(&self, number: u8) -> Option<&Shape>;
    /// What is known of a local number. False, and the entry left as it was, if nothing.
    fn number(&self, number: Number, entry: &mut NumberEntry) -> bool;
    /// Whether a number is never blocked.
    fn is_protected(&self, number: Number) -> bool;
    /// What a partition holds.
    fn scope(&self, partition: u32) -> Option<&ScopeEntry>;
    /// Whether a grant lets this call through.
    fn granted(&self, key: &GrantKey) -> bool;
    /// The id of the rule with this counter slot.
    fn rule_id(&self, slot: u32) -> u32;
    /// Adds the rules of a partition that only user space can compare with the remote party.
    fn user(&self, partition: u32, found: &mut Found);
}

/// A call as it is decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
#[repr(C)]
pub struct Call {
    /// Who calls.
    pub caller: Party,
    /// Who is called.
    pub called: Party,
    /// Bits of the [`crate::pattern::Class`]es of the caller.
    pub classes: u32,
    /// 1 if a trunk that is trusted asserts who calls.
    pub asserted: u32,
}

/// Receives what each scope has to say; explanations are made from it.
pub trait Observe {
    /// The most specific rules of each kind that `scope` has for the call, and those that only
    /// user space can compare.
    fn scope(&mut self, scope: u32, rules: &Found, user: &Found);
}

/// Ignores it.
#[derive(Clone, Copy, Debug)]
pub struct Unobserved;

impl Observe for Unobserved {
    #[inline(always)]
    fn scope(&mut self, _scope: u32, _rules: &Found, _user: &Found) {}
}
