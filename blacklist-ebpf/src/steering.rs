//! Calls that the daemon answers: their packets get the port on which it listens, and so does
//! everything that belongs to them by Call-ID.

use blacklist_common::calls::OVER_AFTER;
use blacklist_common::outcome::Outcome;
use blacklist_common::tables::{DAEMON_GONE_AFTER, SETTING_ANSWERS, TIME_DAEMON, TIME_STEERED};

use crate::calls;
use crate::clock::now;
use crate::maps::{ANSWER_PORTS, STEERED, TIMES};
use crate::packet::Frame;
use crate::scratch::PacketState;

const ANY: u64 = 0;

/// Whether one of the times is less than `limit` nanoseconds ago. One that another processor, or
/// the finer clock of the daemon, has set in the future counts as now.
#[inline(always)]
fn is_fresh(place: u32, limit: u64) -> bool {
    match TIMES.get(place) {
        Some(time) if *time != 0 => now().saturating_sub(*time) < limit,
        _ => false,
    }
}

/// Whether a message that is no INVITE may belong to a call that was sent to the daemon.
#[inline(always)]
pub(crate) fn is_active(settings: u32) -> bool {
    settings & SETTING_ANSWERS != 0
        && is_fresh(TIME_STEERED, OVER_AFTER)
        && is_fresh(TIME_DAEMON, DAEMON_GONE_AFTER)
}

/// The outcome of a packet once it is known whether the daemon is alive, and whether it answers this
/// call. Remembers calls that are sent to it. A function of its own, for a stack of its own.
#[inline(never)]
pub(crate) fn route(packet: &PacketState, outcome: Outcome) -> Outcome {
    if matches!(outcome, Outcome::Steered) {
        if !is_fresh(TIME_DAEMON, DAEMON_GONE_AFTER) {
            return outcome.without_daemon(packet.drops != 0);
        }
        // A peer that tries one called number after the other keeps the Call-ID: what belongs to a
        // call that went through must never be taken from it.
        if !calls::has_passed(packet.fingerprint) {
            // A full map evicts the call that was quiet longest; if even that fails, what follows
            // passes.
            let _ = STEERED.insert(packet.fingerprint, now(), ANY);
            note_steered();
        }
        return outcome;
    }
    if packet.fingerprint == 0 || packet.settings & SETTING_ANSWERS == 0 {
        return outcome;
    }
    if outcome.may_belong_to_a_call() {
        if refresh(packet.fingerprint) {
            note_steered();
            return Outcome::SteeredDialog;
        }
    } else if !outcome.is_dropped() {
        // The same the other way round, where any call may be remembered.
        if is_fresh(TIME_STEERED, OVER_AFTER) {
            let _ = STEERED.remove(packet.fingerprint);
        }
        if packet.rule.is_some() {
            calls::note_passed(packet.fingerprint);
        }
    }
    outcome
}

/// Whether a call was sent to the daemon; then it was seen now.
#[inline(always)]
fn refresh(fingerprint: u64) -> bool {
    let Some(time) = STEERED.get_ptr_mut(fingerprint) else {
        return false;
    };
    let now = now();
    // SAFETY: an aligned word of a map value; every writer writes the time.
    let seen = unsafe { time.read_volatile() };
    if now.saturating_sub(seen) >= OVER_AFTER {
        return false;
    }
    // SAFETY: as above.
    unsafe { time.write_volatile(now) };
    true
}

/// Notes that a packet is sent to the daemon.
#[inline(always)]
fn note_steered() {
    if let Some(time) = TIMES.get_ptr_mut(TIME_STEERED) {
        // SAFETY: an aligned word of a map value; every writer writes the time.
        unsafe { time.write_volatile(now()) };
    }
}

/// Sends a packet to the daemon's port. Where there is none, the packet passes as it came.
#[inline(always)]
pub(crate) fn send(frame: Frame<'_>, packet: &PacketState, outcome: Outcome) -> Outcome {
    // SAFETY: the value is copied at once.
    let port = unsafe { ANSWER_PORTS.get(u32::from(packet.destination_port)) }.copied();
    match port {
        Some(port) if frame.set_destination_port(packet.udp, port as u16) => outcome,
        _ if matches!(outcome, Outcome::Steered) => Outcome::Unanswered,
        _ => Outcome::NotInvite,
    }
}
