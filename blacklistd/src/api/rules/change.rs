//! `POST`, `PATCH` and `DELETE /v1/rules`: one rule or several, always one generation.

use axum::Json;
use axum::extract::Path;
use axum::http::StatusCode;
use blacklist_wire::{EditRequest, RuleObject, RulesChanged};

use super::super::error::{ApiError, Object};
use super::super::manner::ChangeRequest;
use super::object::Describer;
use crate::daemon::{Changed, Shared};
use crate::rules::{RuleEdit, RuleId, RuleSpec};
use crate::store::{ChangeKind, RuleRow};

fn answer(shared: &Shared, changed: Changed<Vec<RuleRow>>) -> Result<RulesChanged, ApiError> {
    let mut describer = Describer::new(shared)?;
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
        .make(move |shared, who, manner| {
            let changed = shared.add_rules(&specs, who, manner)?;
            Ok((StatusCode::CREATED, Json(answer(shared, changed)?)))
        })
        .await
}

pub(in crate::api) async fn edit(
    change: ChangeRequest,
    Object(EditRequest { rules, edit }): Object<EditRequest>,
) -> Result<Json<RulesChanged>, ApiError> {
    change
        .make(move |shared, who, manner| {
            let changed = shared.edit_rules(kind_of(&edit), &rules, &edit, who, manner)?;
            Ok(Json(answer(shared, changed)?))
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
        .make(move |shared, who, manner| {
            let changed = shared.edit_rules(kind_of(&edit), &[id], &edit, who, manner)?;
            Ok(Json(one(answer(shared, changed)?)?))
        })
        .await
}

pub(in crate::api) async fn remove(
    change: ChangeRequest,
    Object(EditRequest { rules, .. }): Object<EditRequest>,
) -> Result<Json<RulesChanged>, ApiError> {
    change
        .make(move |shared, who, manner| {
            let counted = counted(shared, &rules)?;
            let changed = shared.remove_rules(&rules, who, manner)?;
            Ok(Json(with_counters(answer(shared, changed)?, &counted)))
        })
        .await
}

pub(in crate::api) async fn remove_one(
    change: ChangeRequest,
    Path(id): Path<String>,
) -> Result<Json<RuleObject>, ApiError> {
    let id = super::id_of(&id)?;
    change
        .make(move |shared, who, manner| {
            let counted = counted(shared, &[id])?;
            let changed = shared.remove_rules(&[id], who, manner)?;
            let answer = with_counters(answer(shared, changed)?, &counted);
            Ok(Json(one(answer)?))
        })
        .await
}

/// What rules have counted, before they go.
fn counted(shared: &Shared, ids: &[RuleId]) -> Result<Vec<RuleObject>, ApiError> {
    let mut describer = Describer::new(shared)?;
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
