//! `/v1/pins`, `/v1/pin-tries` and `/v1/grants`.

use super::*;
use crate::daemon::PinTry;
use blacklist_store::pin::Attempt;

fn try_a_wrong_pin(daemon: &TestDaemon) {
    let attempt = daemon.daemon.pins.check(&PinTry {
        local: "100",
        caller: "+14155550100",
        digits: b"0000",
    });
    assert!(matches!(attempt, Ok(Attempt::Wrong { .. })), "{attempt:?}");
}

pub(super) fn rows() -> Vec<Step> {
    vec![
        row("GET", "/v1/pins", "", 200, json!({"pins": []})),
        row(
            "PUT",
            "/v1/pins/global",
            json!({"pin": "482913"}),
            200,
            json!({"scope": "global"}),
        ),
        row(
            "PUT",
            "/v1/pins/global",
            json!({"pin": "1111"}),
            400,
            error("PIN"),
        ),
        row(
            "PUT",
            "/v1/pins/global",
            json!({"pin": 4829}),
            400,
            error("the request's body is not as expected"),
        ),
        row(
            "PUT",
            "/v1/pins/account:nobody",
            json!({"pin": "482913"}),
            404,
            error("account:nobody"),
        ),
        row(
            "GET",
            "/v1/pins",
            "",
            200,
            json!({"pins": [{"scope": "global", "author": "unknown user"}]}),
        ),
        row("POST", "/v1/pins", "", 405, error("does not do that")),
        row(
            "POST",
            "/v1/pins/global/rotate",
            "",
            200,
            json!({"scope": "global", "pin": "~"}),
        ),
        row(
            "POST",
            "/v1/pins/account:nobody/rotate",
            "",
            404,
            error("account:nobody"),
        ),
        row(
            "POST",
            "/v1/pin-tries/unlock",
            json!({"number": "100"}),
            404,
            error("no PIN was tried wrongly"),
        ),
        Step::Do(try_a_wrong_pin),
        row(
            "POST",
            "/v1/pin-tries/unlock",
            json!({"number": "100"}),
            200,
            json!({"scope": "number:100"}),
        ),
        row(
            "POST",
            "/v1/pin-tries/unlock",
            json!({"caller": "100"}),
            400,
            error("unknown field"),
        ),
        row(
            "DELETE",
            "/v1/pins/global",
            "",
            200,
            json!({"scope": "global"}),
        ),
        row("DELETE", "/v1/pins/global", "", 404, error("global")),
        row("GET", "/v1/grants", "", 200, json!({"grants": []})),
        row(
            "POST",
            "/v1/grants",
            json!({"local": "100", "remote": "+14155550100", "seconds": 900}),
            201,
            json!({"local": "100", "remote": "+14155550100", "once": false, "until": "~T"}),
        )
        .keep("grant", "/id"),
        row(
            "POST",
            "/v1/grants",
            json!({"local": "100", "remote": "+14155550100", "seconds": 9, "once": true}),
            400,
            error("not both"),
        ),
        row(
            "POST",
            "/v1/grants",
            json!({"local": "1*", "remote": "+14155550100"}),
            400,
            error("1*"),
        ),
        row(
            "GET",
            "/v1/grants",
            "",
            200,
            json!({"grants": [{"remote": "+14155550100"}]}),
        ),
        row("DELETE", "/v1/grants/<grant>", "", 200, json!({})),
        row("DELETE", "/v1/grants/<grant>", "", 404, error("grant")),
        row(
            "DELETE",
            "/v1/grants/one",
            "",
            400,
            error("grants have numbers"),
        ),
        row("DELETE", "/v1/grants", "", 405, error("does not do that")),
    ]
}
