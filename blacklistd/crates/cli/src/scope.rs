//! `blacklistd scope`: for whom rules and lists are.

use blacklist_model::{DefaultPolicy, ScopeEdit, ScopeSpec};
use blacklist_wire::{DEFAULT_SCOPES, MemberList, MemberRequest, ScopeList, ScopeObject};
use clap::Subcommand;

use super::change_options::ChangeOptions;
use super::client::Client;
use super::error::CliError;
use super::output;
use super::target::Target;
use super::word::word;

/// What to do with scopes.
#[derive(Debug, Subcommand)]
pub(super) enum ScopeCommand {
    /// Adds an account, a group, or the scope of a local number.
    Add(AddCommand),
    /// Lists scopes.
    List(ListCommand),
    /// Shows one scope.
    Show(ScopeName),
    /// Changes a scope; options that are not given stay unchanged.
    Edit(EditCommand),
    /// Removes a scope that no rule and no list names.
    Remove(ScopeName),
    /// Sets which local numbers belong to an account or group.
    #[command(subcommand)]
    Member(MemberCommand),
}

/// Which scope.
#[derive(Debug, clap::Args)]
pub(super) struct ScopeName {
    /// `global`, `account:NAME`, `group:NAME`, or `number:` and a local number.
    #[arg(value_name = "SCOPE")]
    name: String,
}

impl ScopeName {
    fn target(&self) -> Target {
        Target::new("/v1/scopes").part(&self.name)
    }

    fn members(&self) -> Target {
        Target::new(&format!("{}/members", self.target().as_str()))
    }
}

pub(super) fn run(command: &ScopeCommand, client: &Client, json: bool) -> Result<String, CliError> {
    match command {
        ScopeCommand::Add(command) => add(command, client, json),
        ScopeCommand::List(command) => list(command, client, json),
        ScopeCommand::Show(name) => show(name, client, json),
        ScopeCommand::Edit(command) => edit(command, client, json),
        ScopeCommand::Remove(name) => remove(name, client, json),
        ScopeCommand::Member(command) => members(command, client, json),
    }
}

/// The scope that is added.
#[derive(Debug, clap::Args)]
pub(super) struct AddCommand {
    /// `account:NAME`, `group:NAME`, or `number:` and a local number.
    #[arg(value_name = "SCOPE")]
    name: String,
    /// What happens to calls that no rule decides.
    #[arg(long, value_parser = word::<DefaultPolicy>(), default_value = "unset")]
    default: DefaultPolicy,
    /// A local number that belongs to it. May be repeated.
    #[arg(long = "member", value_name = "NUMBER")]
    members: Vec<String>,
    /// The dial plan by which numbers are read; `none` for none.
    #[arg(long, value_name = "NAME")]
    dial_plan: Option<String>,
    /// A comment.
    #[arg(long, value_name = "TEXT", default_value = "")]
    comment: String,
    #[command(flatten)]
    change: ChangeOptions,
}

fn add(command: &AddCommand, client: &Client, json: bool) -> Result<String, CliError> {
    let spec = ScopeSpec {
        name: command.name.clone(),
        policy: command.default,
        members: command.members.clone(),
        dial_plan: command.dial_plan.clone(),
        comment: command.comment.clone(),
    };
    let target = command.change.on(Target::new("/v1/scopes"));
    let scope: ScopeObject = client.post(&target, &spec)?;
    show_changed("is added", &scope, json)
}

/// Which scopes.
#[derive(Debug, clap::Args)]
pub(super) struct ListCommand {
    /// With this text in name or comment.
    #[arg(long, value_name = "TEXT")]
    search: Option<String>,
    /// Maximum number of scopes to show.
    #[arg(long, value_name = "N", default_value_t = DEFAULT_SCOPES)]
    limit: usize,
    /// Number of scopes to skip.
    #[arg(long, value_name = "N", default_value_t = 0)]
    offset: usize,
}

fn list(command: &ListCommand, client: &Client, json: bool) -> Result<String, CliError> {
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
            blacklist_model::count(list.total, "scope")
        ));
    }
    Ok(text)
}

fn show(name: &ScopeName, client: &Client, json: bool) -> Result<String, CliError> {
    let scope: ScopeObject = client.get(&name.target())?;
    if json {
        return output::json(&scope);
    }
    Ok(details(&scope))
}

/// What is changed of a scope.
#[derive(Debug, clap::Args)]
pub(super) struct EditCommand {
    #[command(flatten)]
    scope: ScopeName,
    /// What happens to calls that no rule decides.
    #[arg(long, value_parser = word::<DefaultPolicy>())]
    default: Option<DefaultPolicy>,
    /// A comment.
    #[arg(long, value_name = "TEXT")]
    comment: Option<String>,
    #[command(flatten)]
    change: ChangeOptions,
}

