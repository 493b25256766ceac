//! When a rule is in force: from and until, and a weekly schedule in a time zone. Times of a
//! schedule are local times: an hour that a clock change skips is skipped, one that it repeats
//! counts twice.

use std::fmt;

use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::tz::{AmbiguousOffset, TimeZone};

use super::rule::Refusal;

const DAYS: [&str; 7] = ["mo", "tu", "we", "th", "fr", "sa", "su"];
const EVERY_DAY: u8 = 0x7F;
const MINUTES: u16 = 24 * 60;

/// A span of minutes on a run of weekdays.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct Span {
    /// Bit 0 is Monday.
    days: u8,
    /// Minutes since midnight.
    begin: u16,
    /// Minutes since midnight, up to 1440; on the next day if before `begin`.
    end: u16,
}

/// A weekly schedule.
#[derive(Clone, Debug, PartialEq)]
pub struct Schedule {
    spans: Box<[Span]>,
    zone: TimeZone,
}

impl Eq for Schedule {}

/// When a rule is in force.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Timing {
    /// Start of validity.
    pub from: Option<Timestamp>,
    /// End of validity, exclusive.
    pub until: Option<Timestamp>,
    /// In force only at these times.
    pub schedule: Option<Schedule>,
}

/// Maximum number of spans in a schedule.
const MAXIMUM_SPANS: usize = 64;

/// Days searched for the next change: there is at least one in every week, but a clock change can
/// hide it.
const DAYS_SEARCHED: usize = 22;

impl Schedule {
    /// Parses `mo-fr 08:00-18:00, sa 09:00-12:00 Europe/Berlin`.
    ///
    /// # Errors
    /// The syntax is wrong, or the time zone is unknown.
    pub fn parse(text: &str) -> Result<Self, Refusal> {
        let (text, zone) = split_zone(text.trim())?;
        let mut spans = Vec::new();
        for item in text.split(',') {
            spans.push(read_span(item.trim(), text)?);
        }
        if spans.len() > MAXIMUM_SPANS {
            return refuse(format!("the schedule has more than {MAXIMUM_SPANS} spans"));
        }
        spans.sort_unstable();
        spans.dedup();
        Ok(Self {
            spans: spans.into(),
            zone,
        })
    }

    /// The time zone of its times.
    pub const fn zone(&self) -> &TimeZone {
        &self.zone
    }

    /// Whether a time is in one of its spans.
    pub fn covers(&self, now: Timestamp) -> bool {
        let local = self.zone.to_datetime(now);
        let today = 1_u8 << local.weekday().to_monday_zero_offset();
        let yesterday = 1_u8 << local.weekday().previous().to_monday_zero_offset();
        let minute = local.hour() as u16 * 60 + local.minute() as u16;
        self.spans.iter().any(|span| {
            if span.begin < span.end {
                span.days & today != 0 && (span.begin..span.end).contains(&minute)
            } else {
                span.days & today != 0 && minute >= span.begin
                    || span.days & yesterday != 0 && minute < span.end
            }
        })
    }

    /// The next time after `now` at which [`Self::covers`] changes; `None` if it never does.
    pub fn next_change(&self, now: Timestamp) -> Option<Timestamp> {
        let covered = self.covers(now);
        let clock_change = self.zone.following(now).next().map(|next| next.timestamp());
        let mut date = self.zone.to_datetime(now).date();
        let mut candidates = Vec::new();
        for _ in 0..DAYS_SEARCHED {
            candidates.clear();
            for span in &self.spans {
                for minute in [span.begin, span.end] {
                    self.times_of(date, minute, &mut candidates);
                }
            }
            let tomorrow = date.tomorrow().ok()?;
            let end = self
                .zone
                .to_timestamp(tomorrow.to_datetime(jiff::civil::Time::midnight()))
                .ok()?;
            // A clock change moves local times; later clock changes are found when they are the
            // next ones.
            candidates.extend(clock_change.filter(|change| *change <= end));
            candidates.sort_unstable();
            let change = candidates
                .iter()
                .find(|time| **time > now && self.covers(**time) != covered);
            if let Some(change) = change {
                return Some(*change);
            }
            date = tomorrow;
        }
        None
    }

