//! PINs: which are acceptable, how they are stored and compared, and how many attempts there are.
//! What scopes are, and where this is stored, is not part of it.

mod attempt;
mod digits;
mod hash;
mod limits;
mod pins;

pub use attempt::Attempt;
pub use digits::{MAXIMUM_DIGITS, MINIMUM_DIGITS, Pin, PinError};
pub use hash::{HashError, hash};
pub use limits::{Limit, MAXIMUM_SHARED_WRONG, MAXIMUM_WRONG};
pub use pins::{Checked, Pins, ScopePin};
