//! `list list`.

use super::view;
use crate::api::lists::ListList;
use crate::cli::client::Client;
use crate::cli::error::CliError;
use crate::cli::output;
use crate::cli::target::Target;

pub(super) fn run(client: &Client, json: bool) -> Result<String, CliError> {
    let list: ListList = client.get(&Target::new("/v1/lists"))?;
    if json {
        return output::json(&list);
    }
    let columns = [
        "list",
        "kind",
        "scopes",
        "direction",
        "action",
        "state",
        "rules",
        "comment",
    ];
    let mut table = output::table(columns, &["rules"]);
    for list in &list.lists {
        table.add_row([
            list.name.clone(),
            view::kind(list),
            list.scopes.join(", "),
            list.direction.as_str().to_owned(),
            view::action(list).to_owned(),
            view::state(list).to_owned(),
            list.rules.to_string(),
            list.comment.clone(),
        ]);
    }
    Ok(table.to_string())
}
