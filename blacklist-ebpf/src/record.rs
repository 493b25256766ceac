//! One exit, one count: what became of a packet is recorded here and nowhere else.

use aya_ebpf::helpers::generated::bpf_ktime_get_ns;
use blacklist_common::answer::Answer;
use blacklist_common::event::{
    EVENT_CALL_ID, EVENT_MONITORED, EVENT_OUTBOUND, EVENT_SAMPLED, EVENT_USER, Event,
    SAMPLES_PER_SECOND,
};
use blacklist_common::message::Reader;
use blacklist_common::outcome::Outcome;
use blacklist_common::scan::Span;
use blacklist_common::tables::generation;

use crate::atomic::{add, add_to_processor};
use crate::calls::{self, Calls};
use crate::clock::now;
use crate::judge::Judged;
use crate::maps::{ANSWER, COUNTERS, EVENTS, LOST, OUTCOMES, SAMPLES, TRAFFIC};
use crate::scratch::Scratch;

/// Counts a packet by its outcome, by its trunk and, where a rule decided, by the rule; sends the
/// daemon the event of a blocked call's first packet.
#[inline(always)]
pub(crate) fn record<C: Calls>(judged: Judged) {
    let mut first = false;
    if let Some(scratch) = judged.scratch {
        if scratch.packet.rule.is_some() {
            first = record_rule::<C>(scratch, judged.outcome);
        } else if judged.outcome.goes_through() {
            first = record_passed(scratch, judged.outcome);
        }
        count_traffic(scratch.packet.trunk, judged.outcome, first);
    }
    count_outcome(judged.outcome, first);
}

/// Whether calls with this outcome are sampled; those to emergency numbers are not.
const fn is_sample(outcome: Outcome) -> bool {
    matches!(
        outcome,
        Outcome::NoRule | Outcome::Allowed | Outcome::UserSpace
    )
}

/// Whether the sample of this second has room for one more.
#[inline(always)]
fn is_sampled() -> bool {
    let Some(state) = SAMPLES.get_ptr_mut(0) else {
        return false;
    };
    let second = now() >> 30;
    // SAFETY: the entry belongs to this CPU alone.
    let state = unsafe { &mut *state };
    if state.second != second {
        state.second = second;
        state.taken = 0;
    }
    if state.taken >= SAMPLES_PER_SECOND {
        return false;
    }
    state.taken = state.taken.wrapping_add(1);
    true
}

/// True for the first packet of a call. A function of its own, for a stack of its own.
#[inline(never)]
fn record_rule<C: Calls>(scratch: &mut Scratch, outcome: Outcome) -> bool {
    let fingerprint = scratch.packet.fingerprint;
    let first = C::note_packet(fingerprint, &mut scratch.room);
    count_rule(scratch.packet.rule.slot(), first);
    if first && outcome.is_logged() {
        let sampled = if is_sampled() { EVENT_SAMPLED } else { 0 };
        if !send_event(outcome, sampled, fingerprint, scratch) {
            add_to_processor(LOST.get_ptr_mut(0));
        }
    } else if first && is_sample(outcome) && is_sampled() {
        send_event(outcome, EVENT_SAMPLED, fingerprint, scratch);
    }
    first
}

/// The same of a call that no rule decided.
#[inline(never)]
fn record_passed(scratch: &mut Scratch, outcome: Outcome) -> bool {
    let fingerprint = scratch.packet.fingerprint;
    let first = calls::note_passed(fingerprint);
    if first && is_sample(outcome) && is_sampled() {
        send_event(outcome, EVENT_SAMPLED, fingerprint, scratch);
    }
    first
}

#[inline(always)]
fn count_outcome(outcome: Outcome, first: bool) {
    if let Some(counter) = OUTCOMES.get_ptr_mut(outcome as u32) {
        // SAFETY: the entry belongs to this CPU alone.
        let counter = unsafe { &mut *counter };
        counter.packets = counter.packets.wrapping_add(1);
        counter.calls = counter.calls.wrapping_add(u64::from(first));
    }
}

