//! Memory that a large change leaves free: it goes back to the system.

/// Gives back what is free. The allocator keeps it otherwise: what a change replaced lies between
/// what stays.
pub(super) fn give_back() {
    #[cfg(target_env = "gnu")]
    // SAFETY: takes a number alone, and touches nothing that is in use.
    unsafe {
        nix::libc::malloc_trim(0);
    }
}
