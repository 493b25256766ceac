//! Options that `rule add` and `rule edit` share.

use clap::ValueEnum;

use crate::rules::{ListKind, RuleAction, RuleDirection};

/// What a rule is beside its pattern.
#[derive(Debug, clap::Args)]
pub(super) struct RuleOptions {
    /// Lets calls through.
    #[arg(long, conflicts_with = "block")]
    allow: bool,
    /// Blocks calls (the default of a new rule).
    #[arg(long)]
    block: bool,
    /// For whom: `global`, or `number:` and a local number.
    #[arg(long, value_name = "SCOPE")]
    pub(super) scope: Option<String>,
    /// For calls of which direction.
    #[arg(long, value_enum)]
    direction: Option<DirectionWord>,
    /// What becomes of a blocked call.
    #[arg(long, value_enum)]
    action: Option<ActionWord>,
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
enum ActionWord {
    /// Drop without an answer.
    Drop,
    /// Count and log, let through.
    Monitor,
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

impl RuleOptions {
    pub(super) const fn list(&self) -> Option<ListKind> {
        if self.allow {
            Some(ListKind::Allow)
        } else if self.block {
            Some(ListKind::Block)
        } else {
            None
        }
    }

    pub(super) fn direction(&self) -> Option<RuleDirection> {
        self.direction.map(RuleDirection::from)
    }

    pub(super) fn action(&self) -> Option<RuleAction> {
        self.action.map(|word| match word {
            ActionWord::Drop => RuleAction::Drop,
            ActionWord::Monitor => RuleAction::Monitor,
        })
    }
}
