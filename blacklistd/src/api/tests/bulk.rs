//! Many rules at once, what was, and subscriptions.

use super::*;

fn import(request: &Value) -> String {
    format!("/v1/imports?request={}", encoded(request))
}

pub(super) fn rows() -> Vec<Step> {
    let csv = "pattern,comment\n+14155550100,a\n+14155550101,b\nno number at all!,c\n";
    let feed = |name: &str, source: &str| json!({"name": name, "source": source, "list": "fed", "every": "1h"});
    vec![
        row("POST", import(&json!({"file": "a.csv"})), csv, 200, json!({"added": 0, "bad": 1, "generation": null})),
        row("POST", import(&json!({"file": "a.csv", "skip_bad": true, "rejects": true, "dry_run": true})), csv, 200,
            json!({"added": 2, "bad": 1, "dry_run": true, "generation": null})),
        row("POST", import(&json!({"file": "a.csv", "skip_bad": true, "rejects": true})), csv, 200,
            json!({"file": "a.csv", "added": 2, "bad": 1, "generation": 1})).keep("rejects", "/rejects"),
        row("POST", import(&json!({"file": "a.csv", "list": "nowhere"})), csv, 404, error("nowhere")),
        row("POST", "/v1/imports?request=%7B", csv, 400, error("the request is not as expected")),
        row("GET", "/v1/rejects/<rejects>", "", 200, json!("~no number at all!")),
        row("GET", "/v1/rejects/<rejects>", "", 404, error("fetched already")),
        row("GET", "/v1/history", "", 200, json!({"generations": [{"generation": 1, "action": "import", "added": 2}]})),
        row("GET", "/v1/history?limit=many", "", 400, json!("~limit")),
        row("GET", "/v1/diff?from=0&to=1", "", 200, json!({"added": 2, "removed": 0, "more": 0})),
        row("GET", "/v1/diff?from=0&to=99", "", 404, error("there is no generation 99")),
        row("GET", "/v1/audit", "", 200, json!({"entries": [{"generation": 1, "source": "import a.csv"}], "attempts": []})),
        row("GET", "/v1/audit?since=whenever", "", 400, error("whenever")),
        row("GET", "/v1/export?format=csv", "", 200, json!("~+14155550101")),
        row("GET", "/v1/export?format=toml", "", 200, json!("~pattern = \"+14155550101\"")).keep("exported", ""),
        row("GET", "/v1/export?format=xml", "", 400, json!("~xml")),
        row("POST", "/v1/apply?file=rules.toml&dry_run=true", "[[rule]]\npattern = \"+14155550100\"\n", 200,
            json!({"file": "rules.toml", "dry_run": true, "generation": null, "removed": 1})),
        row("POST", "/v1/apply?file=rules.toml", "[[rule]]\npattern = \"+14155550100\"\n", 200,
            json!({"generation": 2, "dry_run": false, "removed": 1})),
        row("POST", "/v1/apply?file=rules.toml", "[[rule]]\npattrn = 1\n", 400, error("rules.toml:2")),
        row("GET", "/v1/mirror?format=plain", "", 200, json!("~14155550100")),
        row("GET", "/v1/mirror?format=plain&list=nowhere", "", 404, error("nowhere")),
        row("GET", "/v1/mirror/report?format=asterisk", "", 200, json!({})),
        row("GET", "/v1/mirror/report?format=plain&plus=%3A", "", 400, error("plus must be")),
        row("POST", "/v1/imports/1/undo", "", 200, json!({"generation": {"generation": 1}, "made": 3, "removed": 1})),
        row("POST", "/v1/imports/2/undo", "", 409, error("2")),
        row("POST", "/v1/history/1/rollback?dry_run=true", "", 200, json!({"made": null, "dry_run": true})),
        row("POST", "/v1/history/1/rollback", "", 200, json!({"made": 4, "added": 2})),
        row("POST", "/v1/history/99/rollback", "", 404, error("99")),
        row("GET", "/v1/backup", "", 200, json!("~SQLite format 3")),
        row("POST", "/v1/backup", "", 405, error("does not do that")),
        row("GET", "/v1/feeds", "", 200, json!({"feeds": []})),
        row("POST", "/v1/lists", json!({"name": "fed", "kind": "block"}), 201, json!({})),
        row("POST", "/v1/feeds", feed("f", "<folder>/feed.csv"), 201, json!({"name": "f", "rules": 0})),
        row("POST", "/v1/feeds", feed("f", "<folder>/feed.csv"), 409, error("f")),
        row("POST", "/v1/feeds", feed("g", "gopher://x"), 400, error("gopher")),
        row("GET", "/v1/feeds", "", 200, json!({"feeds": [{"name": "f", "list": "fed"}]})),
        row("GET", "/v1/feeds/f", "", 200, json!({"name": "f"})),
        row("GET", "/v1/feeds/g", "", 404, error("g")),
        row("PUT", "/v1/feeds/f", feed("g", "<folder>/feed.csv"), 400, error("cannot have another name")),
        row("POST", "/v1/feeds/f/run", "", 409, error("feed.csv")),
        row("PUT", "/v1/feeds/f", feed("f", "<folder>/blacklistd.toml"), 200, json!({"name": "f"})),
        row("POST", "/v1/feeds/g/run", "", 404, error("g")),
        row("POST", "/v1/feeds/f/run?force=true", "", 200, json!({})),
        row("DELETE", "/v1/feeds/f", "", 200, json!({"name": "f", "removed_rules": 0})),
        row("DELETE", "/v1/feeds/f", "", 404, error("f")),
    ]
}
