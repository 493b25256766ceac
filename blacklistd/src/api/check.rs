//! `/v1/check`: what would become of a call, by which rule, in which step.

use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use blacklist_common::decide::Step;
use blacklist_common::number::{Number, NumberKind};
use blacklist_common::rule::Action;
use serde::{Deserialize, Serialize};
use tokio::task::spawn_blocking;

use super::error::{ApiError, object};
use super::rules::RuleObject;
use crate::daemon::{CheckRequest, Checked, Core, KernelSide, Shared};
use crate::rules::RuleId;

/// A party as it was given and as it is read.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct PartyObject {
    /// As given.
    pub as_given: String,
    /// Canonical.
    pub number: String,
}

/// One step of the decision.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct StepObject {
    /// Which step.
    pub step: String,
    /// For whom; empty where nobody is named.
    pub scope: String,
    /// A sentence.
    pub outcome: String,
}

/// What the program in the kernel says.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct KernelObject {
    /// Whether it was asked.
    pub asked: bool,
    /// Why it was not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
    /// Where the packet's way ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outcome: Option<String>,
    /// By which rule; none also if it was not asked.
    #[serde(default)]
    pub rule: Option<RuleId>,
    /// The caller as it reads it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub caller: Option<String>,
    /// The called party as it reads it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub called: Option<String>,
}

/// The answer.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct CheckObject {
    /// Who calls.
    pub caller: PartyObject,
    /// Who is called.
    pub called: PartyObject,
    /// `inbound` or `outbound`.
    pub direction: String,
    /// The trunk; empty for peers that no trunk names.
    pub trunk: String,
    /// `block` or `pass`: what the rules say, whatever the mode.
    pub decision: String,
    /// What becomes of the packet.
    pub outcome: String,
    /// The step that decided; empty if nothing was decided.
    pub step: String,
    /// The rule that decided.
    pub rule: Option<RuleObject>,
    /// How it came about.
    pub steps: Vec<StepObject>,
    /// What the kernel says.
    pub kernel: KernelObject,
    /// Whether both say the same.
    pub agree: bool,
}

fn number(number: Number, text: &str) -> String {
    match number.kind() {
        NumberKind::Text | NumberKind::None => text.to_owned(),
        NumberKind::E164 | NumberKind::Local => number.to_string(),
    }
}

fn kernel_object(checked: &Checked) -> KernelObject {
    match &checked.kernel {
        KernelSide::NotAsked(why) => KernelObject {
            why: Some(why.clone()),
            ..KernelObject::default()
        },
        KernelSide::Asked {
            outcome,
            rule,
            caller,
            called,
        } => KernelObject {
            asked: true,
            why: None,
            outcome: Some(outcome.as_str().to_owned()),
            rule: *rule,
            caller: Some(number(*caller, &checked.caller)),
            called: Some(number(*called, &checked.called)),
        },
    }
}

/// Whether the rules say that the call does not go through.
fn blocks(checked: &Checked) -> bool {
    let judgement = &checked.explanation.judgement;
    let blocking_step = match judgement.step {
        Some(Step::MandatoryBlock | Step::BlockRule) => true,
        Some(Step::Default) => judgement.rule.is_some(),
        Some(Step::SafetyFloor | Step::Grant | Step::AllowRule | Step::UserSpace) | None => false,
    };
    blocking_step && !matches!(judgement.rule.action(), Action::Monitor | Action::Pass)
}

fn answer(core: &Core, request: CheckRequest) -> Result<CheckObject, ApiError> {
    let checked = core.check(&request)?;
    let stored = match checked.explanation.rule {
        Some(id) => core.store.get(id)?,
        None => None,
    };
    let judgement = &checked.explanation.judgement;
    Ok(CheckObject {
        direction: checked.direction.as_str().to_owned(),
        decision: if blocks(&checked) { "block" } else { "pass" }.to_owned(),
        outcome: judgement.outcome.as_str().to_owned(),
        step: judgement.step.map_or("", Step::as_str).to_owned(),
        rule: stored.map(|stored| core.rule_object(stored)).transpose()?,
        kernel: kernel_object(&checked),
        agree: checked.agree(),
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
        caller: PartyObject {
            as_given: request.caller,
            number: checked.caller,
        },
        called: PartyObject {
            as_given: request.called,
            number: checked.called,
        },
    })
}

pub(super) async fn check(
    State(shared): State<Shared>,
    body: Bytes,
) -> Result<Json<CheckObject>, ApiError> {
    let request: CheckRequest = object(&body)?;
    spawn_blocking(move || Ok(Json(answer(&shared.lock(), request)?))).await?
}
