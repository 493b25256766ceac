//! `/v1/scopes`: for whom rules and lists are, what becomes of their other calls, and which local
//! numbers belong to them.

use std::collections::HashMap;
use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use blacklist_wire::{DEFAULT_SCOPES, MemberList, MemberRequest, ScopeList, ScopeObject};
use serde::Deserialize;
use tokio::task::spawn_blocking;

use super::change_request::ChangeRequest;
use super::error::{ApiError, Object};
use crate::daemon::{Changes, Journal, NameTable, RulesState};
use blacklist_engine::{Counted, RuleSet};
use blacklist_model::{ScopeEdit, ScopeId, ScopeName, ScopeSpec};
use blacklist_store::rules::{Reading as _, ScopeRow};

/// Which scopes are asked for.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ScopeQuery {
    search: Option<String>,
    limit: Option<usize>,
    offset: Option<usize>,
}

/// How many members and rules scopes have.
struct Counts {
    members: HashMap<ScopeId, u64>,
    rules: HashMap<ScopeId, u64>,
}

impl Counts {
    fn read(rules: &RulesState) -> Result<Self, ApiError> {
        let reader = rules.reader()?;
        let mut rules = HashMap::new();
        for (scopes, count) in reader.counts_by_scopes()? {
            for scope in scopes {
                *rules.entry(scope).or_default() += count;
            }
        }
        Ok(Self {
            members: reader.counts_by_member()?.into_iter().collect(),
            rules,
        })
    }
}

fn scope_object(
    rules: &RuleSet,
    names: &NameTable,
    journal: &Journal,
    counts: &Counts,
    row: &ScopeRow,
) -> ScopeObject {
    let slot = rules.slot_of_default(row.id);
    let counter = journal.counted(Counted::Default(row.id), slot);
    let lists = names.lists_of_scope(row.id);
    ScopeObject {
        id: row.id,
        name: row.name.clone(),
        default: row.policy,
        comment: row.comment.clone(),
        members: counts.members.get(&row.id).copied().unwrap_or_default(),
        lists: lists.into_iter().map(|id| names.list_name(id)).collect(),
        rules: counts.rules.get(&row.id).copied().unwrap_or_default(),
        calls: counter.calls,
        packets: counter.packets,
        generation: row.made,
        warnings: Vec::new(),
    }
}

/// The canonical name of a scope; a number in any spelling of the default dial plan.
fn canonical(changes: &Changes, name: &str) -> Result<String, ApiError> {
    let configuration = changes.settings.active();
    let (_, plan) = configuration.dial_plans().find(None)?;
    Ok(ScopeName::parse(name, &plan)?.to_string())
}

fn find(changes: &Changes, name: &str) -> Result<ScopeRow, ApiError> {
    let name = canonical(changes, name)?;
    Ok(changes.rules.names().require_scope(&name)?.clone())
}

fn describe(
    changes: &Changes,
    row: &ScopeRow,
    warnings: Vec<String>,
) -> Result<ScopeObject, ApiError> {
    let counts = Counts::read(&changes.rules)?;
    let rules = changes.rules.in_force.read();
    let names = changes.rules.names();
    Ok(ScopeObject {
        warnings,
        ..scope_object(&rules, &names, &changes.journal, &counts, row)
    })
}

pub(super) async fn list(
    State(changes): State<Arc<Changes>>,
    Query(query): Query<ScopeQuery>,
) -> Result<Json<ScopeList>, ApiError> {
    spawn_blocking(move || {
        let counts = Counts::read(&changes.rules)?;
        let search = query.search.unwrap_or_default();
        let rules = changes.rules.in_force.read();
        let names = changes.rules.names();
        let rows: Vec<&ScopeRow> = names
            .scopes()
            .filter(|scope| scope.name.contains(&search) || scope.comment.contains(&search))
            .collect();
        let page = rows
            .iter()
            .skip(query.offset.unwrap_or_default())
            .take(query.limit.unwrap_or(DEFAULT_SCOPES));
        Ok(Json(ScopeList {
            scopes: page
                .map(|row| scope_object(&rules, &names, &changes.journal, &counts, row))
                .collect(),
            total: rows.len() as u64,
        }))
    })
    .await?
}

pub(super) async fn add(
    change: ChangeRequest,
    Object(spec): Object<ScopeSpec>,
) -> Result<(StatusCode, Json<ScopeObject>), ApiError> {
    change
        .make(move |changes, author, options| {
            let changed = changes.add_scope(&spec, author, options)?;
            let object = describe(changes, &changed.value, changed.warnings())?;
            Ok((StatusCode::CREATED, Json(object)))
        })
        .await
}

pub(super) async fn show(
    State(changes): State<Arc<Changes>>,
    Path(name): Path<String>,
) -> Result<Json<ScopeObject>, ApiError> {
    spawn_blocking(move || {
        let row = find(&changes, &name)?;
        Ok(Json(describe(&changes, &row, Vec::new())?))
    })
    .await?
}

pub(super) async fn edit(
    change: ChangeRequest,
    Path(name): Path<String>,
    Object(edit): Object<ScopeEdit>,
) -> Result<Json<ScopeObject>, ApiError> {
    change
        .make(move |changes, author, options| {
            let changed = changes.edit_scope(&name, &edit, author, options)?;
            Ok(Json(describe(changes, &changed.value, changed.warnings())?))
        })
        .await
}

pub(super) async fn remove(
    change: ChangeRequest,
    Path(name): Path<String>,
) -> Result<Json<ScopeObject>, ApiError> {
    change
        .make(move |changes, author, options| {
            let before = describe(changes, &find(changes, &name)?, Vec::new())?;
            let changed = changes.remove_scope(&name, author, options)?;
            Ok(Json(ScopeObject {
                warnings: changed.warnings(),
                ..before
            }))
        })
        .await
}

pub(super) async fn members(
    State(changes): State<Arc<Changes>>,
    Path(name): Path<String>,
) -> Result<Json<MemberList>, ApiError> {
    spawn_blocking(move || {
        let row = find(&changes, &name)?;
        let numbers = changes.rules.reader()?.members(row.id)?;
        Ok(Json(MemberList {
            scope: row.name,
            numbers: numbers.into_iter().map(|member| member.number).collect(),
            warnings: Vec::new(),
        }))
    })
    .await?
}

async fn change_members(
    change: ChangeRequest,
    name: String,
    request: MemberRequest,
    belong: bool,
) -> Result<Json<MemberList>, ApiError> {
    let MemberRequest { numbers, dial_plan } = request;
    change
        .make(move |changes, author, options| {
            let plan = dial_plan.as_deref();
            let changed = changes.change_members(&name, &numbers, plan, belong, author, options)?;
            let warnings = changed.warnings();
            let (scope, numbers) = changed.value;
            Ok(Json(MemberList {
                scope: scope.name,
                numbers,
                warnings,
            }))
        })
        .await
}

pub(super) async fn add_members(
    change: ChangeRequest,
    Path(name): Path<String>,
    Object(request): Object<MemberRequest>,
) -> Result<Json<MemberList>, ApiError> {
    change_members(change, name, request, true).await
}

pub(super) async fn remove_members(
    change: ChangeRequest,
    Path(name): Path<String>,
    Object(request): Object<MemberRequest>,
) -> Result<Json<MemberList>, ApiError> {
    change_members(change, name, request, false).await
}