fn edit(command: &EditCommand, client: &Client, json: bool) -> Result<String, CliError> {
    let edit = ScopeEdit {
        policy: command.default,
        comment: command.comment.clone(),
    };
    if edit == ScopeEdit::default() {
        return Err(CliError::Failed(
            "nothing to change: name at least one option, see `blacklistd scope edit --help`"
                .to_owned(),
        ));
    }
    let target = command.change.on(command.scope.target());
    let scope: ScopeObject = client.patch(&target, &edit)?;
    show_changed("is changed", &scope, json)
}

fn remove(name: &ScopeName, client: &Client, json: bool) -> Result<String, CliError> {
    let scope: ScopeObject = client.delete(&name.target())?;
    show_changed("is removed", &scope, json)
}

/// What to do with the numbers of a scope.
#[derive(Debug, Subcommand)]
pub(super) enum MemberCommand {
    /// Adds local numbers to an account or group.
    Add(MemberChange),
    /// Removes local numbers from an account or group.
    Remove(MemberChange),
    /// Lists the local numbers of an account or group.
    List(ScopeName),
}

/// A scope and numbers.
#[derive(Debug, clap::Args)]
pub(super) struct MemberChange {
    #[command(flatten)]
    scope: ScopeName,
    /// The numbers.
    #[arg(required = true, value_name = "NUMBER")]
    numbers: Vec<String>,
    /// The dial plan by which numbers are read; `none` for none.
    #[arg(long, value_name = "NAME")]
    dial_plan: Option<String>,
    #[command(flatten)]
    change: ChangeOptions,
}

fn members(command: &MemberCommand, client: &Client, json: bool) -> Result<String, CliError> {
    match command {
        MemberCommand::Add(change) => run_change(change, true, client, json),
        MemberCommand::Remove(change) => run_change(change, false, client, json),
        MemberCommand::List(name) => {
            let list: MemberList = client.get(&name.members())?;
            if json {
                return output::json(&list);
            }
            if list.numbers.is_empty() {
                return Ok(format!(
                    "no number belongs to {0}; add some with `blacklistd scope member add {0} NUMBER`",
                    list.scope
                ));
            }
            Ok(list.numbers.join("\n"))
        }
    }
}

fn run_change(
    command: &MemberChange,
    belong: bool,
    client: &Client,
    json: bool,
) -> Result<String, CliError> {
    let request = MemberRequest {
        numbers: command.numbers.clone(),
        dial_plan: command.dial_plan.clone(),
    };
    let target = command.change.on(command.scope.members());
    let list: MemberList = if belong {
        client.post(&target, &request)?
    } else {
        client.delete_these(&target, &request)?
    };
    if json {
        return output::json(&list);
    }
    let scope = &list.scope;
    let mut text = match (list.numbers.is_empty(), belong) {
        (true, true) => format!("they belonged to {scope} already"),
        (true, false) => format!("they did not belong to {scope}"),
        (false, true) => format!("{} belong to {scope} now", list.numbers.join(", ")),
        (false, false) => format!(
            "{} do not belong to {scope} any more",
            list.numbers.join(", ")
        ),
    };
    output::add_notes(&mut text, &list.warnings);
    Ok(text)
}

fn policy(scope: &ScopeObject) -> &'static str {
    match (scope.default, scope.name.as_str()) {
        (DefaultPolicy::Allow, _) => "other calls go through",
        (DefaultPolicy::Block, _) => "other calls are blocked",
        (DefaultPolicy::Unset, "global") => "other calls go through (nothing is set)",
        (DefaultPolicy::Unset, _) => "other calls: as a wider scope says",
    }
}

/// A scope that was changed.
fn show_changed(verb: &str, scope: &ScopeObject, json: bool) -> Result<String, CliError> {
    if json {
        return output::json(scope);
    }
    let mut text = format!(
        "scope {} {verb}: {}, {}",
        scope.name,
        policy(scope),
        blacklist_model::count(scope.members, "member")
    );
    output::add_notes(&mut text, &scope.warnings);
    Ok(text)
}

/// All that is known of a scope.
fn details(scope: &ScopeObject) -> String {
    output::lines(&[
        ("scope", scope.name.clone()),
        (
            "default",
            format!("{}: {}", scope.default.as_str(), policy(scope)),
        ),
        ("members", scope.members.to_string()),
        ("lists", scope.lists.join(", ")),
        ("rules", format!("{} of its own", scope.rules)),
        (
            "counted",
            format!(
                "{}, {} by its default",
                blacklist_model::count(scope.calls, "call"),
                blacklist_model::count(scope.packets, "packet")
            ),
        ),
        ("comment", scope.comment.clone()),
    ])
}
