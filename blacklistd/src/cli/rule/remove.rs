//! `rule remove`.

use super::{RuleNumbers, view};
use crate::api::rules::{EditRequest, RulesChanged};
use crate::cli::client::Client;
use crate::cli::error::CliError;
use crate::cli::target::Target;
use crate::rules::RuleEdit;

pub(super) fn run(numbers: &RuleNumbers, client: &Client, json: bool) -> Result<String, CliError> {
    let request = EditRequest {
        rules: numbers.ids(),
        edit: RuleEdit::default(),
    };
    let changed: RulesChanged = client.delete_these(&Target::new("/v1/rules"), &request)?;
    view::one_or_several("is removed", changed, json)
}
