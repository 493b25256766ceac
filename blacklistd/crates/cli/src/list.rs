//! `blacklistd list`: named lists.

use blacklist_model::{ListEdit, ListSpec, Override, RuleAction, RuleDirection, RuleKind};
use blacklist_wire::{AssignRequest, ListList, ListObject};
use clap::Subcommand;

use super::change_options::ChangeOptions;
use super::client::Client;
use super::error::CliError;
use super::output;
use super::rule::ActionParser;
use super::target::Target;
use super::word::word;

/// What to do with lists.
#[derive(Debug, Subcommand)]
pub(super) enum ListCommand {
    /// Adds a list.
    Add(AddCommand),
    /// Shows all lists.
    List,
    /// Shows one list.
    Show(ListName),
    /// Changes what the rules of a list inherit; options that are not given stay unchanged.
    Edit(EditCommand),
    /// Puts a list's rules in force.
    Enable(ListName),
    /// Puts all rules of a list out of force and keeps them.
    Disable(ListName),
    /// Assigns a list to scopes.
    Assign(AssignCommand),
    /// Removes scopes from a list.
    Unassign(AssignCommand),
    /// Removes a list.
    Remove(RemoveCommand),
}

/// Which list.
#[derive(Debug, clap::Args)]
pub(super) struct ListName {
    /// The list's name.
    name: String,
}

impl ListName {
    fn target(&self) -> Target {
        Target::new("/v1/lists").part(&self.name)
    }
}

pub(super) fn run(command: &ListCommand, client: &Client, json: bool) -> Result<String, CliError> {
    match command {
        ListCommand::Add(command) => add(command, client, json),
        ListCommand::List => list_all(client, json),
        ListCommand::Show(name) => show(name, client, json),
        ListCommand::Edit(command) => edit(command, client, json),
        ListCommand::Enable(name) => enable(name, true, client, json),
        ListCommand::Disable(name) => enable(name, false, client, json),
        ListCommand::Assign(command) => assign(command, true, client, json),
        ListCommand::Unassign(command) => assign(command, false, client, json),
        ListCommand::Remove(command) => remove(command, client, json),
    }
}

/// The list that is added.
#[derive(Debug, clap::Args)]
pub(super) struct AddCommand {
    /// Its name: small letters, digits, `.`, `_`, `-`.
    name: String,
    /// Its rules let calls through.
    #[arg(long, conflicts_with = "block")]
    allow: bool,
    /// Its rules block calls (the default).
    #[arg(long)]
    block: bool,
    /// Its scope [default: global]. May be repeated.
    #[arg(long = "scope", value_name = "SCOPE")]
    scopes: Vec<String>,
    /// The direction of the calls that its rules apply to.
    #[arg(long, value_parser = word::<RuleDirection>(), default_value = "inbound")]
    direction: RuleDirection,
    /// What happens to blocked calls.
    #[arg(long, value_name = "ACTION", value_parser = ActionParser)]
    action: Option<RuleAction>,
    /// Allow rules of narrower scopes do not override its rules.
    #[arg(long)]
    mandatory: bool,
    /// Adds it disabled.
    #[arg(long)]
    disabled: bool,
    /// A comment.
    #[arg(long, value_name = "TEXT", default_value = "")]
    comment: String,
    #[command(flatten)]
    change: ChangeOptions,
}

fn add(command: &AddCommand, client: &Client, json: bool) -> Result<String, CliError> {
    let spec = ListSpec {
        name: command.name.clone(),
        kind: if command.allow {
            RuleKind::Allow
        } else {
            RuleKind::Block
        },
        direction: command.direction,
        action: command.action,
        mandatory: command.mandatory,
        enabled: !command.disabled,
        scopes: if command.scopes.is_empty() {
            vec!["global".to_owned()]
        } else {
            command.scopes.clone()
        },
        comment: command.comment.clone(),
    };
    let target = command.change.on(Target::new("/v1/lists"));
    let list: ListObject = client.post(&target, &spec)?;
    show_changed("is added", &list, json)
}

fn list_all(client: &Client, json: bool) -> Result<String, CliError> {
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
            kind(list),
            list.scopes.join(", "),
            list.direction.as_str().to_owned(),
            action(list).to_owned(),
            state(list).to_owned(),
            list.rules.to_string(),
            list.comment.clone(),
        ]);
    }
    Ok(table.to_string())
}

fn show(name: &ListName, client: &Client, json: bool) -> Result<String, CliError> {
    let list: ListObject = client.get(&name.target())?;
    if json {
        return output::json(&list);
    }
    Ok(details(&list))
}

/// What is changed of a list.
#[derive(Debug, clap::Args)]
pub(super) struct EditCommand {
    #[command(flatten)]
    list: ListName,
    /// Its new name.
    #[arg(long, value_name = "NAME")]
    rename: Option<String>,
    /// Its rules let calls through.
    #[arg(long, conflicts_with = "block")]
    allow: bool,
    /// Its rules block calls.
    #[arg(long)]
    block: bool,
    /// The direction of the calls that its rules apply to.
    #[arg(long, value_parser = word::<RuleDirection>())]
    direction: Option<RuleDirection>,
    /// What happens to blocked calls.
    #[arg(long, value_name = "ACTION", value_parser = ActionParser, conflicts_with = "no_action")]
    action: Option<RuleAction>,
    /// Removes the action: calls are treated as the kind says.
    #[arg(long)]
    no_action: bool,
    /// Allow rules of narrower scopes do not override its rules.
    #[arg(long, conflicts_with = "not_mandatory")]
    mandatory: bool,
    /// Allow rules of narrower scopes override its rules.
    #[arg(long)]
    not_mandatory: bool,
    /// Its scopes, instead of those it has. May be repeated.
    #[arg(long = "scope", value_name = "SCOPE")]
    scopes: Vec<String>,
    /// A comment.
    #[arg(long, value_name = "TEXT")]
    comment: Option<String>,
    #[command(flatten)]
    change: ChangeOptions,
}

