//! The table of grants: who may call whom, and until when.

use aya::maps::MapError;
use blacklist_common::object::map;
use blacklist_common::tables::{GrantKey, SETTING_GRANTS};
use blacklist_generation::{GrantEnd, MAXIMUM_GRANTS};

use super::KernelError;
use super::filling::{absent_is_fine, full_or_failed};
use super::maps::Hash;
use super::object::chain;
use super::side::Side;
use blacklist_system::Clock;

/// A grant without an end.
const FOR_EVER: u64 = u64::MAX;

/// The table, and what stands in it.
pub(super) struct Grants {
    map: Hash<GrantKey, u64>,
    held: std::collections::HashMap<GrantKey, u64>,
}

fn failed(error: &MapError) -> KernelError {
    KernelError::failed("using the kernel's grant table", chain(error))
}

/// When a grant ends, as the program compares it: nanoseconds since boot.
fn since_boot(end: GrantEnd, now: &Clock) -> u64 {
    match end {
        GrantEnd::At(time) => now.monotonic_of(time),
        GrantEnd::Open => FOR_EVER,
    }
}

impl Grants {
    /// The table with what a daemon before this one has left in it.
    pub(super) fn open(side: &mut Side) -> Result<Self, KernelError> {
        let map: Hash<GrantKey, u64> = side.table(map::GRANTS)?;
        let held = map.entries().map_err(|error| failed(&error))?;
        Ok(Self {
            held: held.into_iter().collect(),
            map,
        })
    }

    /// Puts a grant in force, gives it another end, or ends it.
    pub(super) fn set(
        &mut self,
        pair: GrantKey,
        end: Option<GrantEnd>,
        now: &Clock,
    ) -> Result<(), KernelError> {
        let Some(end) = end.map(|end| since_boot(end, now)) else {
            absent_is_fine(self.map.remove(&pair)).map_err(|error| failed(&error))?;
            self.held.remove(&pair);
            return Ok(());
        };
        let capacity = u32::try_from(MAXIMUM_GRANTS).unwrap_or(u32::MAX);
        self.map
            .set(&pair, end, 0)
            .map_err(full_or_failed("grant", capacity))?;
        self.held.insert(pair, end);
        Ok(())
    }

    /// Makes the table hold these and no others.
    pub(super) fn fill(&mut self, grants: &[(GrantKey, GrantEnd)]) -> Result<(), KernelError> {
        let now = Clock::read();
        let wanted: std::collections::HashSet<GrantKey> =
            grants.iter().map(|(pair, _)| *pair).collect();
        // First, so that there is room.
        let gone: Vec<GrantKey> = self
            .held
            .keys()
            .filter(|pair| !wanted.contains(pair))
            .copied()
            .collect();
        for pair in gone {
            self.set(pair, None, &now)?;
        }
        for (pair, end) in grants {
            self.set(*pair, Some(*end), &now)?;
        }
        Ok(())
    }

    /// The settings with the bit that says whether there are any.
    pub(super) fn flags(&self, flags: u32) -> u32 {
        if self.held.is_empty() {
            flags & !SETTING_GRANTS
        } else {
            flags | SETTING_GRANTS
        }
    }
}
