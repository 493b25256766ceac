//! Rules that are the same as another one.

use blacklist_model::{Rule, ScopeId};

use super::Register;

impl Register {
    /// Other rules, in force or not, that are the same as one for calls of some direction.
    pub fn overlapping<'r>(&'r self, rule: &'r Rule) -> impl Iterator<Item = &'r Rule> {
        let identity = self.identity(rule);
        let home = self.index_homes(rule).first().copied();
        let places = home.map(|home| self.index.alike(home, &rule.pattern));
        let others = places.into_iter().flatten();
        others
            .filter_map(|place| self.index.at(place))
            .map(|held| &held.rule)
            .filter(move |other| {
                let overlaps = |other| identity.is_some_and(|own| own.overlaps(&other));
                other.id != rule.id && self.identity(other).is_some_and(overlaps)
            })
    }

    /// The first of [`Self::overlapping`].
    pub(crate) fn twin<'r>(&'r self, rule: &'r Rule) -> Option<&'r Rule> {
        self.overlapping(rule).next()
    }

    /// The first of [`Self::overlapping`], and whether they are the same as the rule for calls of
    /// all its directions.
    pub fn repeated<'r>(&'r self, rule: &'r Rule) -> Option<(&'r Rule, bool)> {
        let first = self.twin(rule)?;
        let covers = |direction| {
            self.overlapping(rule).any(|other| {
                let other = self.effective(other);
                other.is_some_and(|other| other.direction.covers(direction))
            })
        };
        let is_covered = self.effective(rule)?.directions().all(covers);
        Some((first, is_covered))
    }

    /// Whether a rule that has a twin has none as it is now: lists that were changed by earlier
    /// versions can hold twins.
    pub(crate) fn is_made_twin(&self, rule: &Rule) -> bool {
        let now = self.get(rule.id);
        now.is_none_or(|now| self.twin(now).is_none())
    }

    /// That a rule is the same as another one, and what to do.
    pub fn twin_sentence(&self, other: &Rule) -> String {
        let id = other.id;
        let state = if other.enabled {
            ""
        } else {
            ", which is disabled"
        };
        let (kind, direction) = self
            .effective(other)
            .map_or(("block", "inbound"), |effective| {
                (effective.kind.as_str(), effective.direction.as_str())
            });
        let scopes = self.scope_names(self.scopes_for(other));
        format!(
            "duplicate: rule {id}{state} says the same: {kind} {} ({scopes}, {direction}); change it with `blacklistd rule edit {id}`",
            other.pattern
        )
    }

    /// Names of scopes for people; of many the first ones.
    pub(crate) fn scope_names(&self, scopes: &[ScopeId]) -> String {
        const NAMED: usize = 3;
        let names: Vec<String> = scopes
            .iter()
            .take(NAMED)
            .filter_map(|scope| Some(self.scope(*scope)?.name.to_string()))
            .collect();
        let mut text = names.join(", ");
        if scopes.is_empty() {
            "no scope".clone_into(&mut text);
        }
        if scopes.len() > NAMED {
            text.push_str(&format!(" and {} more", scopes.len() - NAMED));
        }
        text
    }
}
