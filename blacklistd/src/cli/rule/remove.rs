//! `rule remove`.

use super::{RuleNumber, view};
use crate::api::rules::RuleObject;
use crate::cli::client::Client;
use crate::cli::error::CliError;

pub(super) fn run(rule: &RuleNumber, client: &Client, json: bool) -> Result<String, CliError> {
    let rule: RuleObject = client.delete(&rule.path())?;
    view::changed("removed", &rule, json)
}
