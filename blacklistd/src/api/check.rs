//! `/v1/check`: what would become of a call, by which rule, in which step.

use std::sync::Arc;

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Query, State};
use blacklist_common::decide::Step;
use blacklist_common::number::{Number, NumberKind};
use blacklist_common::outcome::Outcome;
use blacklist_wire::{CheckObject, CheckRequest, KernelObject, PartyObject, StepObject};
use parking_lot::Mutex;
use tokio::task::spawn_blocking;

use super::error::{ApiError, Object};
use super::rules::Describer;
use crate::daemon::{Changes, Checked, Enforcement, KernelAnswer, RulesState, is_blocked};
use blacklist_engine::Counted;
use blacklist_model::RuleId;

fn number(number: Number, text: &str) -> String {
    match number.kind() {
        NumberKind::Text | NumberKind::None => text.to_owned(),
        NumberKind::E164 | NumberKind::Local => number.to_string(),
    }
}

/// What decided, apart: a rule's id, or the name of a scope whose default it was.
pub(super) fn decider(
    rules: &RulesState,
    decided_by: Option<Counted>,
) -> (Option<RuleId>, Option<String>) {
    match decided_by {
        None => (None, None),
        Some(Counted::Rule(id)) => (Some(id), None),
        Some(Counted::Default(scope)) => {
            (None, Some(rules.names().scope_names(&[scope]).join(" ")))
        }
    }
}

fn kernel_object(rules: &RulesState, checked: &Checked) -> KernelObject {
    match &checked.kernel {
        KernelAnswer::NotAsked(why) => KernelObject {
            why: Some(why.clone()),
            ..KernelObject::default()
        },
        KernelAnswer::Asked {
            outcome,
            decided_by,
            caller,
            called,
        } => {
            let (rule, default_of) = decider(rules, *decided_by);
            let leaves = *outcome == Outcome::UserSpace;
            KernelObject {
                asked: true,
                why: None,
                outcome: Some(outcome.as_str().to_owned()),
                rule,
                default_of,
                leaves: leaves.then(|| {
                    "rules that only user space can compare could decide this call: the kernel lets it pass, and counts it as user-space".to_owned()
                }),
                caller: Some(number(*caller, &checked.caller)),
                called: Some(number(*called, &checked.called)),
            }
        }
    }
}

fn answer(
    changes: &Changes,
    enforcement: &Mutex<Enforcement>,
    request: CheckRequest,
) -> Result<CheckObject, ApiError> {
    let state = &changes.rules;
    let checked = {
        let rules = state.in_force.read();
        enforcement.lock().check(&rules, &request)?
    };
    let (rule, default_of) = decider(state, checked.explanation.decided_by);
    let rule = match rule {
        Some(id) => Describer::new(changes)?.rule(id)?,
        None => None,
    };
    let judgement = &checked.explanation.judgement;
    let as_given = |given: String, read: &str| {
        if request.message.is_some() {
            read.to_owned()
        } else {
            given
        }
    };
    Ok(CheckObject {
        direction: checked.direction.as_str().to_owned(),
        decision: if is_blocked(judgement) {
            "block"
        } else {
            "pass"
        }
        .to_owned(),
        outcome: judgement.outcome.as_str().to_owned(),
        step: judgement.step.map_or("", Step::as_str).to_owned(),
        rule,
        default_of,
        kernel: kernel_object(state, &checked),
        agree: checked.agree(),
        caller: PartyObject {
            as_given: as_given(request.caller, &checked.caller),
            number: checked.caller,
        },
        called: PartyObject {
            as_given: as_given(request.called, &checked.called),
            number: checked.called,
        },
        steps: checked
            .explanation
            .steps
            .into_iter()
            .map(|step| StepObject {
                step: step.step.to_owned(),
                scope: step.scope,
                outcome: step.outcome,
            })
            .collect(),
        trunk: checked.trunk,
    })
}

pub(super) async fn check(
    State(changes): State<Arc<Changes>>,
    State(enforcement): State<Arc<Mutex<Enforcement>>>,
    Object(request): Object<CheckRequest>,
) -> Result<Json<CheckObject>, ApiError> {
    if request.caller.is_empty() || request.called.is_empty() {
        return Err(ApiError::bad_request(
            "a call has a caller and a called party: name both, or a message".to_owned(),
        ));
    }
    spawn_blocking(move || Ok(Json(answer(&changes, &enforcement, request)?))).await?
}

/// `/v1/check/message`: the body is an INVITE as it came; where it came from stands in the query.
pub(super) async fn check_message(
    State(changes): State<Arc<Changes>>,
    State(enforcement): State<Arc<Mutex<Enforcement>>>,
    Query(request): Query<CheckRequest>,
    body: Bytes,
) -> Result<Json<CheckObject>, ApiError> {
    let request = CheckRequest {
        message: Some(body.to_vec()),
        ..request
    };
    spawn_blocking(move || Ok(Json(answer(&changes, &enforcement, request)?))).await?
}
