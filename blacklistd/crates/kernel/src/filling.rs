//! What filling a table can come to.

use aya::maps::MapError;
use nix::errno::Errno;

use super::KernelError;
use super::object::chain;

/// An error of a table, with its name for people.
pub(super) fn failed(table: &'static str) -> impl Fn(MapError) -> KernelError {
    move |error| KernelError::failed(format!("filling the kernel's {table} table"), chain(&error))
}

/// An error of a table that may be full: E2BIG of hash tables, ENOSPC of tries.
pub(super) fn full_or_failed(
    table: &'static str,
    capacity: u32,
) -> impl Fn(MapError) -> KernelError {
    move |error| {
        let number = match &error {
            MapError::SyscallError(call) => call.io_error.raw_os_error(),
            _ => None,
        };
        let is_full = matches!(error, MapError::OutOfBounds { .. })
            || number == Some(Errno::E2BIG as i32)
            || number == Some(Errno::ENOSPC as i32);
        if is_full {
            KernelError::Full { table, capacity }
        } else {
            failed(table)(error)
        }
    }
}

/// Room for twice the entries that there are, so that single ones can be added.
pub(super) fn room_for(entries: usize, least: u32) -> u32 {
    u32::try_from(entries.saturating_mul(2))
        .unwrap_or(u32::MAX)
        .max(least)
}

/// Removes what may be gone already.
pub(super) fn absent_is_fine(result: Result<(), MapError>) -> Result<(), MapError> {
    match result {
        Err(MapError::SyscallError(call))
            if call.io_error.raw_os_error() == Some(Errno::ENOENT as i32) =>
        {
            Ok(())
        }
        Err(MapError::KeyNotFound) => Ok(()),
        other => other,
    }
}
