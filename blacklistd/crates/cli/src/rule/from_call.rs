//! The number to block, out of a call.

use crate::client::Client;
use crate::error::CliError;
use crate::target::Target;
use blacklist_figures::{BlockedCall, PassedCall};
use blacklist_model::RuleDirection;
use blacklist_wire::SeenList;

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
                "call {id} has a pseudonym instead of a number (pseudonyms = true in [calls] of the configuration)"
            )));
        }
        // Dialled characters are not wildcards.
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
            "\"{id}\" is not the id of a call: see `blacklistd calls` and `blacklistd seen`"
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
