//! When a feed is refreshed next. Values in, time out.

use std::time::Duration;

use blacklist_model::FeedState;
use jiff::Timestamp;

/// The first pause after a failure; doubled with each further one, up to the usual interval.
const FIRST_PAUSE: Duration = Duration::from_secs(60);

/// When a feed is refreshed next; at once if it never was.
pub fn next_try(state: &FeedState, every: Duration, now: Timestamp) -> Timestamp {
    let Some(tried_at) = state.tried_at else {
        return now;
    };
    let pause = match state.failures.checked_sub(1) {
        None => every,
        Some(doublings) => {
            let factor = 1_u32.checked_shl(doublings).unwrap_or(u32::MAX);
            FIRST_PAUSE.saturating_mul(factor).min(every)
        }
    };
    // A clock that was set back must not stop a feed.
    tried_at.min(now).checked_add(pause).unwrap_or(now)
}
