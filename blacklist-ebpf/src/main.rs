//! The XDP program: frames in, verdict out. What a call means and who wins is decided in
//! `blacklist_common`; here is only how its questions are asked of packets and maps. The contexts
//! that the kernel passes become a [`Frame`] or an [`Outgoing`] at once: no other code reads packet
//! memory.
#![no_std]
#![no_main]
#![expect(
    internal_features,
    reason = "atomic additions have no stable form on this target"
)]
#![feature(core_intrinsics)]

mod atomic;
#[cfg(feature = "bench")]
mod bench;
mod bounded;
mod calls;
mod clock;
mod fragments;
mod judge;
mod maps;
mod packet;
mod record;
mod replies;
mod scratch;
mod steering;
mod stock;
mod tables;
#[cfg(feature = "trace")]
mod trace;

use aya_ebpf::bindings::xdp_action::{XDP_DROP, XDP_PASS};
use aya_ebpf::macros::{classifier, xdp};
use aya_ebpf::programs::{TcContext, XdpContext};
use blacklist_common::outcome::Outcome;

use crate::calls::Calls;
use crate::packet::{Frame, Outgoing};
use crate::stock::Stock;
use crate::tables::{Hashed, Patterns};

/// The program on the interface: judges, records, drops.
#[expect(
    clippy::needless_pass_by_value,
    reason = "the entry that the macro makes hands the context over"
)]
#[xdp(frags)]
fn blacklist(context: XdpContext) -> u32 {
    enforce::<Hashed>(&context)
}

/// The same with the kernel's stock tables.
#[expect(
    clippy::needless_pass_by_value,
    reason = "the entry that the macro makes hands the context over"
)]
#[xdp(frags)]
fn blacklist_stock(context: XdpContext) -> u32 {
    enforce::<Stock>(&context)
}

#[inline(always)]
fn enforce<P: Patterns + Calls>(context: &XdpContext) -> u32 {
    let judged = judge::judge::<judge::Enforce, P>(Frame::new(context));
    let action = action(judged.outcome);
    #[cfg(feature = "trace")]
    trace::packet(context, &judged);
    record::record::<P>(judged);
    action
}

/// The program on the way out: gives the daemon's answers the port to which the call came.
#[expect(
    clippy::needless_pass_by_value,
    reason = "the entry that the macro makes hands the context over"
)]
#[classifier]
fn replies(context: TcContext) -> i32 {
    replies::restore_port(Outgoing::new(&context))
}

/// The program that is asked by test runs: judges as the other one, records nothing, and leaves
/// its answer in a map.
#[expect(
    clippy::needless_pass_by_value,
    reason = "the entry that the macro makes hands the context over"
)]
#[xdp(frags)]
fn ask(context: XdpContext) -> u32 {
    answer::<Hashed>(&context)
}

/// The same with the kernel's stock tables.
#[expect(
    clippy::needless_pass_by_value,
    reason = "the entry that the macro makes hands the context over"
)]
#[xdp(frags)]
fn ask_stock(context: XdpContext) -> u32 {
    answer::<Stock>(&context)
}

#[inline(always)]
fn answer<P: Patterns>(context: &XdpContext) -> u32 {
    let judged = judge::judge::<judge::Ask, P>(Frame::new(context));
    record::answer(&judged);
    action(judged.outcome)
}

#[inline(always)]
const fn action(outcome: Outcome) -> u32 {
    if outcome.is_dropped() {
        XDP_DROP
    } else {
        XDP_PASS
    }
}

const _: () = assert!(Outcome::ALL.len() <= maps::OUTCOME_COUNTERS);

#[panic_handler]
fn panic(_info: &core::panic::PanicInfo) -> ! {
    // No operation here can panic; the verifier would refuse a program that could get here.
    loop {}
}

#[unsafe(link_section = "license")]
#[unsafe(no_mangle)]
static LICENSE: [u8; 13] = *b"Dual MIT/GPL\0";
