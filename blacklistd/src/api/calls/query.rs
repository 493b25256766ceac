//! Which calls of the log are asked for.

use blacklist_common::dial_plan::DialPlan;
use blacklist_common::number::{Number, NumberKind};
use blacklist_common::user_part;
use serde::Deserialize;

use super::super::error::ApiError;
use super::super::times;
use crate::daemon::{Journal, Settings};
use blacklist_store::journal::{CallFilter, NumberFilter, read_pseudonym};

/// The query of `/v1/calls`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::api) struct CallQuery {
    since: Option<String>,
    until: Option<String>,
    caller: Option<String>,
    called: Option<String>,
    rule: Option<String>,
    list: Option<String>,
    action: Option<String>,
    outcome: Option<String>,
    trunk: Option<String>,
    direction: Option<String>,
    before: Option<String>,
    after: Option<String>,
    limit: Option<String>,
    /// Of an export.
    pub(super) format: Option<String>,
}

fn number<T: std::str::FromStr>(key: &str, text: Option<&String>) -> Result<Option<T>, ApiError> {
    let read = |text: &String| {
        text.parse()
            .map_err(|_| ApiError::bad_request(format!("{key} is \"{text}\": write a number")))
    };
    text.map(read).transpose()
}

impl CallQuery {
    pub(in crate::api) fn limit(&self, default: usize) -> Result<usize, ApiError> {
        Ok(number("limit", self.limit.as_ref())?.unwrap_or(default))
    }

    pub(in crate::api) fn filter(
        &self,
        settings: &Settings,
        journal: &Journal,
    ) -> Result<CallFilter, ApiError> {
        let outbound = match self.direction.as_deref() {
            None => None,
            Some("inbound") => Some(false),
            Some("outbound") => Some(true),
            Some(other) => {
                return Err(ApiError::bad_request(format!(
                    "direction is \"{other}\": write inbound or outbound"
                )));
            }
        };
        let party = |text: Option<&String>| {
            text.map(|text| number_filter(settings, journal, text))
                .transpose()
        };
        Ok(CallFilter {
            since: times::maybe(self.since.as_deref(), false)?,
            until: times::maybe(self.until.as_deref(), true)?,
            caller: party(self.caller.as_ref())?,
            called: party(self.called.as_ref())?,
            rule: number("rule", self.rule.as_ref())?,
            list: self.list.clone(),
            action: self.action.clone(),
            outcome: self.outcome.clone(),
            trunk: self.trunk.clone(),
            outbound,
            before: number("before", self.before.as_ref())?,
            after: number("after", self.after.as_ref())?,
        })
    }
}

/// A number in any spelling of the default dial plan, the beginning of one with `*` behind, a user
/// name, or a pseudonym.
pub(in crate::api) fn number_filter(
    settings: &Settings,
    journal: &Journal,
    text: &str,
) -> Result<NumberFilter, ApiError> {
    let text = text.trim();
    if let Some(pseudonym) = read_pseudonym(text) {
        return Ok(NumberFilter::OneOf(vec![pseudonym]));
    }
    let configuration = settings.active();
    let (_, plan) = configuration.dial_plans().find(None)?;
    if let Some(beginning) = text.strip_suffix('*')
        && !beginning.is_empty()
    {
        return Ok(NumberFilter::Prefix(canonical(beginning, &plan)?));
    }
    let mut numbers = vec![canonical(text, &plan)?];
    // What a trunk without a dial plan has left as it was dialled.
    let plain = canonical(text, &DialPlan::default())?;
    if !numbers.contains(&plain) {
        numbers.push(plain);
    }
    if let Some(pseudonyms) = journal.log().pseudonyms() {
        let more: Vec<Number> = numbers.iter().map(|one| pseudonyms.of(*one)).collect();
        numbers.extend(more);
    }
    Ok(NumberFilter::OneOf(numbers))
}

pub(super) fn canonical(text: &str, plan: &DialPlan) -> Result<Number, ApiError> {
    match user_part::canonical(text.as_bytes(), plan) {
        Ok(party) if party.number.kind() != NumberKind::None => Ok(party.number),
        Ok(_) | Err(_) => Err(ApiError::bad_request(format!(
            "\"{text}\" is neither a number nor a user name"
        ))),
    }
}
