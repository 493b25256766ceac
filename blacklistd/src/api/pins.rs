//! `/v1/pins`: which scopes have a PIN. A PIN is answered once, to whoever had it made, and never
//! again; no error speaks of its digits.

use std::sync::Arc;

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, State};
use blacklist_wire::{PinChanged, PinList, PinObject, PinRequest, UnlockRequest, UnlockedObject};
use tokio::task::spawn_blocking;

use super::change_request::ChangeRequest;
use super::error::{ApiError, Object};
use crate::daemon::{Changed, PinChecks, RulesState};
use blacklist_store::pin::{Pin, PinError};
use blacklist_store::rules::{Reading as _, ScopeRow};

impl From<PinError> for ApiError {
    fn from(error: PinError) -> Self {
        match error {
            PinError::Random(_) => Self::internal(error.to_string()),
            PinError::NoDigits | PinError::Equal | PinError::Run => {
                Self::bad_request(error.to_string())
            }
        }
    }
}

/// A body with a PIN; what cannot be read is not repeated.
fn request(body: &Bytes) -> Result<PinRequest, ApiError> {
    serde_json::from_slice(body).map_err(|_| {
        ApiError::bad_request(
            "the request's body is not as expected: write {\"pin\": \"...\"}, or {} to have a PIN made"
                .to_owned(),
        )
    })
}

/// A change; the PIN is in the answer if it was made here and the change was made too.
fn pin_changed(changed: Changed<ScopeRow>, made: Option<&Pin>) -> PinChanged {
    let shown = made.filter(|_| changed.generation.is_some());
    PinChanged {
        pin: shown.map(|pin| pin.digits().to_owned()),
        warnings: changed.warnings(),
        scope: changed.value.name,
    }
}

pub(super) async fn list(State(rules): State<Arc<RulesState>>) -> Result<Json<PinList>, ApiError> {
    spawn_blocking(move || {
        let rows = rules.reader()?.pins()?;
        let names = rules.names();
        let pins = rows.into_iter().map(|row| PinObject {
            scope: names.scope_names(&[row.scope]).join(" "),
            since: row.since.to_string(),
            author: row.author,
        });
        Ok(Json(PinList {
            pins: pins.collect(),
        }))
    })
    .await?
}

pub(super) async fn set(
    change: ChangeRequest,
    Path(scope): Path<String>,
    body: Bytes,
) -> Result<Json<PinChanged>, ApiError> {
    let request = request(&body)?;
    change
        .make(move |changes, author, options| {
            let (pin, is_made) = match &request.pin {
                Some(text) => (Pin::parse(text)?, false),
                None => (Pin::generate()?, true),
            };
            let changed = changes.set_pin(&scope, &pin, author, options)?;
            Ok(Json(pin_changed(changed, is_made.then_some(&pin))))
        })
        .await
}

pub(super) async fn rotate(
    change: ChangeRequest,
    Path(scope): Path<String>,
) -> Result<Json<PinChanged>, ApiError> {
    change
        .make(move |changes, author, options| {
            let pin = Pin::generate()?;
            let changed = changes.rotate_pin(&scope, &pin, author, options)?;
            Ok(Json(pin_changed(changed, Some(&pin))))
        })
        .await
}

pub(super) async fn remove(
    change: ChangeRequest,
    Path(scope): Path<String>,
) -> Result<Json<PinChanged>, ApiError> {
    change
        .make(move |changes, author, options| {
            let changed = changes.remove_pin(&scope, author, options)?;
            Ok(Json(pin_changed(changed, None)))
        })
        .await
}

/// `/v1/pin-tries/unlock`: wrong tries are forgotten.
pub(super) async fn unlock(
    change: ChangeRequest,
    State(pins): State<Arc<PinChecks>>,
    Object(request): Object<UnlockRequest>,
) -> Result<Json<UnlockedObject>, ApiError> {
    change
        .make(move |changes, author, options| {
            let changed = changes.unlock_pin(&pins, &request.number, author, options)?;
            Ok(Json(UnlockedObject {
                scope: changed.value,
            }))
        })
        .await
}
