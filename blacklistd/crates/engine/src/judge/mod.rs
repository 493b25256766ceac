//! What the rules in force decide about a call, and why.

mod explain;
mod reported;
mod snapshot;
pub(crate) mod view;

pub use explain::{ExplainStep, Explanation, Judged, parties_of};
pub use reported::ReportedCall;
pub use snapshot::RulesSnapshot;
