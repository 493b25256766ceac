//! Lengths of time as operators write them: `90s`, `30m`, `1h`, `1h 30m`, `30d`, `2w`.

use std::time::Duration;

use jiff::{Span, SpanRelativeTo};

/// Reads a length of time; a day has 24 hours, a week seven days.
///
/// # Errors
/// It is none, it is negative, or it has months or years, which are not all of one length.
pub fn read_duration(text: &str) -> Result<Duration, String> {
    let wrong =
        || format!("\"{text}\" is no length of time; write one such as 30m, 1h, 12h, 1d or 2w");
    let span: Span = text.trim().parse().map_err(|_| wrong())?;
    let length = span
        .to_duration(SpanRelativeTo::days_are_24_hours())
        .map_err(|_| wrong())?;
    Duration::try_from(length).map_err(|_| wrong())
}

/// A length of time in its largest whole unit, as [`read_duration`] reads it.
pub fn duration_text(length: Duration) -> String {
    let seconds = length.as_secs();
    let units = [(7 * 86_400, "w"), (86_400, "d"), (3600, "h"), (60, "m")];
    units
        .into_iter()
        .find(|(unit, _)| seconds >= *unit && seconds.is_multiple_of(*unit))
        .map_or_else(
            || format!("{seconds}s"),
            |(unit, name)| format!("{}{name}", seconds / unit),
        )
}
