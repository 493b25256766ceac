//! Texts of the screen: numbers are made readable, and everything is cut to its place.

use blacklist_model::harmless;
use ratatui::text::Span;

/// The columns that a text takes.
pub(super) fn width(text: &str) -> usize {
    Span::raw(text).width()
}

/// A text in this many columns; `…` where the rest was cut.
pub(super) fn clip(text: &str, columns: usize) -> String {
    if width(text) <= columns {
        return text.to_owned();
    }
    let mut clipped = String::new();
    let mut taken = 1;
    for character in text.chars() {
        taken += width(character.encode_utf8(&mut [0; 4]));
        if taken > columns {
            break;
        }
        clipped.push(character);
    }
    if columns > 0 {
        clipped.push('…');
    }
    clipped
}

/// A text in lines of this many columns, broken at blanks where there are any.
pub(super) fn wrap(text: &str, columns: usize) -> Vec<String> {
    let columns = columns.max(1);
    let mut lines: Vec<String> = Vec::new();
    let mut line = String::new();
    for word in text.split_whitespace() {
        if !line.is_empty() && width(&line) + 1 + width(word) > columns {
            lines.push(std::mem::take(&mut line));
        }
        if !line.is_empty() {
            line.push(' ');
        }
        for character in word.chars() {
            if width(&line) + width(character.encode_utf8(&mut [0; 4])) > columns {
                lines.push(std::mem::take(&mut line));
            }
            line.push(character);
        }
    }
    if !line.is_empty() {
        lines.push(line);
    }
    lines
}

/// Digits in groups of three.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A count in nine columns at most, up to 10^15.
pub(super) fn count(number: u64) -> String {
    match number {
        0..10_000_000 => grouped(number),
        10_000_000..10_000_000_000 => format!("{:.1}M", number as f64 / 1e6),
        10_000_000_000..1_000_000_000_000 => format!("{:.1}G", number as f64 / 1e9),
        _ => format!("{}G", grouped(number / 1_000_000_000)),
    }
}

/// So many in a second; a dash if it is not known.
pub(super) fn rate(rate: Option<f64>) -> String {
    match rate {
        None => "-".to_owned(),
        Some(rate) if rate <= 0.0 => "0".to_owned(),
        Some(rate) if rate < 0.1 => "<0.1".to_owned(),
        Some(rate) if rate < 999.95 => format!("{rate:.1}"),
        Some(rate) => count(rate.round() as u64),
    }
}

/// The time of day if it is of the same day as `now`, else month and day before it.
pub(super) fn time(time: &str, now: &str) -> String {
    let short = |time: &str| -> Option<String> {
        let (day, clock) = time.split_once('T')?;
        let clock = clock.get(..8)?;
        if now.split_once('T').is_some_and(|(today, _)| today == day) {
            return Some(clock.to_owned());
        }
        Some(format!("{} {}", day.get(5..)?, clock.get(..5)?))
    };
    harmless(&short(time).unwrap_or_else(|| time.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_cut_to_their_place() {
        let rows = [
            ("fits", "abc", 3, "abc"),
            ("too long", "abcd", 3, "ab…"),
            ("no place", "abcd", 0, ""),
            ("one place", "abcd", 1, "…"),
            ("wide characters", "電話番号", 5, "電話…"),
            ("half of a wide one", "電話番号", 4, "電…"),
        ];
        for (name, text, columns, expected) in rows {
            assert_eq!(clip(text, columns), expected, "{name}");
            assert!(width(&clip(text, columns)) <= columns, "{name}");
        }
    }

    #[test]
    fn sentences_are_broken_at_blanks() {
        assert_eq!(wrap("one two three", 7), ["one two", "three"]);
        assert_eq!(wrap("a longword", 4), ["a", "long", "word"]);
        assert_eq!(wrap("  ", 4), [""; 0]);
        assert_eq!(wrap("ab", 0), ["a", "b"]);
    }

    #[test]
    fn numbers_are_readable() {
        let rows = [
            (0, "0"),
            (999, "999"),
            (1_000, "1,000"),
            (9_999_999, "9,999,999"),
            (10_000_000, "10.0M"),
            (12_345_678_901, "12.3G"),
            (u64::MAX, "18,446,744,073G"),
        ];
        for (number, expected) in rows {
            assert_eq!(count(number), expected);
        }
        let rows = [
            (None, "-"),
            (Some(0.0), "0"),
            (Some(0.02), "<0.1"),
            (Some(12.34), "12.3"),
            (Some(999.96), "1,000"),
            (Some(12_345.6), "12,346"),
        ];
        for (number, expected) in rows {
            assert_eq!(rate(number), expected);
        }
    }

    #[test]
    fn times_of_today_have_no_date() {
        let now = "2026-07-31T10:00:00.5Z";
        let rows = [
            ("2026-07-31T09:59:58.123Z", "09:59:58"),
            ("2026-07-30T23:59:58Z", "07-30 23:59"),
            ("yesterday", "yesterday"),
            ("T", "T"),
            ("äöüT12:00:00", "äöüT12:00:00"),
        ];
        for (text, expected) in rows {
            assert_eq!(time(text, now), expected, "{text}");
        }
    }
}
