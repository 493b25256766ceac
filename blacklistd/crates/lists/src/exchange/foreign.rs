//! Lists of numbers in the formats of Kamailio, OpenSIPS and Asterisk: written from rules, and
//! converted to CSV line by line.

use std::fmt::Write as _;
use std::io::{self, BufRead, Read};

use blacklist_model::{ForeignFormat, ForeignSource};

/// A rule in a form that other programs can store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The canonical number or prefix.
    pub number: String,
    /// Whether it is a prefix.
    pub is_prefix: bool,
    /// Whether it allows calls.
    pub allows: bool,
    /// The id of the rule.
    pub rule: u32,
}

/// The default replacement of `+`; empty for tries of digits.
pub const fn usual_plus(form: ForeignFormat) -> &'static str {
    match form {
        ForeignFormat::Plain | ForeignFormat::KamailioHtable | ForeignFormat::Asterisk => "+",
        ForeignFormat::KamailioUserblocklist | ForeignFormat::OpensipsUserblacklist => "",
    }
}

/// The first line; empty if there is none.
pub const fn head(form: ForeignFormat) -> &'static str {
    match form {
        ForeignFormat::Plain | ForeignFormat::Asterisk => "",
        ForeignFormat::KamailioHtable => {
            "id(int,auto) key_name(string) key_type(int) value_type(int) key_value(string) expires(int)\n"
        }
        ForeignFormat::KamailioUserblocklist => {
            "id(int,auto) prefix(string) allowlist(int) description(string)\n"
        }
        ForeignFormat::OpensipsUserblacklist => {
            "id(int,auto) prefix(string) whitelist(int) description(string)\n"
        }
    }
}

/// Why a format cannot store an entry; `None` if it can.
pub const fn cannot_hold(form: ForeignFormat, entry: &Entry) -> Option<&'static str> {
    match form {
        ForeignFormat::KamailioUserblocklist | ForeignFormat::OpensipsUserblacklist => None,
        _ if entry.allows => Some("allow rules"),
        ForeignFormat::KamailioHtable | ForeignFormat::Asterisk if entry.is_prefix => {
            Some("prefixes")
        }
        ForeignFormat::Plain | ForeignFormat::KamailioHtable | ForeignFormat::Asterisk => None,
    }
}

/// The line of an entry; `plus` replaces `+`, `number` counts lines from 1.
pub fn line(form: ForeignFormat, entry: &Entry, plus: &str, number: u64) -> String {
    let spelled = match entry.number.strip_prefix('+') {
        Some(digits) => format!("{plus}{digits}"),
        None => entry.number.clone(),
    };
    let allows = u8::from(entry.allows);
    let rule = entry.rule;
    match form {
        ForeignFormat::Plain => {
            let star = if entry.is_prefix { "*" } else { "" };
            format!("{spelled}{star}\n")
        }
        // Value of type 0, a string; key of one value.
        ForeignFormat::KamailioHtable => format!("{number}:{}:0:0:{rule}:0\n", escaped(&spelled)),
        ForeignFormat::KamailioUserblocklist | ForeignFormat::OpensipsUserblacklist => {
            format!("{number}:{}:{allows}:rule {rule}\n", escaped(&spelled))
        }
        ForeignFormat::Asterisk => format!("database put blacklist {spelled} {rule}\n"),
    }
}

/// Escapes a value of db_text.
fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\").replace(':', "\\:")
}

/// The columns of a db_text table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Table {
    number: usize,
    /// Whether its numbers are prefixes.
    prefixes: bool,
    allows: Option<usize>,
    user: Option<usize>,
    comment: Option<usize>,
}

impl Table {
    fn read(head: &str) -> io::Result<Self> {
        let names: Vec<&str> = head
            .split_ascii_whitespace()
            .map(|column| column.split('(').next().unwrap_or_default())
            .collect();
        let place = |wanted: &[&str]| names.iter().position(|name| wanted.contains(name));
        let prefix = place(&["prefix"]);
        let number = prefix.or_else(|| place(&["key_name", "number"]));
        let Some(number) = number else {
            return Err(io::Error::new(
                io::ErrorKind::InvalidData,
                "the first line names no column prefix or key_name: it is not an htable, userblocklist or userblacklist of db_text",
            ));
        };
        Ok(Self {
            number,
            prefixes: prefix.is_some(),
            allows: place(&["allowlist", "whitelist"]),
            user: place(&["username"]),
            comment: place(&["description", "key_value"]),
        })
    }

