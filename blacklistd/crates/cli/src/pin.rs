//! `blacklistd pin`: PINs with which callers get past the rules.

mod ask;

use blacklist_wire::{PinChanged, PinList, PinRequest, UnlockRequest, UnlockedObject};
use clap::Subcommand;

use super::change_options::ChangeOptions;
use super::client::Client;
use super::error::CliError;
use super::output;
use super::target::Target;

/// What to do with PINs.
#[derive(Debug, Subcommand)]
pub(super) enum PinCommand {
    /// Sets the PIN of a scope; asks for it, or reads it from a pipe.
    Set(SetCommand),
    /// Replaces the PIN of a scope by a generated one, and prints it once.
    Rotate(OneScope),
    /// Removes the PIN of a scope.
    Remove(OneScope),
    /// Lists scopes that have a PIN, and since when; never PINs.
    List,
    /// Forgets the failed PIN attempts for a local number, so that PINs are accepted again.
    Unlock(UnlockCommand),
}

/// Whose PIN.
#[derive(Debug, clap::Args)]
pub(super) struct OneScope {
    /// `global`, `account:NAME`, `group:NAME`, or `number:` and a local number.
    #[arg(value_name = "SCOPE")]
    scope: String,
    #[command(flatten)]
    change: ChangeOptions,
}

impl OneScope {
    fn target(&self) -> Target {
        Target::new("/v1/pins").part(&self.scope)
    }
}

pub(super) fn run(command: &PinCommand, client: &Client, json: bool) -> Result<String, CliError> {
    match command {
        PinCommand::Set(command) => set(command, client, json),
        PinCommand::Rotate(scope) => rotate(scope, client, json),
        PinCommand::Remove(scope) => remove(scope, client, json),
        PinCommand::List => list(client, json),
        PinCommand::Unlock(command) => unlock(command, client, json),
    }
}

/// The PIN that is set.
#[derive(Debug, clap::Args)]
pub(super) struct SetCommand {
    #[command(flatten)]
    scope: OneScope,
    /// Generates the PIN and prints it once, instead of asking for it.
    #[arg(long)]
    generate: bool,
}

fn set(command: &SetCommand, client: &Client, json: bool) -> Result<String, CliError> {
    let request = PinRequest {
        pin: if command.generate {
            None
        } else {
            Some(ask::pin()?)
        },
    };
    let scope = &command.scope;
    let changed: PinChanged = client.put(&scope.change.on(scope.target()), &request)?;
    show_changed("is set", &changed, json)
}

fn rotate(scope: &OneScope, client: &Client, json: bool) -> Result<String, CliError> {
    let target = Target::new(&format!("{}/rotate", scope.target().as_str()));
    let changed: PinChanged = client.post(&scope.change.on(target), &PinRequest::default())?;
    show_changed("is replaced", &changed, json)
}

fn remove(scope: &OneScope, client: &Client, json: bool) -> Result<String, CliError> {
    let changed: PinChanged = client.delete(&scope.change.on(scope.target()))?;
    show_changed("is removed", &changed, json)
}

fn list(client: &Client, json: bool) -> Result<String, CliError> {
    let list: PinList = client.get(&Target::new("/v1/pins"))?;
    if json {
        return output::json(&list);
    }
    if list.pins.is_empty() {
        return Ok("no scope has a PIN; `blacklistd pin set SCOPE` sets one".to_owned());
    }
    let mut table = output::table(["scope", "since", "set by"], &[]);
    for pin in &list.pins {
        table.add_row([&pin.scope, &pin.since, &pin.author]);
    }
    Ok(table.to_string())
}

/// Whose tries are forgotten.
#[derive(Debug, clap::Args)]
pub(super) struct UnlockCommand {
    /// The local number, or the scope whose PIN was tried for too many of its numbers.
    #[arg(value_name = "NUMBER|SCOPE")]
    number: String,
}

fn unlock(command: &UnlockCommand, client: &Client, json: bool) -> Result<String, CliError> {
    let request = UnlockRequest {
        number: command.number.clone(),
    };
    let unlocked: UnlockedObject = client.post(&Target::new("/v1/pin-tries/unlock"), &request)?;
    if json {
        return output::json(&unlocked);
    }
    Ok(format!(
        "PINs are accepted again for {}: failed attempts are forgotten",
        unlocked.scope
    ))
}

/// A PIN that was changed; a generated one is shown once.
fn show_changed(verb: &str, changed: &PinChanged, json: bool) -> Result<String, CliError> {
    if json {
        return output::json(changed);
    }
    let mut text = format!("the PIN of {} {verb}", changed.scope);
    if let Some(pin) = &changed.pin {
        text.push_str(&format!(
            ": {pin}\nit is not shown again: store it where only those who may know it can read it"
        ));
    }
    output::add_notes(&mut text, &changed.warnings);
    Ok(text)
}
