//! The configuration file key by key, as serde reads it. Values are judged elsewhere; defaults
//! stand here.

use std::collections::BTreeMap;

use serde::Deserialize;
use toml::Spanned;

use super::configuration::Mode;
use super::media_spec::{MediaSpec, PinSpec, TargetSpec, TormentSpec};
use blacklist_kernel::{PatternTables, ReplyHook, XdpMode};
use blacklist_lists::ship::Begin;
use blacklist_sip::companion::Ambiguous;
use blacklist_sip::companion::CallDirection;

/// A value that no text stands for.
pub(super) fn built_in<T>(value: T) -> Spanned<T> {
    Spanned::new(0..0, value)
}

/// The whole file.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Spec {
    pub(super) mode: Spanned<Mode>,
    pub(super) control_socket: Spanned<String>,
    pub(super) control_group: Spanned<String>,
    pub(super) state_directory: Spanned<String>,
    pub(super) pin_directory: Spanned<String>,
    pub(super) ports: Spanned<Vec<Spanned<i64>>>,
    pub(super) default_dial_plan: Spanned<String>,
    pub(super) interface: Vec<Spanned<InterfaceSpec>>,
    pub(super) dial_plan: BTreeMap<Spanned<String>, Spanned<DialPlanSpec>>,
    pub(super) trunk: Vec<Spanned<TrunkSpec>>,
    pub(super) safety: SafetySpec,
    pub(super) rules: RulesSpec,
    pub(super) calls: CallsSpec,
    pub(super) metrics: MetricsSpec,
    pub(super) answering: AnsweringSpec,
    pub(super) companion: CompanionSpec,
    pub(super) ship: Vec<Spanned<ShipSpec>>,
    pub(super) kernel: KernelSpec,
    pub(super) log: LogSpec,
}

impl Default for Spec {
    fn default() -> Self {
        Self {
            mode: built_in(Mode::Enforce),
            control_socket: built_in(blacklist_wire::DEFAULT_SOCKET.to_owned()),
            control_group: built_in(String::new()),
            state_directory: built_in("/var/lib/blacklist".to_owned()),
            pin_directory: built_in(super::DEFAULT_PIN_DIRECTORY.to_owned()),
            ports: built_in(vec![built_in(5060)]),
            default_dial_plan: built_in(String::new()),
            interface: Vec::new(),
            dial_plan: BTreeMap::new(),
            trunk: Vec::new(),
            safety: SafetySpec::default(),
            rules: RulesSpec::default(),
            calls: CallsSpec::default(),
            metrics: MetricsSpec::default(),
            answering: AnsweringSpec::default(),
            companion: CompanionSpec::default(),
            ship: Vec::new(),
            kernel: KernelSpec::default(),
            log: LogSpec::default(),
        }
    }
}

/// `[[interface]]`.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct InterfaceSpec {
    pub(super) name: Spanned<String>,
    #[serde(default = "native")]
    pub(super) xdp: XdpMode,
}

fn native() -> XdpMode {
    XdpMode::Native
}

/// `[dial_plan.NAME]`.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct DialPlanSpec {
    pub(super) country_code: Spanned<String>,
    #[serde(default)]
    pub(super) national_prefix: Option<Spanned<String>>,
    #[serde(default)]
    pub(super) international_prefixes: Vec<Spanned<String>>,
    #[serde(default)]
    pub(super) national_lengths: Option<Spanned<Vec<i64>>>,
    #[serde(default)]
    pub(super) bare_national_lengths: Option<Spanned<Vec<i64>>>,
    #[serde(default)]
    pub(super) bare_international_minimum: Option<Spanned<i64>>,
}

/// `[[trunk]]`.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct TrunkSpec {
    pub(super) name: Spanned<String>,
    pub(super) peers: Spanned<Vec<Spanned<String>>>,
    #[serde(default = "inbound")]
    pub(super) direction: CallDirection,
    #[serde(default)]
    pub(super) trusted: bool,
    #[serde(default)]
    pub(super) identity: Option<Spanned<Vec<Spanned<String>>>>,
    #[serde(default = "request_uri")]
    pub(super) called: CalledSpec,
    #[serde(default)]
    pub(super) dial_plan: Option<Spanned<String>>,
    #[serde(default)]
    pub(super) mode: Option<Spanned<Mode>>,
    #[serde(default)]
    pub(super) bypass: bool,
    #[serde(default = "pass")]
    pub(super) when_down: WhenDownSpec,
}

fn pass() -> WhenDownSpec {
    WhenDownSpec::Pass
}

/// `when_down` of a trunk.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum WhenDownSpec {
    Pass,
    Drop,
}

fn inbound() -> CallDirection {
    CallDirection::Inbound
}

fn request_uri() -> CalledSpec {
    CalledSpec::RequestUri
}

/// `called` of a trunk.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum CalledSpec {
    RequestUri,
    To,
}

/// `[safety]`.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct SafetySpec {
    pub(super) emergency: Vec<Spanned<String>>,
}

/// Emergency numbers that are dialled in many countries. Short codes that are usual extensions
/// (100 to 107) are left to the operator.
pub(super) const EMERGENCY: [&str; 14] = [
    "112", "911", "999", "000", "111", "110", "119", "118", "108", "113", "115", "117", "190",
    "192",
];

impl Default for SafetySpec {
    fn default() -> Self {
        Self {
            emergency: EMERGENCY
                .iter()
                .map(|number| built_in((*number).to_owned()))
                .collect(),
        }
    }
}

/// `[rules]`.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct RulesSpec {
    pub(super) warn_share: Spanned<i64>,
    pub(super) warnings: WarningsSpec,
    pub(super) own_numbers: Vec<Spanned<String>>,
}

