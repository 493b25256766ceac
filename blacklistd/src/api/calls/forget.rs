//! All traces of one number removed from the log.

use std::sync::Arc;

use axum::Json;
use axum::extract::{ConnectInfo, Query, State};
use blacklist_wire::ForgottenObject;
use serde::Deserialize;
use tokio::task::spawn_blocking;

use super::super::error::ApiError;
use super::super::peer::Peer;
use super::query::canonical;
use crate::daemon::{Journal, PinChecks, RulesState, Settings};
use blacklist_model::count;

/// Whose traces.
#[derive(Clone, Debug, Deserialize)]
pub(in crate::api) struct ForgetQuery {
    number: String,
}

pub(in crate::api) async fn forget(
    State(settings): State<Arc<Settings>>,
    State(journal): State<Arc<Journal>>,
    State(pins): State<Arc<PinChecks>>,
    State(rules): State<Arc<RulesState>>,
    ConnectInfo(peer): ConnectInfo<Peer>,
    Query(query): Query<ForgetQuery>,
) -> Result<Json<ForgottenObject>, ApiError> {
    spawn_blocking(move || {
        let text = query.number.trim();
        let configuration = settings.active();
        let (_, plan) = configuration.dial_plans().find(None)?;
        let number = canonical(text, &plan)?;
        let calls = journal.log().forget(number, text)?;
        let seen = journal.seen().forget(number);
        let attempts = pins.forget_attempts(number, text)?;
        let rules = rules.in_force.read();
        let named = rules
            .iter()
            .filter(|rule| rule.pattern.number() == Some(number))
            .map(|rule| rule.id.0);
        // The number itself is what must not be remembered.
        tracing::info!(
            "{} removed the traces of a number: {}",
            peer.name(),
            count(calls, "call")
        );
        Ok(Json(ForgottenObject {
            number: blacklist_store::journal::shown(number, text),
            calls,
            seen,
            attempts,
            rules: named.collect(),
        }))
    })
    .await?
}
