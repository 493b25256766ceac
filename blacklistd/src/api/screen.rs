//! `/v1/screen`: the decision for dial plans, proxies and diallers that ask by HTTP, as JSON or as one
//! line of text.

use std::net::SocketAddr;
use std::sync::Arc;

use anyhow::Context as _;
use axum::body::Bytes;
use axum::extract::{FromRequest as _, Query, Request, State};
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use axum::{Form, Json};
use blacklist_common::outcome::Outcome;
use blacklist_common::rule::Action;
use blacklist_wire::{ErrorObject, StepObject};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::check::decider;
use super::error::{self, ApiError};
use super::openapi;
use crate::daemon::{Companion, Daemon, RulesState, Screened};
use blacklist_engine::Counted;
use blacklist_model::number_text;
use blacklist_sip::companion::{CallDirection, Fate, Identities, Question};

/// Bytes of a request on TCP.
const MAXIMUM_BODY: usize = 1 << 20;
/// Questions of one request.
const MAXIMUM_BATCH: usize = 1000;

/// What becomes of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Decision {
    /// It goes on.
    Pass,
    /// It is refused.
    Block,
    /// It goes to another target.
    Divert,
}

/// The answer to one question.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ScreenObject {
    /// What becomes of the call.
    pub decision: Decision,
    /// How it was judged: an outcome's name as in the status.
    #[schema(example = "dropped")]
    pub outcome: String,
    /// The rule that decided.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = 12, nullable = false)]
    pub rule: Option<u32>,
    /// Its pattern.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "+1415*", nullable = false)]
    pub pattern: Option<String>,
    /// Its list.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "default", nullable = false)]
    pub list: Option<String>,
    /// The scope whose default decided.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub default_of: Option<String>,
    /// What the rule asks for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "drop", nullable = false)]
    pub action: Option<String>,
    /// SIP status with which a refused call is answered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 300, maximum = 699, example = 603, nullable = false)]
    pub status: Option<u16>,
    /// Its phrase.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "Decline", nullable = false)]
    pub phrase: Option<String>,
    /// Value of the Reason header that belongs to it (RFC 3326).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub reason: Option<String>,
    /// Where a diverted call goes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub redirect: Option<String>,
    /// The caller as it was read.
    #[schema(example = "+14155550100")]
    pub caller: String,
    /// The called party as it was read.
    pub called: String,
    /// Which way it goes.
    pub direction: CallDirection,
    /// The trunk; empty for none.
    pub trunk: String,
    /// How it came about, where that was asked; empty while rules are being put in force.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub steps: Option<Vec<StepObject>>,
}

/// Up to 1000 questions.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(transparent)]
#[schema(max_items = 1000)]
pub(crate) struct Questions(Vec<Question>);

/// The answers to questions, in their order.
#[derive(Debug, Serialize, ToSchema)]
#[serde(transparent)]
pub(crate) struct Answers(Vec<ScreenObject>);

/// How a question by GET or by a form is answered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Format {
    /// `pass`, `block 603 Decline` or `divert sip:...`.
    #[default]
    Text,
    /// As by POST.
    Json,
}

/// A question as a query or a form.
#[derive(Clone, Debug, Deserialize, utoipa::IntoParams, ToSchema)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct FlatQuestion {
    /// Who calls.
    #[serde(default)]
    caller: String,
    /// Who is called; empty for nobody.
    called: String,
    /// Which way it goes.
    #[serde(default)]
    direction: Option<CallDirection>,
    /// The value of From.
    #[serde(default)]
    from: Option<String>,
    /// The value of P-Asserted-Identity.
    #[serde(default)]
    pai: Option<String>,
    /// The value of Remote-Party-ID.
    #[serde(default)]
    rpid: Option<String>,
    /// The value of Privacy.
    #[serde(default)]
    privacy: Option<String>,
    /// Address from which the call came.
    #[serde(default)]
    source: Option<String>,
    /// Name of its trunk.
    #[serde(default)]
    trunk: Option<String>,
    /// Its Call-ID.
    #[serde(default)]
    call_id: Option<String>,
    /// How it came.
    #[serde(default)]
    transport: Option<String>,
    /// Whether a JSON answer says how it came about.
    #[serde(default)]
    explain: bool,
    /// Whether the call is counted and logged.
    #[serde(default)]
    commit: bool,
    /// Milliseconds for which `explain` may wait while rules are being put in force.
    #[serde(default)]
    #[param(value_type = Option<i64>, minimum = 0, maximum = 4294967295_u32)]
    #[schema(value_type = Option<i64>, minimum = 0, maximum = 4294967295_u32)]
    deadline_ms: Option<u32>,
    /// How it is answered.
    #[serde(default)]
    format: Format,
}

