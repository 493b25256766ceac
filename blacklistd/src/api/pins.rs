//! `/v1/pins`: which scopes have a PIN. A PIN is answered once, to whoever had it made, and never
//! again; no error speaks of its digits.

use std::sync::Arc;

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, State};
use serde::{Deserialize, Serialize};
use tokio::task::spawn_blocking;

use super::change_request::ChangeRequest;
use super::error::{ApiError, Object};
use crate::daemon::{Changed, PinChecks, RulesState};
use crate::pin::{Pin, PinError};
use crate::store::{Reading as _, ScopeRow};

/// That a scope has a PIN.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct PinObject {
    /// The scope.
    pub scope: String,
    /// Since when, RFC 3339.
    pub since: String,
    /// Who set it.
    pub author: String,
}

/// Scopes with a PIN.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct PinList {
    /// By the ids of the scopes.
    pub pins: Vec<PinObject>,
}

/// A PIN to be set.
#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PinRequest {
    /// Its digits; absent if one is to be made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pin: Option<String>,
}

impl std::fmt::Debug for PinRequest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PinRequest")
    }
}

/// A scope whose PIN is another one, or gone.
#[derive(Clone, Serialize, Deserialize)]
pub struct PinChanged {
    /// The scope.
    pub scope: String,
    /// The PIN, if it was made here: this once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pin: Option<String>,
    /// What the operator should know.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<String>,
}

impl std::fmt::Debug for PinChanged {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "PinChanged of {}", self.scope)
    }
}

/// Whose tries are to be forgotten.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UnlockRequest {
    /// A local number, or a scope.
    pub number: String,
}

/// Whose tries were forgotten.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct UnlockedObject {
    /// The scope; of a local number its own.
    pub scope: String,
}

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

impl PinChanged {
    /// A change; the PIN is told if it was made here and the change was made too.
    fn of(changed: Changed<ScopeRow>, made: Option<&Pin>) -> Self {
        let told = made.filter(|_| changed.generation.is_some());
        Self {
            pin: told.map(|pin| pin.digits().to_owned()),
            warnings: changed.warnings(),
            scope: changed.value.name,
        }
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
            Ok(Json(PinChanged::of(changed, is_made.then_some(&pin))))
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
            Ok(Json(PinChanged::of(changed, Some(&pin))))
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
            Ok(Json(PinChanged::of(changed, None)))
        })
        .await
}

/// `/v1/pin-tries/unlock`: wrong tries are forgotten.
pub(super) async fn unlock(
    change: ChangeRequest,
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
