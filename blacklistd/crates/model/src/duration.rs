//! Durations as operators write them: `90s`, `30m`, `1h`, `1h 30m`, `30d`, `2w`.

use std::time::Duration;

use jiff::{Span, SpanRelativeTo};

/// Parses a duration; a day has 24 hours, a week 7 days.
///
/// # Errors
/// It is not a duration, is negative, or uses months or years, whose length varies.
pub fn read_duration(text: &str) -> Result<Duration, String> {
    let wrong =
        || format!("\"{text}\" is not a length of time; write one such as 30m, 1h, 12h, 1d or 2w");
    let span: Span = text.trim().parse().map_err(|_| wrong())?;
    let length = span
        .to_duration(SpanRelativeTo::days_are_24_hours())
        .map_err(|_| wrong())?;
    Duration::try_from(length).map_err(|_| wrong())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_of_time_are_read() {
        let rows = [
            ("90s", 90),
            ("30m", 1800),
            ("1h", 3600),
            ("1h 30m", 5400),
            ("30d", 2_592_000),
            ("2w", 1_209_600),
        ];
        for (text, seconds) in rows {
            assert_eq!(
                read_duration(text),
                Ok(Duration::from_secs(seconds)),
                "{text}"
            );
        }
        for text in ["", "5", "1 month", "-1h", "soon"] {
            assert!(
                read_duration(text)
                    .unwrap_err()
                    .contains("not a length of time"),
                "{text}"
            );
        }
    }
}
