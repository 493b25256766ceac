//! `grant list`.

use super::until;
use crate::api::grants::GrantList;
use crate::cli::client::Client;
use crate::cli::error::CliError;
use crate::cli::output;
use crate::cli::target::Target;

pub(super) fn run(client: &Client, json: bool) -> Result<String, CliError> {
    let list: GrantList = client.get(&Target::new("/v1/grants"))?;
    if json {
        return output::json(&list);
    }
    if list.grants.is_empty() {
        return Ok("there are no grants".to_owned());
    }
    let columns = ["grant", "local", "remote", "until", "since", "written by"];
    let mut table = output::table(columns, &["grant"]);
    for grant in &list.grants {
        table.add_row([
            grant.id.to_string(),
            grant.local.clone(),
            grant.remote.clone(),
            until(grant),
            grant.since.clone(),
            grant.author.clone(),
        ]);
    }
    Ok(table.to_string())
}
