//! Reads a whole file: bad lines are set aside, and a rule that occurs twice is taken once.

use std::collections::HashSet;
use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher, Hash};
use std::io::Read;

use blacklist_model::{LineCounts, RuleSpec};

use super::ReadError;
use super::csv_reader::CsvReader;
use super::rejects::Rejects;

/// Why reading ended before the end of the file.
#[derive(Debug)]
pub enum MergeError<E> {
    /// The file, or the file of bad lines.
    File(ReadError),
    /// The callback failed.
    Taker(E),
}

impl<E> From<ReadError> for MergeError<E> {
    fn from(error: ReadError) -> Self {
        Self::File(error)
    }
}

/// Reads all lines. `canonical` turns a rule into its identity (canonical pattern, kind, list,
/// scopes, direction) and the value to take, or says why it is not a valid rule. `take` is called
/// with each distinct rule and its line.
///
/// # Errors
/// The file cannot be read, or `take` failed.
pub fn read_all<R, K, T, E>(
    reader: &mut CsvReader<R>,
    rejects: &mut Rejects<'_>,
    mut canonical: impl FnMut(RuleSpec) -> Result<(K, T), String>,
    mut take: impl FnMut(u64, T) -> Result<(), E>,
) -> Result<LineCounts, MergeError<E>>
where
    R: Read,
    K: Hash,
{
    let mut counts = LineCounts::default();
    let mut seen = Seen::default();
    while let Some(line) = reader.next_line()? {
        counts.lines += 1;
        match line.rule.and_then(&mut canonical) {
            Ok((key, rule)) => {
                if seen.is_new(&key) {
                    counts.rules += 1;
                    take(line.number, rule).map_err(MergeError::Taker)?;
                } else {
                    counts.duplicates += 1;
                }
            }
            Err(reason) => {
                counts.bad += 1;
                rejects
                    .add(line.number, &reason, reader.raw())
                    .map_err(ReadError::Rejects)?;
            }
        }
    }
    Ok(counts)
}

/// Identities that were seen, as 128 bits each: 10 million rules take about 300 MB, and a collision
/// is less likely than 1 in 10^24.
struct Seen {
    first: RandomState,
    second: RandomState,
    set: HashSet<u128, Itself>,
}

impl Default for Seen {
    fn default() -> Self {
        Self {
            first: RandomState::new(),
            second: RandomState::new(),
            set: HashSet::default(),
        }
    }
}

impl Seen {
    fn is_new(&mut self, key: &impl Hash) -> bool {
        let (high, low) = (self.first.hash_one(key), self.second.hash_one(key));
        self.set.insert(u128::from(high) << 64 | u128::from(low))
    }
}

/// A hasher for keys that are hashes already.
#[derive(Clone, Copy, Default)]
struct Itself;

struct Low(u64);

impl BuildHasher for Itself {
    type Hasher = Low;
    fn build_hasher(&self) -> Low {
        Low(0)
    }
}

impl std::hash::Hasher for Low {
    fn finish(&self) -> u64 {
        self.0
    }
    fn write(&mut self, bytes: &[u8]) {
        if let Some(low) = bytes.first_chunk::<8>() {
            self.0 = u64::from_ne_bytes(*low);
        }
    }
}
