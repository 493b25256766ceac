//! The configuration as the daemon uses it: everything in it has been judged.

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;

use blacklist_common::dial_plan::DialPlan;
use blacklist_common::number::Number;
use blacklist_common::tables::{
    Direction, IDENTITY_PLACES, IdentitySource, TRUNK_BYPASS, TRUNK_CALLED_FROM_TO,
    TRUNK_DOWN_DROP, TRUNK_MONITOR, TRUNK_OUTBOUND, TRUNK_TRUSTED, TrunkEntry,
};
use blacklist_model::words;
use ipnet::IpNet;

use blacklist_kernel::{KernelSettings, ReplyHook, XdpMode};
use blacklist_lists::ship::SinkSettings;
use blacklist_sip::answer::StatusSettings;
use blacklist_sip::companion::CompanionSettings;
use blacklist_store::journal::LogSettings;
use blacklist_voice::host::HostSettings;

words! {
    /// Whether blocked calls are kept from going through.
    pub enum Mode {
        /// Blocked calls do not go through.
        Enforce = "enforce",
        /// Everything is decided, counted and logged, and goes through.
        Monitor = "monitor",
    }
}

/// An interface whose packets are judged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Interface {
    /// Its name.
    pub name: String,
    /// How the program is attached to it.
    pub xdp: XdpMode,
}

/// A named set of peers.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Trunk {
    /// Its name.
    pub name: String,
    /// Addresses of its peers.
    pub peers: Vec<IpNet>,
    /// Which way its calls go.
    pub direction: Direction,
    /// Whether its assertions (identity, priority) are believed.
    pub trusted: bool,
    /// Where the caller's number is taken from, in this order.
    pub identity: Vec<IdentitySource>,
    /// Whether the called number is that of To.
    pub called_from_to: bool,
    /// How it spells numbers; none if only `+` is international.
    pub dial_plan: Option<String>,
    /// Monitoring of this trunk alone.
    pub mode: Mode,
    /// Whether it is outside of all judgement.
    pub bypass: bool,
    /// Whether calls that the daemon would answer are dropped while it is not there.
    pub drops_when_down: bool,
}

/// How changes of rules are judged.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct RuleSettings {
    /// A block rule that names more than this share of the calls seen lately is warned of, in per
    /// cent.
    pub warn_share: u32,
    /// Whether a change with warnings is refused unless it is forced.
    pub refuse_warnings: bool,
    /// Numbers of our own; a rule that blocks one is warned of.
    pub own_numbers: Vec<Number>,
}

/// Where metrics are to be had, and which.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct MetricsSettings {
    /// TCP address; none for the control socket alone.
    pub listen: Option<SocketAddr>,
    /// Whether each rule has its own.
    pub rules: bool,
}

/// How blocked calls are answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct AnsweringSettings {
    /// Whether they are; else calls whose rule asks for an answer pass, or as their trunk says.
    pub enabled: bool,
    /// First of the UDP ports on which the daemon listens, one for each judged port.
    pub port: u16,
    /// Mark of its packets.
    pub mark: u32,
    /// Where the program for its packets is attached.
    pub reply_hook: ReplyHook,
    /// Answers in a second at most.
    pub maximum_per_second: u32,
    /// Which status stands for what.
    pub statuses: StatusSettings,
    /// What calls hear that are answered with more than a status.
    pub host: HostSettings,
}

/// A judged configuration.
#[derive(Clone, Debug)]
pub(crate) struct Configuration {
    /// Mode of the whole.
    pub mode: Mode,
    /// The API's Unix socket.
    pub control_socket: PathBuf,
    /// Group that may use it; none for root alone.
    pub control_group: Option<String>,
    /// Folder of the store.
    pub state_directory: PathBuf,
    /// UDP ports that are judged.
    pub ports: Vec<u16>,
    /// Dial plan of rules and of peers that no trunk names.
    pub default_dial_plan: Option<String>,
    /// Interfaces.
    pub interfaces: Vec<Interface>,
    /// Dial plans by name.
    pub dial_plans: BTreeMap<String, DialPlan>,
    /// Trunks; the unnamed one is not among them.
    pub trunks: Vec<Trunk>,
    /// How changes of rules are judged.
    pub rules: RuleSettings,
    /// Emergency numbers as written, digits only.
    pub emergency: Vec<String>,
    /// How blocked calls are kept.
    pub calls: LogSettings,
    /// Where metrics are to be had.
    pub metrics: MetricsSettings,
    /// How blocked calls are answered.
    pub answering: AnsweringSettings,
    /// How proxies and scripts are told the same decision.
    pub companion: CompanionSettings,
    /// Where blocked calls are shipped to.
    pub ship: Vec<SinkSettings>,
    /// How the program is loaded.
    pub kernel: KernelSettings,
    /// Log level.
    pub log_level: tracing::Level,
}

