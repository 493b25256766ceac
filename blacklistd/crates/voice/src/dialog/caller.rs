//! The From header of a call that continues, parsed here because the library mistakes an address in
//! a quoted name for the caller's.

use blacklist_sip::answer::find_unquoted;
use rsipstack::sip::Uri;

/// The name and the address of a From header; `None` if the address cannot be parsed.
pub(super) fn read(value: &str) -> Option<(Option<String>, Uri)> {
    let bytes = value.as_bytes();
    let (name, uri) = match find_unquoted(bytes, b'<') {
        Some(start) => {
            let name = value.get(..start)?.trim();
            let rest = value.get(start + 1..)?;
            (name, rest.get(..rest.find('>')?)?)
        }
        // An unterminated quote hides everything.
        None if value.contains('"') => return None,
        // Without brackets, parameters belong to the header (RFC 3261, section 20.10).
        None => ("", value.split(';').next()?.trim()),
    };
    let uri = Uri::try_from(uri).ok()?;
    Some((plain(name), uri))
}

/// A name without its quotes; `None` if it is empty or would need an escape.
fn plain(name: &str) -> Option<String> {
    let inner = name
        .strip_prefix('"')
        .and_then(|name| name.strip_suffix('"'))
        .unwrap_or(name);
    let is_plain = !inner.is_empty()
        && inner
            .chars()
            .all(|c| !c.is_control() && !matches!(c, '"' | '\\' | '<' | '>'));
    is_plain.then(|| inner.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_outside_of_quotes_is_the_callers() {
        let rows: [(&str, &str, Option<&str>, &str); 6] = [
            ("plain", "<sip:1@x>;tag=a", None, "sip:1@x"),
            ("a name", "\"Ann\" <sip:1@x>;tag=a", Some("Ann"), "sip:1@x"),
            ("a bare name", "Ann <sip:1@x>", Some("Ann"), "sip:1@x"),
            (
                "an address in quotes",
                "\"a <sip:302@x>\" <sip:1@x>;tag=a",
                None,
                "sip:1@x",
            ),
            (
                "an escaped quote",
                r#""a\" <sip:302@x>" <sip:1@x>"#,
                None,
                "sip:1@x",
            ),
            ("no brackets", "sip:1@x;tag=a", None, "sip:1@x"),
        ];
        for (row, value, name, uri) in rows {
            let (seen_name, seen_uri) = read(value).unwrap();
            assert_eq!(seen_name.as_deref(), name, "{row}");
            assert_eq!(seen_uri.to_string(), uri, "{row}");
        }
        for value in ["", "\"a\" <sip:1@x", "<>", "\"a <sip:1@x>"] {
            assert!(read(value).is_none(), "{value}");
        }
    }
}
