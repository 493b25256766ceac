//! `/v1/lists`: named lists and the scopes they are assigned to.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use tokio::task::spawn_blocking;

use super::change_request::ChangeRequest;
use super::error::{ApiError, Object};
use crate::daemon::{Changed, CountKey, NameTable, RulesState};
use crate::rules::{ListEdit, ListId, ListSpec, RuleAction, RuleDirection, RuleKind};
use crate::store::{ChangeKind, ListRow, Reading as _};

/// A list.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ListObject {
    /// Its id.
    pub id: ListId,
    /// Its name.
    pub name: String,
    /// What its rules are if they do not say it themselves.
    pub kind: RuleKind,
    /// Direction of its rules.
    pub direction: RuleDirection,
    /// What its rules ask for; none for the kind's own.
    pub action: Option<RuleAction>,
    /// Whether allow rules of narrower scopes leave its rules in force.
    pub mandatory: bool,
    /// Whether it is switched on.
    pub enabled: bool,
    /// Names of the scopes it is assigned to.
    pub scopes: Vec<String>,
    /// Why it is there.
    pub comment: String,
    /// How many rules it has.
    pub rules: u64,
    /// How many of them are enabled.
    pub enabled_rules: u64,
    /// Generation in which it was made.
    pub generation: u64,
    /// When it was made, RFC 3339.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub created_at: String,
    /// Who made it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub created_by: String,
    /// What the operator should know; only behind a change.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<String>,
}

/// All lists.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ListList {
    /// By id.
    pub lists: Vec<ListObject>,
}

/// Scopes that a list is assigned to or taken from.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AssignRequest {
    /// Their names.
    pub scopes: Vec<String>,
}

/// How a list is removed.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
pub(super) struct RemoveQuery {
    #[serde(default)]
    with_rules: bool,
}

impl ListObject {
    fn new(row: &ListRow, names: &NameTable) -> Self {
        let enabled = |key: &CountKey| key.list == row.id && key.enabled;
        Self {
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

    fn with_maker(mut self, rules: &RulesState) -> Result<Self, ApiError> {
        if let Some(made) = rules.reader()?.generation(self.generation)? {
            self.created_at = made.cause.at.to_string();
            self.created_by = made.cause.author;
        }
        Ok(self)
    }
}

fn answer(rules: &RulesState, changed: &Changed<ListRow>) -> ListObject {
    ListObject {
        warnings: changed.warnings(),
        ..ListObject::new(&changed.value, &rules.names())
    }
}

pub(super) async fn list(State(rules): State<Arc<RulesState>>) -> Json<ListList> {
    let names = rules.names();
    let lists = names
        .lists()
        .map(|list| ListObject::new(&list.row, &names))
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
            ListObject::new(&names.require_list(&name)?.row, &names)
        };
        Ok(Json(object.with_maker(&rules)?))
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
            let object = ListObject::new(&changed.value.list, &changes.rules.names());
            Ok(Json(ListObject {
                rules: changed.value.rules,
                warnings: changed.warnings(),
                ..object
            }))
        })
        .await
}