impl Default for RulesSpec {
    fn default() -> Self {
        Self {
            warn_share: built_in(20),
            warnings: WarningsSpec::Warn,
            own_numbers: Vec::new(),
        }
    }
}

/// What becomes of a change with warnings.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum WarningsSpec {
    Warn,
    Refuse,
}

/// `[calls]`.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct CallsSpec {
    pub(super) keep_days: Spanned<i64>,
    pub(super) keep_megabytes: Spanned<i64>,
    pub(super) pseudonyms: bool,
}

impl Default for CallsSpec {
    fn default() -> Self {
        Self {
            keep_days: built_in(90),
            keep_megabytes: built_in(1024),
            pseudonyms: false,
        }
    }
}

/// `[metrics]`.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct MetricsSpec {
    pub(super) listen: Spanned<String>,
    pub(super) rules: bool,
}

impl Default for MetricsSpec {
    fn default() -> Self {
        Self {
            listen: built_in(String::new()),
            rules: false,
        }
    }
}

/// `[answering]`.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct AnsweringSpec {
    pub(super) enabled: bool,
    pub(super) port: Spanned<i64>,
    pub(super) mark: Spanned<i64>,
    pub(super) reply_hook: ReplyHook,
    pub(super) maximum_per_second: Spanned<i64>,
    pub(super) listed: Spanned<String>,
    pub(super) anonymous: Spanned<String>,
    pub(super) card: Spanned<String>,
    pub(super) contact: ContactSpec,
    pub(super) media: MediaSpec,
    pub(super) torment: TormentSpec,
    pub(super) pin: PinSpec,
    pub(super) target: Vec<Spanned<TargetSpec>>,
}

impl Default for AnsweringSpec {
    fn default() -> Self {
        Self {
            enabled: true,
            port: built_in(25_060),
            mark: built_in(0x000B_1AC1),
            reply_hook: ReplyHook::Auto,
            maximum_per_second: built_in(5000),
            listed: built_in("603".to_owned()),
            anonymous: built_in("433".to_owned()),
            card: built_in(String::new()),
            contact: ContactSpec::default(),
            media: MediaSpec::default(),
            torment: TormentSpec::default(),
            pin: PinSpec::default(),
            target: Vec::new(),
        }
    }
}

/// `[answering.contact]`.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct ContactSpec {
    pub(super) url: Spanned<String>,
    pub(super) tel: Spanned<String>,
    pub(super) email: Spanned<String>,
    pub(super) id: Spanned<String>,
    pub(super) location: Spanned<String>,
}

impl Default for ContactSpec {
    fn default() -> Self {
        let empty = || built_in(String::new());
        Self {
            url: empty(),
            tel: empty(),
            email: empty(),
            id: empty(),
            location: empty(),
        }
    }
}

/// `[companion]`.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct CompanionSpec {
    pub(super) enabled: bool,
    pub(super) listen: Spanned<String>,
    pub(super) http: Spanned<String>,
    pub(super) allow: Spanned<Vec<Spanned<String>>>,
    pub(super) trunk: Spanned<String>,
    pub(super) media_host: Spanned<String>,
    pub(super) pass: PassSpec,
    pub(super) dropped: Spanned<String>,
    pub(super) ambiguous: Ambiguous,
    pub(super) maximum_per_second: Spanned<i64>,
    pub(super) maximum_connections: Spanned<i64>,
    pub(super) maximum_message_bytes: Spanned<i64>,
    pub(super) deadline_ms: Spanned<i64>,
}

impl Default for CompanionSpec {
    fn default() -> Self {
        Self {
            enabled: false,
            listen: built_in("127.0.0.1:5065".to_owned()),
            http: built_in(String::new()),
            allow: built_in(
                ["127.0.0.0/8", "::1/128"]
                    .map(|network| built_in(network.to_owned()))
                    .to_vec(),
            ),
            trunk: built_in(String::new()),
            media_host: built_in(String::new()),
            pass: PassSpec::NotFound,
            dropped: built_in("603".to_owned()),
            ambiguous: Ambiguous::Listed,
            maximum_per_second: built_in(10_000),
            maximum_connections: built_in(64),
            maximum_message_bytes: built_in(65_536),
            deadline_ms: built_in(200),
        }
    }
}

/// `pass` of `[companion]`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub(super) enum PassSpec {
    #[serde(rename = "404")]
    NotFound,
    #[serde(rename = "480")]
    TemporarilyUnavailable,
    #[serde(rename = "503")]
    ServiceUnavailable,
    #[serde(rename = "302")]
    MovedTemporarily,
}

/// `[[ship]]`.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ShipSpec {
    pub(super) name: Spanned<String>,
    pub(super) to: Spanned<String>,
    #[serde(default)]
    pub(super) path: Option<Spanned<String>>,
    #[serde(default)]
    pub(super) url: Option<Spanned<String>>,
    #[serde(default)]
    pub(super) token_file: Option<Spanned<String>>,
    #[serde(default)]
    pub(super) from: Begin,
}

/// `[kernel]`.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct KernelSpec {
    pub(super) maximum_rules: Spanned<i64>,
    pub(super) maximum_calls: Spanned<i64>,
    pub(super) event_bytes: Spanned<i64>,
    pub(super) tables: PatternTables,
}

impl Default for KernelSpec {
    fn default() -> Self {
        Self {
            maximum_rules: built_in(1_000_000),
            maximum_calls: built_in(262_144),
            event_bytes: built_in(16_777_216),
            tables: PatternTables::default(),
        }
    }
}

/// `[log]`.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct LogSpec {
    pub(super) level: LevelSpec,
}

impl Default for LogSpec {
    fn default() -> Self {
        Self {
            level: LevelSpec::Info,
        }
    }
}

/// `level` of the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum LevelSpec {
    Error,
    Warn,
    Info,
    Debug,
}
