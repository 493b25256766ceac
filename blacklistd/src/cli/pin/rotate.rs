//! `pin rotate`.

use super::{OneScope, view};
use crate::api::pins::{PinChanged, PinRequest};
use crate::cli::client::Client;
use crate::cli::error::CliError;
use crate::cli::target::Target;

pub(super) fn run(scope: &OneScope, client: &Client, json: bool) -> Result<String, CliError> {
    let target = Target::new(&format!("{}/rotate", scope.target().as_str()));
    let changed: PinChanged = client.post(&scope.manner.on(target), &PinRequest::default())?;
    view::changed("is another one", &changed, json)
}
