//! `rule enable` and `rule disable`.

use super::{RuleNumbers, view};
use crate::api::rules::{EditRequest, RulesChanged};
use crate::cli::client::Client;
use crate::cli::error::CliError;
use crate::cli::target::Target;
use crate::rules::RuleEdit;

pub(super) fn run(
    numbers: &RuleNumbers,
    enabled: bool,
    client: &Client,
    json: bool,
) -> Result<String, CliError> {
    let request = EditRequest {
        rules: numbers.ids(),
        edit: RuleEdit {
            enabled: Some(enabled),
            ..RuleEdit::default()
        },
    };
    let changed: RulesChanged = client.patch(&Target::new("/v1/rules"), &request)?;
    let verb = if enabled { "is enabled" } else { "is disabled" };
    view::one_or_several(verb, changed, json)
}
