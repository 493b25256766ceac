//! Detects the delimiter of a file: the one that splits most lines into as many cells as the first.

/// Possible delimiters.
pub(super) const DELIMITERS: [u8; 4] = [b',', b';', b'\t', b'|'];
/// Lines that are examined.
const LINES: usize = 200;

/// Parses its name: the character itself, or `tab`, `comma`, `semicolon`, `pipe`.
///
/// # Errors
/// It is not a delimiter.
pub fn delimiter_from_name(name: &str) -> Result<u8, String> {
    match name {
        "," | "comma" => Ok(b','),
        ";" | "semicolon" => Ok(b';'),
        "\t" | "\\t" | "tab" => Ok(b'\t'),
        "|" | "pipe" => Ok(b'|'),
        _ => Err(format!(
            "\"{name}\" is not a delimiter; name one of comma, semicolon, tab, pipe"
        )),
    }
}

/// The delimiter of a text; a comma if there is none.
pub(super) fn detect(sample: &[u8]) -> u8 {
    let mut best = (0, 0, b',');
    for delimiter in DELIMITERS {
        let counts = columns(sample, delimiter);
        let Some(first) = counts.first().copied().filter(|first| *first > 1) else {
            continue;
        };
        let alike = counts.iter().filter(|count| **count == first).count();
        if (alike, first) > (best.0, best.1) {
            best = (alike, first, delimiter);
        }
    }
    best.2
}

/// Number of columns in each of the first lines, if they are separated by `delimiter`.
fn columns(sample: &[u8], delimiter: u8) -> Vec<usize> {
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(delimiter)
        .comment(Some(b'#'))
        .has_headers(false)
        .flexible(true)
        .from_reader(sample);
    let mut record = csv::ByteRecord::new();
    let mut counts = Vec::new();
    while counts.len() < LINES && reader.read_byte_record(&mut record).unwrap_or(false) {
        counts.push(record.len());
    }
    counts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_delimiter_is_found() {
        let rows = [
            ("", b','),
            ("+4930123\n+4940123\n", b','),
            ("number,comment\n1,a\n", b','),
            ("number;comment\n1;a, b and c\n2;d, e\n", b';'),
            ("number\tcomment\n1\ta; b\n", b'\t'),
            ("number|comment\n1|a,b\n", b'|'),
            ("# a;b;c;d\nnumber,comment\n1,x;y\n", b','),
            ("number,comment\n1,\"a;b;c\"\n2,\"d;e;f\"\n", b','),
            ("Nummer;Grund\n1;\"Werbung, sehr laut\"\n", b';'),
        ];
        for (text, expected) in rows {
            assert_eq!(detect(text.as_bytes()), expected, "{text:?}");
        }
    }
}
