//! All figures of a moment, as plain values.

use blacklist_common::tables::Counter;

/// An interface and the program on it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct InterfaceFigures {
    /// Its name.
    pub name: String,
    /// `native` or `generic`.
    pub mode: &'static str,
    /// Whether its packets are judged.
    pub attached: bool,
}

/// What became of a trunk's INVITEs in one way.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ShareFigures {
    /// The trunk's name; `none` for all peers that no trunk names.
    pub trunk: String,
    /// `passed`, `blocked`, `monitored` or `ambiguous`.
    pub verdict: &'static str,
    /// How many.
    pub count: Counter,
}

/// What rules of a list have decided.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ListFigures {
    /// Its name.
    pub list: String,
    /// How many.
    pub count: Counter,
}

/// What one rule has decided.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RuleFigures {
    /// Its id.
    pub rule: u32,
    /// How many.
    pub count: Counter,
}

/// A number with a name.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct NamedFigure {
    /// Its name.
    pub name: &'static str,
    /// The number.
    pub value: f64,
}

/// How full a table is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TableFigures {
    /// Its name.
    pub table: &'static str,
    /// Entries in use.
    pub used: u64,
    /// Entries that there are.
    pub capacity: u64,
}

/// A sink of the log.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SinkFigures {
    /// Its name.
    pub sink: String,
    /// Calls that were delivered since the start.
    pub delivered: u64,
    /// Calls that were removed before they were delivered.
    pub skipped: u64,
    /// Calls that are not delivered yet.
    pub behind: u64,
    /// Whether it takes calls.
    pub well: bool,
}

/// All figures of a moment.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Snapshot {
    /// The daemon's version.
    pub version: &'static str,
    /// Version of the tables.
    pub abi_version: u32,
    /// When the daemon began, in seconds since 1970.
    pub start_time: f64,
    /// Whether blocked calls are kept from going through.
    pub enforcing: bool,
    /// Generation in force.
    pub generation: u64,
    /// How many problems there are.
    pub problems: u64,
    /// Interfaces.
    pub interfaces: Vec<InterfaceFigures>,
    /// What became of packets, by outcome.
    pub outcomes: Vec<(&'static str, Counter)>,
    /// What became of INVITEs, by trunk.
    pub trunks: Vec<ShareFigures>,
    /// What was decided, by list.
    pub lists: Vec<ListFigures>,
    /// What was decided, by rule; none if that is not asked for.
    pub rules: Vec<RuleFigures>,
    /// What was decided, by action.
    pub actions: Vec<(&'static str, Counter)>,
    /// Answers that were sent, by their SIP status.
    pub answers: Vec<(String, u64)>,
    /// Calls that are on the line of the media host.
    pub media_calls: u64,
    /// What the media host has done, by what it is.
    pub media: Vec<(&'static str, u64)>,
    /// Seconds for which callers were held.
    pub held_seconds: u64,
    /// What was sent to the daemon and not answered, by reason.
    pub unanswered: Vec<(&'static str, u64)>,
    /// Tries of PINs, by what became of them.
    pub pin_tries: Vec<(&'static str, u64)>,
    /// Scopes that have a PIN.
    pub pins: u64,
    /// Grants in force.
    pub grants: u64,
    /// Calls that the daemon was asked about, by what became of them.
    pub companion: Vec<(&'static str, Counter)>,
    /// Questions that got no answer of their own, by reason.
    pub questions_unanswered: Vec<(&'static str, u64)>,
    /// Rules by state: `in-force`, `enabled`, `disabled`.
    pub rule_states: Vec<NamedFigure>,
    /// How full tables are.
    pub tables: Vec<TableFigures>,
    /// Blocked calls that did not get into the log.
    pub lost: u64,
    /// Calls that may have been counted twice, at most.
    pub forgotten: u64,
    /// Calls that were counted twice, as far as is known.
    pub recounted: u64,
    /// Calls that were written to the log.
    pub logged: u64,
    /// Bytes of the log on disk.
    pub log_bytes: u64,
    /// Calls in the log whose INVITE may still be repeated.
    pub open_calls: u64,
    /// Seconds since each part was alive.
    pub beats: Vec<NamedFigure>,
    /// Sinks of the log.
    pub sinks: Vec<SinkFigures>,
}
