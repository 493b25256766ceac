//! What would become of a call: the question.

use std::net::IpAddr;

use serde::{Deserialize, Serialize};

use crate::rules::RuleDirection;

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
