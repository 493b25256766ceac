//! `/v1/imports`: files of rules, streamed in; the bad lines, streamed out; the way back.

use std::sync::Arc;

use axum::Json;
use axum::body::Body;
use axum::extract::{ConnectInfo, Path, Query, State};
use axum::response::Response;
use blacklist_wire::{ImportReport, ImportRequest, UndoneObject};
use parking_lot::Mutex;
use serde::Deserialize;
use tokio::task::spawn_blocking;

use super::change_request::ChangeRequest;
use super::error::ApiError;
use super::history::undone;
use super::peer::Peer;
use super::stream::{self, StagedFile};
use crate::daemon::{Changes, import};

/// Files of bad lines that wait to be fetched, at most; the oldest goes first.
const WAITING: usize = 8;

/// Files of bad lines, by number.
static REJECTS: Mutex<(u64, Vec<(u64, StagedFile)>)> = Mutex::new((0, Vec::new()));

fn keep(file: StagedFile) -> u64 {
    let mut rejects = REJECTS.lock();
    rejects.0 += 1;
    let number = rejects.0;
    if rejects.1.len() >= WAITING {
        rejects.1.remove(0);
    }
    rejects.1.push((number, file));
    number
}

fn take(number: u64) -> Option<StagedFile> {
    let mut rejects = REJECTS.lock();
    let place = rejects.1.iter().position(|(other, _)| *other == number)?;
    Some(rejects.1.remove(place).1)
}

/// A request as the query carries it: as JSON, because it has lists in it.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct JsonQuery {
    request: String,
}

impl JsonQuery {
    pub(super) fn read<T: serde::de::DeserializeOwned>(&self) -> Result<T, ApiError> {
        serde_json::from_str(&self.request).map_err(|error| {
            ApiError::bad_request(format!("the request is not as expected: {error}"))
        })
    }
}

pub(super) async fn add(
    State(changes): State<Arc<Changes>>,
    ConnectInfo(peer): ConnectInfo<Peer>,
    Query(query): Query<JsonQuery>,
    body: Body,
) -> Result<Json<ImportReport>, ApiError> {
    let request: ImportRequest = query.read()?;
    let staged = stream::stage(changes.rules.directory(), "import", body).await?;
    spawn_blocking(move || {
        let rejects = request
            .rejects
            .then(|| StagedFile::new(changes.rules.directory(), "rejects"));
        let author = peer.author_by(&format!("import {}", request.file));
        let path = rejects.as_ref().map(StagedFile::path);
        let mut report = import(&changes, staged.path(), &request, path, &author)?;
        report.rejects = rejects.filter(|_| report.bad > 0).map(keep);
        Ok(Json(report))
    })
    .await?
}

pub(super) async fn rejects(Path(number): Path<u64>) -> Result<Response<Body>, ApiError> {
    let file = take(number).ok_or_else(|| {
        ApiError::not_found(format!("the bad lines {number} have been fetched already"))
    })?;
    stream::response(file, "text/plain; charset=utf-8").await
}

pub(super) async fn undo(
    change: ChangeRequest,
    Path(number): Path<u64>,
) -> Result<Json<UndoneObject>, ApiError> {
    change
        .make(move |changes, author, options| {
            let changed = changes.undo_import(number, author, options)?;
            Ok(Json(undone(changed, options)))
        })
        .await
}
