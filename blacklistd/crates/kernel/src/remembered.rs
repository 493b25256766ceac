//! The calls that the program remembers by the hash of their Call-ID: how often and when last each
//! came.

use blacklist_common::calls::{CallBucket, TICK_BITS, call_homes, in_cell, last_tick, packets};
use blacklist_common::object::map;
use blacklist_model::RememberedCall;

use super::mapped::Mapped;
use super::side::Side;
use super::stock::StockCalls;
use super::{KernelError, PatternTables};

/// The table of calls.
pub enum Remembered {
    /// Our own.
    Hashed(HashedCalls),
    /// The kernel's.
    Stock(StockCalls),
}

/// Our own table, in memory.
pub struct HashedCalls(Mapped<CallBucket>);

impl Remembered {
    pub(super) fn open(
        side: &mut Side,
        tables: PatternTables,
        buckets: u32,
    ) -> Result<Self, KernelError> {
        Ok(match tables {
            PatternTables::Hashed => Self::Hashed(HashedCalls(side.mapped(map::CALLS, buckets)?)),
            PatternTables::Stock => Self::Stock(StockCalls::open(side)?),
        })
    }

    /// A call by the hash of its Call-ID; none if it was forgotten. `now` is in nanoseconds since
    /// boot.
    pub fn get(&self, fingerprint: u64, now: u64) -> Option<RememberedCall> {
        let place = in_cell(fingerprint);
        let seen = match self {
            Self::Hashed(HashedCalls(table)) => {
                let count = u32::try_from(table.len()).unwrap_or(u32::MAX);
                let homes = call_homes(fingerprint, count).into_iter();
                let cell = |home: u32| {
                    let bucket = table.get(home as usize)?;
                    let mut cells = bucket.cells.into_iter();
                    cells.find(|cell| cell.fingerprint == place)
                };
                homes.filter_map(cell).next()?.seen
            }
            Self::Stock(calls) => calls.seen(place)?,
        };
        Some(RememberedCall {
            packets: packets(seen),
            last: nanoseconds(last_tick(seen), now),
        })
    }
}

/// A tick as nanoseconds since boot: the latest one that is not behind `now`.
fn nanoseconds(tick: u32, now: u64) -> u64 {
    let ticks = now >> TICK_BITS;
    let ago = (ticks as u32).wrapping_sub(tick);
    ticks.saturating_sub(u64::from(ago)) << TICK_BITS
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_become_times() {
        let tick = 1_u64 << TICK_BITS;
        let rows = [
            ("now", 100, 100 * tick + 5, 100 * tick),
            ("a while ago", 40, 100 * tick, 40 * tick),
            (
                "before ticks came round",
                u32::MAX,
                (1 << 32) * tick,
                u64::from(u32::MAX) * tick,
            ),
            ("never", 0, 3 * tick, 0),
        ];
        for (name, then, now, expected) in rows {
            assert_eq!(nanoseconds(then, now), expected, "{name}");
        }
    }
}
