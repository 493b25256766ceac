//! `GET /v1/rules`: filtered and paged in the database.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Query, State};
use blacklist_wire::{DEFAULT_RULES, RuleList};
use serde::Deserialize;
use tokio::task::spawn_blocking;

use super::super::error::ApiError;
use super::object::Describer;
use crate::daemon::{Changes, RulesState, Settings};
use blacklist_model::{MatchKind, ScopeName};
use blacklist_store::rules::{Page, Reading as _, RuleFilter, ScopeFilter};

/// Rules that are described while changes wait.
const DESCRIBED_AT_ONCE: usize = 1000;

/// Rules that are listed at most.
const MAXIMUM_LIMIT: u64 = 100_000;

/// What is asked for.
#[derive(Clone, Debug, Default, Deserialize)]
pub(in crate::api) struct Filters {
    list: Option<String>,
    scope: Option<String>,
    #[serde(rename = "match")]
    matching: Option<String>,
    search: Option<String>,
    enabled: Option<bool>,
    origin: Option<String>,
    timed: Option<bool>,
    limit: Option<u64>,
    offset: Option<u64>,
}

impl Filters {
    /// What the store is asked.
    pub(in crate::api) fn in_store(
        &self,
        settings: &Settings,
        rules: &RulesState,
    ) -> Result<RuleFilter, ApiError> {
        let configuration = settings.active();
        let names = rules.names();
        let list = match &self.list {
            None => None,
            Some(name) => Some(names.require_list(name)?.row.id),
        };
        let scope = match &self.scope {
            None => None,
            Some(text) => {
                let (_, plan) = configuration.dial_plans().find(None)?;
                let name = ScopeName::parse(text, &plan)?.to_string();
                let scope = names.require_scope(&name)?.id;
                Some(ScopeFilter {
                    scope,
                    lists: names.lists_of_scope(scope),
                })
            }
        };
        let matching = match &self.matching {
            None => None,
            Some(word) => Some(MatchKind::from_word(word).ok_or_else(|| {
                ApiError::bad_request(format!(
                    "no rule matches \"{word}\": exact, prefix, wildcard, anonymous, unverified or everything"
                ))
            })?),
        };
        Ok(RuleFilter {
            list,
            scope,
            matching,
            search: self.search.clone().filter(|text| !text.is_empty()),
            enabled: self.enabled,
            origin: self.origin.clone(),
            timed: self.timed,
        })
    }
}

pub(in crate::api) async fn list(
    State(changes): State<Arc<Changes>>,
    Query(filters): Query<Filters>,
) -> Result<Json<RuleList>, ApiError> {
    spawn_blocking(move || {
        let filter = filters.in_store(&changes.settings, &changes.rules)?;
        let page = Page {
            offset: filters.offset.unwrap_or_default(),
            limit: filters.limit.unwrap_or(DEFAULT_RULES).min(MAXIMUM_LIMIT),
        };
        // A long list is read beside the daemon's own connection, so that no change waits for it.
        let reader = changes.rules.reader()?;
        let rows = reader.rules(&filter, page)?;
        let total = if filter == RuleFilter::default() {
            changes.rules.names().tally.total()
        } else if (rows.len() as u64) < page.limit && (page.offset == 0 || !rows.is_empty()) {
            page.offset + rows.len() as u64
        } else {
            reader.count(&filter)?
        };
        let mut rules = Vec::with_capacity(rows.len());
        let mut rows = rows.into_iter().peekable();
        while rows.peek().is_some() {
            let mut describer = Describer::new(&changes)?;
            for row in rows.by_ref().take(DESCRIBED_AT_ONCE) {
                rules.push(describer.describe(row)?);
            }
        }
        Ok(Json(RuleList {
            rules,
            total,
            offset: page.offset,
        }))
    })
    .await?
}
