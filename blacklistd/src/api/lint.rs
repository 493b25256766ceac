//! `/v1/lint`: what there is to say of all rules as they stand.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use blacklist_wire::{FindingObject, LintObject};
use tokio::task::spawn_blocking;

use super::error::ApiError;
use crate::daemon::Changes;
use blacklist_engine::Severity;

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
