//! A PIN from whoever types it, without an echo, or out of a pipe; never from the arguments, which
//! every user of the host can see.

use std::io::{Read as _, Write as _};
use std::os::fd::AsFd;

use nix::sys::termios::{
    LocalFlags, SetArg, SpecialCharacterIndices, Termios, tcgetattr, tcsetattr,
};

use crate::error::CliError;

/// Bytes of a line that are read: more than any PIN has.
const LONGEST_LINE: u64 = 48;
/// What the key combination for an interruption sends.
const INTERRUPT: u8 = 0x03;

/// A terminal that shows nothing of what is typed, until this is dropped.
struct Unseen<T: AsFd> {
    terminal: T,
    before: Termios,
}

impl<T: AsFd> Unseen<T> {
    fn new(terminal: T) -> nix::Result<Self> {
        let before = tcgetattr(&terminal)?;
        let mut unseen = before.clone();
        // An interruption ends the line instead of the process, which would leave the terminal so.
        unseen
            .local_flags
            .remove(LocalFlags::ECHO | LocalFlags::ISIG);
        let end = SpecialCharacterIndices::VEOL as usize;
        if let Some(character) = unseen.control_chars.get_mut(end) {
            *character = INTERRUPT;
        }
        tcsetattr(&terminal, SetArg::TCSAFLUSH, &unseen)?;
        Ok(Self { terminal, before })
    }
}

impl<T: AsFd> Drop for Unseen<T> {
    fn drop(&mut self) {
        // There is nothing else that could be done.
        let _ = tcsetattr(&self.terminal, SetArg::TCSAFLUSH, &self.before);
    }
}

/// The PIN that somebody types twice, or the first line of what is no terminal.
pub(super) fn pin() -> Result<String, CliError> {
    let stdin = std::io::stdin();
    match Unseen::new(stdin.as_fd()) {
        Ok(_unseen) => {
            let first = prompt("PIN: ")?;
            if prompt("again: ")? != first {
                return Err(CliError::Failed(
                    "the PINs differ: nothing was changed".to_owned(),
                ));
            }
            Ok(first)
        }
        Err(_) => line(stdin.lock()),
    }
}

fn prompt(text: &str) -> Result<String, CliError> {
    let mut stderr = std::io::stderr();
    write!(stderr, "{text}").map_err(CliError::failed)?;
    stderr.flush().map_err(CliError::failed)?;
    let line = line(std::io::stdin().lock());
    writeln!(stderr).map_err(CliError::failed)?;
    line
}

/// A line without its end.
fn line(input: impl std::io::BufRead) -> Result<String, CliError> {
    let failed = |why: &str| CliError::Failed(format!("the PIN cannot be read: {why}"));
    let mut bytes = Vec::new();
    for byte in input.take(LONGEST_LINE).bytes() {
        match byte.map_err(|error| failed(&error.to_string()))? {
            b'\n' => break,
            INTERRUPT => return Err(failed("interrupted; nothing was changed")),
            byte => bytes.push(byte),
        }
    }
    if bytes.last() == Some(&b'\r') {
        bytes.pop();
    }
    String::from_utf8(bytes).map_err(|_| failed("it is not text"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_line_is_the_pin() {
        let long = "7".repeat(500);
        let rows = [
            ("a line", "2580\nmore\n", Ok("2580")),
            ("without an end", "2580", Ok("2580")),
            ("of another system", "2580\r\n", Ok("2580")),
            ("nothing", "", Ok("")),
            ("an interruption", "25\u{3}80\n", Err("interrupted")),
            ("a book", long.as_str(), Ok(&long[..48])),
        ];
        for (name, input, expected) in rows {
            match (line(input.as_bytes()), expected) {
                (Ok(text), Ok(expected)) => assert_eq!(text, expected, "{name}"),
                (Err(error), Err(part)) => {
                    let sentence = error.to_string();
                    assert!(sentence.contains(part), "{name}: {sentence}");
                    assert!(!sentence.contains("25"), "{name}: {sentence}");
                }
                (other, _) => panic!("{name}: {other:?}"),
            }
        }
    }
}