impl Configuration {
    /// The dial plan of a name; the one without any knowledge for no name.
    pub(crate) fn dial_plan(&self, name: Option<&str>) -> DialPlan {
        name.and_then(|name| self.dial_plans.get(name))
            .copied()
            .unwrap_or_default()
    }

    /// Index and trunk that a peer belongs to: the longest network wins; index 0 for none.
    pub(crate) fn trunk_of(&self, peer: IpAddr) -> (u16, Option<&Trunk>) {
        let mut best: Option<(u8, u16, &Trunk)> = None;
        for (index, trunk) in (1_u16..).zip(&self.trunks) {
            for network in &trunk.peers {
                let longer = best.is_none_or(|(length, ..)| network.prefix_len() > length);
                if network.contains(&peer) && longer {
                    best = Some((network.prefix_len(), index, trunk));
                }
            }
        }
        match best {
            Some((_, index, trunk)) => (index, Some(trunk)),
            None => (0, None),
        }
    }

    /// Index of a trunk by its name.
    pub(crate) fn trunk_named(&self, name: &str) -> Option<(u16, &Trunk)> {
        (1_u16..)
            .zip(&self.trunks)
            .find(|(_, trunk)| trunk.name == name)
    }

    /// A trunk by its index; none for the unnamed one.
    pub(crate) fn trunk(&self, index: u16) -> Option<&Trunk> {
        self.trunks.get(usize::from(index).checked_sub(1)?)
    }

    /// Trunks as the kernel holds them, by index; the first is the unnamed one.
    pub(crate) fn trunk_entries(&self) -> Vec<TrunkEntry> {
        let unnamed = TrunkEntry {
            identity: identity_numbers(&[IdentitySource::From]),
            dial_plan: self.dial_plan(self.default_dial_plan.as_deref()),
            ..TrunkEntry::default()
        };
        let named = (1_u16..)
            .zip(&self.trunks)
            .map(|(index, trunk)| TrunkEntry {
                trunk: index,
                flags: trunk.flags(),
                identity: identity_numbers(&trunk.identity),
                dial_plan: self.dial_plan(trunk.dial_plan.as_deref()),
                ..TrunkEntry::default()
            });
        std::iter::once(unnamed).chain(named).collect()
    }

    /// Which trunk each network belongs to.
    pub(crate) fn peers(&self) -> Vec<(IpNet, u16)> {
        let mut peers = Vec::new();
        for (index, trunk) in (1_u16..).zip(&self.trunks) {
            peers.extend(trunk.peers.iter().map(|network| (*network, index)));
        }
        peers
    }
}

impl Trunk {
    fn flags(&self) -> u8 {
        let mut flags = 0;
        for (set, flag) in [
            (self.bypass, TRUNK_BYPASS),
            (self.mode == Mode::Monitor, TRUNK_MONITOR),
            (self.trusted, TRUNK_TRUSTED),
            (self.called_from_to, TRUNK_CALLED_FROM_TO),
            (self.direction == Direction::Outbound, TRUNK_OUTBOUND),
            (self.drops_when_down, TRUNK_DOWN_DROP),
        ] {
            if set {
                flags |= flag;
            }
        }
        flags
    }
}

fn identity_numbers(sources: &[IdentitySource]) -> [u8; IDENTITY_PLACES] {
    let mut numbers = [0; IDENTITY_PLACES];
    for (place, source) in numbers.iter_mut().zip(sources) {
        *place = *source as u8;
    }
    numbers
}
