//! The media host: calls that are answered with more than a status. `media` provides what they
//! hear, `dialog` the signalling; the reason for a call, checking PINs and the log belong to the
//! daemon.

mod announce;
mod connect;
mod context;
mod figures;
#[expect(clippy::module_inception, reason = "the host itself, among its parts")]
mod host;
mod line;
mod live;
mod pin;
mod plan;
mod redirect;
mod services;
mod settings;
mod torment;
mod torment_limits;

#[cfg(test)]
mod tests;

pub use host::{Delivery, Host, NotAccepted};
pub use plan::{Onward, Parties, Plan, Refusal, Treatment};
pub use services::{CallNote, CallServices, PinAnswer};
pub use settings::{
    Fallback, HostSettings, PinSettings, TargetMethod, TargetSettings, TormentSettings,
};