#[inline(always)]
fn count_traffic(trunk: u16, outcome: Outcome, first: bool) {
    let Some(share) = outcome.share() else {
        return;
    };
    let Some(traffic) = TRAFFIC.get_ptr_mut(u32::from(trunk)) else {
        return;
    };
    // SAFETY: the entry belongs to this CPU alone.
    let shares = unsafe { &mut (*traffic).shares };
    if let Some(counter) = shares.get_mut(share as usize) {
        counter.packets = counter.packets.wrapping_add(1);
        counter.calls = counter.calls.wrapping_add(u64::from(first));
    }
}

#[inline(always)]
fn count_rule(slot: u32, first: bool) {
    let Some(counter) = COUNTERS.get_ptr_mut(slot) else {
        return;
    };
    // SAFETY: both fields are aligned words of a map value, which all CPUs change only by atomic
    // additions.
    unsafe {
        add(&raw mut (*counter).packets, 1);
        if first {
            add(&raw mut (*counter).calls, 1);
        }
    }
}

/// Sends the daemon the event of a call. False if there was no room. A function of its own: it is
/// called more than once.
#[inline(never)]
fn send_event(outcome: Outcome, flags: u8, fingerprint: u64, scratch: &Scratch) -> bool {
    let Some(mut entry) = EVENTS.reserve_untyped::<Event>(0) else {
        return false;
    };
    let Scratch { reader, packet, .. } = scratch;
    let message = &reader.message;
    let event = entry.as_mut_ptr();
    let monitored = if matches!(outcome, Outcome::Monitored) {
        EVENT_MONITORED
    } else {
        0
    };
    let outbound = if packet.outbound != 0 {
        EVENT_OUTBOUND
    } else {
        0
    };
    // SAFETY: the ring buffer reserved room for an event, and each field is written once.
    unsafe {
        (*event).time = bpf_ktime_get_ns();
        (*event).generation = generation(packet.active);
        (*event).caller = message.caller.number;
        (*event).called = message.called.number;
        (*event).fingerprint = fingerprint;
        (*event).source = packet.source;
        (*event).destination = packet.destination;
        (*event).interface = packet.interface;
        (*event).source_port = packet.source_port;
        (*event).destination_port = packet.destination_port;
        (*event).trunk = packet.trunk;
        (*event).outcome = outcome as u8;
        (*event).identity = message.identity as u8;
        (*event).flags = flags | monitored | outbound;
        (*event).caller_length = length(message.caller_user);
        (*event).called_length = length(message.called_user);
        (*event).call_id_length = length(message.call_id);
        (*event).classes = message.classes;
        (*event).rule = packet.rule;
        copy::<EVENT_USER>(reader, message.caller_user, &raw mut (*event).caller_user);
        copy::<EVENT_USER>(reader, message.called_user, &raw mut (*event).called_user);
        copy::<EVENT_CALL_ID>(reader, message.call_id, &raw mut (*event).call_id);
    }
    entry.submit(0);
    true
}

#[inline(always)]
fn length(span: Span) -> u8 {
    let length = span.length();
    if length > 255 { 255 } else { length as u8 }
}

/// Copies text by words; what follows the span is cut off by its length later.
///
/// # Safety
/// `to` must have room for `SIZE` bytes, a multiple of eight.
#[inline(always)]
unsafe fn copy<const SIZE: usize>(reader: &Reader, span: Span, to: *mut [u8; SIZE]) {
    let mut offset = 0;
    while offset < SIZE {
        let word = reader.text.word(span.start.wrapping_add(offset as u32));
        // SAFETY: `offset` is a multiple of eight below SIZE.
        unsafe {
            to.cast::<u8>()
                .add(offset)
                .cast::<u64>()
                .write_unaligned(word.to_le());
        }
        offset += 8;
    }
}

/// Leaves the answer of a test run in its map.
#[inline(always)]
pub(crate) fn answer(judged: &Judged) {
    let mut answer = Answer {
        outcome: judged.outcome as u32,
        ..Answer::default()
    };
    if let Some(scratch) = &judged.scratch {
        let message = &scratch.reader.message;
        answer.slot = scratch.packet.rule.slot();
        answer.caller = message.caller.number;
        answer.called = message.called.number;
        answer.identity = message.identity;
    }
    // An array's entry exists; nothing can fail.
    let _ = ANSWER.set(0, answer, 0);
}
