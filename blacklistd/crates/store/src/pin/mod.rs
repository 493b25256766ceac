//! PINs: what one may be, how it is kept, how a try is compared, and how many tries there are. What
//! scopes are, and where all this is stored, is not known here.

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
