//! One frame's way: headers, port, fragment, trunk, text, judgement.

use blacklist_common::decide::Unobserved;
use blacklist_common::fragment::FragmentKey;
use blacklist_common::frame::{self, Ip, Packet as _, Part};
use blacklist_common::judge::{Judgement, judge as judge_text};
use blacklist_common::message::{Start, fingerprint};
use blacklist_common::outcome::Outcome;
use blacklist_common::rule::RuleRef;
use blacklist_common::tables::{TRUNK_DOWN_DROP, TRUNK_OUTBOUND, table_slot};
use blacklist_common::text::TEXT_CAPACITY;

use crate::bounded::BoundedLoop;
use crate::maps::SETTINGS;
use crate::packet::Frame;
use crate::scratch::{PacketState, Scratch, extensions, scratch};
use crate::tables::{Hashed, KernelTables, Patterns};
use crate::{fragments, steering};

/// Whether a judgement leaves traces.
pub(crate) trait Mode {
    const WRITE: bool;
}

/// A real frame.
pub(crate) struct Enforce;
impl Mode for Enforce {
    const WRITE: bool = true;
}

/// A question.
pub(crate) struct Ask;
impl Mode for Ask {
    const WRITE: bool = false;
}

/// What became of a frame.
pub(crate) struct Judged {
    pub(crate) outcome: Outcome,
    /// What was read, if the text was judged.
    pub(crate) scratch: Option<&'static mut Scratch>,
}

impl Judged {
    #[inline(always)]
    fn of(outcome: Outcome) -> Self {
        Self {
            outcome,
            scratch: None,
        }
    }
}

/// Judges a frame.
#[inline(always)]
pub(crate) fn judge<M: Mode, P: Patterns>(frame: Frame<'_>) -> Judged {
    if let Some(outcome) = receive::<M>(frame) {
        return Judged::of(outcome);
    }
    let Some(scratch) = scratch() else {
        return Judged::of(Outcome::Internal);
    };
    let mut outcome = decide::<P>(scratch);
    if M::WRITE {
        if is_identified(scratch, outcome) {
            scratch.packet.fingerprint = fingerprint::<BoundedLoop>(&mut scratch.reader);
        }
        outcome = steering::route(&scratch.packet, outcome);
        if scratch.reader.fragment != 0 {
            outcome = remember_verdict(scratch, outcome);
        }
        if outcome.is_steered() {
            outcome = steering::send(frame, &scratch.packet, outcome);
        }
    }
    Judged {
        outcome: hide_from_verifier(&mut scratch.packet, outcome),
        scratch: Some(scratch),
    }
}

/// Whether it matters which call a packet belongs to.
#[inline(always)]
fn is_identified(scratch: &Scratch, outcome: Outcome) -> bool {
    scratch.packet.rule.is_some()
        || outcome.goes_through()
        || (outcome.may_belong_to_a_call() && scratch.reader.message.call_id.is_some())
}

/// The outcome, of which the verifier then knows nothing. The one of Linux 6.1 takes a path with any
/// outcome for one that it has seen with a few that it knows, and removes what is done after it for
/// all others: calls that passed were not recorded.
#[inline(always)]
fn hide_from_verifier(packet: &mut PacketState, outcome: Outcome) -> Outcome {
    let place = &raw mut packet.outcome;
    // SAFETY: a field of this CPU's own memory, read as it was written.
    unsafe {
        place.write_volatile(outcome);
        place.read_volatile()
    }
}

/// Copies the text of a frame that may be an INVITE to a judged port, and notes how it came. All
/// that is needed later is in the scratch: what the verifier knows of the headers must not
/// multiply its way through the text. An outcome if the frame is not to be judged.
#[inline(never)]
fn receive<M: Mode>(frame: Frame<'_>) -> Option<Outcome> {
    read::<M>(frame).err()
}

