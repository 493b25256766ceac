//! `/v1/rules`, `/v1/lint`, `/v1/check`.

use super::*;

pub(super) fn rows() -> Vec<Step> {
    let one = json!([{"pattern": "+14155550100", "comment": "first"}]);
    vec![
        row("GET", "/v1/rules", "", 200, json!({"rules": [], "total": 0, "offset": 0})),
        row("POST", "/v1/rules", "[]", 400, error("no rule is named")),
        row("POST", "/v1/rules", "{", 400, error("the request's body is not as expected")),
        row("POST", "/v1/rules", json!([{"pattern": "+1", "colour": 1}]), 400, error("unknown field")),
        row("POST", "/v1/rules", json!([{"pattern": "+1415*0*1"}]), 400, error("+1415*0*1")),
        row("POST", "/v1/rules", json!([{"pattern": "+1415", "list": "spam"}]), 404, error("spam")),
        row("POST", "/v1/rules?dry_run=true", &one, 201, json!({"generation": null})),
        row("GET", "/v1/rules", "", 200, json!({"total": 0})),
        row("POST", "/v1/rules?dry_run=perhaps", &one, 400, json!("~dry_run")),
        row("POST", "/v1/rules", &one, 201, json!({"generation": 1, "rules": [{
            "id": 1, "pattern": "+14155550100", "matching": "exact", "list": "default", "kind": "block",
            "in_force": true, "decided_in": "kernel", "origin": "", "calls": 0, "comment": "first"}]})),
        row("POST", "/v1/rules", &one, 409, error("rule 1")),
        row("POST", "/v1/rules", json!([{"pattern": "+1415*"}, {"pattern": "anonymous", "kind": "allow"}]), 201,
            json!({"generation": 2, "rules": [{"id": 2, "matching": "prefix"}, {"id": 3, "kind": "allow"}]})),
        row("GET", "/v1/rules?limit=1&offset=1", "", 200, json!({"rules": [{"id": 2}], "total": 3, "offset": 1})),
        row("GET", "/v1/rules?match=prefix", "", 200, json!({"rules": [{"id": 2}], "total": 1})),
        row("GET", "/v1/rules?match=fuzzy", "", 400, error("no rule matches \"fuzzy\"")),
        row("GET", "/v1/rules?list=spam", "", 404, error("spam")),
        row("GET", "/v1/rules/1", "", 200, json!({"id": 1, "generation": 1, "created_by": "unknown user"})),
        row("GET", "/v1/rules/77", "", 404, error("77")),
        row("GET", "/v1/rules/one", "", 400, error("one")),
        row("PUT", "/v1/rules/1", "", 405, error("does not do that")),
        row("PATCH", "/v1/rules/1", json!({"comment": "edited"}), 200, json!({"comment": "edited", "generation": 3})),
        row("PATCH", "/v1/rules/77", json!({"comment": "edited"}), 404, error("77")),
        row("PATCH", "/v1/rules/1", json!({"pattern": "?*?*"}), 400, error("?*?*")),
        row("PATCH", "/v1/rules", json!({"rules": [1, 2], "edit": {"enabled": false}}), 200,
            json!({"generation": 4, "rules": [{"id": 1, "enabled": false, "in_force": false}, {"id": 2, "enabled": false}]})),
        row("PATCH", "/v1/rules", json!({"rules": [1, 77], "edit": {"enabled": true}}), 404, error("77")),
        row("PATCH", "/v1/rules", json!({"rules": [1, 2], "edit": {"enabled": true}}), 200, json!({"generation": 5})),
        row("GET", "/v1/lint", "", 200, json!({"rules": 3})),
        row("POST", "/v1/lint", "", 405, error("does not do that")),
        row("POST", "/v1/check", json!({"caller": "+14155550100", "called": "100"}), 200, json!({
            "decision": "block", "outcome": "dropped", "direction": "inbound", "agree": true,
            "rule": {"id": 1}, "kernel": {"asked": true, "rule": 1}})),
        row("POST", "/v1/check", json!({"caller": "+12125550100", "called": "100"}), 200, json!({
            "decision": "pass", "outcome": "no-rule", "rule": null, "agree": true})),
        row("POST", "/v1/check", json!({"caller": "+1", "called": "100", "trunk": "nowhere"}), 400, error("nowhere")),
        row("POST", "/v1/check/message", "INVITE sip:100@x SIP/2.0\r\nFrom: <sip:+14155550100@x>;tag=1\r\nTo: <sip:100@x>\r\nCall-ID: 1\r\n\r\n", 200,
            json!({"decision": "block", "rule": {"id": 1}, "agree": true})),
        row("POST", "/v1/check/message?request=%7B%22trunk%22%3A%22nowhere%22%7D", "INVITE sip:100@x SIP/2.0\r\n\r\n", 400, json!("")),
        row("DELETE", "/v1/rules/77", "", 404, error("77")),
        row("DELETE", "/v1/rules/1", "", 200, json!({"id": 1, "in_force": false, "why_not": "it is removed"})),
        row("GET", "/v1/rules/1", "", 404, error("1")),
        row("DELETE", "/v1/rules", json!({"rules": [2, 77]}), 404, error("77")),
        row("DELETE", "/v1/rules", json!({"rules": [2, 3]}), 200, json!({"generation": 7, "rules": [{"id": 2}, {"id": 3}]})),
        row("GET", "/v1/rules", "", 200, json!({"rules": [], "total": 0})),
        row("GET", "/v1/nothing", "", 404, error("there is no such resource")),
    ]
}
