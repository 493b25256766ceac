//! `list show`.

use super::{ListName, view};
use crate::api::lists::ListObject;
use crate::cli::client::Client;
use crate::cli::error::CliError;
use crate::cli::output;

pub(super) fn run(name: &ListName, client: &Client, json: bool) -> Result<String, CliError> {
    let list: ListObject = client.get(&name.target())?;
    if json {
        return output::json(&list);
    }
    Ok(view::details(&list))
}