    fn line(&self, line: &str) -> String {
        let values = values(line);
        let value = |place: Option<usize>| {
            place
                .and_then(|place| values.get(place))
                .map_or("", String::as_str)
        };
        let star = if self.prefixes { "*" } else { "" };
        let number = value(Some(self.number));
        let pattern = if number.is_empty() {
            // The table's own row, or a broken one: the CSV reader reports what is wrong.
            line.to_owned()
        } else {
            format!("{}{star}", literal(number))
        };
        let kind = match value(self.allows) {
            "1" => "allow",
            _ => "block",
        };
        let user = value(self.user);
        let scope = if user.is_empty() {
            String::new()
        } else {
            format!("number:{user}")
        };
        record([&pattern, kind, &scope, value(self.comment)])
    }
}

/// The values of a db_text line.
fn values(line: &str) -> Vec<String> {
    let mut values = vec![String::new()];
    let mut letters = line.chars();
    while let Some(letter) = letters.next() {
        match letter {
            ':' => values.push(String::new()),
            letter => {
                let letter = match letter {
                    '\\' => match letters.next() {
                        Some('n' | 'r' | 't') => ' ',
                        Some(other) => other,
                        None => '\\',
                    },
                    other => other,
                };
                if let Some(last) = values.last_mut() {
                    last.push(letter);
                }
            }
        }
    }
    values
}

/// A number with the dialled keys `*` and `?` escaped.
fn literal(number: &str) -> String {
    let mut text = String::with_capacity(number.len());
    for letter in number.chars() {
        if matches!(letter, '*' | '?' | '\\') {
            text.push('\\');
        }
        text.push(letter);
    }
    text
}

/// A CSV line.
fn record(values: [&str; 4]) -> String {
    let mut line = String::new();
    for (index, value) in values.iter().enumerate() {
        if index > 0 {
            line.push(',');
        }
        let _ = write!(line, "\"{}\"", value.replace('"', "\"\""));
    }
    line.push('\n');
    line
}

/// Converts a line of Asterisk's, `/blacklist/4155550100 : 1`; other lines contain no number.
fn of_asterisk(line: &str) -> String {
    let entry = line
        .trim_start()
        .strip_prefix('/')
        .and_then(|rest| rest.split_once('/'))
        .and_then(|(_, rest)| rest.split_once(" :"));
    match entry {
        Some((number, value)) => record([&literal(number.trim()), "block", "", value.trim()]),
        None => "\n".to_owned(),
    }
}

/// Converts another program's file to CSV with the columns pattern, kind, scope and comment, line
/// by line.
pub struct ForeignReader<R> {
    input: R,
    source: ForeignSource,
    table: Option<Table>,
    ready: Vec<u8>,
    given: usize,
}

impl<R: BufRead> ForeignReader<R> {
    /// Converts a file.
    pub const fn new(input: R, source: ForeignSource) -> Self {
        Self {
            input,
            source,
            table: None,
            ready: Vec::new(),
            given: 0,
        }
    }

    /// Prepares the next line. Returns false at the end.
    fn advance(&mut self) -> io::Result<bool> {
        let mut bytes = Vec::new();
        if self
            .input
            .by_ref()
            .take(1 << 20)
            .read_until(b'\n', &mut bytes)?
            == 0
        {
            return Ok(false);
        }
        let text = String::from_utf8_lossy(&bytes);
        let line = text.trim_end_matches(['\r', '\n']);
        let made = match (self.source, self.table) {
            (ForeignSource::Asterisk, _) => of_asterisk(line),
            (ForeignSource::DbText, None) => {
                self.table = Some(Table::read(line)?);
                record(["pattern", "kind", "scope", "comment"])
            }
            (ForeignSource::DbText, Some(_)) if line.is_empty() => "\n".to_owned(),
            (ForeignSource::DbText, Some(table)) => table.line(line),
        };
        self.ready = made.into_bytes();
        self.given = 0;
        Ok(true)
    }
}

