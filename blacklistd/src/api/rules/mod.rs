//! `/v1/rules`: the rules, with what they counted.

mod change;
mod list;
mod object;
mod show;

pub(super) use change::{add, edit, edit_one, remove, remove_one};
pub(super) use list::{Filters, list};
pub(super) use object::Describer;
pub(super) use show::show;

use super::error::ApiError;
use blacklist_model::RuleId;

/// A rule's id in a path or a query.
pub(super) fn id_of(text: &str) -> Result<RuleId, ApiError> {
    text.trim()
        .parse()
        .map(RuleId)
        .map_err(|_| ApiError::bad_request(format!("\"{text}\" is no rule id: write its number")))
}
