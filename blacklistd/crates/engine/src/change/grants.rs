//! Changes of grants.

use blacklist_common::tables::GrantKey;
use blacklist_generation::{GrantEnd, MAXIMUM_GRANTS};
use blacklist_model::Refusal;

use super::Editor;
use super::mutation::Mutation;
use crate::enforcement::touched::{Key, Value};

impl Editor<'_> {
    /// Adds a grant, or gives the one of the same parties another end. One that is over already is
    /// none.
    pub(crate) fn put_grant(&mut self, pair: GrantKey, end: GrantEnd) -> Result<Mutation, Refusal> {
        if end.is_over(self.now) {
            return Ok(self.remove_grant(pair));
        }
        if self.enforcement.grants.end(&pair).is_none()
            && self.enforcement.grants.len() >= MAXIMUM_GRANTS
        {
            return Err(Refusal::Conflict(format!(
                "table full: {MAXIMUM_GRANTS} grants are in force and there can be no more: revoke some (`blacklistd grant list`), or write a rule that allows the calls"
            )));
        }
        Ok(self.set_grant(pair, Some(end)))
    }

    /// Ends a grant; nothing if time has ended it already.
    pub(crate) fn remove_grant(&mut self, pair: GrantKey) -> Mutation {
        self.set_grant(pair, None)
    }

    /// Returns what takes it back.
    fn set_grant(&mut self, pair: GrantKey, end: Option<GrantEnd>) -> Mutation {
        let old = self.enforcement.grants.set(pair, end);
        self.enforcement
            .tables
            .touched
            .note(Key::Grant(pair), || Value::Grant(old));
        match old {
            Some(old) => Mutation::PutGrant(pair, old),
            None => Mutation::RemoveGrant(pair),
        }
    }

    /// Ends the grants that are over. Where the clock was set back, the kernel, which measures time
    /// by a clock that nobody sets, gets the ends of the others anew.
    pub(crate) fn advance_grants(&mut self, was_set_back: bool) {
        for pair in self.enforcement.grants.over(self.now) {
            self.remove_grant(pair);
        }
        if was_set_back {
            for pair in self.enforcement.grants.timed() {
                self.enforcement
                    .tables
                    .touched
                    .note(Key::Grant(pair), || Value::Nothing);
            }
        }
    }
}
