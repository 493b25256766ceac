//! Random bytes, as good as the kernel's.

use std::io;

use crate::machine::ask;

/// Where random bytes come from.
pub trait Randomness: Send + Sync {
    /// Fills a buffer.
    ///
    /// # Errors
    /// There are none to be had.
    fn fill(&self, bytes: &mut [u8]) -> io::Result<()>;
}

/// The kernel's.
pub(crate) struct HostRandomness;

impl Randomness for HostRandomness {
    fn fill(&self, bytes: &mut [u8]) -> io::Result<()> {
        getrandom::fill(bytes).map_err(Into::into)
    }
}

/// Random bytes.
///
/// # Errors
/// There are none to be had.
pub fn bytes<const N: usize>() -> io::Result<[u8; N]> {
    let mut bytes = [0; N];
    ask(|machine| machine.randomness.fill(&mut bytes))?;
    Ok(bytes)
}

/// A random number of 32 bits.
///
/// # Errors
/// As for [`bytes`].
pub fn u32() -> io::Result<u32> {
    bytes().map(u32::from_ne_bytes)
}

/// A random number of 64 bits.
///
/// # Errors
/// As for [`bytes`].
pub fn u64() -> io::Result<u64> {
    bytes().map(u64::from_ne_bytes)
}
