//! The engine: what a rule is, how it is written, which rules stand in the way of which, and what
//! they decide. Values in, decisions out: no runtime, clock, file or kernel interface is named
//! here; the changes it returns are plain data.

mod draft;
mod emergency;
mod explain;
mod lint;
mod pattern;
mod reading;
mod rule;
mod scopes;
mod set;
mod slots;
mod tables;

pub use draft::{DialPlans, Draft, NO_DIAL_PLAN, RuleEdit, RuleSpec};
pub use emergency::protected_numbers;
pub use explain::{Explanation, ScopeStep};
pub use pattern::{Pattern, PatternKind};
pub use reading::number_text;
pub use rule::{ListKind, Refusal, Rule, RuleAction, RuleDirection, RuleId, Scope};
pub use set::{Plan, RuleSet};

#[cfg(test)]
mod tests;