    /// The times at which the clock shows a minute of a day: 0, 1 or 2 of them.
    fn times_of(&self, date: Date, minute: u16, times: &mut Vec<Timestamp>) {
        let midnight = date.to_datetime(jiff::civil::Time::midnight());
        let Ok(local) = midnight.checked_add(jiff::Span::new().minutes(i64::from(minute))) else {
            return;
        };
        let mut add = |offset: jiff::tz::Offset| times.extend(offset.to_timestamp(local).ok());
        match self.zone.to_ambiguous_timestamp(local).offset() {
            AmbiguousOffset::Unambiguous { offset } => add(offset),
            // Skipped: the clock change itself is a candidate.
            AmbiguousOffset::Gap { .. } => {}
            AmbiguousOffset::Fold { before, after } => {
                add(before);
                add(after);
            }
        }
    }
}

fn refuse<T>(sentence: String) -> Result<T, Refusal> {
    Err(Refusal::Invalid(sentence))
}

/// Splits the spans from the time zone that follows them.
fn split_zone(text: &str) -> Result<(&str, TimeZone), Refusal> {
    let Some((rest, last)) = text.rsplit_once(char::is_whitespace) else {
        return Ok((text, TimeZone::UTC));
    };
    if last.contains(':') || is_days(last) {
        return Ok((text, TimeZone::UTC));
    }
    if last.eq_ignore_ascii_case("utc") {
        return Ok((rest, TimeZone::UTC));
    }
    match TimeZone::get(last) {
        Ok(zone) => Ok((rest, zone)),
        Err(_) => refuse(format!(
            "schedule \"{text}\": no time zone is named \"{last}\"; write one of the tz database, such as Europe/Berlin, or none for UTC"
        )),
    }
}

fn day(text: &str) -> Option<u8> {
    let place = DAYS.iter().position(|day| day.eq_ignore_ascii_case(text))?;
    u8::try_from(place).ok()
}

fn is_days(text: &str) -> bool {
    text.split('-').all(|part| day(part).is_some())
}

fn read_days(text: &str) -> Option<u8> {
    let (first, last) = match text.split_once('-') {
        Some((first, last)) => (day(first)?, day(last)?),
        None => (day(text)?, day(text)?),
    };
    let mut days = 1 << first;
    let mut at = first;
    while at != last {
        at = (at + 1) % 7;
        days |= 1 << at;
    }
    Some(days)
}

fn read_span(item: &str, text: &str) -> Result<Span, Refusal> {
    let (days, times) = match item.split_once(char::is_whitespace) {
        Some((days, times)) => (Some(days), times.trim()),
        None => (None, item),
    };
    let days = match days {
        None => EVERY_DAY,
        Some(days) => match read_days(days) {
            Some(days) => days,
            None => {
                return refuse(format!(
                    "schedule \"{text}\": \"{days}\" are not days; write {} or a range such as mo-fr",
                    DAYS.join(" ")
                ));
            }
        },
    };
    let minutes = times
        .split_once('-')
        .and_then(|(begin, end)| Some((read_minute(begin)?, read_minute(end)?)));
    let Some((begin, end)) = minutes else {
        return refuse(format!(
            "schedule \"{text}\": \"{times}\" is not a span of time; write it as 08:00-18:00, and a whole day as 00:00-24:00"
        ));
    };
    if begin == end || begin == MINUTES {
        return refuse(format!(
            "schedule \"{text}\": {times} is empty; write a whole day as 00:00-24:00"
        ));
    }
    Ok(Span {
        days,
        begin,
        end: if end == 0 { MINUTES } else { end },
    })
}

/// `HH:MM`, up to 24:00.
fn read_minute(text: &str) -> Option<u16> {
    let (hour, minute) = text.trim().split_once(':')?;
    let number = |text: &str| -> Option<u16> {
        let digits = text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_digit());
        digits.then(|| text.parse().ok()).flatten()
    };
    let (hour, minute) = (number(hour)?, number(minute)?);
    (minute < 60 && hour * 60 + minute <= MINUTES).then_some(hour * 60 + minute)
}

