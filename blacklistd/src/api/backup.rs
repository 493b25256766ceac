//! `/v1/backup`: a copy of the rules' database as it stands, sent to whoever asks; they write it
//! with their own rights.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::State;
use axum::response::Response;
use tokio::task::spawn_blocking;

use super::error::ApiError;
use super::stream::{self, StagedFile};
use crate::daemon::RulesState;

pub(super) async fn get(State(rules): State<Arc<RulesState>>) -> Result<Response<Body>, ApiError> {
    let staged = StagedFile::new(rules.directory(), "backup");
    let copied = spawn_blocking(move || {
        rules.reader()?.back_up(staged.path(), |_| ())?;
        Ok::<_, ApiError>(staged)
    })
    .await??;
    stream::response(copied, "application/vnd.sqlite3").await
}
