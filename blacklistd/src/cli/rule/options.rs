//! Options that `rule add` and `rule edit` share.

use clap::ValueEnum;
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp};

use crate::cli::error::CliError;
use crate::rules::{RejectStatus, RuleAction, RuleDirection, RuleKind};

/// What a rule is beside its pattern. What is not named is its list's.
#[derive(Debug, clap::Args)]
pub(super) struct RuleOptions {
    /// Name of its list (a new rule's: default).
    #[arg(long, value_name = "NAME")]
    pub(super) list: Option<String>,
    /// Lets calls through.
    #[arg(long, conflicts_with = "block")]
    allow: bool,
    /// Blocks calls.
    #[arg(long)]
    block: bool,
    /// For whom: `global`, `account:NAME`, `group:NAME`, or `number:` and a local number. May be
    /// repeated.
    #[arg(long = "scope", value_name = "SCOPE")]
    pub(super) scopes: Vec<String>,
    /// For calls of which direction.
    #[arg(long, value_enum)]
    direction: Option<DirectionWord>,
    /// What becomes of a blocked call.
    #[arg(long, value_enum)]
    action: Option<ActionWord>,
    /// No allow rule of a narrower scope lifts it.
    #[arg(long, conflicts_with = "not_mandatory")]
    mandatory: bool,
    /// Allow rules of narrower scopes lift it, even if its list is mandatory.
    #[arg(long)]
    not_mandatory: bool,
    /// Not in force before: 2026-12-24, or 2026-12-24T08:00:00+01:00.
    #[arg(long, value_name = "TIME")]
    pub(super) from: Option<String>,
    /// Not in force from then on; a date is included.
    #[arg(long, value_name = "TIME", conflicts_with = "lasting")]
    until: Option<String>,
    /// In force for so long from now on: 2h, 30m, 7d.
    #[arg(long = "for", value_name = "TIME")]
    lasting: Option<String>,
    /// In force at these times only: "mo-fr 08:00-18:00, sa 09:00-12:00 Europe/Berlin".
    #[arg(long, value_name = "SCHEDULE")]
    pub(super) schedule: Option<String>,
    /// The dial plan by which numbers are read; `none` for none.
    #[arg(long, value_name = "NAME")]
    pub(super) dial_plan: Option<String>,
    /// Why the rule is there.
    #[arg(long, value_name = "TEXT")]
    pub(super) comment: Option<String>,
    /// Keeps the rule out of force.
    #[arg(long)]
    pub(super) disabled: bool,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(in crate::cli) enum DirectionWord {
    /// From a trunk to us.
    Inbound,
    /// From us to a trunk.
    Outbound,
    /// Either.
    Both,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(in crate::cli) enum ActionWord {
    /// Drop without an answer.
    Drop,
    /// Count and log, let through.
    Monitor,
    /// Refuse with the status that the reason asks for.
    #[value(name = "reject")]
    Reject,
    /// Refuse: forbidden.
    #[value(name = "reject:403")]
    Reject403,
    /// Refuse: not found.
    #[value(name = "reject:404")]
    Reject404,
    /// Refuse: anonymity disallowed.
    #[value(name = "reject:433")]
    Reject433,
    /// Refuse: temporarily unavailable.
    #[value(name = "reject:480")]
    Reject480,
    /// Refuse: busy.
    #[value(name = "reject:486")]
    Reject486,
    /// Refuse: busy everywhere.
    #[value(name = "reject:600")]
    Reject600,
    /// Refuse: decline.
    #[value(name = "reject:603")]
    Reject603,
    /// Refuse: unwanted.
    #[value(name = "reject:607")]
    Reject607,
    /// Refuse: rejected on the way; needs `card` in the configuration.
    #[value(name = "reject:608")]
    Reject608,
    /// Refuse with 603 Network Blocked; needs a contact in the configuration.
    #[value(name = "reject:network-blocked")]
    NetworkBlocked,
}

impl From<DirectionWord> for RuleDirection {
    fn from(word: DirectionWord) -> Self {
        match word {
            DirectionWord::Inbound => Self::Inbound,
            DirectionWord::Outbound => Self::Outbound,
            DirectionWord::Both => Self::Both,
        }
    }
}

impl From<ActionWord> for RuleAction {
    fn from(word: ActionWord) -> Self {
        match word {
            ActionWord::Drop => Self::Drop,
            ActionWord::Monitor => Self::Monitor,
            ActionWord::Reject => Self::Reject(RejectStatus::ByReason),
            ActionWord::Reject403 => Self::Reject(RejectStatus::Forbidden),
            ActionWord::Reject404 => Self::Reject(RejectStatus::NotFound),
            ActionWord::Reject433 => Self::Reject(RejectStatus::AnonymityDisallowed),
            ActionWord::Reject480 => Self::Reject(RejectStatus::TemporarilyUnavailable),
            ActionWord::Reject486 => Self::Reject(RejectStatus::BusyHere),
            ActionWord::Reject600 => Self::Reject(RejectStatus::BusyEverywhere),
            ActionWord::Reject603 => Self::Reject(RejectStatus::Decline),
            ActionWord::Reject607 => Self::Reject(RejectStatus::Unwanted),
            ActionWord::Reject608 => Self::Reject(RejectStatus::Rejected),
            ActionWord::NetworkBlocked => Self::Reject(RejectStatus::NetworkBlocked),
        }
    }
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

    pub(super) fn direction(&self) -> Option<RuleDirection> {
        self.direction.map(RuleDirection::from)
    }

    pub(super) fn action(&self) -> Option<RuleAction> {
        self.action.map(RuleAction::from)
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
                "\"{lasting}\" is no time ({error}): write 30m, 2h or 7d"
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
