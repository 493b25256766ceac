//! `/v1/replay`: a capture held against the rules, and against a candidate.

use std::sync::Arc;

use axum::Json;
use axum::body::Body;
use axum::extract::{ConnectInfo, Query, State};
use blacklist_wire::{ReplayObject, ReplayedCall, VerdictObject};
use serde::Deserialize;
use tokio::task::spawn_blocking;

use super::error::ApiError;
use super::peer::Peer;
use super::stream;
use crate::daemon::{Candidate, Changes, Verdict, replay};

/// How a capture is sent: the candidate first, then the capture.
#[derive(Clone, Debug, Default, Deserialize)]
pub(super) struct ReplayQuery {
    /// The candidate's file name.
    #[serde(default)]
    candidate: Option<String>,
    /// Its bytes, at the beginning of the body.
    #[serde(default)]
    candidate_bytes: u64,
}

fn verdict_object(verdict: Verdict) -> VerdictObject {
    VerdictObject {
        decision: if verdict.is_blocked { "block" } else { "pass" }.to_owned(),
        outcome: verdict.outcome.as_str().to_owned(),
        decided_by: verdict.decided_by,
        pattern: verdict.pattern,
    }
}

fn answer(
    changes: &Changes,
    query: &ReplayQuery,
    staged: &std::path::Path,
    peer: &Peer,
) -> Result<ReplayObject, ApiError> {
    let text = match &query.candidate {
        None => String::new(),
        Some(name) => read_candidate(staged, query.candidate_bytes, name)?,
    };
    let candidate = query
        .candidate
        .as_deref()
        .map(|name| Candidate { name, text: &text });
    let replay = replay(
        changes,
        staged,
        query.candidate_bytes,
        candidate,
        &peer.author(),
    )?;
    let calls: Vec<ReplayedCall> = replay
        .calls
        .into_iter()
        .map(|one| {
            let call = one.call;
            let changes = one
                .then
                .as_ref()
                .is_some_and(|then| then.is_blocked != one.now.is_blocked);
            ReplayedCall {
                packet: call.packet,
                time: call.at.map(|at| at.to_string()),
                source: call.source.to_string(),
                destination: call.destination.to_string(),
                carrier: match call.carrier {
                    blacklist_sip::capture::Carrier::Udp => "udp",
                    blacklist_sip::capture::Carrier::Tcp => "tcp",
                }
                .to_owned(),
                trunk: one.trunk,
                caller: one.caller,
                called: one.called,
                call_id: call.call_id.unwrap_or_default(),
                sent: call.sent,
                now: verdict_object(one.now),
                kernel: one.kernel.map(|outcome| outcome.as_str().to_owned()),
                agree: one.agree,
                then: one.then.map(verdict_object),
                changes,
            }
        })
        .collect();
    let count =
        |is: &dyn Fn(&ReplayedCall) -> bool| calls.iter().filter(|call| is(call)).count() as u64;
    Ok(ReplayObject {
        blocked: count(&|call| call.now.decision == "block"),
        passed: count(&|call| call.now.decision == "pass"),
        newly_blocked: count(&|call| call.changes && call.now.decision == "pass"),
        newly_passed: count(&|call| call.changes && call.now.decision == "block"),
        disagreements: count(&|call| !call.agree),
        counts: replay.counts,
        problem: replay.problem,
        warnings: replay.warnings,
        calls,
    })
}

fn read_candidate(staged: &std::path::Path, bytes: u64, name: &str) -> Result<String, ApiError> {
    use std::io::Read as _;
    let mut text = String::new();
    std::fs::File::open(staged)
        .and_then(|file| file.take(bytes).read_to_string(&mut text))
        .map_err(|error| ApiError::bad_request(format!("{name} cannot be read: {error}")))?;
    Ok(text)
}

pub(super) async fn judge(
    State(changes): State<Arc<Changes>>,
    ConnectInfo(peer): ConnectInfo<Peer>,
    Query(query): Query<ReplayQuery>,
    body: Body,
) -> Result<Json<ReplayObject>, ApiError> {
    let staged = stream::stage(changes.rules.directory(), "replay", body).await?;
    spawn_blocking(move || Ok(Json(answer(&changes, &query, staged.path(), &peer)?))).await?
}
