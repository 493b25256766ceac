//! Times in queries: a moment, or so long ago.

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use super::error::ApiError;
use blacklist_model::read_duration;
use blacklist_model::read_time;
use blacklist_system::clock;

/// Reads `2h` (so long ago), `today`, `yesterday`, a date or a time; dates are those of the
/// daemon's time zone.
pub(super) fn read(text: &str, until: bool) -> Result<Timestamp, ApiError> {
    let zone = TimeZone::system();
    let now = clock::now();
    let today = now.to_zoned(zone.clone()).date();
    let day = |date: jiff::civil::Date| read_time(&date.to_string(), &zone, until);
    match text.trim() {
        "now" => return Ok(now),
        "today" => return Ok(day(today)?),
        "yesterday" => {
            let date = today.yesterday().unwrap_or(today);
            return Ok(day(date)?);
        }
        _ => {}
    }
    if let Ok(ago) = read_duration(text) {
        let ago = SignedDuration::try_from(ago).unwrap_or(SignedDuration::MAX);
        return Ok(now.checked_sub(ago).unwrap_or(Timestamp::MIN));
    }
    read_time(text, &zone, until).map_err(|_| {
        ApiError::bad_request(format!(
            "\"{text}\" is not a time: write 2h (two hours ago), today, yesterday, a date such as 2026-12-31, or RFC 3339 such as 2026-12-31T18:00:00Z"
        ))
    })
}

/// Reads a time that may be absent.
pub(super) fn maybe(text: Option<&str>, until: bool) -> Result<Option<Timestamp>, ApiError> {
    text.map(|text| read(text, until)).transpose()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_and_lengths() {
        let ago = |text| Timestamp::now().duration_since(read(text, false).unwrap());
        for (text, seconds) in [("2h", 7200), ("30m", 1800), ("1d", 86_400), ("now", 0)] {
            let seen = ago(text).as_secs();
            assert!((seconds - 1..seconds + 5).contains(&seen), "{text}: {seen}");
        }
        let today = read("today", false).unwrap();
        assert!(today <= Timestamp::now() && read("yesterday", false).unwrap() < today);
        assert!(read("today", true).unwrap() > Timestamp::now());
        let fixed = read("2026-12-31T18:00:00Z", false).unwrap();
        assert_eq!(fixed.to_string(), "2026-12-31T18:00:00Z");
        for text in ["", "soon", "2x"] {
            assert!(read(text, false).is_err(), "{text}");
        }
    }
}
