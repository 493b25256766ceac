//! All traces of one number removed from the log.

use axum::Json;
use axum::extract::{ConnectInfo, Query, State};
use blacklist_wire::ForgottenObject;
use serde::Deserialize;
use tokio::task::spawn_blocking;

use super::super::error::ApiError;
use super::super::peer::Peer;
use super::query::canonical;
use crate::daemon::Shared;

/// Whose traces.
#[derive(Clone, Debug, Deserialize)]
pub(in crate::api) struct ForgetQuery {
    number: String,
}

pub(in crate::api) async fn forget(
    State(shared): State<Shared>,
    ConnectInfo(peer): ConnectInfo<Peer>,
    Query(query): Query<ForgetQuery>,
) -> Result<Json<ForgottenObject>, ApiError> {
    spawn_blocking(move || {
        let text = query.number.trim();
        let plans = shared.plan_table();
        let (_, plan) = plans.plans().find(None)?;
        let number = canonical(text, &plan)?;
        let journal = shared.journal();
        let calls = journal.log().forget(number, text)?;
        let seen = journal.seen().forget(number);
        let attempts = shared.forget_attempts(number, text)?;
        let rules = shared.rules();
        let named = rules
            .iter()
            .filter(|rule| rule.pattern.number() == Some(number))
            .map(|rule| rule.id.0);
        // The number itself is what must not be remembered.
        tracing::info!(
            "{} removed the traces of a number: {calls} calls",
            peer.who().author
        );
        Ok(Json(ForgottenObject {
            number: crate::journal::shown(number, text),
            calls,
            seen,
            attempts,
            rules: named.collect(),
        }))
    })
    .await?
}
