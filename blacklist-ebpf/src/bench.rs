//! Programs for measurements only (feature `bench`): a frame whose number changes from run to run,
//! a sender, and the cheapest program there is.

use aya_ebpf::bindings::xdp_action::{XDP_DROP, XDP_PASS, XDP_TX};
use aya_ebpf::btf_maps::Array;
use aya_ebpf::macros::{btf_map, xdp};
use aya_ebpf::programs::XdpContext;
use blacklist_common::bench::Variation;

use crate::packet::Frame;
use crate::stock::Stock;
use crate::tables::Hashed;

#[btf_map]
static VARIATION: Array<Variation, 1> = Array::new();

/// The next number.
#[inline(always)]
fn next(variation: &mut Variation) -> u64 {
    let place = if variation.step == 0 {
        variation.state = variation
            .state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        ((variation.state >> 33) * u64::from(variation.count)) >> 31
    } else {
        let place = variation.state;
        let next = place.wrapping_add(u64::from(variation.step));
        let count = u64::from(variation.count);
        variation.state = if next >= count { next - count } else { next };
        place
    };
    place.wrapping_add(u64::from(variation.first))
}

/// Writes another number into the frame.
#[inline(always)]
fn change(context: &XdpContext) -> bool {
    let Some(variation) = VARIATION.get_ptr_mut(0) else {
        return false;
    };
    // SAFETY: a measurement runs on one CPU, one run after the other.
    let variation = unsafe { &mut *variation };
    let mut rest = next(variation);
    let mut digits = 0_u64;
    let mut turn = 0;
    while turn < 8 {
        digits = digits << 8 | (b'0' as u64 + rest % 10);
        rest /= 10;
        turn += 1;
    }
    let (frame, digits) = (Frame::new(context), digits.to_le_bytes());
    frame.store(variation.offset, digits)
        && (variation.second == 0 || frame.store(variation.second, digits))
}

/// Changes the number, then does what the program on the interface does.
#[xdp(frags)]
fn vary(context: XdpContext) -> u32 {
    if !change(&context) {
        return XDP_PASS;
    }
    crate::enforce::<Hashed>(&context)
}

/// The same with the kernel's stock tables.
#[xdp(frags)]
fn vary_stock(context: XdpContext) -> u32 {
    if !change(&context) {
        return XDP_PASS;
    }
    crate::enforce::<Stock>(&context)
}

/// Only changes the number: what is to be subtracted.
#[xdp(frags)]
fn vary_only(context: XdpContext) -> u32 {
    if change(&context) { XDP_DROP } else { XDP_PASS }
}

/// Changes the number and sends the frame out of its interface.
#[xdp]
fn send(context: XdpContext) -> u32 {
    change(&context);
    XDP_TX
}

/// Drops everything.
#[xdp(frags)]
fn trivial(_context: XdpContext) -> u32 {
    XDP_DROP
}
