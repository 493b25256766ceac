//! One frame's way: headers, port, fragment, trunk, text, judgement.

use aya_ebpf::bindings::xdp_md;
use aya_ebpf::programs::XdpContext;
use blacklist_common::decide::Unobserved;
use blacklist_common::fragment::FragmentKey;
use blacklist_common::judge::{Judgement, judge as judge_text};
use blacklist_common::message::{INVITE_LENGTH, fingerprint, is_invite};
use blacklist_common::outcome::Outcome;
use blacklist_common::rule::RuleRef;
use blacklist_common::tables::{TRUNK_DOWN_DROP, TRUNK_OUTBOUND, table_slot};
use blacklist_common::text::TEXT_CAPACITY;

use crate::bounded::BoundedLoop;
use crate::fragments;
use crate::frame::{self, Ip, Part, Udp};
use crate::maps::{SCRATCH, SETTINGS, Scratch, Way};
use crate::packet::Packet;
use crate::tables::{Hashed, KernelTables, Patterns};
use crate::{record, steering};

/// Whether a way leaves traces.
pub(crate) trait Mode {
    const WRITE: bool;
}

/// The way of a real frame.
pub(crate) struct Enforce;
impl Mode for Enforce {
    const WRITE: bool = true;
}

/// The way of a question.
pub(crate) struct Ask;
impl Mode for Ask {
    const WRITE: bool = false;
}

/// A frame's end.
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
pub(crate) fn judge<M: Mode, P: Patterns>(context: &XdpContext) -> Judged {
    if let Some(outcome) = take::<M>(context.ctx) {
        return Judged::of(outcome);
    }
    let Some(scratch) = scratch() else {
        return Judged::of(Outcome::Internal);
    };
    let mut outcome = decide::<P>(scratch);
    if M::WRITE {
        if record::is_identified(scratch, outcome) {
            scratch.way.fingerprint = fingerprint::<BoundedLoop>(&mut scratch.reader);
        }
        outcome = steering::place(&scratch.way, outcome);
        if scratch.reader.fragment != 0 {
            outcome = remember_verdict(scratch, outcome);
        }
        if outcome.is_steered() {
            outcome = steering::send(&Packet::new(context), &scratch.way, outcome);
        }
    }
    Judged {
        outcome: forgotten(&mut scratch.way, outcome),
        scratch: Some(scratch),
    }
}

/// The outcome, of which the verifier then knows nothing. The one of Linux 6.1 takes a way with any
/// outcome for one that it has seen with a few that it knows, and removes what is done behind it for
/// all others: calls that passed were not recorded.
#[inline(always)]
fn forgotten(way: &mut Way, outcome: Outcome) -> Outcome {
    let place = &raw mut way.outcome;
    // SAFETY: a field of this CPU's own memory, read as it was written.
    unsafe {
        place.write_volatile(outcome);
        place.read_volatile()
    }
}

/// Copies the text of a frame that may be an INVITE to a judged port, and notes how it came. All
/// that is needed later is in the scratch: what the verifier knows of the headers must not
/// multiply its way through the text. An outcome if the frame is nothing to be judged.
#[inline(never)]
fn take<M: Mode>(context: *mut xdp_md) -> Option<Outcome> {
    fill::<M>(&XdpContext::new(context)).err()
}

/// This CPU's working memory.
#[inline(always)]
fn scratch() -> Option<&'static mut Scratch> {
    // SAFETY: the entry belongs to this CPU alone, and only this program run uses it, through one
    // reference at a time: XDP programs of one CPU do not interrupt each other. A test run may be
    // interrupted by a frame; then its answer is wrong, the frame's is not.
    SCRATCH
        .get_ptr_mut(0)
        .map(|scratch| unsafe { &mut *scratch })
}

