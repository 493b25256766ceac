//! `pin remove`.

use super::{OneScope, view};
use crate::api::pins::PinChanged;
use crate::cli::client::Client;
use crate::cli::error::CliError;

pub(super) fn run(scope: &OneScope, client: &Client, json: bool) -> Result<String, CliError> {
    let changed: PinChanged = client.delete(&scope.manner.on(scope.target()))?;
    view::changed("is removed", &changed, json)
}
