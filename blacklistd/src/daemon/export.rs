//! Rules as a file that can be read in again.

use std::io::{BufWriter, Write};
use std::path::Path;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::change::ChangeError;
use super::names::NameTable;
use super::rows;
use super::rules_state::RulesState;
use super::settings::ActiveConfiguration;
use blacklist_lists::exchange::{CsvWriter, RulesFileWriter};
use blacklist_model::{
    DefaultPolicy, ListSpec, NO_DIAL_PLAN, Pattern, RuleSpec, ScopeId, ScopeName, ScopeSpec,
};
use blacklist_store::rules::{ListRow, Reading as _, RuleFilter, RuleRow, ScopeRow, Store};
use blacklist_system::files;

/// What is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum ExportFormat {
    /// Rules, a line each.
    Csv,
    /// Lists, scopes and rules, as `apply` reads them.
    Toml,
}

/// Writes the rules of a filter into a new file. Returns how many.
///
/// # Errors
/// The file cannot be written, or the database not be read.
pub(crate) fn export(
    rules: &RulesState,
    configuration: Arc<ActiveConfiguration>,
    target: &Path,
    format: ExportFormat,
    filter: &RuleFilter,
) -> Result<u64, ChangeError> {
    let export = Export {
        reader: rules.reader()?,
        configuration,
        names: rules.names(),
        filter,
    };
    let output = BufWriter::new(files::create_new(target).map_err(cannot)?);
    match format {
        ExportFormat::Csv => {
            let mut writer = CsvWriter::new(output).map_err(cannot)?;
            let count = export.rules(|rule| writer.write(rule))?;
            let mut output = writer.finish().map_err(cannot)?;
            output.flush().map_err(cannot)?;
            Ok(count)
        }
        ExportFormat::Toml => export.toml(output),
    }
}

fn cannot(error: impl std::fmt::Display) -> ChangeError {
    ChangeError::Input(format!("cannot write the export: {error}"))
}

pub(super) struct Export<'f> {
    pub(super) reader: Store,
    pub(super) configuration: Arc<ActiveConfiguration>,
    pub(super) names: Arc<NameTable>,
    pub(super) filter: &'f RuleFilter,
}

impl Export<'_> {
    /// Writes lists, scopes and rules as `apply` reads them. Returns how many rules.
    pub(super) fn toml(&self, output: impl Write) -> Result<u64, ChangeError> {
        let mut writer = RulesFileWriter::new(output);
        self.names(&mut writer)?;
        let count = self.rules(|rule| writer.rule(rule))?;
        writer.finish().map_err(cannot)?;
        Ok(count)
    }

    fn rules(
        &self,
        mut write: impl FnMut(&RuleSpec) -> std::io::Result<()>,
    ) -> Result<u64, ChangeError> {
        let mut count = 0;
        self.reader.for_each_rule(self.filter, |row| {
            count += 1;
            write(&self.spec(row)?).map_err(cannot)
        })?;
        Ok(count)
    }

    /// A rule as it can be asked for again: as it was written, where that still reads as the same.
    fn spec(&self, row: RuleRow) -> Result<RuleSpec, ChangeError> {
        let row = match self.names.list(row.list) {
            Some(list) => rows::without_contradictions(row, &list.list),
            None => row,
        };
        let rule = rows::rule(&row)?;
        let scopes = self.scopes(&row.scopes);
        let same = self
            .configuration
            .dial_plans()
            .find(Some(&row.dial_plan))
            .is_ok_and(|(_, plan)| {
                let is_same = |name: &String| {
                    ScopeName::parse(name, &plan).is_ok_and(|read| read.to_string() == *name)
                };
                Pattern::parse(&row.written, &plan).is_ok_and(|pattern| pattern == rule.pattern)
                    && scopes.iter().all(is_same)
            });
        let (pattern, dial_plan) = if same {
            (row.written.clone(), row.dial_plan.clone())
        } else {
            (rule.pattern.to_string(), NO_DIAL_PLAN.to_owned())
        };
        Ok(RuleSpec {
            pattern,
            list: self.names.list_name(row.list),
            kind: row.kind,
            scopes,
            direction: row.direction,
            action: row.action,
            mandatory: row.mandatory,
            dial_plan: Some(dial_plan),
            comment: row.comment.clone(),
            enabled: row.enabled,
            valid_from: row.valid_from.map(|time| time.to_string()),
            valid_until: row.valid_until.map(|time| time.to_string()),
            schedule: row.schedule.clone(),
        })
    }

    /// Lists and scopes; with a filter by list, that list and what it and its rules name.
    fn names(&self, writer: &mut RulesFileWriter<impl Write>) -> Result<(), ChangeError> {
        let lists: Vec<&ListRow> = self
            .names
            .lists()
            .map(|list| &list.row)
            .filter(|list| self.filter.list.is_none_or(|id| id == list.id))
            .collect();
        for scope in self.names.scopes() {
            if self.is_written(scope, &lists)? {
                writer.scope(&self.scope(scope)?).map_err(cannot)?;
            }
        }
        for list in lists {
            writer.list(&self.list(list)).map_err(cannot)?;
        }
        Ok(())
    }

    /// Whether a scope is written to the file: those that only a number names need not be.
    fn is_written(&self, scope: &ScopeRow, lists: &[&ListRow]) -> Result<bool, ChangeError> {
        let says_something = scope.policy != DefaultPolicy::Unset || !scope.comment.is_empty();
        let has_table = scope.name.starts_with("account:") || scope.name.starts_with("group:");
        if self.filter.list.is_none() {
            return Ok(has_table || says_something);
        }
        if lists.iter().any(|list| list.scopes.contains(&scope.id)) {
            return Ok(has_table);
        }
        let mut filter = self.filter.clone();
        filter.scope = Some(blacklist_store::rules::ScopeFilter {
            scope: scope.id,
            lists: Vec::new(),
        });
        Ok(has_table && self.reader.count(&filter)? > 0)
    }

    fn scope(&self, row: &ScopeRow) -> Result<ScopeSpec, ChangeError> {
        let members = self.reader.members(row.id)?;
        Ok(ScopeSpec {
            name: row.name.clone(),
            policy: row.policy,
            members: members.into_iter().map(|member| member.number).collect(),
            dial_plan: Some(NO_DIAL_PLAN.to_owned()),
            comment: row.comment.clone(),
        })
    }

    fn list(&self, row: &ListRow) -> ListSpec {
        ListSpec {
            name: row.name.clone(),
            kind: row.kind,
            direction: row.direction,
            action: row.action,
            mandatory: row.mandatory,
            enabled: row.enabled,
            scopes: self.scopes(&row.scopes),
            comment: row.comment.clone(),
        }
    }

    /// Names of scopes in an order that does not depend on this daemon's ids.
    fn scopes(&self, ids: &[ScopeId]) -> Vec<String> {
        let mut names = self.names.scope_names(ids);
        names.sort_unstable();
        names
    }
}
