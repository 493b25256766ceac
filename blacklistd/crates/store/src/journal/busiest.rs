//! Top-k in bounded memory: Space-Saving (Metwally, Agrawal, El Abbadi 2005). A count is never too
//! low, and too high by at most its error, which is at most 1/[`CAPACITY`] of all that was counted.
//! Every number that was counted more often than that is included.

use std::collections::{BTreeSet, HashMap};

use blacklist_figures::BusyNumber;

/// Numbers counted at once.
pub(super) const CAPACITY: usize = 4096;

#[derive(Clone, Copy, Debug)]
struct Count {
    calls: u64,
    error: u64,
}

/// The counts of the most frequent numbers.
#[derive(Clone, Debug, Default)]
pub struct Busiest {
    counts: HashMap<Box<str>, Count>,
    /// Sorted by count, to find the lowest.
    order: BTreeSet<(u64, Box<str>)>,
}

impl Busiest {
    /// Counts 1 call.
    pub fn add(&mut self, number: &str) {
        self.add_many(number, 1, 0);
    }

    /// Counts several calls, of which up to `error` may be too many.
    pub fn add_many(&mut self, number: &str, calls: u64, error: u64) {
        if let Some(count) = self.counts.get_mut(number) {
            let key: Box<str> = number.into();
            self.order.remove(&(count.calls, key.clone()));
            count.calls += calls;
            count.error += error;
            self.order.insert((count.calls, key));
            return;
        }
        let mut least = 0;
        if self.counts.len() >= CAPACITY
            && let Some((calls, key)) = self.order.pop_first()
        {
            self.counts.remove(&key);
            least = calls;
        }
        let count = Count {
            calls: least + calls,
            error: least + error,
        };
        self.order.insert((count.calls, number.into()));
        self.counts.insert(number.into(), count);
    }

    /// Adds the counts of another one.
    pub fn merge(&mut self, other: &Self) {
        for (calls, number) in other.order.iter().rev() {
            let error = other.counts.get(number).map_or(0, |count| count.error);
            self.add_many(number, *calls, error);
        }
    }

    /// Removes a number; returns whether it was counted.
    pub fn forget(&mut self, number: &str) -> bool {
        let Some(count) = self.counts.remove(number) else {
            return false;
        };
        self.order.remove(&(count.calls, number.into()));
        true
    }

    /// The most frequent numbers, in descending order.
    pub fn top(&self, limit: usize) -> impl Iterator<Item = BusyNumber> + '_ {
        self.order
            .iter()
            .rev()
            .take(limit)
            .map(|(calls, number)| BusyNumber {
                number: number.to_string(),
                calls: *calls,
                error: self.counts.get(number).map_or(0, |count| count.error),
            })
    }

    /// Number of counted numbers.
    pub fn len(&self) -> usize {
        self.counts.len()
    }

    /// Whether nothing is counted.
    pub fn is_empty(&self) -> bool {
        self.counts.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_numbers_are_counted_exactly() {
        let mut busiest = Busiest::default();
        for (number, times) in [("+1", 3), ("+2", 5), ("+3", 1)] {
            for _ in 0..times {
                busiest.add(number);
            }
        }
        let top: Vec<_> = busiest
            .top(2)
            .map(|busy| (busy.number, busy.calls, busy.error))
            .collect();
        assert_eq!(top, [("+2".to_owned(), 5, 0), ("+1".to_owned(), 3, 0)]);
        assert!(busiest.forget("+2"));
        assert!(!busiest.forget("+2"));
        assert_eq!(busiest.len(), 2);
    }

    #[test]
    fn the_busiest_of_a_million_are_found_within_the_stated_error() {
        let mut busiest = Busiest::default();
        let mut random = fastrand::Rng::with_seed(7);
        let mut truth: HashMap<String, u64> = HashMap::new();
        let mut all = 0;
        for turn in 0..1_000_000_u64 {
            // Every tenth call is from one of 20 frequent callers; the others are from callers seen
            // once.
            let number = if turn % 10 == 0 {
                format!("+1900555{:04}", random.u32(0..20))
            } else {
                format!("+2{turn:09}")
            };
            busiest.add(&number);
            *truth.entry(number).or_default() += 1;
            all += 1;
        }
        assert_eq!(busiest.len(), CAPACITY);
        let top: Vec<BusyNumber> = busiest.top(20).collect();
        for busy in &top {
            let calls = truth[&busy.number];
            assert!(busy.number.starts_with("+1900555"), "{busy:?}");
            assert!(
                busy.calls >= calls && busy.calls - busy.error <= calls,
                "{busy:?}"
            );
            assert!(busy.error <= all / CAPACITY as u64, "{busy:?}");
        }
    }

    #[test]
    fn days_are_put_together() {
        let (mut one, mut other) = (Busiest::default(), Busiest::default());
        one.add_many("+1", 5, 2);
        other.add_many("+1", 7, 1);
        other.add("+2");
        one.merge(&other);
        let top: Vec<_> = one.top(9).map(|busy| (busy.calls, busy.error)).collect();
        assert_eq!(top, [(12, 3), (1, 0)]);
    }
}
