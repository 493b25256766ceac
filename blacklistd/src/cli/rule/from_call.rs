//! The number to block, out of a call.

use crate::api::seen::SeenList;
use crate::cli::client::Client;
use crate::cli::error::CliError;
use crate::cli::target::Target;
use crate::journal::{BlockedCall, PassedCall};
use crate::rules::RuleDirection;

/// A rule's pattern, and for calls of which direction.
pub(super) struct FromCall {
    pub(super) pattern: String,
    /// None for that of the rule's list.
    pub(super) direction: Option<RuleDirection>,
}

impl FromCall {
    fn new(id: &str, remote: &str, direction: &str) -> Result<Self, CliError> {
        if remote.is_empty() {
            return Err(CliError::Failed(format!(
                "call {id} has no number that could be blocked: `blacklistd rule add anonymous` blocks such callers"
            )));
        }
        if remote.starts_with('~') {
            return Err(CliError::Failed(format!(
                "call {id} has a pseudonym in the place of its number (pseudonyms = true in [calls] of the configuration)"
            )));
        }
        // What is dialled is no wildcard here.
        let pattern = remote
            .replace('\\', "\\\\")
            .replace('*', "\\*")
            .replace('?', "\\?");
        let outbound = direction == "outbound";
        Ok(Self {
            pattern,
            direction: outbound.then_some(RuleDirection::Outbound),
        })
    }
}

/// The newest call that passed and has a number.
pub(super) fn last_caller(client: &Client) -> Result<FromCall, CliError> {
    let target = Target::new("/v1/seen")
        .key("limit", 1)
        .key("with_number", true);
    let list: SeenList = client.get(&target)?;
    match list.calls.first() {
        Some(call) => FromCall::new(&call.id, call.remote(), &call.direction),
        None => Err(CliError::NotFound(
            "no call with a number has passed since blacklistd began: see `blacklistd seen`"
                .to_owned(),
        )),
    }
}

/// A call of the log, or of the sample.
pub(super) fn of(client: &Client, id: &str) -> Result<FromCall, CliError> {
    if id.starts_with('s') {
        let call: PassedCall = client.get(&Target::new("/v1/seen").part(id))?;
        return FromCall::new(id, call.remote(), &call.direction);
    }
    let number: u64 = id.parse().map_err(|_| {
        CliError::Failed(format!(
            "\"{id}\" is no id of a call: see `blacklistd calls` and `blacklistd seen`"
        ))
    })?;
    let call: BlockedCall = client.get(&Target::new("/v1/calls").part(number))?;
    let remote = if call.direction == "outbound" {
        &call.called
    } else {
        &call.caller
    };
    FromCall::new(id, remote, &call.direction)
}
