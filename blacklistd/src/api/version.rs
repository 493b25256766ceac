//! What a change did, record by record: as each stood before, and as it stood after. Names are
//! those of the generation that a version is of.

use std::collections::HashMap;

use blacklist_wire::ChangeObject;
use serde_json::{Map, Value};

use super::error::ApiError;
use blacklist_model::{ListId, NO_DIAL_PLAN, ScopeId};
use blacklist_store::rules::{
    Difference, FeedRow, ListRow, MemberRow, ORIGIN_MANUAL, ReadError, Reading, Record, RuleRow,
    ScopeRow,
};

/// What differs.
#[derive(Clone, Debug, Default)]
pub(super) struct Versions {
    pub(super) added: u64,
    pub(super) changed: u64,
    pub(super) removed: u64,
    /// The first ones.
    pub(super) changes: Vec<ChangeObject>,
}

impl Versions {
    /// What differs between two generations; `limit` changes are told.
    pub(super) fn between<S: Reading>(
        reader: &S,
        from: u64,
        to: u64,
        limit: usize,
    ) -> Result<Self, ApiError> {
        let mut found = Self::default();
        let mut before = NamesAt::new(reader, from);
        let mut after = NamesAt::new(reader, to);
        found.add::<ScopeRow, S>("scope", &mut before, &mut after, limit, scope)?;
        found.add::<MemberRow, S>("member", &mut before, &mut after, limit, member)?;
        found.add::<ListRow, S>("list", &mut before, &mut after, limit, list)?;
        found.add::<FeedRow, S>("feed", &mut before, &mut after, limit, feed)?;
        found.add::<RuleRow, S>("rule", &mut before, &mut after, limit, rule)?;
        Ok(found)
    }

    /// How many are not told.
    pub(super) const fn more(&self) -> u64 {
        self.added + self.changed + self.removed - self.changes.len() as u64
    }

    fn add<R: Record, S: Reading>(
        &mut self,
        what: &str,
        before: &mut NamesAt<'_, S>,
        after: &mut NamesAt<'_, S>,
        limit: usize,
        fields: impl Fn(&R, &mut NamesAt<'_, S>) -> Result<(String, Map<String, Value>), ApiError>,
    ) -> Result<(), ApiError> {
        let (reader, from, to) = (before.reader, before.generation, after.generation);
        reader
            .for_each_difference(from, to, |difference: Difference<R>| {
                match (&difference.before, &difference.after) {
                    (None, _) => self.added += 1,
                    (_, None) => self.removed += 1,
                    _ => self.changed += 1,
                }
                if self.changes.len() >= limit {
                    return Ok(());
                }
                let was = difference.before.map(|row| fields(&row, before));
                let is = difference.after.map(|row| fields(&row, after));
                let (was, is) = (was.transpose()?, is.transpose()?);
                let id = match (&is, &was) {
                    (Some((id, _)), _) | (None, Some((id, _))) => id.clone(),
                    (None, None) => String::new(),
                };
                self.changes.push(ChangeObject {
                    what: what.to_owned(),
                    id,
                    before: was.map(|(_, fields)| fields),
                    after: is.map(|(_, fields)| fields),
                });
                Ok(())
            })
            .map_err(|error| match error {
                ReadError::Store(error) => error.into(),
                ReadError::Reader(error) => error,
            })
    }
}

/// Names of lists and scopes in a generation.
struct NamesAt<'r, S> {
    reader: &'r S,
    generation: u64,
    lists: HashMap<ListId, String>,
    scopes: HashMap<ScopeId, String>,
}

impl<'r, S: Reading> NamesAt<'r, S> {
    fn new(reader: &'r S, generation: u64) -> Self {
        Self {
            reader,
            generation,
            lists: HashMap::new(),
            scopes: HashMap::new(),
        }
    }

    fn list(&mut self, id: ListId) -> Result<String, ApiError> {
        if let Some(name) = self.lists.get(&id) {
            return Ok(name.clone());
        }
        let row = self.reader.get_at::<ListRow>(&id, self.generation)?;
        let name = row.map_or_else(|| format!("list {id}"), |row| row.name);
        self.lists.insert(id, name.clone());
        Ok(name)
    }