impl EditCommand {
    fn edit(&self) -> ListEdit {
        ListEdit {
            name: self.rename.clone(),
            kind: match (self.allow, self.block) {
                (true, _) => Some(RuleKind::Allow),
                (false, true) => Some(RuleKind::Block),
                (false, false) => None,
            },
            direction: self.direction,
            action: match (self.action, self.no_action) {
                (Some(action), _) => Override::Set(action),
                (None, true) => Override::Inherit,
                (None, false) => Override::Keep,
            },
            mandatory: (self.mandatory || self.not_mandatory).then_some(self.mandatory),
            enabled: None,
            scopes: (!self.scopes.is_empty()).then(|| self.scopes.clone()),
            comment: self.comment.clone(),
        }
    }
}

fn edit(command: &EditCommand, client: &Client, json: bool) -> Result<String, CliError> {
    let edit = command.edit();
    if edit == ListEdit::default() {
        return Err(CliError::Failed(
            "nothing to change: name at least one option, see `blacklistd list edit --help`"
                .to_owned(),
        ));
    }
    let target = command.change.on(command.list.target());
    let list: ListObject = client.patch(&target, &edit)?;
    show_changed("is changed", &list, json)
}

fn enable(name: &ListName, enabled: bool, client: &Client, json: bool) -> Result<String, CliError> {
    let edit = ListEdit {
        enabled: Some(enabled),
        ..ListEdit::default()
    };
    let list: ListObject = client.patch(&name.target(), &edit)?;
    let verb = if enabled { "is enabled" } else { "is disabled" };
    show_changed(verb, &list, json)
}

/// A list and scopes.
#[derive(Debug, clap::Args)]
pub(super) struct AssignCommand {
    #[command(flatten)]
    list: ListName,
    /// The scopes.
    #[arg(required = true, value_name = "SCOPE")]
    scopes: Vec<String>,
    #[command(flatten)]
    change: ChangeOptions,
}

fn assign(
    command: &AssignCommand,
    assigned: bool,
    client: &Client,
    json: bool,
) -> Result<String, CliError> {
    let request = AssignRequest {
        scopes: command.scopes.clone(),
    };
    let target = Target::new(&format!("{}/scopes", command.list.target().as_str()));
    let target = command.change.on(target);
    let list: ListObject = if assigned {
        client.post(&target, &request)?
    } else {
        client.delete_these(&target, &request)?
    };
    let verb = if assigned {
        "is assigned"
    } else {
        "is unassigned"
    };
    show_changed(verb, &list, json)
}

/// The list that is removed.
#[derive(Debug, clap::Args)]
pub(super) struct RemoveCommand {
    #[command(flatten)]
    list: ListName,
    /// Removes its rules too.
    #[arg(long)]
    with_rules: bool,
    #[command(flatten)]
    change: ChangeOptions,
}

fn remove(command: &RemoveCommand, client: &Client, json: bool) -> Result<String, CliError> {
    let target = command.list.target().flag("with_rules", command.with_rules);
    let list: ListObject = client.delete(&command.change.on(target))?;
    show_changed("is removed", &list, json)
}

/// Block or allow, and whether nothing lifts its rules.
fn kind(list: &ListObject) -> String {
    if list.mandatory {
        format!("{}, mandatory", list.kind.as_str())
    } else {
        list.kind.as_str().to_owned()
    }
}

/// What its rules ask for.
fn action(list: &ListObject) -> &'static str {
    list.action
        .unwrap_or(RuleAction::of_kind(list.kind))
        .as_str()
}

/// Whether it is switched on, and for anybody.
const fn state(list: &ListObject) -> &'static str {
    match (list.enabled, list.scopes.is_empty()) {
        (false, _) => "disabled",
        (true, true) => "for no scope",
        (true, false) => "enabled",
    }
}

fn scopes(list: &ListObject) -> String {
    if list.scopes.is_empty() {
        "no scope: only rules with scopes of their own are in force".to_owned()
    } else {
        list.scopes.join(", ")
    }
}

/// A list that was changed.
fn show_changed(verb: &str, list: &ListObject, json: bool) -> Result<String, CliError> {
    if json {
        return output::json(list);
    }
    let mut text = format!(
        "list {} {verb}: {}, {}, {}",
        list.name,
        kind(list),
        scopes(list),
        blacklist_model::count(list.rules, "rule")
    );
    output::add_notes(&mut text, &list.warnings);
    Ok(text)
}

/// All that is known of a list.
fn details(list: &ListObject) -> String {
    output::lines(&[
        ("list", list.name.clone()),
        ("kind", kind(list)),
        ("scopes", scopes(list)),
        ("direction", list.direction.as_str().to_owned()),
        ("action", action(list).to_owned()),
        ("state", state(list).to_owned()),
        (
            "rules",
            format!("{}, {} enabled", list.rules, list.enabled_rules),
        ),
        ("comment", list.comment.clone()),
        (
            "made",
            format!(
                "{} by {}, generation {}",
                list.created_at, list.created_by, list.generation
            ),
        ),
    ])
}
