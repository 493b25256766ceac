//! `feed show`.

use super::{FeedName, view};
use crate::api::feeds::FeedObject;
use crate::cli::client::Client;
use crate::cli::error::CliError;
use crate::cli::output;

pub(super) fn run(name: &FeedName, client: &Client, json: bool) -> Result<String, CliError> {
    let feed: FeedObject = client.get(&name.target())?;
    if json {
        return output::json(&feed);
    }
    Ok(view::details(&feed))
}
