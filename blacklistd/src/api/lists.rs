//! `/v1/lists`: named lists and the scopes they are assigned to.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use blacklist_wire::{AssignRequest, ListList, ListObject};
use serde::Deserialize;
use tokio::task::spawn_blocking;

use super::change_request::ChangeRequest;
use super::error::{ApiError, Object};
use crate::daemon::{Changed, CountKey, NameTable, RulesState};
use blacklist_model::{ListEdit, ListSpec};
use blacklist_store::rules::{ChangeKind, ListRow, Reading as _};

/// How a list is removed.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
pub(super) struct RemoveQuery {
    #[serde(default)]
    with_rules: bool,
}

fn list_object(row: &ListRow, names: &NameTable) -> ListObject {
    let enabled = |key: &CountKey| key.list == row.id && key.enabled;
    ListObject {
        id: row.id,
        name: row.name.clone(),
        kind: row.kind,
        direction: row.direction,
        action: row.action,
        mandatory: row.mandatory,
        enabled: row.enabled,
        scopes: names.scope_names(&row.scopes),
        comment: row.comment.clone(),
        rules: names.tally.of_list(row.id),
        enabled_rules: names
            .tally
            .iter()
            .filter(|(sort, _)| enabled(sort))
            .map(|(_, count)| count)
            .sum(),
        generation: row.made,
        created_at: String::new(),
        created_by: String::new(),
        warnings: Vec::new(),
    }
}

fn with_maker(mut list: ListObject, rules: &RulesState) -> Result<ListObject, ApiError> {
    if let Some(made) = rules.reader()?.generation(list.generation)? {
        list.created_at = made.cause.at.to_string();
        list.created_by = made.cause.author;
    }
    Ok(list)
}

fn answer(rules: &RulesState, changed: &Changed<ListRow>) -> ListObject {
    ListObject {
        warnings: changed.warnings(),
        ..list_object(&changed.value, &rules.names())
    }
}

pub(super) async fn list(State(rules): State<Arc<RulesState>>) -> Json<ListList> {
    let names = rules.names();
    let lists = names
        .lists()
        .map(|list| list_object(&list.row, &names))
        .collect();
    Json(ListList { lists })
}

pub(super) async fn add(
    change: ChangeRequest,
    Object(spec): Object<ListSpec>,
) -> Result<(StatusCode, Json<ListObject>), ApiError> {
    change
        .make(move |changes, author, options| {
            let changed = changes.add_list(&spec, author, options)?;
            Ok((StatusCode::CREATED, Json(answer(&changes.rules, &changed))))
        })
        .await
}

pub(super) async fn show(
    State(rules): State<Arc<RulesState>>,
    Path(name): Path<String>,
) -> Result<Json<ListObject>, ApiError> {
    spawn_blocking(move || {
        let object = {
            let names = rules.names();
            list_object(&names.require_list(&name)?.row, &names)
        };
        Ok(Json(with_maker(object, &rules)?))
    })
    .await?
}

fn kind_of(edit: &ListEdit) -> ChangeKind {
    let switched = |enabled| ListEdit {
        enabled: Some(enabled),
        ..ListEdit::default()
    };
    if *edit == switched(true) {
        ChangeKind::ListEnable
    } else if *edit == switched(false) {
        ChangeKind::ListDisable
    } else {
        ChangeKind::ListEdit
    }
}

pub(super) async fn edit(
    change: ChangeRequest,
    Path(name): Path<String>,
    Object(edit): Object<ListEdit>,
) -> Result<Json<ListObject>, ApiError> {
    change
        .make(move |changes, author, options| {
            let kind = kind_of(&edit);
            let changed = changes.edit_list(kind, &name, |_, _| Ok(edit), author, options)?;
            Ok(Json(answer(&changes.rules, &changed)))
        })
        .await
}

pub(super) async fn assign(
    change: ChangeRequest,
    Path(name): Path<String>,
    Object(AssignRequest { scopes }): Object<AssignRequest>,
) -> Result<Json<ListObject>, ApiError> {
    change
        .make(move |changes, author, options| {
            let changed = changes.assign_list(&name, &scopes, true, author, options)?;
            Ok(Json(answer(&changes.rules, &changed)))
        })
        .await
}

pub(super) async fn unassign(
    change: ChangeRequest,
    Path(name): Path<String>,
    Object(AssignRequest { scopes }): Object<AssignRequest>,
) -> Result<Json<ListObject>, ApiError> {
    change
        .make(move |changes, author, options| {
            let changed = changes.assign_list(&name, &scopes, false, author, options)?;
            Ok(Json(answer(&changes.rules, &changed)))
        })
        .await
}

pub(super) async fn remove(
    change: ChangeRequest,
    Path(name): Path<String>,
    Query(RemoveQuery { with_rules }): Query<RemoveQuery>,
) -> Result<Json<ListObject>, ApiError> {
    change
        .make(move |changes, author, options| {
            let changed = changes.remove_list(&name, with_rules, author, options)?;
            let object = list_object(&changed.value.list, &changes.rules.names());
            Ok(Json(ListObject {
                rules: changed.value.rules,
                warnings: changed.warnings(),
                ..object
            }))
        })
        .await
}
