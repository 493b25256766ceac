//! The messages of RFC 4475 and RFC 5118.

use std::fs;
use std::path::{Path, PathBuf};

use blacklist_common::outcome::Outcome;

/// INVITEs of the corpora that are not judged, and why.
pub const NOT_JUDGED: [(&str, Outcome); 5] = [
    ("wsinv.dat", Outcome::InDialog),
    ("quotbal.dat", Outcome::OpenQuote),
    ("lwsruri.dat", Outcome::InDialog),
    ("insuf.dat", Outcome::MissingHeader),
    ("multi01.dat", Outcome::RepeatedHeader),
];

/// A message and what is known of it.
#[derive(Clone, Debug)]
pub struct Torture {
    /// File name.
    pub name: String,
    /// As in the file.
    pub text: Vec<u8>,
    /// Whether it is an INVITE.
    pub is_invite: bool,
    /// The user part of From as it must be read; none if a certain caller cannot be read.
    pub caller: Option<String>,
}

/// A folder of the tests' data.
pub fn data(name: &str) -> PathBuf {
    // The shared crate's own test reads the same messages.
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../tests/data")
        .join(name)
}

/// All messages of both RFCs.
///
/// # Panics
/// If a file is missing.
pub fn all() -> Vec<Torture> {
    let mut messages = rfc4475();
    messages.extend(rfc5118());
    messages
}

/// RFC 4475, with the callers of its table.
fn rfc4475() -> Vec<Torture> {
    let folder = data("sip-torture/rfc4475");
    let table = fs::read(folder.join("expected.tsv")).unwrap();
    let table = String::from_utf8_lossy(&table);
    let rows = table.lines().skip(1).map(|line| {
        let columns: Vec<&str> = line.split('\t').collect();
        Torture {
            name: columns[0].to_owned(),
            text: fs::read(folder.join(columns[0])).unwrap(),
            is_invite: columns[4] == "yes",
            caller: caller(columns[5]),
        }
    });
    let mut messages: Vec<Torture> = rows.collect();
    let variant = "baddn.erratum-variant.dat".to_owned();
    let text = fs::read(folder.join(&variant)).unwrap();
    messages.push(Torture {
        name: variant,
        text,
        is_invite: false,
        caller: None,
    });
    messages
}

/// The table's last column: a user, one that is repeated, a remark, or two that contradict.
fn caller(column: &str) -> Option<String> {
    if column.starts_with('(') || column.contains(" / ") {
        return None;
    }
    let column = column.split(" (raw ").next().unwrap_or(column);
    match column.split_once(" x") {
        Some((user, times)) if times.parse::<usize>().is_ok() => {
            Some(user.repeat(times.parse().unwrap()))
        }
        _ => Some(column.to_owned()),
    }
}

/// RFC 5118, whose INVITEs are all from `user`.
fn rfc5118() -> Vec<Torture> {
    let mut paths: Vec<PathBuf> = fs::read_dir(data("sip-torture/rfc5118"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    paths.sort();
    let messages = paths.iter().map(|path| {
        let text = fs::read(path).unwrap();
        Torture {
            name: path.file_name().unwrap().to_string_lossy().into_owned(),
            is_invite: text.starts_with(b"INVITE "),
            text,
            caller: Some("user".to_owned()),
        }
    });
    messages.collect()
}
