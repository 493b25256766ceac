//! Repetition by `bpf_loop`.

use core::ffi::c_void;

use aya_ebpf::helpers::generated::bpf_loop;
use blacklist_common::repeat::{Repeat, Stepper};

/// Repetition in the kernel.
pub(crate) struct BoundedLoop;

unsafe extern "C" fn step<S: Stepper>(index: u32, context: *mut c_void) -> u64 {
    // SAFETY: `bpf_loop` hands over the pointer that `repeat` gave it, which is valid until it
    // returns and is used nowhere else in that time.
    let stepper = unsafe { &mut *context.cast::<S>() };
    stepper.step(index) as u64
}

impl Repeat for BoundedLoop {
    #[inline(always)]
    fn repeat<S: Stepper>(limit: u32, stepper: &mut S) {
        // SAFETY: the callback has the signature that the helper calls, and its context outlives
        // the call. The limit is far below the helper's of 8 million, so it cannot fail.
        unsafe {
            bpf_loop(
                limit,
                step::<S> as *mut c_void,
                core::ptr::from_mut(stepper).cast(),
                0,
            );
        }
    }
}
