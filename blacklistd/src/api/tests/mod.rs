//! Every route, asked in this process: rows of method, path and body, and what the answer is.

mod bulk;
mod bypass;
mod daemon;
mod journal;
mod machine;
mod names;
mod rules;
mod screen;

use std::collections::{BTreeMap, BTreeSet};

use axum::body::Body;
use axum::extract::connect_info::MockConnectInfo;
use axum::http::Request;
use axum::http::header::ALLOW;
use http_body_util::BodyExt as _;
use serde_json::{Value, json};
use tower::ServiceExt as _;

use super::peer::Peer;
use super::{router, routes};
use crate::daemon::testing::TestDaemon;

/// A request, and what is expected of its answer.
struct Row {
    method: &'static str,
    uri: String,
    body: Vec<u8>,
    status: u16,
    /// Of an object what is named here; of a text what it begins with `~` for, a part.
    expected: Value,
    /// A part of the answer that later rows name as `<name>`.
    kept: Option<(&'static str, &'static str)>,
}

/// What is done, one after the other, with one daemon.
enum Step {
    Ask(Row),
    /// Something happens beside the API.
    Do(fn(&TestDaemon)),
}

fn row(
    method: &'static str,
    uri: impl Into<String>,
    body: impl std::fmt::Display,
    status: u16,
    expected: Value,
) -> Step {
    Step::Ask(Row {
        method,
        uri: uri.into(),
        body: body.to_string().into_bytes(),
        status,
        expected,
        kept: None,
    })
}

impl Step {
    /// The same with a body that is no text.
    fn with_body(self, body: Vec<u8>) -> Self {
        match self {
            Self::Ask(row) => Self::Ask(Row { body, ..row }),
            other @ Self::Do(_) => other,
        }
    }

    /// Keeps a part of the answer.
    fn keep(self, name: &'static str, pointer: &'static str) -> Self {
        match self {
            Self::Ask(row) => Self::Ask(Row {
                kept: Some((name, pointer)),
                ..row
            }),
            other @ Self::Do(_) => other,
        }
    }
}

/// An answer that is an error with this in its sentence.
fn error(part: &str) -> Value {
    json!({"error": format!("~{part}")})
}

/// A value of a query.
fn encoded(value: impl std::fmt::Display) -> String {
    let bytes = value.to_string().into_bytes().into_iter();
    bytes.map(|byte| format!("%{byte:02X}")).collect()
}

/// Whether a value has all that is expected of it.
fn has(expected: &Value, value: &Value) -> bool {
    match (expected, value) {
        (Value::Object(expected), Value::Object(object)) => expected
            .iter()
            .all(|(key, one)| object.get(key).is_some_and(|held| has(one, held))),
        (Value::Array(expected), Value::Array(values)) => {
            expected.len() == values.len()
                && expected
                    .iter()
                    .zip(values)
                    .all(|(one, value)| has(one, value))
        }
        (Value::String(expected), Value::String(text)) => match expected.strip_prefix('~') {
            Some(part) => text.contains(part),
            None => expected == text,
        },
        _ => expected == value,
    }
}

/// What a daemon's API answers.
async fn ask(daemon: &TestDaemon, method: &str, uri: &str, body: Vec<u8>) -> (u16, String, Value) {
    let is_form = body.starts_with(b"called=");
    let kind = if is_form {
        "application/x-www-form-urlencoded"
    } else {
        "application/json"
    };
    let request = Request::builder()
        .method(method)
        .uri(uri)
        .header("content-type", kind);
    let router = router(daemon.daemon.clone()).layer(MockConnectInfo(Peer::unknown()));
    let answer = router
        .oneshot(request.body(Body::from(body)).unwrap())
        .await
        .unwrap();
    let status = answer.status().as_u16();
    let allowed = answer
        .headers()
        .get(ALLOW)
        .map(|value| value.to_str().unwrap().to_owned());
    let bytes = answer.into_body().collect().await.unwrap().to_bytes();
    let text = String::from_utf8_lossy(&bytes).into_owned();
    let value = serde_json::from_str(&text).unwrap_or(Value::String(text));
    (status, allowed.unwrap_or_default(), value)
}

