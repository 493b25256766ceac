//! `scope remove`.

use super::{ScopeName, view};
use crate::api::scopes::ScopeObject;
use crate::cli::client::Client;
use crate::cli::error::CliError;

pub(super) fn run(name: &ScopeName, client: &Client, json: bool) -> Result<String, CliError> {
    let scope: ScopeObject = client.delete(&name.target())?;
    view::changed("is removed", &scope, json)
}
