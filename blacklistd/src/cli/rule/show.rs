//! `rule show`.

use super::{RuleNumber, view};
use crate::api::rules::RuleObject;
use crate::cli::client::Client;
use crate::cli::error::CliError;
use crate::cli::output;

pub(super) fn run(rule: &RuleNumber, client: &Client, json: bool) -> Result<String, CliError> {
    let rule: RuleObject = client.get(&rule.target())?;
    if json {
        return output::json(&rule);
    }
    Ok(view::details(&rule))
}
