//! The store's rows to the engine's rules, and these to a generation of tables.

use anyhow::bail;
use blacklist_common::tables::GrantKey;

use super::names::{CountKey, NameTable, record};
use super::rows;
use crate::config::Configuration;
use blacklist_engine::{Contents, RuleSet};
use blacklist_kernel::{GrantEnd, Tables};
use blacklist_model::{Member, Refusal, Rule, RuleId, ScopeRecord, count, protected_numbers};
use blacklist_store::rules::{MemberRow, ReadError, Reading as _, RuleRow, Store, StoreError};
use blacklist_system::clock;

/// What the store holds, as the engine has it.
pub(super) struct Loaded {
    pub(super) rules: RuleSet,
    /// Stored rules that cannot be in force.
    pub(super) refused: Vec<(RuleId, Refusal)>,
    pub(super) names: NameTable,
}

/// The rules of the store; those that repeat another one are refused, with a sentence.
pub(super) fn load(
    store: &Store,
    configuration: &Configuration,
    slots: Vec<(u32, u32)>,
) -> anyhow::Result<Loaded> {
    let mut names = NameTable::new(store.all()?, store.all()?);
    let mut rules: Vec<Rule> = Vec::new();
    let mut unreadable = Vec::new();
    let mut enabled = 0;
    let maximum = configuration.kernel.maximum_rules;
    store
        .for_each::<RuleRow, std::convert::Infallible>(|row| {
            match rows::rule(&row) {
                Ok(rule) => {
                    enabled += u64::from(rule.enabled);
                    let in_kernel = rule.pattern.is_decided_in_kernel().is_ok();
                    names.tally.add(CountKey::of(&row, in_kernel));
                    rules.push(rule);
                }
                Err(error) => unreadable.push((row.id, Refusal::Invalid(error.to_string()))),
            }
            Ok(())
        })
        .map_err(|error| match error {
            ReadError::Store(error) => error,
            ReadError::Reader(never) => match never {},
        })?;
    if enabled > u64::from(maximum) {
        // Some of them alone would be another set of rules: without its allow rules a list blocks
        // what it must not.
        bail!(
            "table full: {} are enabled, maximum_rules in [kernel] of the configuration is {maximum}: raise it; nothing was changed",
            count(enabled, "rule")
        );
    }
    let members: Vec<MemberRow> = store.all()?;
    let members: Result<Vec<Member>, StoreError> = members.iter().map(rows::member).collect();
    let grants = store.grants(clock::now())?;
    let grants: Result<Vec<(GrantKey, GrantEnd)>, StoreError> =
        grants.iter().map(rows::grant).collect();
    let scopes: Result<Vec<ScopeRecord>, Refusal> = names.scopes().map(record).collect();
    let plans: Vec<_> = configuration.dial_plans.values().copied().collect();
    let emergency = configuration.emergency.iter().map(String::as_str);
    let contents = Contents {
        protected: protected_numbers(emergency, &plans),
        maximum_rules: maximum,
        slots,
        lists: names.lists().map(|list| list.list.clone()).collect(),
        scopes: scopes?,
        members: members?,
        grants: grants?,
        rules,
    };
    let (mut rules, mut refused) = RuleSet::load(clock::now(), contents);
    let trunks = configuration.trunk_entries();
    rules.set_trunk_plans(trunks.iter().map(|trunk| trunk.dial_plan).collect());
    refused.extend(unreadable);
    Ok(Loaded {
        rules,
        refused,
        names,
    })
}

/// A whole generation: rules, trunks, ports.
pub(super) fn tables(rules: &RuleSet, configuration: &Configuration) -> Tables {
    Tables {
        trunks: configuration.trunk_entries(),
        peers: configuration.peers(),
        ports: configuration.ports.clone(),
        ..rules.generation()
    }
}