    fn scope(&mut self, id: ScopeId) -> Result<String, ApiError> {
        if let Some(name) = self.scopes.get(&id) {
            return Ok(name.clone());
        }
        let row = self.reader.get_at::<ScopeRow>(&id, self.generation)?;
        let name = row.map_or_else(|| format!("scope {id}"), |row| row.name);
        self.scopes.insert(id, name.clone());
        Ok(name)
    }

    fn scopes(&mut self, ids: &[ScopeId]) -> Result<Value, ApiError> {
        let mut names = Vec::with_capacity(ids.len());
        for id in ids {
            names.push(Value::String(self.scope(*id)?));
        }
        Ok(Value::Array(names))
    }
}

/// Fields that say something.
#[derive(Default)]
struct Fields(Map<String, Value>);

impl Fields {
    fn add(&mut self, name: &str, value: impl Into<Value>) {
        self.0.insert(name.to_owned(), value.into());
    }

    fn maybe(&mut self, name: &str, value: Option<impl Into<Value>>) {
        if let Some(value) = value {
            self.add(name, value);
        }
    }
}

fn rule(
    row: &RuleRow,
    names: &mut NamesAt<'_, impl Reading>,
) -> Result<(String, Map<String, Value>), ApiError> {
    let mut fields = Fields::default();
    fields.add("pattern", row.written.as_str());
    fields.add("match", row.matching.as_str());
    fields.add("number", row.canonical.as_str());
    fields.add("list", names.list(row.list)?);
    fields.maybe("kind", row.kind.map(|kind| kind.as_str()));
    if !row.scopes.is_empty() {
        fields.add("scopes", names.scopes(&row.scopes)?);
    }
    fields.maybe(
        "direction",
        row.direction.map(|direction| direction.as_str()),
    );
    fields.maybe("action", row.action.map(|action| action.as_str()));
    fields.maybe("mandatory", row.mandatory);
    let dial_plan = (row.dial_plan != NO_DIAL_PLAN).then_some(row.dial_plan.as_str());
    fields.maybe("dial_plan", dial_plan);
    let comment = (!row.comment.is_empty()).then_some(row.comment.as_str());
    fields.maybe("comment", comment);
    fields.add("enabled", row.enabled);
    fields.maybe("valid_from", row.valid_from.map(|time| time.to_string()));
    fields.maybe("valid_until", row.valid_until.map(|time| time.to_string()));
    fields.maybe("schedule", row.schedule.as_deref());
    let origin = (row.origin != ORIGIN_MANUAL).then_some(row.origin.as_str());
    fields.maybe("origin", origin);
    Ok((row.id.to_string(), fields.0))
}

fn list(
    row: &ListRow,
    names: &mut NamesAt<'_, impl Reading>,
) -> Result<(String, Map<String, Value>), ApiError> {
    let mut fields = Fields::default();
    fields.add("name", row.name.as_str());
    fields.add("kind", row.kind.as_str());
    fields.add("direction", row.direction.as_str());
    fields.maybe("action", row.action.map(|action| action.as_str()));
    fields.add("mandatory", row.mandatory);
    fields.add("enabled", row.enabled);
    fields.add("scopes", names.scopes(&row.scopes)?);
    fields.add("comment", row.comment.as_str());
    Ok((row.name.clone(), fields.0))
}

fn scope(
    row: &ScopeRow,
    _: &mut NamesAt<'_, impl Reading>,
) -> Result<(String, Map<String, Value>), ApiError> {
    let mut fields = Fields::default();
    fields.add("name", row.name.as_str());
    fields.add("default", row.policy.as_str());
    fields.add("comment", row.comment.as_str());
    Ok((row.name.clone(), fields.0))
}

fn member(
    row: &MemberRow,
    names: &mut NamesAt<'_, impl Reading>,
) -> Result<(String, Map<String, Value>), ApiError> {
    let mut fields = Fields::default();
    fields.add("scope", names.scope(row.scope)?);
    fields.add("number", row.number.as_str());
    Ok((row.number.clone(), fields.0))
}

fn feed(
    row: &FeedRow,
    _: &mut NamesAt<'_, impl Reading>,
) -> Result<(String, Map<String, Value>), ApiError> {
    // What cannot be read is told as it is.
    let fields = match serde_json::from_str::<Value>(&row.subscription) {
        Ok(Value::Object(fields)) => fields,
        Ok(_) | Err(_) => {
            let mut fields = Fields::default();
            fields.add("subscription", row.subscription.as_str());
            fields.0
        }
    };
    Ok((row.name.clone(), fields))
}
