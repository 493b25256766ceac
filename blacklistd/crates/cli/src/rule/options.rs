//! Options that `rule add` and `rule edit` share.

use jiff::tz::TimeZone;
use jiff::{Span, Timestamp};

use super::action::ActionParser;
use crate::error::CliError;
use crate::word::word;
use blacklist_model::{RuleAction, RuleDirection, RuleKind};

/// What a rule has besides its pattern. What is not given is inherited from its list.
#[derive(Debug, clap::Args)]
pub(super) struct RuleOptions {
    /// Name of its list [default of a new rule: default].
    #[arg(long, value_name = "NAME")]
    pub(super) list: Option<String>,
    /// Lets calls through.
    #[arg(long, conflicts_with = "block")]
    allow: bool,
    /// Blocks calls.
    #[arg(long)]
    block: bool,
    /// Its scope: `global`, `account:NAME`, `group:NAME`, or `number:` and a local number. May be
    /// repeated.
    #[arg(long = "scope", value_name = "SCOPE")]
    pub(super) scopes: Vec<String>,
    /// The direction of the calls that it applies to.
    #[arg(long, value_parser = word::<RuleDirection>())]
    pub(super) direction: Option<RuleDirection>,
    /// What happens to a blocked call.
    #[arg(long, value_name = "ACTION", value_parser = ActionParser)]
    action: Option<RuleAction>,
    /// Allow rules of narrower scopes do not override it.
    #[arg(long, conflicts_with = "not_mandatory")]
    mandatory: bool,
    /// Allow rules of narrower scopes override it, even if its list is mandatory.
    #[arg(long)]
    not_mandatory: bool,
    /// Not in force before this time: 2026-12-24, or 2026-12-24T08:00:00+01:00.
    #[arg(long, value_name = "TIME")]
    pub(super) from: Option<String>,
    /// Not in force from this time on; a date is included.
    #[arg(long, value_name = "TIME", conflicts_with = "lasting")]
    until: Option<String>,
    /// In force for this long, from now on: 2h, 30m, 7d.
    #[arg(long = "for", value_name = "TIME")]
    lasting: Option<String>,
    /// In force at these times only: "mo-fr 08:00-18:00, sa 09:00-12:00 Europe/Berlin".
    #[arg(long, value_name = "SCHEDULE")]
    pub(super) schedule: Option<String>,
    /// The dial plan by which numbers are read; `none` for none.
    #[arg(long, value_name = "NAME")]
    pub(super) dial_plan: Option<String>,
    /// A comment.
    #[arg(long, value_name = "TEXT")]
    pub(super) comment: Option<String>,
    /// Disables the rule.
    #[arg(long)]
    pub(super) disabled: bool,
}

impl RuleOptions {
    pub(super) const fn kind(&self) -> Option<RuleKind> {
        if self.allow {
            Some(RuleKind::Allow)
        } else if self.block {
            Some(RuleKind::Block)
        } else {
            None
        }
    }

    pub(super) const fn action(&self) -> Option<RuleAction> {
        self.action
    }

    pub(super) const fn mandatory(&self) -> Option<bool> {
        if self.mandatory {
            Some(true)
        } else if self.not_mandatory {
            Some(false)
        } else {
            None
        }
    }

    /// The end of its validity, if one is named.
    pub(super) fn until(&self) -> Result<Option<String>, CliError> {
        let Some(lasting) = &self.lasting else {
            return Ok(self.until.clone());
        };
        let span: Span = lasting.parse().map_err(|error| {
            CliError::Failed(format!(
                "\"{lasting}\" is not a time ({error}): write 30m, 2h or 7d"
            ))
        })?;
        let now = Timestamp::now();
        let end = now
            .to_zoned(TimeZone::UTC)
            .checked_add(span)
            .map_err(CliError::failed)?
            .timestamp();
        if end <= now {
            return Err(CliError::Failed(format!(
                "--for {lasting} ends before it begins"
            )));
        }
        Ok(Some(format!("{end:.0}")))
    }
}