impl FlatQuestion {
    fn question(self) -> Question {
        // A dial plan that has no such header writes an empty value.
        let some = |text: Option<String>| text.filter(|text| !text.is_empty());
        Question {
            caller: self.caller,
            called: self.called,
            direction: self.direction,
            identities: Identities {
                from: some(self.from),
                p_asserted_identity: some(self.pai).into_iter().collect(),
                remote_party_id: some(self.rpid),
                privacy: some(self.privacy),
            },
            source: some(self.source),
            trunk: some(self.trunk),
            call_id: some(self.call_id),
            transport: some(self.transport),
            explain: self.explain,
            commit: self.commit,
            deadline_ms: self.deadline_ms,
        }
    }
}

/// The resources, with their description.
pub(super) fn routes() -> Vec<super::Route> {
    vec![
        ("/v1/screen", get(ask_by_query).post(ask)),
        ("/v1/screen/batch", post(ask_many)),
        ("/v1/screen/form", post(ask_by_form)),
        ("/v1/openapi.json", get(openapi::show)),
    ]
}

/// Serves them, and nothing else, on TCP for ever, over so many connections at once.
///
/// # Errors
/// The address cannot be had.
pub(crate) async fn serve_screen(
    address: SocketAddr,
    most: usize,
    daemon: Daemon,
) -> anyhow::Result<()> {
    let listener = tokio::net::TcpListener::bind(address)
        .await
        .with_context(|| {
            format!("cannot listen on {address}: correct http in [companion] of the configuration")
        })?;
    tracing::info!("screen API on http://{address}/v1/screen");
    let router = super::router_of(routes())
        .layer(axum::extract::DefaultBodyLimit::max(MAXIMUM_BODY))
        .with_state(daemon);
    let listener = super::limited::Limited::new(listener, most);
    axum::serve(listener, router).await.map_err(Into::into)
}

/// Asks by a query.
#[utoipa::path(get, path = "/v1/screen", operation_id = "screen_by_query", params(FlatQuestion), responses(
    (status = 200, description = "one line: `pass`, `block CODE PHRASE` or `divert URI`; JSON with format=json",
        content((String = "text/plain"), (ScreenObject = "application/json"))),
    (status = 400, description = "the question cannot be answered", body = ErrorObject),
    (status = 429, description = "too many questions: the call goes on", body = ErrorObject),
))]
pub(super) async fn ask_by_query(
    State(companion): State<Arc<Companion>>,
    query: Result<Query<FlatQuestion>, axum::extract::rejection::QueryRejection>,
) -> Result<Response, ApiError> {
    let Query(flat) = query.map_err(|error| ApiError::bad_request(error.body_text()))?;
    answer_flat(&companion, flat).await
}

/// Asks about one call.
///
/// A list of questions and a form are taken here as well, and answered as by the resources that are
/// described for them: what has one type each is what generated clients can tell apart.
#[utoipa::path(post, path = "/v1/screen", operation_id = "screen", request_body = Question, responses(
    (status = 200, description = "the answer", body = ScreenObject),
    (status = 400, description = "the question cannot be answered", body = ErrorObject),
    (status = 429, description = "too many questions: the call goes on", body = ErrorObject),
))]
pub(super) async fn ask(
    State(companion): State<Arc<Companion>>,
    request: Request,
) -> Result<Response, ApiError> {
    let is_form = request
        .headers()
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|value| value.starts_with("application/x-www-form-urlencoded"));
    if is_form {
        return ask_by_form(State(companion), request).await;
    }
    let body = body_of(request).await?;
    if body.trim_ascii_start().first() == Some(&b'[') {
        return Ok(answer_many(&companion, &body).await?.into_response());
    }
    let question: Question = error::object(&body)?;
    Ok(Json(screen(&companion, &question).await?).into_response())
}

/// Asks about many calls at once.
#[utoipa::path(post, path = "/v1/screen/batch", operation_id = "screen_batch", request_body = Questions, responses(
    (status = 200, description = "as many answers as there were questions", body = Answers),
    (status = 400, description = "a question cannot be answered; those before it may have been counted", body = ErrorObject),
    (status = 429, description = "too many questions: the calls go on", body = ErrorObject),
))]
pub(super) async fn ask_many(
    State(companion): State<Arc<Companion>>,
    request: Request,
) -> Result<Json<Answers>, ApiError> {
    let body = body_of(request).await?;
    answer_many(&companion, &body).await
}

