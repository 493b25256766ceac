//! `/v1/lint`: what there is to say of all rules as they stand.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use tokio::task::spawn_blocking;

use super::error::ApiError;
use crate::daemon::Changes;
use crate::rules::{RuleId, Severity};

/// Something that there is to say.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct FindingObject {
    /// `refuse`: a change that brought this would be refused; or `warn`.
    pub severity: String,
    /// The rule it is about.
    pub rule: Option<RuleId>,
    /// What there is to say, and what to do.
    pub sentence: String,
}

/// All of it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct LintObject {
    /// How many rules were looked at.
    pub rules: u64,
    /// What was found.
    pub findings: Vec<FindingObject>,
}

pub(super) async fn lint(
    State(changes): State<Arc<Changes>>,
) -> Result<Json<LintObject>, ApiError> {
    spawn_blocking(move || {
        let (rules, findings) = changes.lint_all();
        Ok(Json(LintObject {
            rules,
            findings: findings
                .into_iter()
                .map(|finding| FindingObject {
                    severity: match finding.severity {
                        Severity::Refuse => "refuse",
                        Severity::Warn => "warn",
                    }
                    .to_owned(),
                    rule: finding.rule,
                    sentence: finding.sentence,
                })
                .collect(),
        }))
    })
    .await?
}
