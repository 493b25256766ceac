//! How records look before and after a change: one line for each, with what differs.

use serde_json::{Map, Value};

use blacklist_wire::ChangeObject;

/// A value as people read it.
fn value(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(values) => {
            let texts: Vec<String> = values.iter().map(self::value).collect();
            texts.join(" ")
        }
        other => other.to_string(),
    }
}

/// What a record says, the usual left out.
fn whole(fields: &Map<String, Value>) -> String {
    let texts: Vec<String> = fields
        .iter()
        .filter(|(name, field)| {
            let usual = match name.as_str() {
                "enabled" => **field == Value::Bool(true),
                "mandatory" => **field == Value::Bool(false),
                "comment" => field.as_str() == Some(""),
                // The pattern says it.
                "match" | "number" => fields.contains_key("pattern"),
                _ => false,
            };
            !usual
        })
        .map(|(name, field)| format!("{name} {}", value(field)))
        .collect();
    texts.join(", ")
}

/// What differs between two forms of a record.
fn differences(before: &Map<String, Value>, after: &Map<String, Value>) -> String {
    let mut names: Vec<&String> = before.keys().chain(after.keys()).collect();
    names.sort();
    names.dedup();
    let shown = |fields: &Map<String, Value>, name: &str| match fields.get(name) {
        Some(field) => format!("\"{}\"", value(field)),
        None => "nothing".to_owned(),
    };
    let texts: Vec<String> = names
        .into_iter()
        .filter(|name| before.get(*name) != after.get(*name))
        .map(|name| format!("{name} {} -> {}", shown(before, name), shown(after, name)))
        .collect();
    texts.join(", ")
}

/// One line: `+` for what is there now, `-` for what is gone, `~` for what is changed.
pub(super) fn line(change: &ChangeObject) -> String {
    let ChangeObject {
        what,
        id,
        before,
        after,
    } = change;
    match (before, after) {
        (None, Some(after)) => format!("+ {what} {id}: {}", whole(after)),
        (Some(before), None) => format!("- {what} {id}: {}", whole(before)),
        (Some(before), Some(after)) => {
            format!("~ {what} {id}: {}", differences(before, after))
        }
        (None, None) => format!("  {what} {id}"),
    }
}

/// All lines, and how many more there are.
pub(super) fn lines(changes: &[ChangeObject], more: u64) -> Vec<String> {
    let mut lines: Vec<String> = changes.iter().map(line).collect();
    if more > 0 {
        lines.push(format!("... and {more} more (--limit)"));
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_differs_is_shown() {
        let change = |before: Value, after: Value| ChangeObject {
            what: "rule".to_owned(),
            id: "7".to_owned(),
            before: before.as_object().cloned(),
            after: after.as_object().cloned(),
        };
        let one = serde_json::json!({
            "pattern": "+1*", "match": "prefix", "number": "+1", "list": "default", "enabled": true
        });
        let two = serde_json::json!({
            "pattern": "+1*", "match": "prefix", "number": "+1", "list": "default", "enabled": false,
            "scopes": ["global", "group:sales"]
        });
        let rows = [
            (
                Value::Null,
                one.clone(),
                "+ rule 7: list default, pattern +1*",
            ),
            (
                one.clone(),
                Value::Null,
                "- rule 7: list default, pattern +1*",
            ),
            (
                one,
                two,
                "~ rule 7: enabled \"true\" -> \"false\", scopes nothing -> \"global group:sales\"",
            ),
        ];
        for (before, after, expected) in rows {
            assert_eq!(line(&change(before, after)), expected);
        }
    }
}
