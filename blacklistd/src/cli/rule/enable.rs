//! `rule enable` and `rule disable`.

use super::{RuleNumber, view};
use crate::api::rules::RuleObject;
use crate::cli::client::Client;
use crate::cli::error::CliError;
use crate::rules::RuleEdit;

pub(super) fn run(
    rule: &RuleNumber,
    enabled: bool,
    client: &Client,
    json: bool,
) -> Result<String, CliError> {
    let edit = RuleEdit {
        enabled: Some(enabled),
        ..RuleEdit::default()
    };
    let rule: RuleObject = client.patch(&rule.path(), &edit)?;
    view::changed(
        if enabled { "in force" } else { "out of force" },
        &rule,
        json,
    )
}
