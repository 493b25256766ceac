//! `/v1/grants`: who may call whom for a while, whatever the rules say.

use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use blacklist_wire::{GrantBody, GrantList, GrantObject};
use tokio::task::spawn_blocking;

use super::change_request::ChangeRequest;
use super::error::{ApiError, Object};
use crate::daemon::{GrantRequest, Lifetime, RulesState};
use blacklist_store::rules::{GrantRow, Reading as _};
use blacklist_system::clock;

fn grant_object(row: GrantRow, warnings: Vec<String>) -> GrantObject {
    GrantObject {
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

fn request(body: GrantBody) -> Result<GrantRequest, ApiError> {
    let lifetime = match (body.seconds, body.once) {
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
        local: body.local,
        remote: body.remote,
        dial_plan: body.dial_plan,
        lifetime,
    })
}

pub(super) async fn list(
    State(rules): State<Arc<RulesState>>,
) -> Result<Json<GrantList>, ApiError> {
    spawn_blocking(move || {
        let rows = rules.reader()?.grants(clock::now())?.into_iter();
        Ok(Json(GrantList {
            grants: rows.map(|row| grant_object(row, Vec::new())).collect(),
        }))
    })
    .await?
}

pub(super) async fn add(
    change: ChangeRequest,
    Object(body): Object<GrantBody>,
) -> Result<(StatusCode, Json<GrantObject>), ApiError> {
    let request = request(body)?;
    change
        .make(move |changes, author, options| {
            let changed = changes.add_grant(&request, author, options)?;
            let warnings = changed.warnings();
            let object = grant_object(changed.value, warnings);
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
                grants: rows.map(|row| grant_object(row, Vec::new())).collect(),
            }))
        })
        .await
}