#[inline(always)]
fn fill<M: Mode>(context: &XdpContext) -> Result<(), Outcome> {
    let packet = Packet::new(context);
    let ip = frame::ip(&packet)?;
    let Some(settings) = SETTINGS.get(0) else {
        return Err(Outcome::Internal);
    };
    let active = settings.active;
    // Which patterns there are does not matter here.
    let tables = KernelTables::<Hashed>::of(table_slot(active));
    if !frame::is_udp(&ip) {
        return Err(frame::other_protocol(&packet, &ip, |port| {
            tables.has_port(port)
        }));
    }
    if ip.part == Part::Later {
        return Err(later_fragment::<M>(&packet, &ip));
    }
    if M::WRITE
        && ip.part == Part::First
        && let Some(key) = ip.fragment_key(&packet)
    {
        fragments::begin(&key);
    }
    let udp = frame::udp(&packet, &ip)?;
    if !tables.has_port(udp.destination_port) {
        return Err(Outcome::OtherPort);
    }
    let dialogs = steering::is_active(settings.flags);
    let other = is_other(&packet, &ip, &udp, dialogs)?;
    let Some(scratch) = scratch() else {
        return Err(Outcome::Internal);
    };
    let Some([source, destination]) = ip.addresses(&packet) else {
        return Err(Outcome::BrokenFrame);
    };
    scratch.way = Way {
        fingerprint: 0,
        source,
        destination,
        active,
        rule: RuleRef::NONE,
        interface: packet.interface(),
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
    scratch.reader.other = u32::from(other);
    scratch.reader.fragment = u32::from(ip.part == Part::First);
    let mut length = udp.length;
    if length > TEXT_CAPACITY {
        length = TEXT_CAPACITY;
    }
    scratch.reader.length = length;
    let text = scratch.reader.text.as_mut_ptr();
    if !packet.copy::<TEXT_CAPACITY>(udp.offset, text, length) {
        return Err(Outcome::BrokenFrame);
    }
    Ok(())
}

#[inline(always)]
fn later_fragment<M: Mode>(packet: &Packet<'_>, ip: &Ip) -> Outcome {
    let Some(key) = ip.fragment_key(packet) else {
        return Outcome::BrokenFrame;
    };
    if fragments::is_dropped(&key, M::WRITE) {
        Outcome::DroppedFragment
    } else {
        Outcome::LaterFragment
    }
}

/// Notes the verdict on a first fragment for those that follow. One that comes behind a later
/// fragment of its datagram passes: the whole is user space's.
#[inline(never)]
fn remember_verdict(scratch: &mut Scratch, outcome: Outcome) -> Outcome {
    let Way {
        source,
        destination,
        identification,
        protocol,
        ..
    } = scratch.way;
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
        scratch.way.rule = RuleRef::NONE;
        return Outcome::FragmentOutOfOrder;
    }
    fragments::remember(&key, 1);
    outcome
}

/// Sorts out what is no INVITE by its first bytes, without copying it. Leading line ends and
/// texts that are not in the first buffer are left to the reader; and, with `dialogs`, whatever
/// may belong to a call that the daemon answers: then it is true.
#[inline(always)]
fn is_other(packet: &Packet<'_>, ip: &Ip, udp: &Udp, dialogs: bool) -> Result<bool, Outcome> {
    let mut other = false;
    if ip.part == Part::First && udp.length < INVITE_LENGTH {
        return Err(Outcome::IncompleteFragment);
    }
    if udp.length == 0 {
        return Err(Outcome::KeepAlive);
    }
    if let Some(word) = packet.load::<u64>(udp.offset as usize) {
        let first = word as u8;
        if first != b'\r' && first != b'\n' {
            if first == 0 {
                return Err(Outcome::KeepAlive);
            }
            if udp.length < INVITE_LENGTH || !is_invite(u64::from_le(word)) {
                if !dialogs || !first.is_ascii_uppercase() {
                    return Err(Outcome::NotInvite);
                }
                other = true;
            }
        }
    }
    let whole = udp.said == udp.length + 8;
    let cut = udp.said > udp.length + 8;
    if (ip.part == Part::Whole && !whole) || (ip.part == Part::First && !cut) {
        return Err(if other {
            Outcome::NotInvite
        } else {
            Outcome::LengthMismatch
        });
    }
    Ok(other)
}

/// Decides what the scratch holds. A function of its own, for a stack of its own.
#[inline(never)]
fn decide<P: Patterns>(scratch: &mut Scratch) -> Outcome {
    let tables = KernelTables::<P>::of(table_slot(scratch.way.active));
    let Some(trunk) = tables.trunk(&scratch.way.source) else {
        return Outcome::Internal;
    };
    scratch.way.trunk = trunk.trunk;
    scratch.way.outbound = u16::from(trunk.has(TRUNK_OUTBOUND));
    scratch.way.drops = u32::from(trunk.has(TRUNK_DOWN_DROP));
    let Judgement { outcome, rule, .. } = judge_text::<BoundedLoop, KernelTables<P>, Unobserved>(
        &mut scratch.reader,
        &mut scratch.walk,
        trunk,
        &tables,
        scratch.way.settings,
        &mut Unobserved,
    );
    scratch.way.rule = rule;
    outcome
}
