//! What became of calls.

use super::*;

pub(super) fn rows() -> Vec<Step> {
    vec![
        row("GET", "/v1/calls", "", 200, json!({"calls": [], "lost": 0, "more": false})),
        row("POST", "/v1/rules", json!([{"pattern": "+14155550100", "comment": "why"}]), 201, json!({})),
        Step::Do(TestDaemon::receive_calls),
        row("GET", "/v1/calls", "", 200, json!({"lost": 0, "calls": [{
            "caller": "+14155550100", "called": "100", "rule": 1, "list": "default", "outcome": "dropped"}]}))
            .keep("call", "/calls/0/id"),
        row("GET", "/v1/calls?caller=%2B1415*&direction=inbound", "", 200, json!({"calls": [{"rule": 1}]})),
        row("GET", "/v1/calls?caller=%2B1212*", "", 200, json!({"calls": []})),
        row("GET", "/v1/calls?direction=up", "", 400, error("direction is \"up\"")),
        row("GET", "/v1/calls?limit=many", "", 400, error("limit is \"many\"")),
        row("GET", "/v1/calls/<call>", "", 200, json!({"caller": "+14155550100", "call_id": "call-1"})),
        row("GET", "/v1/calls/99", "", 404, error("there is no call 99 in the log")),
        row("GET", "/v1/calls/export", "", 200, json!("~+14155550100")),
        row("GET", "/v1/calls/export?format=jsonl", "", 200, json!({"caller": "+14155550100"})),
        row("GET", "/v1/calls/export?format=xml", "", 400, error("write csv or jsonl")),
        row("GET", "/v1/seen", "", 200, json!({"calls": [{"caller": "+14155550101"}]})).keep("seen", "/calls/0/id"),
        row("GET", "/v1/seen?search=999", "", 200, json!({"calls": []})),
        row("GET", "/v1/seen?colour=red", "", 400, json!("~colour")),
        row("GET", "/v1/seen/<seen>", "", 200, json!({"id": "s1", "called": "100"})),
        row("GET", "/v1/seen/s99", "", 404, error("there is no call s99")),
        row("DELETE", "/v1/calls?number=", "", 400, error("neither a number")),
        row("DELETE", "/v1/calls", "", 400, json!("~number")),
        row("DELETE", "/v1/calls?number=%2B14155550100", "", 200, json!({
            "number": "+14155550100", "calls": 1, "seen": 0, "attempts": 0, "rules": [1]})),
        row("GET", "/v1/calls", "", 200, json!({"calls": []})),
        row("DELETE", "/v1/calls?number=%2B14155550101", "", 200, json!({"calls": 0, "seen": 1, "rules": []})),
        row("GET", "/v1/seen/<seen>", "", 200, json!({"id": "s1", "caller": "", "outcome": "no-rule"})),
    ]
}
