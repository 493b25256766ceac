//! Session descriptions (RFC 8866) by offer and answer (RFC 3264): what the peer supports, what is
//! chosen, and what is answered. All input is untrusted. The grammar is that of `sdp-types`, with
//! size limits applied first.

mod address;
mod answer;
mod audio;
mod description;
mod direction;
mod error;
mod local;
mod offer;

pub use answer::{Answer, read_answer};
pub use audio::Audio;
pub use direction::Direction;
pub use error::SdpError;
pub use local::Local;
pub use offer::{Offer, make_offer, make_offer_of};

#[cfg(test)]
mod tests;
