//! The engine: which rules are in force, which of them stand in the way of which, and what they
//! decide about a call. Values in, decisions out: no runtime, clock, file or kernel interface is
//! named here; the changes that it returns are plain data.

mod apply;
mod apply_lists;
mod apply_scopes;
mod changed_list;
mod counted;
mod covers;
mod explain;
mod force;
mod grants;
mod index;
mod keys;
mod lint;
mod lint_actions;
mod load;
mod lookup;
mod mutation;
mod naming;
mod partitions;
pub mod pinless;
mod scopes;
mod seen;
mod set;
mod shadow;
mod shapes;
mod slots;
mod standing;
mod tables;
mod time;
mod told;
mod touched;
mod view;

pub use counted::{Counted, DEFAULT_OF_SCOPE};
pub use explain::{ExplainStep, Explanation, Judged, parties_of};
pub use load::Contents;
pub use mutation::{Finding, Mutation, Plan, Severity, Undo};
pub use naming::Naming;
pub use seen::Circumstances;
pub use set::RuleSet;
pub use standing::Standing;
pub use told::Told;

#[cfg(any(test, feature = "reference"))]
pub mod reference;
#[cfg(test)]
mod tests;
#[cfg(any(test, feature = "reference"))]
pub mod worlds;
