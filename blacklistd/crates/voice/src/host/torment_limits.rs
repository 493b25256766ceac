//! Limits of holding callers: concurrent calls, and minutes per day, in total and per caller.

use std::collections::HashMap;
use std::time::Duration;

use blacklist_common::number::Number;

use super::settings::TormentSettings;
use blacklist_system::Moment;

/// Maximum number of callers tracked; more than that in a day are forged, and subject to the total
/// limit.
const MOST_CALLERS: usize = 100_000;
/// A day begins with the first call after the previous day.
const DAY: Duration = Duration::from_secs(86_400);

/// Why a caller is not held.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NotHeld {
    /// Too many callers are held.
    Calls,
    /// The day's minutes are used up.
    Day,
    /// The caller's minutes of the day are used up.
    Caller,
}

/// What has been used so far.
#[derive(Debug, Default)]
pub(super) struct TormentLimits {
    day: Option<Moment>,
    calls: u32,
    used: Duration,
    by_caller: HashMap<Number, Duration>,
}

fn minutes(count: u32) -> Duration {
    Duration::from_secs(u64::from(count) * 60)
}

impl TormentLimits {
    /// Reserves time for a call in advance; returns how long it may last.
    pub(super) fn reserve(
        &mut self,
        settings: &TormentSettings,
        caller: Number,
        length: Duration,
        now: Moment,
    ) -> Result<Duration, NotHeld> {
        if self.day.is_none_or(|day| now.duration_since(day) >= DAY) {
            self.day = Some(now);
            self.used = Duration::ZERO;
            self.by_caller.clear();
        }
        if self.calls >= settings.maximum_calls {
            return Err(NotHeld::Calls);
        }
        let left = minutes(settings.maximum_minutes_per_day).saturating_sub(self.used);
        if left.is_zero() {
            return Err(NotHeld::Day);
        }
        let used = self.by_caller.get(&caller).copied().unwrap_or_default();
        let caller_left = minutes(settings.maximum_minutes_per_caller).saturating_sub(used);
        let is_full = self.by_caller.len() >= MOST_CALLERS && !self.by_caller.contains_key(&caller);
        if caller_left.is_zero() || is_full {
            return Err(NotHeld::Caller);
        }
        let length = length.min(left).min(caller_left);
        self.calls += 1;
        self.used += length;
        *self.by_caller.entry(caller).or_default() += length;
        Ok(length)
    }

    /// Returns the unused part of the reserved time.
    pub(super) fn give_back(&mut self, caller: Number, unused: Duration) {
        self.calls = self.calls.saturating_sub(1);
        self.used = self.used.saturating_sub(unused);
        if let Some(used) = self.by_caller.get_mut(&caller) {
            *used = used.saturating_sub(unused);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(calls: u32, day: u32, caller: u32) -> TormentSettings {
        TormentSettings {
            length: minutes(5),
            maximum_calls: calls,
            maximum_minutes_per_day: day,
            maximum_minutes_per_caller: caller,
        }
    }

    #[test]
    fn each_limit_holds() {
        let (one, two) = (Number::from_text(b"one"), Number::from_text(b"two"));
        let now = Moment::now();
        let mut limits = TormentLimits::default();
        let take = |limits: &mut TormentLimits, settings: &TormentSettings, caller, now| {
            limits.reserve(settings, caller, minutes(5), now)
        };
        let wide = settings(2, 100, 100);
        assert_eq!(take(&mut limits, &wide, one, now), Ok(minutes(5)));
        assert_eq!(take(&mut limits, &wide, two, now), Ok(minutes(5)));
        assert_eq!(take(&mut limits, &wide, two, now), Err(NotHeld::Calls));
        limits.give_back(two, minutes(3));
        let day = settings(9, 8, 100);
        assert_eq!(
            take(&mut limits, &day, two, now),
            Ok(minutes(1)),
            "the rest of the day"
        );
        assert_eq!(take(&mut limits, &day, one, now), Err(NotHeld::Day));
        let caller = settings(9, 100, 6);
        assert_eq!(take(&mut limits, &caller, one, now), Ok(minutes(1)));
        assert_eq!(take(&mut limits, &caller, one, now), Err(NotHeld::Caller));
        assert_eq!(
            take(&mut limits, &caller, one, now + DAY),
            Ok(minutes(5)),
            "a new day"
        );
        let none = settings(0, 100, 100);
        assert_eq!(
            take(&mut limits, &none, one, now),
            Err(NotHeld::Calls),
            "switched off"
        );
    }
}
