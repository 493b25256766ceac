//! The engine: what a rule is, how it is written, which rules stand in the way of which, and what
//! they decide. Values in, decisions out: no runtime, clock, file or kernel interface is named
//! here; the changes it returns are plain data.

mod apply;
mod apply_lists;
mod apply_scopes;
mod changed_list;
mod classes;
mod counted;
mod covers;
mod draft;
mod effective;
mod emergency;
mod explain;
mod force;
mod glob;
mod grants;
mod identity;
mod index;
mod keys;
mod lint;
mod lint_actions;
mod list;
mod load;
mod lookup;
mod mutation;
mod naming;
mod partitions;
mod pattern;
pub mod pinless;
mod reading;
mod rule;
mod schedule;
mod scope;
mod scopes;
mod seen;
mod set;
mod shadow;
mod shapes;
mod slots;
mod spec;
mod standing;
mod tables;
mod time;
mod told;
mod touched;
mod view;
mod wildcard;
mod written;

pub use action_word::{ActionWord, is_name};
pub use classes::Classes;
pub use counted::{Counted, DEFAULT_OF_SCOPE};
pub use draft::{
    DialPlans, Draft, NO_DIAL_PLAN, Names, judge_comment, no_list, no_scope, read_scopes,
};
pub use effective::{Effective, judge_kind_and_action, settings_in_effect};
pub use emergency::protected_numbers;
pub use explain::{ExplainStep, Explanation, Judged, parties_of};
pub use identity::{Repetition, RuleIdentity, SeenRules};
pub use list::{DEFAULT_LIST, List, ListEdit, ListSpec, MAXIMUM_NAME, judge_name};
pub use load::Contents;
pub use mutation::{Finding, Mutation, Plan, Severity, Undo};
pub use naming::Naming;
pub use pattern::{MatchKind, Pattern};
pub use reading::number_text;
pub use reject_status::RejectStatus;
pub use rule::{ListId, Refusal, Rule, RuleAction, RuleDirection, RuleId, RuleKind, ScopeId};
pub use schedule::{Schedule, Timing, read_time};
pub use scope::{DefaultPolicy, Member, ScopeEdit, ScopeName, ScopeRecord, ScopeSpec, read_number};
pub use seen::{Circumstances, SeenCall};
pub use set::RuleSet;
pub use spec::{Override, RuleEdit, RuleSpec};
pub use standing::Standing;
pub use told::Told;
pub use torment::{TORMENT_MINUTES, Torment};
pub(crate) use written::escaped;

mod action_word;
#[cfg(any(test, feature = "reference"))]
pub mod reference;
mod reject_status;
#[cfg(test)]
mod tests;
mod torment;
#[cfg(any(test, feature = "reference"))]
pub mod worlds;