impl<R: BufRead> Read for ForeignReader<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.given >= self.ready.len() {
            if !self.advance()? {
                return Ok(0);
            }
        }
        let rest = self.ready.get(self.given..).unwrap_or_default();
        let length = rest.len().min(buffer.len());
        for (place, byte) in buffer.iter_mut().zip(rest) {
            *place = *byte;
        }
        self.given += length;
        Ok(length)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [ForeignFormat; 5] = [
        ForeignFormat::Plain,
        ForeignFormat::KamailioHtable,
        ForeignFormat::KamailioUserblocklist,
        ForeignFormat::OpensipsUserblacklist,
        ForeignFormat::Asterisk,
    ];

    fn entry(number: &str, is_prefix: bool, allows: bool) -> Entry {
        Entry {
            number: number.to_owned(),
            is_prefix,
            allows,
            rule: 7,
        }
    }

    fn read(source: ForeignSource, text: &str) -> io::Result<String> {
        let mut csv = String::new();
        ForeignReader::new(text.as_bytes(), source).read_to_string(&mut csv)?;
        Ok(csv)
    }

    #[test]
    fn entries_as_others_keep_them() {
        let rows = [
            ("+14155550100", false, false),
            ("+4930", true, false),
            ("+49301", false, true),
        ];
        let expected = [
            ["+14155550100", "+4930*", "-"],
            ["1:+14155550100:0:0:7:0", "-", "-"],
            [
                "1:14155550100:0:rule 7",
                "1:4930:0:rule 7",
                "1:49301:1:rule 7",
            ],
            [
                "1:14155550100:0:rule 7",
                "1:4930:0:rule 7",
                "1:49301:1:rule 7",
            ],
            ["database put blacklist +14155550100 7", "-", "-"],
        ];
        for (foreign, lines) in ALL.into_iter().zip(expected) {
            for ((number, is_prefix, allows), expected) in rows.into_iter().zip(lines) {
                let entry = entry(number, is_prefix, allows);
                let seen = match cannot_hold(foreign, &entry) {
                    Some(_) => "-".to_owned(),
                    None => line(foreign, &entry, usual_plus(foreign), 1)
                        .trim_end()
                        .to_owned(),
                };
                assert_eq!(seen, expected, "{foreign:?}");
            }
        }
    }

    #[test]
    fn tables_are_read_with_their_lines() {
        let rows = [
            (
                "htable",
                "id(int,auto) key_name(string) key_type(int) value_type(int) key_value(string) expires(int)\n1:+1415:0:0:spam \"x\":0\n\n2:*67\\:1:0:0:1:0\n",
                "\"pattern\",\"kind\",\"scope\",\"comment\"\n\"+1415\",\"block\",\"\",\"spam \"\"x\"\"\"\n\n\"\\*67:1\",\"block\",\"\",\"1\"\n",
            ),
            (
                "userblocklist",
                "id(int,auto) username(string) domain(string) prefix(string) allowlist(int)\n1:+13125550199:x:4930:0\n2:+13125550199:x:49301:1",
                "\"pattern\",\"kind\",\"scope\",\"comment\"\n\"4930*\",\"block\",\"number:+13125550199\",\"\"\n\"49301*\",\"allow\",\"number:+13125550199\",\"\"\n",
            ),
            (
                "userblacklist",
                "id(int,auto) prefix(string) whitelist(int) description(string)\n1:4930:0:Berlin\n",
                "\"pattern\",\"kind\",\"scope\",\"comment\"\n\"4930*\",\"block\",\"\",\"Berlin\"\n",
            ),
        ];
        for (name, text, expected) in rows {
            assert_eq!(
                read(ForeignSource::DbText, text).unwrap(),
                expected,
                "{name}"
            );
        }
        assert!(read(ForeignSource::DbText, "id(int) name(string)\n").is_err());
        assert_eq!(read(ForeignSource::DbText, "").unwrap(), "");
    }

    #[test]
    fn what_asterisk_prints() {
        let text = "/blacklist/4155550100                             : 1\n/blacklist/+14155550101   : spam : x\n2 results found.\n";
        let expected =
            "\"4155550100\",\"block\",\"\",\"1\"\n\"+14155550101\",\"block\",\"\",\"spam : x\"\n\n";
        assert_eq!(read(ForeignSource::Asterisk, text).unwrap(), expected);
    }

    #[test]
    fn what_is_written_is_read_again() {
        let entries = [
            entry("+14155550100", true, false),
            entry("+4930", true, true),
        ];
        let foreign = ForeignFormat::KamailioUserblocklist;
        let mut text = head(foreign).to_owned();
        for (number, entry) in (1..).zip(&entries) {
            text.push_str(&line(foreign, entry, "+", number));
        }
        let csv = read(ForeignSource::DbText, &text).unwrap();
        assert!(csv.contains("\"+14155550100*\",\"block\""), "{csv}");
        assert!(csv.contains("\"+4930*\",\"allow\""), "{csv}");
    }
}