impl fmt::Display for Schedule {
    /// The canonical text, which parses to the same schedule.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, span) in self.spans.iter().enumerate() {
            if index > 0 {
                f.write_str(", ")?;
            }
            write_days(f, span.days)?;
            let Span { begin, end, .. } = span;
            write!(
                f,
                "{:02}:{:02}-{:02}:{:02}",
                begin / 60,
                begin % 60,
                end / 60,
                end % 60
            )?;
        }
        write!(f, " {}", self.zone.iana_name().unwrap_or("UTC"))
    }
}

/// The days are one run, which may wrap around Sunday.
fn write_days(f: &mut fmt::Formatter<'_>, days: u8) -> fmt::Result {
    if days == EVERY_DAY {
        return Ok(());
    }
    let has = |day: usize| days >> (day % 7) & 1 != 0;
    let first = (0..7).find(|day| has(*day) && !has(*day + 6)).unwrap_or(0);
    let last = (first..first + 7)
        .take_while(|day| has(*day))
        .last()
        .unwrap_or(first);
    let name = |day: usize| DAYS.get(day % 7).copied().unwrap_or_default();
    if first == last {
        write!(f, "{} ", name(first))
    } else {
        write!(f, "{}-{} ", name(first), name(last))
    }
}

impl Timing {
    /// Whether it is in force at `now`.
    pub fn covers(&self, now: Timestamp) -> bool {
        self.from.is_none_or(|from| from <= now)
            && self.until.is_none_or(|until| now < until)
            && self
                .schedule
                .as_ref()
                .is_none_or(|schedule| schedule.covers(now))
    }

    /// The next time after `now` at which [`Self::covers`] changes; `None` if it never does again.
    pub fn next_change(&self, now: Timestamp) -> Option<Timestamp> {
        if self.until.is_some_and(|until| until <= now) {
            return None;
        }
        let start = match self.from {
            Some(from) if now < from => from,
            _ => now,
        };
        let covered = self.covers(start);
        if start != now && covered {
            return Some(start);
        }
        let change = self
            .schedule
            .as_ref()
            .and_then(|schedule| schedule.next_change(start));
        match (change, self.until) {
            (Some(change), Some(until)) if change < until => Some(change),
            (Some(change), None) => Some(change),
            (_, until) => until.filter(|_| covered),
        }
    }

    /// Whether it was in force at some time up to `now`.
    pub fn was_in_force(&self, now: Timestamp) -> bool {
        let last = self.until.map_or(now, |until| until.min(now));
        match self.from {
            // A weekly schedule has always been in force at some time before.
            None => true,
            Some(from) => {
                from <= last
                    && (self.covers(from)
                        || self.next_change(from).is_some_and(|change| change <= last))
            }
        }
    }

    /// Whether it sets no limit, so that it is always in force.
    pub const fn is_always(&self) -> bool {
        self.from.is_none() && self.until.is_none() && self.schedule.is_none()
    }
}

/// Parses a time as operators write it: RFC 3339; or a date in `zone`, which means its first
/// moment, or with `until` the first moment of the next day; or a date and a time in `zone`.
/// Fractions of a second are dropped.
///
/// # Errors
/// It is none of these.
pub fn read_time(text: &str, zone: &TimeZone, until: bool) -> Result<Timestamp, Refusal> {
    let text = text.trim();
    let read = || -> Option<Timestamp> {
        if let Ok(time) = text.parse::<Timestamp>() {
            return Some(time);
        }
        if text.len() > 10 {
            let local = text.parse::<DateTime>().ok()?;
            return zone.to_timestamp(local).ok();
        }
        let date = text.parse::<Date>().ok()?;
        let date = if until { date.tomorrow().ok()? } else { date };
        zone.to_timestamp(date.to_datetime(jiff::civil::Time::midnight()))
            .ok()
    };
    match read().and_then(|time| Timestamp::from_second(time.as_second()).ok()) {
        Some(time) => Ok(time),
        None => refuse(format!(
            "\"{text}\" is not a time: write a date such as 2026-12-31, or RFC 3339 such as 2026-12-31T18:00:00Z"
        )),
    }
}
