//! Descriptions of real phones and exchanges, and hostile ones.

mod answers;
mod hostile;
mod offers;
mod phones;

use super::*;
use crate::media::law::Law;

/// A description from its lines.
fn lines(text: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
        bytes.extend(line.as_bytes());
        bytes.extend(b"\r\n");
    }
    bytes
}

/// This side of a call in tests.
fn local() -> Local {
    Local {
        address: "192.0.2.9:40000".parse().unwrap(),
        session: 77,
        version: 1,
        direction: Direction::Both,
    }
}

/// The media lines of a description.
fn media_lines(bytes: &[u8]) -> Vec<String> {
    String::from_utf8(bytes.to_vec())
        .unwrap()
        .split("\r\n")
        .filter(|line| line.starts_with("m="))
        .map(str::to_owned)
        .collect()
}
