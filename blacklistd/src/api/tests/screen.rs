//! `/v1/screen`: the decision for those who ask.

use super::*;

pub(super) fn rows() -> Vec<Step> {
    let blocked = json!({"caller": "+14155550100", "called": "100"});
    let passed = json!({"caller": "+12125550100", "called": "100"});
    vec![
        row(
            "POST",
            "/v1/rules",
            json!([{"pattern": "+14155550100", "action": "reject:603"}]),
            201,
            json!({}),
        ),
        row(
            "POST",
            "/v1/screen",
            &blocked,
            200,
            json!({
            "decision": "block", "rule": 1, "list": "default", "status": 603, "caller": "+14155550100"}),
        ),
        row(
            "POST",
            "/v1/screen",
            &passed,
            200,
            json!({"decision": "pass", "outcome": "no-rule"}),
        ),
        row(
            "POST",
            "/v1/screen",
            json!([blocked, passed]),
            200,
            json!([{"decision": "block"}, {"decision": "pass"}]),
        ),
        row(
            "POST",
            "/v1/screen",
            "called=100&caller=%2B14155550100",
            200,
            json!("~block 603"),
        ),
        row(
            "POST",
            "/v1/screen",
            json!({"caller": "+1"}),
            400,
            error("called"),
        ),
        row(
            "GET",
            "/v1/screen?called=100&caller=%2B14155550100",
            "",
            200,
            json!("~block 603"),
        ),
        row(
            "GET",
            "/v1/screen?called=100&caller=%2B12125550100&format=json",
            "",
            200,
            json!({"decision": "pass"}),
        ),
        row("GET", "/v1/screen?caller=&called=", "", 200, json!("~pass")),
        row("GET", "/v1/screen?colour=1", "", 400, error("colour")),
        row(
            "POST",
            "/v1/screen/batch",
            json!([blocked, passed]),
            200,
            json!([{"decision": "block"}, {"decision": "pass"}]),
        ),
        row(
            "POST",
            "/v1/screen/batch",
            json!([blocked, {"called": "1", "source": "x"}]),
            400,
            error("question 2"),
        ),
        row(
            "POST",
            "/v1/screen/form",
            "called=100&caller=%2B14155550100&format=json",
            200,
            json!({"rule": 1}),
        ),
        row(
            "POST",
            "/v1/screen/form",
            "called=100&colour=red",
            400,
            error("colour"),
        ),
        row(
            "GET",
            "/v1/openapi.json",
            "",
            200,
            json!({"info": {"title": "blacklistd"}}),
        ),
        row(
            "POST",
            "/v1/openapi.json",
            "",
            405,
            error("does not do that"),
        ),
    ]
}
