//! `list edit`.

use super::{ListName, view};
use crate::api::lists::ListObject;
use crate::cli::client::Client;
use crate::cli::error::CliError;
use crate::cli::manner::MannerOptions;
use crate::cli::rule::ActionParser;
use crate::cli::word::word;
use crate::rules::{ListEdit, Override, RuleAction, RuleDirection, RuleKind};

/// What is changed of a list.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct EditCommand {
    #[command(flatten)]
    list: ListName,
    /// Another name.
    #[arg(long, value_name = "NAME")]
    rename: Option<String>,
    /// Its rules let calls through.
    #[arg(long, conflicts_with = "block")]
    allow: bool,
    /// Its rules block calls.
    #[arg(long)]
    block: bool,
    /// For calls of which direction its rules are.
    #[arg(long, value_parser = word::<RuleDirection>())]
    direction: Option<RuleDirection>,
    /// What becomes of blocked calls.
    #[arg(long, value_name = "ACTION", value_parser = ActionParser, conflicts_with = "no_action")]
    action: Option<RuleAction>,
    /// What becomes of calls is what the kind says.
    #[arg(long)]
    no_action: bool,
    /// No allow rule of a narrower scope lifts its rules.
    #[arg(long, conflicts_with = "not_mandatory")]
    mandatory: bool,
    /// Allow rules of narrower scopes lift its rules.
    #[arg(long)]
    not_mandatory: bool,
    /// Exactly these scopes. May be repeated.
    #[arg(long = "scope", value_name = "SCOPE")]
    scopes: Vec<String>,
    /// Why it is there.
    #[arg(long, value_name = "TEXT")]
    comment: Option<String>,
    #[command(flatten)]
    manner: MannerOptions,
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

pub(super) fn run(command: &EditCommand, client: &Client, json: bool) -> Result<String, CliError> {
    let edit = command.edit();
    if edit == ListEdit::default() {
        return Err(CliError::Failed(
            "nothing to change: name at least one option, see `blacklistd list edit --help`"
                .to_owned(),
        ));
    }
    let target = command.manner.on(command.list.target());
    let list: ListObject = client.patch(&target, &edit)?;
    view::changed("is changed", &list, json)
}
