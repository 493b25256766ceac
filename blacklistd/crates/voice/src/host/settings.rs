//! What the media host is set to.

use std::ops::RangeInclusive;
use std::path::PathBuf;
use std::time::Duration;

use crate::dialog::Target;
use crate::media::prompts::Language;

/// All of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HostSettings {
    /// Whether there is a media host; else its calls are refused with a status.
    pub enabled: bool,
    /// Ports of media; each call takes one even port, one that goes on takes two.
    pub ports: RangeInclusive<u16>,
    /// The UDP port from which calls go on to others.
    pub leg_port: u16,
    /// Calls at once.
    pub maximum_calls: u32,
    /// Whether announcements are played before the call is answered, where the peer is known.
    pub early: bool,
    /// The language of prompts.
    pub language: Language,
    /// An operator's own prompts.
    pub prompts: Option<PathBuf>,
    /// Holding callers on the line.
    pub torment: TormentSettings,
    /// Asking for PINs.
    pub pin: PinSettings,
    /// Where calls can be diverted to, each with another name.
    pub targets: Vec<TargetSettings>,
}

/// Holding callers on the line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TormentSettings {
    /// How long, where the rule says nothing.
    pub length: Duration,
    /// Calls at once.
    pub maximum_calls: u32,
    /// Minutes of a day, all calls together.
    pub maximum_minutes_per_day: u32,
    /// Minutes of a day for one caller.
    pub maximum_minutes_per_caller: u32,
}

/// Asking for PINs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PinSettings {
    /// Whether it is asked before the call is answered, where the peer is known.
    pub early: bool,
    /// How often a caller may try in one call.
    pub tries: u32,
    /// Where a call goes on with the right PIN; none for the address and port that were called.
    pub proxy: Option<Target>,
    /// For how long the caller needs no PIN again; none if it needs one each time.
    pub grant: Option<Duration>,
}

/// How a call gets to a target.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TargetMethod {
    /// By a second leg: the peer goes on speaking with this host.
    Leg,
    /// By 302 Moved Temporarily: whoever called calls there.
    Moved,
}

/// What a call becomes when no address of its target answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fallback {
    /// Refused with the status that the reason asks for.
    Reject,
    /// Given no answer.
    Drop,
}

/// Where calls can be diverted to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TargetSettings {
    /// The name by which rules know it.
    pub name: String,
    /// Addresses, tried one behind the other.
    pub addresses: Vec<Target>,
    /// How.
    pub method: TargetMethod,
    /// How long an address may take until it rings or answers.
    pub answer_within: Duration,
    /// What if none does.
    pub fallback: Fallback,
}

impl HostSettings {
    /// The target of a name.
    pub fn target(&self, name: &str) -> Option<&TargetSettings> {
        self.targets.iter().find(|target| target.name == name)
    }
}
