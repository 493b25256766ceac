//! Calls as a file: CSV, or a JSON object on each line; the oldest first.

use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Query, State};
use axum::response::Response;
use tokio::task::spawn_blocking;

use super::super::error::ApiError;
use super::super::stream::{self, StagedFile};
use super::query::CallQuery;
use crate::daemon::{Journal, RulesState, Settings};
use blacklist_figures::BlockedCall;
use blacklist_store::journal::{LogError, Order};
use blacklist_system::files;

/// Forms of the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    Csv,
    JsonLines,
}

impl Form {
    fn read(word: Option<&str>) -> Result<Self, ApiError> {
        match word {
            None | Some("csv") => Ok(Self::Csv),
            Some("jsonl") => Ok(Self::JsonLines),
            Some(other) => Err(ApiError::bad_request(format!(
                "format is \"{other}\": write csv or jsonl"
            ))),
        }
    }

    const fn media_type(self) -> &'static str {
        match self {
            Self::Csv => "text/csv; charset=utf-8",
            Self::JsonLines => "application/x-ndjson",
        }
    }
}

pub(in crate::api) async fn get(
    State(settings): State<Arc<Settings>>,
    State(journal): State<Arc<Journal>>,
    State(rules): State<Arc<RulesState>>,
    Query(query): Query<CallQuery>,
) -> Result<Response<Body>, ApiError> {
    let form = Form::read(query.format.as_deref())?;
    let staged = spawn_blocking(move || {
        let staged = StagedFile::new(rules.directory(), "calls");
        let file = files::create_new(staged.path()).map_err(|error| broken(&error))?;
        write(&settings, &journal, &query, form, BufWriter::new(file))?;
        Ok::<_, ApiError>(staged)
    })
    .await??;
    stream::response(staged, form.media_type()).await
}

fn broken(error: &dyn std::fmt::Display) -> ApiError {
    ApiError::internal(format!("the calls cannot be written: {error}"))
}

/// What stops an export.
enum Stop {
    Log(LogError),
    Broken(String),
}

impl From<LogError> for Stop {
    fn from(error: LogError) -> Self {
        Self::Log(error)
    }
}

fn write(
    settings: &Settings,
    journal: &Journal,
    query: &CallQuery,
    form: Form,
    file: BufWriter<File>,
) -> Result<(), ApiError> {
    let filter = query.filter(settings, journal)?;
    let limit = query.limit(usize::MAX)?;
    let reader = journal.reader()?;
    let mut lines = Lines::new(form, file);
    let written = reader.for_each(&filter, Order::Oldest, limit, |call| {
        lines
            .write(&call)
            .map_err(|error| Stop::Broken(error.to_string()))
    });
    match written {
        Ok(()) => {}
        Err(Stop::Log(error)) => return Err(error.into()),
        Err(Stop::Broken(error)) => return Err(broken(&error)),
    }
    lines.finish().map_err(|error| broken(&error))
}

/// The file as it is written.
enum Lines {
    Csv(Box<csv::Writer<BufWriter<File>>>),
    Json(BufWriter<File>),
}

impl Lines {
    fn new(form: Form, file: BufWriter<File>) -> Self {
        match form {
            Form::Csv => Self::Csv(Box::new(csv::Writer::from_writer(file))),
            Form::JsonLines => Self::Json(file),
        }
    }

    fn write(&mut self, call: &BlockedCall) -> anyhow::Result<()> {
        match self {
            Self::Csv(sheet) => sheet.serialize(call)?,
            Self::Json(file) => {
                serde_json::to_writer(&mut *file, call)?;
                file.write_all(b"\n")?;
            }
        }
        Ok(())
    }

    fn finish(self) -> std::io::Result<()> {
        match self {
            Self::Csv(mut sheet) => sheet.flush(),
            Self::Json(mut file) => file.flush(),
        }
    }
}