/// Asks by a form.
#[utoipa::path(post, path = "/v1/screen/form", operation_id = "screen_by_form",
    request_body(content = FlatQuestion, content_type = "application/x-www-form-urlencoded"), responses(
    (status = 200, description = "one line: `pass`, `block CODE PHRASE` or `divert URI`; JSON with format=json",
        content((String = "text/plain"), (ScreenObject = "application/json"))),
    (status = 400, description = "the question cannot be answered", body = ErrorObject),
    (status = 429, description = "too many questions: the call goes on", body = ErrorObject),
))]
pub(super) async fn ask_by_form(
    State(companion): State<Arc<Companion>>,
    request: Request,
) -> Result<Response, ApiError> {
    let form = Form::<FlatQuestion>::from_request(request, &()).await;
    let Form(flat) = form.map_err(|error| ApiError::bad_request(error.body_text()))?;
    answer_flat(&companion, flat).await
}

async fn body_of(request: Request) -> Result<Bytes, ApiError> {
    let body = Bytes::from_request(request, &()).await;
    body.map_err(|error| ApiError::bad_request(error.body_text()))
}

async fn answer_many(companion: &Companion, body: &Bytes) -> Result<Json<Answers>, ApiError> {
    let Questions(questions) = error::object(body)?;
    if questions.len() > MAXIMUM_BATCH {
        return Err(ApiError::bad_request(format!(
            "there are {} questions: ask up to {MAXIMUM_BATCH} at once",
            questions.len()
        )));
    }
    let mut answers = Vec::with_capacity(questions.len());
    for (index, question) in questions.iter().enumerate() {
        let answer = screen(companion, question).await;
        answers.push(answer.map_err(|error| error.about(&format!("question {}", index + 1)))?);
    }
    Ok(Json(Answers(answers)))
}

async fn answer_flat(companion: &Companion, flat: FlatQuestion) -> Result<Response, ApiError> {
    let format = flat.format;
    let answer = screen(companion, &flat.question()).await?;
    Ok(match format {
        Format::Json => Json(answer).into_response(),
        Format::Text => line(&answer).into_response(),
    })
}

async fn screen(companion: &Companion, question: &Question) -> Result<ScreenObject, ApiError> {
    let screened = companion.screen(question).await?;
    Ok(object(&companion.rules, question, screened))
}

/// The answer in one line.
fn line(answer: &ScreenObject) -> String {
    match (
        answer.decision,
        answer.status,
        &answer.phrase,
        &answer.redirect,
    ) {
        (Decision::Block, Some(status), Some(phrase), _) => format!("block {status} {phrase}\n"),
        (Decision::Divert, _, _, Some(target)) => format!("divert {target}\n"),
        _ => "pass\n".to_owned(),
    }
}

fn object(rules: &RulesState, question: &Question, screened: Screened) -> ScreenObject {
    let Screened {
        reported,
        fate,
        status,
        trunk,
        direction,
        steps,
    } = screened;
    let (decision, redirect) = match fate {
        Fate::Pass | Fate::InDialog => (Decision::Pass, None),
        Fate::Refuse(..) => (Decision::Block, None),
        Fate::Divert(target, _) => (Decision::Divert, Some(target.as_str().to_owned())),
    };
    let decided_by = reported.judged.decided_by;
    let (rule, default_of) = decider(rules, decided_by);
    let (pattern, list) = described(rules, decided_by);
    let judgement = reported.judged.judgement;
    let action = judgement.rule.is_some().then(|| judgement.rule.action());
    let reason = status.as_ref().and_then(|status| {
        let reason = |(name, value): &(&str, String)| (*name == "Reason").then(|| value.clone());
        status.headers.iter().find_map(reason)
    });
    ScreenObject {
        decision,
        outcome: Outcome::as_str(judgement.outcome).to_owned(),
        rule: rule.map(|id| id.0),
        pattern,
        list,
        default_of,
        action: action.map(|action| Action::as_str(action).to_owned()),
        status: status.as_ref().map(|status| status.code),
        phrase: status.map(|status| status.phrase.to_owned()),
        reason,
        redirect,
        caller: number_text(&reported.caller, &question.caller),
        called: number_text(&reported.called, &question.called),
        direction: direction.into(),
        trunk,
        steps: question.explain.then(|| {
            let steps = steps.into_iter();
            steps
                .map(|step| StepObject {
                    step: step.step.to_owned(),
                    scope: step.scope,
                    outcome: step.outcome,
                })
                .collect()
        }),
    }
}

/// Pattern and list of what decided. None while rules are being put in force.
fn described(state: &RulesState, decided_by: Option<Counted>) -> (Option<String>, Option<String>) {
    let Some(Counted::Rule(id)) = decided_by else {
        return (None, None);
    };
    let Some(rules) = state.in_force.try_read() else {
        return (None, None);
    };
    let Some(rule) = rules.get(id) else {
        return (None, None);
    };
    let list = rules.list(rule.list).map(|list| list.name.to_string());
    (Some(rule.pattern.to_string()), list)
}
