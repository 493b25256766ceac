//! Repetition by `bpf_loop`.

use core::ffi::c_void;

use aya_ebpf::helpers::generated::bpf_loop;
use blacklist_common::repeat::{Repeat, Step};

/// Repetition in the kernel.
pub(crate) struct BoundedLoop;

unsafe extern "C" fn call<F: FnMut(u32) -> Step>(index: u32, context: *mut c_void) -> u64 {
    // SAFETY: `bpf_loop` hands over the pointer that `repeat` gave it, which is valid until it
    // returns and is used nowhere else in that time.
    let step = unsafe { &mut *context.cast::<F>() };
    step(index) as u64
}

/// Calls `bpf_loop`. A function of its own, for a name of the closure's type.
#[inline(always)]
fn bounded<F: FnMut(u32) -> Step>(limit: u32, mut step: F) {
    // SAFETY: the callback has the signature that the helper calls, and its context outlives the
    // call. The limit is far below the helper's of 8 million, so it cannot fail.
    unsafe {
        bpf_loop(
            limit,
            call::<F> as *mut c_void,
            core::ptr::from_mut(&mut step).cast(),
            0,
        );
    }
}

impl Repeat for BoundedLoop {
    #[inline(always)]
    fn repeat(limit: u32, step: impl FnMut(u32) -> Step) {
        bounded(limit, step);
    }
}
