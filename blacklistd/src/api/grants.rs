//! `/v1/grants`: who may call whom for a while, whatever the rules say.

use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use tokio::task::spawn_blocking;

use super::change_request::ChangeRequest;
use super::error::{ApiError, Object};
use crate::daemon::{GrantRequest, Lifetime, RulesState};
use crate::store::GrantRow;

/// A grant.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct GrantObject {
    /// Its id.
    pub id: u64,
    /// The party inside.
    pub local: String,
    /// The party outside.
    pub remote: String,
    /// Until when, RFC 3339; none until it is revoked.
    pub until: Option<String>,
    /// Whether it was meant for one call.
    pub once: bool,
    /// Since when, RFC 3339.
    pub since: String,
    /// Who wrote it, or which PIN.
    pub author: String,
    /// What the operator should know; only behind a change.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<String>,
}

/// Grants that hold.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct GrantList {
    /// By id.
    pub grants: Vec<GrantObject>,
}

/// A grant as it is asked for.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GrantBody {
    /// The party inside, in any spelling.
    pub local: String,
    /// The party outside.
    pub remote: String,
    /// How many seconds it holds; absent until it is revoked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seconds: Option<u64>,
    /// Whether it is for one call.
    #[serde(default)]
    pub once: bool,
    /// Dial plan by which both are read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dial_plan: Option<String>,
}

impl GrantObject {
    fn of(row: GrantRow, warnings: Vec<String>) -> Self {
        Self {
            id: row.id,
            local: row.local,
            remote: row.remote,
            until: row.until.map(|time| time.to_string()),
            once: row.once,
            since: row.made.to_string(),
            author: row.author,
            warnings,
        }
    }
}

impl GrantBody {
    fn request(self) -> Result<GrantRequest, ApiError> {
        let lifetime = match (self.seconds, self.once) {
            (Some(_), true) => {
                return Err(ApiError::bad_request(
                    "a grant holds for a time or for one call, not both".to_owned(),
                ));
            }
            (Some(seconds), false) => Lifetime::For(Duration::from_secs(seconds)),
            (None, true) => Lifetime::Once,
            (None, false) => Lifetime::UntilRevoked,
        };
        Ok(GrantRequest {
            local: self.local,
            remote: self.remote,
            dial_plan: self.dial_plan,
            lifetime,
        })
    }
}

pub(super) async fn list(
    State(rules): State<Arc<RulesState>>,
) -> Result<Json<GrantList>, ApiError> {
    spawn_blocking(move || {
        let rows = rules.reader()?.grants(jiff::Timestamp::now())?.into_iter();
        Ok(Json(GrantList {
            grants: rows.map(|row| GrantObject::of(row, Vec::new())).collect(),
        }))
    })
    .await?
}

pub(super) async fn add(
    change: ChangeRequest,
    Object(body): Object<GrantBody>,
) -> Result<(StatusCode, Json<GrantObject>), ApiError> {
    let request = body.request()?;
    change
        .make(move |changes, author, options| {
            let changed = changes.add_grant(&request, author, options)?;
            let warnings = changed.warnings();
            let object = GrantObject::of(changed.value, warnings);
            Ok((StatusCode::CREATED, Json(object)))
        })
        .await
}

pub(super) async fn revoke(
    change: ChangeRequest,
    Path(ids): Path<String>,
) -> Result<Json<GrantList>, ApiError> {
    let ids: Result<Vec<u64>, _> = ids.split(',').map(str::parse).collect();
    let ids = ids.map_err(|_| {
        ApiError::bad_request("grants have numbers: see `blacklistd grant list`".to_owned())
    })?;
    change
        .make(move |changes, author, options| {
            let changed = changes.revoke_grants(&ids, author, options)?;
            let rows = changed.value.into_iter();
            Ok(Json(GrantList {
                grants: rows.map(|row| GrantObject::of(row, Vec::new())).collect(),
            }))
        })
        .await
}
