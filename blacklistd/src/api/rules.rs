//! `/v1/rules`: the rules, with what they counted.

use std::collections::HashMap;

use axum::Json;
use axum::body::Bytes;
use axum::extract::{ConnectInfo, Path, State};
use axum::http::StatusCode;
use blacklist_common::tables::Counter;
use serde::{Deserialize, Serialize};
use tokio::task::spawn_blocking;

use super::error::{ApiError, object};
use super::peer::Peer;
use crate::daemon::{Changed, Core, Shared};
use crate::rules::{
    ListKind, PatternKind, Refusal, RuleAction, RuleDirection, RuleEdit, RuleId, RuleSpec,
};
use crate::store::{Store, StoredRule};

/// A rule.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct RuleObject {
    /// Its id.
    pub id: RuleId,
    /// The pattern as it was written.
    pub pattern: String,
    /// Exact or prefix.
    pub kind: PatternKind,
    /// Canonical number, without the star of a prefix.
    pub number: String,
    /// Block or allow.
    pub list: ListKind,
    /// `global` or `number:NUMBER`.
    pub scope: String,
    /// For calls of which direction.
    pub direction: RuleDirection,
    /// What it asks for.
    pub action: RuleAction,
    /// Dial plan it was read by; `none` for none.
    pub dial_plan: String,
    /// Why it is there.
    pub comment: String,
    /// Whether it is in force.
    pub enabled: bool,
    /// When it was made, RFC 3339.
    pub created_at: String,
    /// Who made it.
    pub created_by: String,
    /// Calls that it decided.
    pub calls: u64,
    /// Their packets.
    pub packets: u64,
    /// What the operator should know; only behind a change.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<String>,
}

/// All rules.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct RuleList {
    /// By id.
    pub rules: Vec<RuleObject>,
}

/// Counters by slot.
pub(super) type Counters = HashMap<u32, Counter>;

impl RuleObject {
    pub(super) fn new(stored: StoredRule, counter: Counter) -> Self {
        let StoredRule {
            draft,
            created_at,
            created_by,
        } = stored;
        let rule = draft.rule;
        Self {
            id: rule.id,
            pattern: rule.written.into(),
            kind: rule.pattern.kind,
            number: rule.pattern.text.into(),
            list: rule.list,
            scope: rule.scope.to_string(),
            direction: rule.direction,
            action: rule.action,
            dial_plan: draft.dial_plan,
            comment: draft.comment,
            enabled: rule.enabled,
            created_at: created_at.to_string(),
            created_by,
            calls: counter.calls,
            packets: counter.packets,
            warnings: Vec::new(),
        }
    }
}

impl Core {
    pub(super) fn counters(&self) -> Result<Counters, ApiError> {
        Ok(self.kernel.counters()?.into_iter().collect())
    }

    /// What a rule counted.
    pub(super) fn counter(&self, counters: &Counters, id: RuleId) -> Counter {
        self.rules
            .slot(id)
            .and_then(|slot| counters.get(&slot))
            .copied()
            .unwrap_or_default()
    }

    pub(super) fn rule_object(&self, stored: StoredRule) -> Result<RuleObject, ApiError> {
        let counter = self.counter(&self.counters()?, stored.rule().id);
        Ok(RuleObject::new(stored, counter))
    }

    fn changed_object(&self, changed: Changed) -> Result<RuleObject, ApiError> {
        Ok(RuleObject {
            warnings: changed.warnings,
            ..self.rule_object(changed.stored)?
        })
    }
}

fn id_of(text: &str) -> Result<RuleId, ApiError> {
    text.parse()
        .map(RuleId)
        .map_err(|_| ApiError::bad_request(format!("\"{text}\" is no rule id: write its number")))
}

pub(super) async fn list(State(shared): State<Shared>) -> Result<Json<RuleList>, ApiError> {
    spawn_blocking(move || {
        // A long list is read beside the daemon's own connection, so that no change waits for it.
        let directory = shared.lock().configuration.state_directory.clone();
        let stored = Store::reader(&directory)?.all()?;
        let core = shared.lock();
        let counters = core.counters()?;
        let object = |stored: StoredRule| {
            let counter = core.counter(&counters, stored.rule().id);
            RuleObject::new(stored, counter)
        };
        Ok(Json(RuleList {
            rules: stored.into_iter().map(object).collect(),
        }))
    })
    .await?
}

pub(super) async fn add(
    State(shared): State<Shared>,
    ConnectInfo(peer): ConnectInfo<Peer>,
    body: Bytes,
) -> Result<(StatusCode, Json<RuleObject>), ApiError> {
    let spec: RuleSpec = object(&body)?;
    spawn_blocking(move || {
        let mut core = shared.lock();
        let changed = core.add_rule(&spec, &peer.author())?;
        Ok((StatusCode::CREATED, Json(core.changed_object(changed)?)))
    })
    .await?
}

pub(super) async fn show(
    State(shared): State<Shared>,
    Path(id): Path<String>,
) -> Result<Json<RuleObject>, ApiError> {
    let id = id_of(&id)?;
    spawn_blocking(move || {
        let core = shared.lock();
        let stored = core.store.get(id)?.ok_or(Refusal::NotFound(id))?;
        Ok(Json(core.rule_object(stored)?))
    })
    .await?
}

pub(super) async fn edit(
    State(shared): State<Shared>,
    ConnectInfo(peer): ConnectInfo<Peer>,
    Path(id): Path<String>,
    body: Bytes,
) -> Result<Json<RuleObject>, ApiError> {
    let id = id_of(&id)?;
    let edit: RuleEdit = object(&body)?;
    spawn_blocking(move || {
        let mut core = shared.lock();
        let changed = core.edit_rule(id, &edit, &peer.author())?;
        Ok(Json(core.changed_object(changed)?))
    })
    .await?
}

pub(super) async fn remove(
    State(shared): State<Shared>,
    ConnectInfo(peer): ConnectInfo<Peer>,
    Path(id): Path<String>,
) -> Result<Json<RuleObject>, ApiError> {
    let id = id_of(&id)?;
    spawn_blocking(move || {
        let mut core = shared.lock();
        let counter = core.counter(&core.counters()?, id);
        let stored = core.remove_rule(id, &peer.author())?;
        Ok(Json(RuleObject::new(stored, counter)))
    })
    .await?
}