/// Asks everything, and says all that was answered otherwise.
async fn run(steps: Vec<Step>) {
    let daemon = TestDaemon::start();
    let mut kept = BTreeMap::from([("folder", daemon.folder.path().display().to_string())]);
    let mut wrong = Vec::new();
    for step in steps {
        let row = match step {
            Step::Ask(row) => row,
            Step::Do(happen) => {
                tokio::task::block_in_place(|| happen(&daemon));
                continue;
            }
        };
        let filled = |text: &str| {
            kept.iter().fold(text.to_owned(), |text, (name, value)| {
                text.replace(&format!("<{name}>"), value)
            })
        };
        let uri = filled(&row.uri);
        let body = match String::from_utf8(row.body) {
            Ok(text) => filled(&text).into_bytes(),
            Err(error) => error.into_bytes(),
        };
        let (status, _, answer) = ask(&daemon, row.method, &uri, body).await;
        if status != row.status || !has(&row.expected, &answer) {
            let answer = answer.to_string();
            let shown: String = answer.chars().take(900).collect();
            wrong.push(format!(
                "{} {uri}\n  expected {} {}\n  answered {status} {shown}",
                row.method, row.status, row.expected
            ));
        }
        if let Some((name, pointer)) = row.kept {
            let value = answer.pointer(pointer).cloned().unwrap_or_default();
            kept.insert(name, value.to_string().trim_matches('"').to_owned());
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The rows of a resource, and its test.
macro_rules! resources {
    ($($name:ident)*) => {
        $(
            #[tokio::test(flavor = "multi_thread")]
            async fn $name() {
                run($name::rows()).await;
            }
        )*

        /// The rows of all resources.
        fn all_rows() -> Vec<Row> {
            let rows = [$($name::rows()),*].into_iter().flatten();
            rows.filter_map(|step| match step {
                Step::Ask(row) => Some(row),
                Step::Do(_) => None,
            })
            .collect()
        }
    };
}

resources! { bulk bypass daemon journal names rules screen }

/// Whether a path is one of a route.
fn is_of(route: &str, uri: &str) -> bool {
    let path = uri.split('?').next().unwrap_or_default();
    let (mut names, mut parts) = (route.split('/'), path.split('/'));
    loop {
        match (names.next(), parts.next()) {
            (None, None) => return true,
            (Some(name), Some(part)) if name == part || name.starts_with('{') => {}
            _ => return false,
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn each_method_of_each_route_has_rows() {
    let daemon = TestDaemon::start();
    let rows = all_rows();
    let paths: Vec<&str> = routes().into_iter().map(|(path, _)| path).collect();
    let route_of = |uri: &str| {
        let exact = paths
            .iter()
            .find(|path| **path == uri.split('?').next().unwrap_or_default());
        exact
            .or_else(|| paths.iter().find(|path| is_of(path, uri)))
            .copied()
    };
    let mut succeeding = BTreeSet::new();
    let mut failing = BTreeSet::new();
    for row in &rows {
        let Some(route) = route_of(&row.uri) else {
            continue;
        };
        if row.status < 400 {
            succeeding.insert((row.method.to_owned(), route));
        } else {
            failing.insert(route);
        }
    }
    let mut missing = Vec::new();
    for path in &paths {
        let uri = path.replace(['{', '}'], "");
        let (status, allowed, answer) = ask(&daemon, "TRACE", &uri, Vec::new()).await;
        assert_eq!(
            (status, &answer),
            (405, &json!({"error": "this resource does not do that"})),
            "{path}"
        );
        let methods = allowed
            .split(',')
            .filter(|method| !method.is_empty() && *method != "HEAD");
        let mut count = 0;
        for method in methods {
            count += 1;
            if !succeeding.contains(&(method.to_owned(), *path)) {
                missing.push(format!("{method} {path}: no row that succeeds"));
            }
        }
        assert!(count > 0, "{path} does nothing: {allowed:?}");
        if !failing.contains(path) {
            missing.push(format!("{path}: no row that is an error"));
        }
    }
    assert!(missing.is_empty(), "{}", missing.join("\n"));
}
