//! A call that was judged here, reported as the program in the kernel reports those that it sees.

use blacklist_common::event::{EVENT_MONITORED, EVENT_OUTBOUND, Event};
use blacklist_common::number::Party;
use blacklist_common::outcome::Outcome;
use blacklist_common::scan::Span;
use blacklist_common::tables::{Direction, TrunkEntry};
use blacklist_common::text::Text;

use crate::judge::explain::{Judged, MessageRead};
use crate::judge::snapshot::RulesSnapshot;

/// A judgement, and what there is to say of its call.
#[derive(Clone, Copy, Debug)]
pub struct ReportedCall {
    /// What was judged.
    pub judged: Judged,
    /// The call; when and where it came, and by which generation it was judged, is not said.
    pub event: Event,
    /// The caller as read.
    pub caller: Party,
    /// The called party as read.
    pub called: Party,
}

impl RulesSnapshot {
    /// Judges a message as a packet of a trunk would be, and reports its call; `settings` are the
    /// kernel's.
    pub fn judge_and_report(
        &self,
        message: &[u8],
        trunk: &TrunkEntry,
        settings: u32,
    ) -> ReportedCall {
        let mut subject = MessageRead::new(message, trunk);
        let judged = self
            .judge_of_calls()
            .judge_read(&mut subject, trunk, settings);
        let reader = &subject.reader;
        let read = &reader.message;
        let mut flags = 0;
        if judged.judgement.outcome == Outcome::Monitored {
            flags |= EVENT_MONITORED;
        }
        if trunk.direction() == Direction::Outbound {
            flags |= EVENT_OUTBOUND;
        }
        let (caller_user, caller_length) = kept(&reader.text, read.caller_user);
        let (called_user, called_length) = kept(&reader.text, read.called_user);
        let (call_id, call_id_length) = kept(&reader.text, read.call_id);
        let event = Event {
            caller: read.caller.number,
            called: read.called.number,
            fingerprint: judged.fingerprint,
            trunk: trunk.trunk,
            outcome: judged.judgement.outcome as u8,
            identity: u8::try_from(read.identity).unwrap_or_default(),
            flags,
            caller_length,
            called_length,
            call_id_length,
            caller_user,
            called_user,
            call_id,
            classes: read.classes,
            rule: judged.judgement.rule,
            ..Event::default()
        };
        ReportedCall {
            judged,
            event,
            caller: read.caller,
            called: read.called,
        }
    }
}

/// The bytes that an event keeps of a text, and how many there were, up to 255.
fn kept<const SIZE: usize>(text: &Text, span: Span) -> ([u8; SIZE], u8) {
    let mut bytes = [0; SIZE];
    for (place, byte) in bytes.iter_mut().zip(text.slice(span.start, span.end)) {
        *place = *byte;
    }
    (bytes, u8::try_from(span.length()).unwrap_or(u8::MAX))
}
