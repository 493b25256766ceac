//! `/v1/replay`: a capture held against the rules, and against a candidate.

use std::sync::Arc;

use axum::Json;
use axum::body::Body;
use axum::extract::{ConnectInfo, Query, State};
use serde::{Deserialize, Serialize};
use tokio::task::spawn_blocking;

use super::error::ApiError;
use super::peer::Peer;
use super::stream;
use crate::capture::Counts;
use crate::daemon::{Candidate, Changes, Verdict, replay};

/// How a capture is sent: the candidate first, then the capture.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct ReplayQuery {
    /// The candidate's file name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub candidate: Option<String>,
    /// Its bytes, at the beginning of the body.
    #[serde(default)]
    pub candidate_bytes: u64,
}

/// What rules make of a call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct VerdictObject {
    /// `block` or `pass`, whatever the mode.
    pub decision: String,
    /// What becomes of it.
    pub outcome: String,
    /// `rule 7`, `default of global`, or empty.
    pub decided_by: String,
    /// The rule's pattern.
    pub pattern: String,
}

/// A call of the capture.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ReplayedCall {
    /// Number of its packet, from 1.
    pub packet: u64,
    /// When it was captured, RFC 3339.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time: Option<String>,
    /// Who sent it.
    pub source: String,
    /// To whom.
    pub destination: String,
    /// `udp` or `tcp`.
    pub carrier: String,
    /// The peer's trunk; empty for none.
    pub trunk: String,
    /// Canonical caller.
    pub caller: String,
    /// Canonical called party.
    pub called: String,
    /// Its Call-ID.
    pub call_id: String,
    /// How often its INVITE was sent.
    pub sent: u32,
    /// What the rules make of it.
    pub now: VerdictObject,
    /// What the program in the kernel says of its frame; none if it was not asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kernel: Option<String>,
    /// Whether that is what the engine expects of it.
    pub agree: bool,
    /// What the candidate would make of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub then: Option<VerdictObject>,
    /// Whether the candidate would change its fate.
    pub changes: bool,
}

/// All of it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ReplayObject {
    /// The calls, in the order of their first INVITEs.
    pub calls: Vec<ReplayedCall>,
    /// What else is in the capture.
    pub counts: Counts,
    /// Why it was not read to its end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub problem: Option<String>,
    /// Calls that the rules block.
    pub blocked: u64,
    /// Calls that they let through.
    pub passed: u64,
    /// Calls that the candidate would block and the rules do not.
    pub newly_blocked: u64,
    /// Calls that the rules block and the candidate would not.
    pub newly_passed: u64,
    /// Calls of which kernel and engine do not say the same.
    pub disagreements: u64,
    /// What there is to say of the candidate.
    pub warnings: Vec<String>,
}

impl From<Verdict> for VerdictObject {
    fn from(verdict: Verdict) -> Self {
        Self {
            decision: if verdict.is_blocked { "block" } else { "pass" }.to_owned(),
            outcome: verdict.outcome.as_str().to_owned(),
            decided_by: verdict.decided_by,
            pattern: verdict.pattern,
        }
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
                    crate::capture::Carrier::Udp => "udp",
                    crate::capture::Carrier::Tcp => "tcp",
                }
                .to_owned(),
                trunk: one.trunk,
                caller: one.caller,
                called: one.called,
                call_id: call.call_id.unwrap_or_default(),
                sent: call.sent,
                now: one.now.into(),
                kernel: one.kernel.map(|outcome| outcome.as_str().to_owned()),
                agree: one.agree,
                then: one.then.map(VerdictObject::from),
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
