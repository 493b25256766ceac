//! Which calls of the log are requested.

use blacklist_common::number::{Number, NumberKind};
use jiff::Timestamp;
use rusqlite::Connection;

use super::words;
use crate::database::Conditions;

/// Which numbers match.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NumberFilter {
    /// One of these.
    OneOf(Vec<Number>),
    /// All numbers with this prefix.
    Prefix(Number),
}

/// The conditions for calls; `None` sets no condition.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CallFilter {
    /// Started at this time or later.
    pub since: Option<Timestamp>,
    /// Started before this time.
    pub until: Option<Timestamp>,
    /// From these callers.
    pub caller: Option<NumberFilter>,
    /// To these called parties.
    pub called: Option<NumberFilter>,
    /// Blocked by this rule.
    pub rule: Option<u32>,
    /// By a rule of the list that had this name.
    pub list: Option<String>,
    /// With this action.
    pub action: Option<String>,
    /// With this outcome.
    pub outcome: Option<String>,
    /// Over the trunk that had this name.
    pub trunk: Option<String>,
    /// In this direction.
    pub outbound: Option<bool>,
    /// With a lower id in the log.
    pub before: Option<u64>,
    /// With a higher id in the log.
    pub after: Option<u64>,
}

fn add_number(conditions: &mut Conditions, column: &str, filter: &NumberFilter) {
    match filter {
        NumberFilter::OneOf(numbers) => {
            let places: Vec<String> = numbers
                .iter()
                .map(|number| conditions.value(number.0.cast_signed()))
                .collect();
            conditions.add(format!("{column} IN ({})", places.join(", ")));
        }
        NumberFilter::Prefix(prefix) => {
            let (first, last) = range(*prefix);
            let first = conditions.value(first.cast_signed());
            let last = conditions.value(last.cast_signed());
            conditions.add(format!("{column} BETWEEN {first} AND {last}"));
        }
    }
}

/// The numbers with a prefix. Digits are at most 9, followed by `*` and `#`, and the padding is
/// greater than all of them, so a number sorts after all its continuations.
fn range(prefix: Number) -> (u64, u64) {
    let digits = prefix.digits();
    let free = u64::MAX >> Number::prefix_bits(digits).min(63);
    match prefix.kind() {
        NumberKind::E164 | NumberKind::Local => (prefix.0 & !free, prefix.0 | free),
        NumberKind::None | NumberKind::Text => (prefix.0, prefix.0),
    }
}

impl CallFilter {
    /// The conditions on `call c`. Words that are not in the database match nothing.
    pub(super) fn conditions(&self, connection: &Connection) -> rusqlite::Result<Conditions> {
        let mut conditions = Conditions::default();
        let Self {
            since,
            until,
            caller,
            called,
            rule,
            list,
            action,
            outcome,
            trunk,
            outbound,
            before,
            after,
        } = self;
        conditions.compare("c.first", ">=", since.map(Timestamp::as_millisecond));
        conditions.compare("c.first", "<", until.map(Timestamp::as_millisecond));
        for (column, number) in [("c.caller", caller), ("c.called", called)] {
            if let Some(number) = number {
                add_number(&mut conditions, column, number);
            }
        }
        conditions.compare("c.rule", "=", *rule);
        for (column, word) in [
            ("c.list", list),
            ("c.action", action),
            ("c.outcome", outcome),
            ("c.trunk", trunk),
        ] {
            if let Some(word) = word {
                let id = words::find(connection, word)?.unwrap_or_default();
                conditions.compare(column, "=", Some(id));
            }
        }
        conditions.compare("c.flags & 1", "=", outbound.map(i64::from));
        conditions.compare("c.id", "<", *before);
        conditions.compare("c.id", ">", *after);
        Ok(conditions)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_prefix_is_a_range() {
        let number = |digits: u64, count| Number::from_nibbles(NumberKind::E164, digits, count);
        let (first, last) = range(number(0x4930_0000_0000_0000, 4));
        for (inside, digits, count) in [
            (true, 0x4930_0000_0000_0000_u64, 4),
            (true, 0x4930_1234_5000_0000, 9),
            (true, 0x4930_9999_9999_9990, 15),
            (false, 0x4931_0000_0000_0000, 5),
            (false, 0x4920_0000_0000_0000, 5),
            (false, 0x4900_0000_0000_0000, 2),
        ] {
            let number = number(digits, count).0;
            assert_eq!((first..=last).contains(&number), inside, "{number:x}");
        }
    }
}
