//! `/v1/lists`: named lists and the scopes they are assigned to.

use axum::Json;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use blacklist_wire::{AssignRequest, ListList, ListObject};
use serde::Deserialize;
use tokio::task::spawn_blocking;

use super::error::{ApiError, Object};
use super::manner::ChangeRequest;
use crate::daemon::{Changed, NameTable, Shared};
use crate::rules::{ListEdit, ListSpec};
use crate::store::{ChangeKind, ListRow, Reading as _};

/// How a list is removed.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
pub(super) struct RemoveQuery {
    #[serde(default)]
    with_rules: bool,
}

fn list_object(row: &ListRow, names: &NameTable) -> ListObject {
    let enabled = |sort: &crate::daemon::Sort| sort.list == row.id && sort.enabled;
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

fn with_maker(mut list: ListObject, shared: &Shared) -> Result<ListObject, ApiError> {
    if let Some(made) = shared.reader()?.generation(list.generation)? {
        list.created_at = made.cause.at.to_string();
        list.created_by = made.cause.author;
    }
    Ok(list)
}

fn answer(shared: &Shared, changed: &Changed<ListRow>) -> ListObject {
    ListObject {
        warnings: changed.warnings(),
        ..list_object(&changed.value, &shared.names())
    }
}

pub(super) async fn list(State(shared): State<Shared>) -> Json<ListList> {
    let names = shared.names();
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
        .make(move |shared, who, manner| {
            let changed = shared.add_list(&spec, who, manner)?;
            Ok((StatusCode::CREATED, Json(answer(shared, &changed))))
        })
        .await
}

pub(super) async fn show(
    State(shared): State<Shared>,
    Path(name): Path<String>,
) -> Result<Json<ListObject>, ApiError> {
    spawn_blocking(move || {
        let object = {
            let names = shared.names();
            list_object(&names.require_list(&name)?.row, &names)
        };
        Ok(Json(with_maker(object, &shared)?))
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
        .make(move |shared, who, manner| {
            let kind = kind_of(&edit);
            let changed = shared.edit_list(kind, &name, |_, _| Ok(edit), who, manner)?;
            Ok(Json(answer(shared, &changed)))
        })
        .await
}

pub(super) async fn assign(
    change: ChangeRequest,
    Path(name): Path<String>,
    Object(AssignRequest { scopes }): Object<AssignRequest>,
) -> Result<Json<ListObject>, ApiError> {
    change
        .make(move |shared, who, manner| {
            let changed = shared.assign_list(&name, &scopes, true, who, manner)?;
            Ok(Json(answer(shared, &changed)))
        })
        .await
}

pub(super) async fn unassign(
    change: ChangeRequest,
    Path(name): Path<String>,
    Object(AssignRequest { scopes }): Object<AssignRequest>,
) -> Result<Json<ListObject>, ApiError> {
    change
        .make(move |shared, who, manner| {
            let changed = shared.assign_list(&name, &scopes, false, who, manner)?;
            Ok(Json(answer(shared, &changed)))
        })
        .await
}

pub(super) async fn remove(
    change: ChangeRequest,
    Path(name): Path<String>,
    Query(RemoveQuery { with_rules }): Query<RemoveQuery>,
) -> Result<Json<ListObject>, ApiError> {
    change
        .make(move |shared, who, manner| {
            let changed = shared.remove_list(&name, with_rules, who, manner)?;
            let object = list_object(&changed.value.list, &shared.names());
            Ok(Json(ListObject {
                rules: changed.value.rules,
                warnings: changed.warnings(),
                ..object
            }))
        })
        .await
}
