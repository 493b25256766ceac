//! `scope list`.

use crate::api::scopes::{DEFAULT_LIMIT, ScopeList};
use crate::cli::client::Client;
use crate::cli::error::CliError;
use crate::cli::output;
use crate::cli::target::Target;

/// Which scopes.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct ListCommand {
    /// With this text in name or comment.
    #[arg(long, value_name = "TEXT")]
    search: Option<String>,
    /// Scopes that are shown at most.
    #[arg(long, value_name = "N", default_value_t = DEFAULT_LIMIT)]
    limit: usize,
    /// Scopes that are passed over.
    #[arg(long, value_name = "N", default_value_t = 0)]
    offset: usize,
}

pub(super) fn run(command: &ListCommand, client: &Client, json: bool) -> Result<String, CliError> {
    let target = Target::new("/v1/scopes")
        .maybe("search", command.search.as_ref())
        .key("limit", command.limit)
        .key("offset", command.offset);
    let list: ScopeList = client.get(&target)?;
    if json {
        return output::json(&list);
    }
    let columns = [
        "scope", "default", "members", "lists", "rules", "calls", "packets", "comment",
    ];
    let mut table = output::table(columns, &["members", "rules", "calls", "packets"]);
    for scope in &list.scopes {
        table.add_row([
            scope.name.clone(),
            scope.default.as_str().to_owned(),
            scope.members.to_string(),
            scope.lists.join(", "),
            scope.rules.to_string(),
            scope.calls.to_string(),
            scope.packets.to_string(),
            scope.comment.clone(),
        ]);
    }
    let mut text = table.to_string();
    let shown = list.scopes.len() as u64;
    if shown < list.total {
        text.push_str(&format!(
            "\n{shown} of {}; --limit and --offset show others",
            output::count(list.total, "scope")
        ));
    }
    Ok(text)
}
