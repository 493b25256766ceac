//! The media host: calls that are answered with more than a status. What they hear is of `media`,
//! how they are spoken with of `dialog`; why a call is here, what a PIN is worth and what is written
//! down are the daemon's.

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
