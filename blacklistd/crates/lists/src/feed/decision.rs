//! Whether a fetched feed may replace what is in force. Values in, decision out.

use blacklist_model::{LineCounts, Subscription};

/// A feed that was fetched and read completely.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Staged {
    /// Its line counts.
    pub counts: LineCounts,
}

/// Judges a fetched feed. `previous` is the number of entries of the last good fetch. `is_forced`
/// means that an operator confirms that the feed shrank.
///
/// # Errors
/// Why nothing is changed.
pub fn judge(
    subscription: &Subscription,
    previous: Option<u64>,
    staged: Staged,
    is_forced: bool,
) -> Result<(), String> {
    let counts = staged.counts;
    if counts.lines == 0 {
        return Err("the feed is empty".to_owned());
    }
    if percent_above(counts.bad, counts.lines, subscription.max_bad) {
        return Err(format!(
            "{} of {} lines are not rules, and {} percent may be",
            counts.bad, counts.lines, subscription.max_bad
        ));
    }
    if counts.rules == 0 {
        return Err("no line of the feed is a rule".to_owned());
    }
    let previous = previous.unwrap_or_default();
    let missing = previous.saturating_sub(counts.rules);
    if !is_forced && percent_above(missing, previous, subscription.max_shrink) {
        return Err(format!(
            "the feed shrank from {previous} entries to {}, by more than {} percent; \
             if that is right, take it over with `blacklistd feed run {} --force`",
            counts.rules, subscription.max_shrink, subscription.name
        ));
    }
    Ok(())
}

fn percent_above(part: u64, whole: u64, percent: u8) -> bool {
    u128::from(part) * 100 > u128::from(whole) * u128::from(percent)
}
