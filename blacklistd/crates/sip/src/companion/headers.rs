//! Lenient parsing of header lines, so that odd messages can be judged.

use blacklist_common::message::without_leading;

/// Maximum number of lines.
const MAXIMUM_LINES: usize = 4096;

/// A header: its name as written, and its value, unfolded and trimmed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Header<'t> {
    pub(super) name: &'t [u8],
    pub(super) value: Vec<u8>,
}

impl Header<'_> {
    /// Whether this is its name, in its long or compact form.
    pub(super) fn is(&self, long: &str, compact: &str) -> bool {
        self.name.eq_ignore_ascii_case(long.as_bytes())
            || (!compact.is_empty() && self.name.eq_ignore_ascii_case(compact.as_bytes()))
    }
}

/// The start line and all headers up to the empty line, or to the end. A lone CR ends a line too.
pub(super) fn headers(text: &[u8]) -> (&[u8], Vec<Header<'_>>) {
    let mut rest = without_leading(text);
    let start = line(&mut rest);
    let mut list: Vec<Header<'_>> = Vec::new();
    for _ in 0..MAXIMUM_LINES {
        if rest.is_empty() {
            break;
        }
        let line = line(&mut rest);
        let [first, ..] = line else {
            break;
        };
        if matches!(first, b' ' | b'\t') {
            if let Some(header) = list.last_mut() {
                header.value.push(b' ');
                header.value.extend_from_slice(line.trim_ascii());
            }
            continue;
        }
        let Some(colon) = line.iter().position(|byte| *byte == b':') else {
            continue;
        };
        let (name, value) = line.split_at_checked(colon).unwrap_or_default();
        list.push(Header {
            name: name.trim_ascii_end(),
            value: value.get(1..).unwrap_or_default().trim_ascii().to_vec(),
        });
    }
    (start, list)
}

/// Splits off a line with its end.
fn line<'t>(rest: &mut &'t [u8]) -> &'t [u8] {
    let end = rest
        .iter()
        .position(|byte| matches!(byte, b'\r' | b'\n'))
        .unwrap_or(rest.len());
    let (line, behind) = rest.split_at_checked(end).unwrap_or((rest, &[]));
    *rest = match behind {
        [b'\r', b'\n', behind @ ..] | [_, behind @ ..] => behind,
        [] => behind,
    };
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_folds_and_ends() {
        let text = b"\r\nINVITE a SIP/2.0\r\nFrom : <sip:\r\n a@b>\rT: x\nno header\nVia:y\r\n\r\nTo: body";
        let (start, list) = headers(text);
        assert_eq!(start, b"INVITE a SIP/2.0");
        let seen: Vec<(&[u8], &[u8])> = list
            .iter()
            .map(|header| (header.name, header.value.as_slice()))
            .collect();
        let expected: [(&[u8], &[u8]); 3] =
            [(b"From", b"<sip: a@b>"), (b"T", b"x"), (b"Via", b"y")];
        assert_eq!(seen, expected);
        assert!(list.iter().any(|header| header.is("to", "t")));
    }

    #[test]
    fn what_has_no_headers() {
        for text in [&b""[..], b"\r\n\r\n", b"INVITE", b"INVITE a SIP/2.0\r\n"] {
            assert_eq!(headers(text).1, [], "{text:?}");
        }
    }
}
