//! What would become of a call, or of the calls in a capture.

use crate::rules::RuleObject;
use blacklist_figures::CaptureCounts;
use blacklist_model::{RuleDirection, RuleId};
use serde::{Deserialize, Serialize};
use std::net::IpAddr;
use utoipa::ToSchema;

/// What is asked.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CheckRequest {
    /// Who calls, in any spelling, or a URI; empty if there is a message.
    #[serde(default)]
    pub caller: String,
    /// Who is called.
    #[serde(default)]
    pub called: String,
    /// A whole message instead.
    #[serde(skip)]
    pub message: Option<Vec<u8>>,
    /// Name of the trunk it comes by.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trunk: Option<String>,
    /// Address it comes from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<IpAddr>,
    /// Which way it goes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub direction: Option<RuleDirection>,
}

/// A party as it was given and as it is read.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct PartyObject {
    /// As given.
    pub as_given: String,
    /// Canonical.
    pub number: String,
}

/// One step of the decision.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
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
    /// The scope whose default decided.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default_of: Option<String>,
    /// What it leaves to user space, where it does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub leaves: Option<String>,
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
    /// The scope whose default decided.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default_of: Option<String>,
    /// How it came about.
    pub steps: Vec<StepObject>,
    /// What the kernel says.
    pub kernel: KernelObject,
    /// Whether both say the same.
    pub agree: bool,
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
    pub counts: CaptureCounts,
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
