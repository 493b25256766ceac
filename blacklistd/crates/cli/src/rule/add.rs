//! `rule add`.

use super::from_call;
use super::options::RuleOptions;
use super::view;
use crate::change_options::ChangeOptions;
use crate::client::Client;
use crate::error::CliError;
use crate::output;
use crate::target::Target;
use blacklist_model::{DEFAULT_LIST, RuleKind, RuleSpec};
use blacklist_wire::{RuleObject, RulesChanged};

/// The rules that are added.
#[derive(Debug, clap::Args)]
pub(crate) struct AddCommand {
    /// Numbers in any spelling of the dial plan, or user names. `*` matches any characters, `?` one,
    /// `*` alone everything; `\*` and `\?` match the dialled characters.
    /// `anonymous` and `unverified` stand for callers without a proven identity. Several patterns are
    /// one change.
    #[arg(required_unless_present_any = ["last_caller", "from_call"], value_name = "PATTERN")]
    patterns: Vec<String>,
    /// The remote party of the newest call that passed and has a number: "block the last caller".
    #[arg(long, conflicts_with_all = ["patterns", "from_call"])]
    last_caller: bool,
    /// The remote party of this call: an id of `calls` or of `seen`.
    #[arg(long, value_name = "ID", conflicts_with = "patterns")]
    from_call: Option<String>,
    #[command(flatten)]
    options: RuleOptions,
    #[command(flatten)]
    change: ChangeOptions,
}

pub(super) fn run(command: AddCommand, client: &Client, json: bool) -> Result<String, CliError> {
    let AddCommand {
        patterns,
        last_caller,
        from_call,
        options,
        change,
    } = command;
    let until = options.until()?;
    let call = match (last_caller, from_call) {
        (true, _) => Some(from_call::last_caller(client)?),
        (false, Some(id)) => Some(from_call::of(client, &id)?),
        (false, None) => None,
    };
    let patterns = match &call {
        Some(call) => vec![call.pattern.clone()],
        None => patterns,
    };
    // A caller taken from a call is to be blocked, whatever the kind of the rule's list.
    let kind = options.kind().or(call.as_ref().map(|_| RuleKind::Block));
    let direction = options.direction;
    let direction = direction.or(call.as_ref().and_then(|call| call.direction));
    let spec = |pattern: &String| RuleSpec {
        list: options.list.clone().unwrap_or(DEFAULT_LIST.to_owned()),
        kind,
        scopes: options.scopes.clone(),
        direction,
        action: options.action(),
        mandatory: options.mandatory(),
        dial_plan: options.dial_plan.clone(),
        comment: options.comment.clone().unwrap_or_default(),
        enabled: !options.disabled,
        valid_from: options.from.clone(),
        valid_until: until.clone(),
        schedule: options.schedule.clone(),
        ..RuleSpec::of(pattern)
    };
    let specs: Vec<RuleSpec> = patterns.iter().map(spec).collect();
    let target = change.on(Target::new("/v1/rules"));
    let changed: RulesChanged = client.post(&target, &specs)?;
    let verb = if change.dry_run {
        "would be added"
    } else {
        "is added"
    };
    if let ([rule], [_]) = (changed.rules.as_slice(), patterns.as_slice()) {
        let rule = RuleObject {
            warnings: changed.warnings,
            ..rule.clone()
        };
        return view::changed(verb, &rule, json);
    }
    if json {
        return output::json(&changed);
    }
    Ok(view::several(verb, &changed))
}
