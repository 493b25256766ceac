//! Calls as rows of the log: inserted when they arrive, updated when they are over.

use rusqlite::{CachedStatement, Connection, params};

use super::call::{INCOMPLETE, NewCall, PATTERN_IS_REMOTE};
use super::open_calls::OpenCall;
use super::words::Words;
use blacklist_system::Clock;

/// Inserts a row.
pub(super) const INSERT: &str = "INSERT INTO call (first, fingerprint, flags, caller, caller_sent, called, \
    called_sent, rule, pattern, list, scope, action, outcome, source, destination, trunk, \
    interface, call_id, identity, verstat, generation, status) \
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, \
    ?20, ?21, ?22)";

/// Updates calls that are over.
pub(super) fn end(
    connection: &Connection,
    calls: &[OpenCall],
    clock: &Clock,
) -> rusqlite::Result<()> {
    let mut end = connection.prepare_cached(
        "UPDATE call SET last = ?2, packets = ?3, flags = flags | ?4 WHERE id = ?1",
    )?;
    for call in calls {
        let last = clock.time_of(call.last).as_millisecond();
        let flags = if call.incomplete { INCOMPLETE } else { 0 };
        end.execute(params![call.id, last, call.packets, flags])?;
    }
    Ok(())
}

/// Inserts a call; returns its id.
pub(super) fn insert(
    connection: &Connection,
    statement: &mut CachedStatement<'_>,
    words: &mut Words,
    call: &NewCall,
) -> rusqlite::Result<i64> {
    let mut word = |text: &str| words.id(connection, text);
    // The number is already in the row.
    let pattern = if call.flags & PATTERN_IS_REMOTE != 0 {
        ""
    } else {
        call.by.pattern.as_str()
    };
    statement.insert(params![
        call.time.as_millisecond(),
        call.fingerprint.cast_signed(),
        call.flags,
        call.caller.number.0.cast_signed(),
        call.caller.sent,
        call.called.number.0.cast_signed(),
        call.called.sent,
        call.by.rule,
        word(pattern)?,
        word(&call.by.list)?,
        word(&call.by.scope)?,
        word(call.action)?,
        word(call.outcome)?,
        call.source,
        word(&call.destination)?,
        word(&call.trunk)?,
        word(&call.interface)?,
        call.call_id,
        word(call.identity)?,
        word(call.verstat)?,
        call.generation,
        call.status,
    ])
}
