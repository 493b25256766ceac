//! Text in which quotes hide their contents (RFC 3261, section 25.1, `quoted-string`).

/// The first position of a byte outside of quotes.
pub fn find_unquoted(text: &[u8], wanted: u8) -> Option<usize> {
    let mut quoted = false;
    let mut escaped = false;
    text.iter().position(|byte| {
        if escaped {
            escaped = false;
            return false;
        }
        match byte {
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            byte => return !quoted && *byte == wanted,
        }
        false
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_hide_what_they_hold() {
        let rows = [
            ("a,b", Some(1)),
            ("\"a,b\",c", Some(5)),
            ("\"a\\\",b\",c", Some(7)),
            ("\"a,b", None),
            ("", None),
        ];
        for (text, expected) in rows {
            assert_eq!(find_unquoted(text.as_bytes(), b','), expected, "{text}");
        }
    }
}
