//! The engine: which rules are in force, which of them hide which, and what they
//! decide about a call. Values in, decisions out: no runtime, clock, file or kernel interface is
//! named here; the changes that it returns are plain data.

mod change;
mod counted;
mod enforcement;
mod judge;
mod lint;
mod plan;
mod register;
mod set;

pub use change::{Contents, Mutation, Naming, Undo};
pub use counted::{Counted, DEFAULT_OF_SCOPE};
pub use judge::{ExplainStep, Explanation, Judged, ReportedCall, RulesSnapshot, parties_of};
pub use lint::pinless;
pub use lint::{Circumstances, Finding, Severity};
pub use plan::Plan;
pub use register::Register;
pub use set::RuleSet;

#[cfg(any(test, feature = "reference"))]
pub mod reference;
#[cfg(test)]
mod tests;
#[cfg(any(test, feature = "reference"))]
pub mod worlds;
