//! The objects of the API, for the daemon that answers and for the clients that ask: what is asked and
//! what is answered, as JSON. They are plain values; the daemon makes them beside its handlers.

mod bypass;
mod calls;
mod changes;
mod check;
mod daemon;
mod doctor;
mod feeds;
mod files;
mod lists;
mod rules;
mod scopes;

pub use bypass::{
    GrantBody, GrantList, GrantObject, PinChanged, PinList, PinObject, PinRequest, UnlockRequest,
    UnlockedObject,
};
pub use calls::{CallList, DEFAULT_CALLS, DEFAULT_SEEN, ForgottenObject, MAXIMUM_CALLS, SeenList};
pub use changes::{
    AppliedObject, AttemptObject, AuditEntry, AuditList, ChangeObject, DEFAULT_AUDIT_CHANGES,
    DEFAULT_AUDIT_ENTRIES, DEFAULT_DIFFERENCES, DEFAULT_GENERATIONS, DiffObject, GenerationObject,
    HistoryList, UndoneObject,
};
pub use check::{
    CheckObject, CheckRequest, KernelObject, PartyObject, ReplayObject, ReplayedCall, StepObject,
    VerdictObject,
};
pub use daemon::{DetachObject, ErrorObject, ReloadObject};
pub use doctor::{DaemonView, Finding, Level, Report};
pub use feeds::{FeedList, FeedObject, FeedRemoved};
pub use files::{ImportReport, ImportRequest, MirrorReport};
pub use lists::{AssignRequest, ListList, ListObject};
pub use rules::{
    DEFAULT_RULES, EditRequest, FindingObject, LintObject, RuleList, RuleObject, RuleOverrides,
    RulesChanged,
};
pub use scopes::{DEFAULT_SCOPES, MemberList, MemberRequest, ScopeList, ScopeObject};

/// Where the configuration is stored by default.
pub const DEFAULT_CONFIGURATION: &str = "/etc/blacklist/blacklistd.toml";

/// Where the daemon listens for its clients by default.
pub const DEFAULT_SOCKET: &str = "/run/blacklist/control.sock";