#[inline(always)]
fn read<M: Mode>(frame: Frame<'_>) -> Result<(), Outcome> {
    let ip = frame::ip::<BoundedLoop, _>(frame, frame::ethernet(frame)?, extensions)?;
    let Some(settings) = SETTINGS.get(0) else {
        return Err(Outcome::Internal);
    };
    let active = settings.active;
    // Which patterns there are does not matter here.
    let tables = KernelTables::<Hashed>::of(table_slot(active));
    if ip.protocol != frame::PROTOCOL_UDP {
        return Err(ip.other_protocol(frame, |port| tables.has_port(port)));
    }
    let part = ip.part();
    if part == Part::Later {
        return Err(later_fragment::<M>(frame, &ip));
    }
    if M::WRITE
        && part == Part::First
        && let Some(key) = ip.fragment_key(frame)
    {
        fragments::begin(&key);
    }
    let udp = frame::udp(frame, ip.offset, ip.length)?;
    if !tables.has_port(udp.destination_port) {
        return Err(Outcome::OtherPort);
    }
    let dialogs = steering::is_active(settings.flags);
    // What is no INVITE is sorted out by its first bytes, without copying it.
    let word = frame.load(udp.offset).map(u64::from_le);
    let start = Start::of(word, udp.length, part == Part::First);
    let not_invite = start.admit(dialogs, udp.has_right_length(part))?;
    let Some(scratch) = scratch() else {
        return Err(Outcome::Internal);
    };
    let Some([source, destination]) = ip.addresses(frame) else {
        return Err(Outcome::BrokenFrame);
    };
    scratch.packet = PacketState {
        fingerprint: 0,
        source,
        destination,
        active,
        rule: RuleRef::NONE,
        interface: frame.interface(),
        identification: ip.identification,
        protocol: u32::from(ip.protocol),
        settings: settings.flags,
        source_port: udp.source_port,
        destination_port: udp.destination_port,
        trunk: 0,
        outbound: 0,
        udp: ip.offset,
        drops: 0,
        outcome: Outcome::Internal,
    };
    scratch.reader.dialogs = u32::from(dialogs);
    scratch.reader.not_invite = u32::from(not_invite);
    scratch.reader.fragment = u32::from(part == Part::First);
    let mut length = udp.length;
    if length > TEXT_CAPACITY {
        length = TEXT_CAPACITY;
    }
    scratch.reader.length = length;
    let text = scratch.reader.text.as_mut_ptr();
    if !frame.copy::<TEXT_CAPACITY>(udp.offset, text, length) {
        return Err(Outcome::BrokenFrame);
    }
    Ok(())
}

#[inline(always)]
fn later_fragment<M: Mode>(frame: Frame<'_>, ip: &Ip) -> Outcome {
    let Some(key) = ip.fragment_key(frame) else {
        return Outcome::BrokenFrame;
    };
    if fragments::is_dropped(&key, M::WRITE) {
        Outcome::DroppedFragment
    } else {
        Outcome::LaterFragment
    }
}

/// Notes the verdict on a first fragment for those that follow. One that comes after a later
/// fragment of its datagram passes: the datagram is left to user space.
#[inline(never)]
fn remember_verdict(scratch: &mut Scratch, outcome: Outcome) -> Outcome {
    let PacketState {
        source,
        destination,
        identification,
        protocol,
        ..
    } = scratch.packet;
    let key = FragmentKey {
        source,
        destination,
        identification,
        protocol,
    };
    if !outcome.is_dropped() {
        fragments::forget(&key);
        return outcome;
    }
    if fragments::has_passed(&key) {
        scratch.packet.rule = RuleRef::NONE;
        return Outcome::FragmentOutOfOrder;
    }
    fragments::remember(&key, 1);
    outcome
}

/// Decides what the scratch holds. A function of its own, for a stack of its own.
#[inline(never)]
fn decide<P: Patterns>(scratch: &mut Scratch) -> Outcome {
    let tables = KernelTables::<P>::of(table_slot(scratch.packet.active));
    let Some(trunk) = tables.trunk(&scratch.packet.source) else {
        return Outcome::Internal;
    };
    scratch.packet.trunk = trunk.trunk;
    scratch.packet.outbound = u16::from(trunk.has(TRUNK_OUTBOUND));
    scratch.packet.drops = u32::from(trunk.has(TRUNK_DOWN_DROP));
    let Judgement { outcome, rule, .. } = judge_text::<BoundedLoop, KernelTables<P>, Unobserved>(
        &mut scratch.reader,
        &mut scratch.walk,
        trunk,
        &tables,
        scratch.packet.settings,
        &mut Unobserved,
    );
    scratch.packet.rule = rule;
    outcome
}
