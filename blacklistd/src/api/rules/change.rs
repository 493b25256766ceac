//! `POST`, `PATCH` and `DELETE /v1/rules`: one rule or several, always one generation.

use axum::Json;
use axum::extract::Path;
use axum::http::StatusCode;
use blacklist_wire::{EditRequest, RuleObject, RulesChanged};

use super::super::change_request::ChangeRequest;
use super::super::error::{ApiError, Object};
use super::object::Describer;
use crate::daemon::{Changed, Changes};
use blacklist_model::{RuleEdit, RuleId, RuleSpec};
use blacklist_store::rules::{ChangeKind, RuleRow};

fn answer(changes: &Changes, changed: Changed<Vec<RuleRow>>) -> Result<RulesChanged, ApiError> {
    let mut describer = Describer::new(changes)?;
    let warnings = changed.warnings();
    let rules = changed
        .value
        .into_iter()
        .map(|row| describer.describe(row))
        .collect::<Result<_, _>>()?;
    Ok(RulesChanged {
        rules,
        generation: changed.generation.map(|generation| generation.number),
        warnings,
    })
}

fn one(changed: RulesChanged) -> Result<RuleObject, ApiError> {
    let mut rules = changed.rules.into_iter();
    let rule = rules
        .next()
        .ok_or_else(|| ApiError::internal("the change names no rule".to_owned()))?;
    Ok(RuleObject {
        warnings: changed.warnings,
        ..rule
    })
}

fn kind_of(edit: &RuleEdit) -> ChangeKind {
    let switched = |enabled| RuleEdit {
        enabled: Some(enabled),
        ..RuleEdit::default()
    };
    if *edit == switched(true) {
        ChangeKind::RuleEnable
    } else if *edit == switched(false) {
        ChangeKind::RuleDisable
    } else {
        ChangeKind::RuleEdit
    }
}

pub(in crate::api) async fn add(
    change: ChangeRequest,
    Object(specs): Object<Vec<RuleSpec>>,
) -> Result<(StatusCode, Json<RulesChanged>), ApiError> {
    if specs.is_empty() {
        return Err(ApiError::bad_request("no rule is named".to_owned()));
    }
    change
        .make(move |changes, author, options| {
            let changed = changes.add_rules(&specs, author, options)?;
            Ok((StatusCode::CREATED, Json(answer(changes, changed)?)))
        })
        .await
}

pub(in crate::api) async fn edit(
    change: ChangeRequest,
    Object(EditRequest { rules, edit }): Object<EditRequest>,
) -> Result<Json<RulesChanged>, ApiError> {
    change
        .make(move |changes, author, options| {
            let changed = changes.edit_rules(kind_of(&edit), &rules, &edit, author, options)?;
            Ok(Json(answer(changes, changed)?))
        })
        .await
}

pub(in crate::api) async fn edit_one(
    change: ChangeRequest,
    Path(id): Path<String>,
    Object(edit): Object<RuleEdit>,
) -> Result<Json<RuleObject>, ApiError> {
    let id = super::id_of(&id)?;
    change
        .make(move |changes, author, options| {
            let changed = changes.edit_rules(kind_of(&edit), &[id], &edit, author, options)?;
            Ok(Json(one(answer(changes, changed)?)?))
        })
        .await
}

pub(in crate::api) async fn remove(
    change: ChangeRequest,
    Object(EditRequest { rules, .. }): Object<EditRequest>,
) -> Result<Json<RulesChanged>, ApiError> {
    change
        .make(move |changes, author, options| {
            let counted = counted(changes, &rules)?;
            let changed = changes.remove_rules(&rules, author, options)?;
            Ok(Json(with_counters(answer(changes, changed)?, &counted)))
        })
        .await
}

pub(in crate::api) async fn remove_one(
    change: ChangeRequest,
    Path(id): Path<String>,
) -> Result<Json<RuleObject>, ApiError> {
    let id = super::id_of(&id)?;
    change
        .make(move |changes, author, options| {
            let counted = counted(changes, &[id])?;
            let changed = changes.remove_rules(&[id], author, options)?;
            let answer = with_counters(answer(changes, changed)?, &counted);
            Ok(Json(one(answer)?))
        })
        .await
}

/// What rules have counted, before they go.
fn counted(changes: &Changes, ids: &[RuleId]) -> Result<Vec<RuleObject>, ApiError> {
    let mut describer = Describer::new(changes)?;
    let mut objects = Vec::new();
    for id in ids {
        objects.extend(describer.rule(*id)?);
    }
    Ok(objects)
}

fn with_counters(changed: RulesChanged, counted: &[RuleObject]) -> RulesChanged {
    let rules = changed.rules.into_iter().map(|rule| {
        match counted.iter().find(|before| before.id == rule.id) {
            Some(before) => RuleObject {
                in_force: false,
                why_not: Some("it is removed".to_owned()),
                ..before.clone()
            },
            None => rule,
        }
    });
    RulesChanged {
        rules: rules.collect(),
        ..changed
    }
}
