//! Rules, lists and scopes as plain values: how they are written, named and validated. This crate
//! makes no decision about a call and uses no clock, file or runtime.

mod action_word;
mod bad_line;
mod classes;
mod count;
mod draft;
mod duration;
mod effective;
mod emergency;
mod feed;
mod foreign;
mod glob;
mod identity;
mod list;
mod pattern;
mod reading;
mod reject_status;
mod remembered;
mod rule;
mod schedule;
#[cfg(test)]
mod schedule_tests;
mod scope;
mod seen_call;
mod spec;
mod terminal;
mod torment;
pub mod wildcard;
mod word;
mod written;

pub use action_word::{ActionWord, is_name};
pub use bad_line::BadLine;
pub use classes::Classes;
pub use count::count;
pub use draft::{
    DialPlans, Draft, NO_DIAL_PLAN, Names, judge_comment, no_list, no_scope, read_scopes,
};
pub use duration::read_duration;
pub use effective::{Effective, judge_kind_and_action, settings_in_effect};
pub use emergency::protected_numbers;
pub use feed::{Feed, FeedState, LineCounts, Refreshed, Subscription};
pub use foreign::{ForeignFormat, ForeignSource};
pub use glob::{Glob, Subject, Token};
pub use identity::{Repetition, RuleIdentity, SeenRules};
pub use list::{DEFAULT_LIST, List, ListEdit, ListSpec, MAXIMUM_NAME, judge_name};
pub use pattern::{Detail, MatchKind, Pattern};
pub use reading::{number_text, read_as};
pub use reject_status::RejectStatus;
pub use remembered::RememberedCall;
pub use rule::{ListId, Refusal, Rule, RuleAction, RuleDirection, RuleId, RuleKind, ScopeId};
pub use schedule::{Schedule, Timing, read_time};
pub use scope::{DefaultPolicy, Member, ScopeEdit, ScopeName, ScopeRecord, ScopeSpec, read_number};
pub use seen_call::SeenCall;
#[doc(hidden)]
pub use serde;
pub use spec::{Override, RuleEdit, RuleSpec};
pub use terminal::{harmless, printable};
pub use torment::{TORMENT_MINUTES, Torment};
pub use word::Word;
pub use written::{escaped, nibble};
