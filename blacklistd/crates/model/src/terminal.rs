//! What strangers wrote, so that a terminal only shows it.

/// Stands for a character that could move the cursor or turn a line around.
const REPLACEMENT: char = '\u{fffd}';

/// Whether a terminal would do something else with it than show it.
fn is_harmful(character: char) -> bool {
    character.is_control()
        || matches!(
            character,
            // Marks of direction and of width nothing, line and paragraph separators, tags.
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}'
            | '\u{e0000}'..='\u{e007f}'
        )
}

/// A text in which nothing can steer a terminal.
pub fn harmless(text: &str) -> String {
    let shown = |character| {
        if is_harmful(character) {
            REPLACEMENT
        } else {
            character
        }
    };
    text.chars().map(shown).collect()
}

/// Bytes of a stranger as text that a terminal can show: printable ASCII as it is, everything
/// else as `\xHH`.
pub fn printable(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len());
    for byte in bytes {
        match byte {
            b'\\' => text.push_str("\\\\"),
            b' '..=b'~' => text.push(char::from(*byte)),
            _ => text.push_str(&format!("\\x{byte:02x}")),
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_steers_the_terminal() {
        let rows = [
            ("plain", "+14155550100", "+14155550100"),
            ("umlaut", "Müller", "Müller"),
            ("escape", "a\x1b[2Jb", "a\u{fffd}[2Jb"),
            ("newline and tab", "a\n\tb", "a\u{fffd}\u{fffd}b"),
            ("C1", "a\u{9b}2J", "a\u{fffd}2J"),
            ("delete", "a\x7f", "a\u{fffd}"),
            ("turned around", "a\u{202e}b\u{2066}", "a\u{fffd}b\u{fffd}"),
            ("width nothing", "a\u{200b}\u{feff}", "a\u{fffd}\u{fffd}"),
        ];
        for (name, text, expected) in rows {
            assert_eq!(harmless(text), expected, "{name}");
        }
    }

    #[test]
    fn bytes_of_strangers_are_escaped() {
        assert_eq!(
            printable(b"alice\x1b[2J\\\xc3\xa4\0"),
            "alice\\x1b[2J\\\\\\xc3\\xa4\\x00"
        );
    }
}
