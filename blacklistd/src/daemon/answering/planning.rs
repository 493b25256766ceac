//! What a rule's action is for one call.

use std::net::SocketAddr;
use std::time::Duration;

use blacklist_common::rule::ReasonClass;
use blacklist_common::tables::{Direction, TrunkEntry};

use super::Table;
use crate::answer::Request;
use crate::host::{
    Host, HostSettings, Parties, Plan, Refusal, TargetMethod, TargetSettings, Treatment,
};
use crate::media::prompts::Prompt;
use crate::rules::{Counted, Judged, RejectStatus, RuleAction, parties_of};

/// A call that a rule refuses.
pub(super) struct Refused {
    pub(super) judged: Judged,
    pub(super) action: RuleAction,
    /// The trunk that it came by.
    pub(super) entry: TrunkEntry,
}

impl Refused {
    pub(super) const fn reason(&self) -> ReasonClass {
        self.judged.judgement.rule.reason()
    }
}

/// What becomes of it.
pub(super) enum Fate {
    /// A status.
    Status(RejectStatus),
    /// It shall call somewhere else.
    Moved(TargetSettings),
    /// The media host takes it.
    Host(Treatment),
}

/// What a rule asks for; a status where what it names is not there.
pub(super) fn fate(refused: &Refused, host: &Host) -> Fate {
    let settings = host.settings();
    match refused.action {
        RuleAction::Reject(status) => Fate::Status(status),
        RuleAction::Announce(word) => {
            let name = match word {
                Some(word) => word.name(),
                None if refused.reason() == ReasonClass::Anonymous => Prompt::Anonymous.as_str(),
                None => Prompt::Rejected.as_str(),
            };
            match host.prompts().named(name, settings.language) {
                Ok(Some(sound)) => Fate::Host(Treatment::Announce(sound)),
                Ok(None) | Err(_) => Fate::Status(RejectStatus::ByReason),
            }
        }
        RuleAction::Torment(torment) => Fate::Host(Treatment::Torment {
            is_interactive: torment.is_interactive,
            length: length(torment.minutes, &settings),
        }),
        RuleAction::Pin => Fate::Host(Treatment::Pin),
        RuleAction::Redirect(word) => match settings.target(word.name()) {
            Some(target) if target.method == TargetMethod::Moved => Fate::Moved(target.clone()),
            Some(target) => Fate::Host(Treatment::Redirect(target.clone())),
            None => Fate::Status(RejectStatus::ByReason),
        },
        // The kernel does not send such calls here.
        RuleAction::Pass | RuleAction::Drop | RuleAction::Monitor => {
            Fate::Status(RejectStatus::ByReason)
        }
    }
}

fn length(minutes: u8, settings: &HostSettings) -> Duration {
    match minutes {
        0 => settings.torment.length,
        minutes => Duration::from_secs(u64::from(minutes) * 60),
    }
}

/// The plan for a call that the media host takes.
pub(super) fn plan(
    refused: &Refused,
    treatment: Treatment,
    (text, request): (&[u8], &Request),
    table: &Table,
    (source, local, is_believed): (SocketAddr, SocketAddr, bool),
) -> Plan {
    let judged = &refused.judged;
    let (status, phrase, reason) = table.responder.settings.in_the_end(refused.reason());
    let (caller, called) = parties_of(text, &refused.entry);
    let parties = match refused.entry.direction() {
        Direction::Inbound => Parties {
            local: called,
            remote: caller,
            remote_number: judged.caller,
        },
        Direction::Outbound => Parties {
            local: caller,
            remote: called,
            remote_number: judged.called,
        },
    };
    Plan {
        treatment,
        refusal: Refusal {
            status,
            phrase: phrase.to_owned(),
            reason,
        },
        is_believed,
        fingerprint: judged.fingerprint,
        parties,
        source,
        local,
        headers: headers(refused, request),
    }
}

/// What whoever gets a diverted call is told: by whom (RFC 5806), why (RFC 3326), and which rule.
pub(super) fn headers(refused: &Refused, request: &Request) -> Vec<(String, String)> {
    let mut headers = Vec::new();
    let uri = String::from_utf8_lossy(&request.uri);
    if uri
        .bytes()
        .all(|byte| byte.is_ascii_graphic() && !matches!(byte, b'<' | b'>'))
    {
        headers.push((
            "Diversion".to_owned(),
            format!("<{uri}>;reason=unconditional;counter=1"),
        ));
    }
    let words = match refused.reason() {
        ReasonClass::Anonymous => "anonymous caller",
        ReasonClass::Barring => "barred destination",
        ReasonClass::Unwanted => "unwanted caller",
        ReasonClass::Analytics => "analytics",
        ReasonClass::Invalid => "invalid caller",
        ReasonClass::OwnList => "listed caller",
    };
    headers.push((
        "Reason".to_owned(),
        format!("SIP;cause=603;text=\"{words}\""),
    ));
    if let Some(Counted::Rule(rule)) = refused.judged.decided_by {
        headers.push(("X-Blacklist-Rule".to_owned(), rule.0.to_string()));
    }
    headers
}
