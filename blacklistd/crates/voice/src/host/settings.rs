//! Settings of the media host.

use std::ops::RangeInclusive;
use std::path::PathBuf;
use std::time::Duration;

use crate::dialog::Target;
use crate::media::prompts::Language;

/// All settings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HostSettings {
    /// Whether it is enabled; otherwise its calls are rejected with a status.
    pub enabled: bool,
    /// Media ports; each call uses an even port, a connected call two.
    pub ports: RangeInclusive<u16>,
    /// The UDP port from which outbound legs are sent.
    pub leg_port: u16,
    /// Maximum number of concurrent calls.
    pub maximum_calls: u32,
    /// Whether announcements are played as early media if the peer is known.
    pub early: bool,
    /// The language of prompts.
    pub language: Language,
    /// Folder of the operator's own prompts.
    pub prompts: Option<PathBuf>,
    /// Holding callers on the line.
    pub torment: TormentSettings,
    /// Asking for PINs.
    pub pin: PinSettings,
    /// Targets of redirected calls, with unique names.
    pub targets: Vec<TargetSettings>,
}

/// Holding callers on the line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TormentSettings {
    /// How long, if the rule does not say.
    pub length: Duration,
    /// Maximum number of concurrent calls.
    pub maximum_calls: u32,
    /// Minutes per day, for all calls together.
    pub maximum_minutes_per_day: u32,
    /// Minutes per day for a caller.
    pub maximum_minutes_per_caller: u32,
}

/// Asking for PINs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PinSettings {
    /// Whether it is asked for with early media if the peer is known.
    pub early: bool,
    /// Attempts per call.
    pub tries: u32,
    /// Where calls are connected after the right PIN; `None` for the called address and port.
    pub proxy: Option<Target>,
    /// How long the caller then needs no PIN; `None` if one is needed for each call.
    pub grant: Option<Duration>,
}

/// How a call reaches a target.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TargetMethod {
    /// By a second leg: the peer keeps its dialog with this host.
    Leg,
    /// By 302 Moved Temporarily: the peer calls the target.
    Moved,
}

/// What happens to a call when no address of its target answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fallback {
    /// It is rejected with the status for the reason.
    Reject,
    /// It gets no answer.
    Drop,
}

/// A target of redirected calls.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TargetSettings {
    /// Its name in rules.
    pub name: String,
    /// Its addresses, tried in order.
    pub addresses: Vec<Target>,
    /// How calls reach it.
    pub method: TargetMethod,
    /// How long an address may take to ring or answer.
    pub answer_within: Duration,
    /// What happens if none does.
    pub fallback: Fallback,
}

impl HostSettings {
    /// The target with a name.
    pub fn target(&self, name: &str) -> Option<&TargetSettings> {
        self.targets.iter().find(|target| target.name == name)
    }
}
