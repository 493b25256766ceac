//! `list enable` and `list disable`.

use super::{ListName, view};
use crate::api::lists::ListObject;
use crate::cli::client::Client;
use crate::cli::error::CliError;
use crate::rules::ListEdit;

pub(super) fn run(
    name: &ListName,
    enabled: bool,
    client: &Client,
    json: bool,
) -> Result<String, CliError> {
    let edit = ListEdit {
        enabled: Some(enabled),
        ..ListEdit::default()
    };
    let list: ListObject = client.patch(&name.target(), &edit)?;
    let verb = if enabled { "is enabled" } else { "is disabled" };
    view::changed(verb, &list, json)
}
