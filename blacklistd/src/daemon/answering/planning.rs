//! What a rule's action is for one call.

use std::net::SocketAddr;
use std::time::Duration;

use blacklist_common::rule::ReasonClass;
use blacklist_common::tables::{Direction, TrunkEntry};

use crate::daemon::settings::ActiveConfiguration;
use blacklist_engine::{Counted, Judged, parties_of};
use blacklist_model::{RejectStatus, RuleAction};
use blacklist_sip::answer::Request;
use blacklist_sip::companion::Uri;
use blacklist_voice::host::{
    Host, HostSettings, Onward, Parties, PinSettings, Plan, Refusal, TargetMethod, TargetSettings,
    Treatment,
};
use blacklist_voice::media::prompts::Prompt;

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

/// What a rule asks for; a status where what it names does not exist.
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

/// How a call goes on with the right PIN. None if it cannot: a proxy that has sent it here takes it
/// back as long as it is not answered.
pub(super) fn onward(request: &Request, is_sent: bool, settings: &PinSettings) -> Option<Onward> {
    if !is_sent || settings.proxy.is_some() {
        return Some(Onward::Leg);
    }
    let target = Uri::new(&request.uri).filter(|_| settings.early)?;
    Some(Onward::Moved(target.passing()))
}

/// The plan for a call that the media host takes.
pub(super) fn plan(
    refused: &Refused,
    (treatment, onward): (Treatment, Onward),
    (text, request): (&[u8], &Request),
    configuration: &ActiveConfiguration,
    (source, local, is_believed): (SocketAddr, SocketAddr, bool),
) -> Plan {
    let judged = &refused.judged;
    let (status, phrase, reason) = configuration
        .responder
        .settings
        .in_the_end(refused.reason());
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
        onward,
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

/// What the target of a diverted call learns: by whom (RFC 5806), why (RFC 3326), and by which rule.
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calls_go_on_by_who_sent_them() {
        let moved = |uri: &str| Some(Onward::Moved(uri.to_owned()));
        let plain = "sip:100@192.0.2.7:25059";
        let rows = [
            ("from a peer", false, true, None, plain, Some(Onward::Leg)),
            (
                "from a peer, late",
                false,
                false,
                None,
                plain,
                Some(Onward::Leg),
            ),
            (
                "from a proxy",
                true,
                true,
                None,
                plain,
                moved("sip:100@192.0.2.7:25059;blacklist=pass"),
            ),
            ("from a proxy, late", true, false, None, plain, None),
            ("from a proxy, for <", true, true, None, "sip:<@x", None),
            (
                "to a proxy",
                true,
                false,
                Some("sip:192.0.2.8"),
                plain,
                Some(Onward::Leg),
            ),
        ];
        for (name, is_sent, early, proxy, uri, expected) in rows {
            let settings = PinSettings {
                early,
                tries: 3,
                proxy: proxy.map(|proxy| proxy.parse().unwrap()),
                grant: None,
            };
            let text = format!(
                "INVITE {uri} SIP/2.0\r\nVia: SIP/2.0/UDP x\r\nFrom: <sip:1@x>;tag=1\r\nTo: <sip:2@x>\r\n\
                 Call-ID: 1\r\nCSeq: 1 INVITE\r\n\r\n"
            );
            let request = Request::read(text.as_bytes()).unwrap();
            assert_eq!(onward(&request, is_sent, &settings), expected, "{name}");
        }
    }
}
