//! `scope show`.

use super::{ScopeName, view};
use crate::api::scopes::ScopeObject;
use crate::cli::client::Client;
use crate::cli::error::CliError;
use crate::cli::output;

pub(super) fn run(name: &ScopeName, client: &Client, json: bool) -> Result<String, CliError> {
    let scope: ScopeObject = client.get(&name.target())?;
    if json {
        return output::json(&scope);
    }
    Ok(view::details(&scope))
}
