//! What becomes of a call, by the rules in force.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use blacklist_common::outcome::Outcome;
use blacklist_common::tables::TrunkEntry;

use super::Companion;
use crate::daemon::journal::Screened;
use crate::daemon::settings::ActiveConfiguration;
use blacklist_engine::{Counted, ReportedCall, RuleSet, RulesSnapshot};
use blacklist_model::RuleAction;
use blacklist_sip::companion::{Ambiguous, Fate, Uri, readings};
use blacklist_store::journal::CompanionResult;
use blacklist_system::Moment;

/// A decision.
pub(super) struct Decided {
    /// What was judged: the message, or the one of its readings that decides.
    pub(super) reported: ReportedCall,
    /// How the call is answered.
    pub(super) fate: Fate,
}

/// Where calls of an action are sent to that an answer alone cannot end; none where there is nobody
/// to be sent to.
fn divert_target(
    action: RuleAction,
    configuration: &ActiveConfiguration,
    text: &[u8],
) -> Option<Uri> {
    let host = &configuration.answering.host;
    match action {
        RuleAction::Pass | RuleAction::Drop | RuleAction::Monitor | RuleAction::Reject(_) => None,
        RuleAction::Redirect(word) => {
            let address = host.target(word.name())?.addresses.first()?;
            Uri::new(address.to_string().as_bytes())
        }
        // With the right PIN it goes on by a leg to a proxy, or is given back before it is answered.
        RuleAction::Pin if host.pin.proxy.is_none() && !host.pin.early => None,
        RuleAction::Announce(_) | RuleAction::Torment(_) | RuleAction::Pin => {
            let address = configuration.companion.media_host?;
            let address = SocketAddr::new(address, host.leg_port);
            let (_, rest) = request_uri(text)?.split_once(':')?;
            // Whom the call is for decides which rules it meets there too.
            let user = rest.split_once('@').map_or("", |(user, _)| user);
            Uri::new(format!("sip:{user}@{address}").as_bytes()).filter(|_| host.enabled)
        }
    }
}

/// The URI of a request, after its method. Questions in words have little more.
fn request_uri(text: &[u8]) -> Option<&str> {
    let line = text.split(|byte| matches!(byte, b'\r' | b'\n')).next()?;
    let uri = line.split(u8::is_ascii_whitespace).nth(1)?;
    std::str::from_utf8(uri).ok()
}

/// Judges a message of a trunk.
pub(super) fn decide(
    rules: &RulesSnapshot,
    configuration: &ActiveConfiguration,
    text: &[u8],
    trunk: &TrunkEntry,
) -> Decided {
    let reported = rules.judge_and_report(text, trunk, configuration.flags);
    if reported.judged.judgement.outcome.is_ambiguous() {
        return ambiguous(rules, configuration, text, trunk, reported);
    }
    Decided {
        fate: fate(rules, configuration, text, &reported),
        reported,
    }
}

/// Judges what can be read in more than one way.
fn ambiguous(
    rules: &RulesSnapshot,
    configuration: &ActiveConfiguration,
    text: &[u8],
    trunk: &TrunkEntry,
    reported: ReportedCall,
) -> Decided {
    let settings = &configuration.companion;
    let mut worst = Decided {
        reported,
        fate: match settings.ambiguous {
            Ambiguous::Block => Fate::Refuse(settings.dropped, reported.event.rule.reason()),
            Ambiguous::Listed | Ambiguous::Pass => Fate::Pass,
        },
    };
    if settings.ambiguous == Ambiguous::Pass {
        return worst;
    }
    let mut found = false;
    for reading in readings(text, trunk) {
        let reported = rules.judge_and_report(&reading, trunk, configuration.flags);
        match reported.judged.judgement.outcome {
            // One reading is enough: a call that may be one of these always passes.
            Outcome::SafetyFloor | Outcome::Bypass | Outcome::InDialog => {
                return Decided {
                    reported,
                    fate: Fate::Pass,
                };
            }
            Outcome::Dropped | Outcome::Steered | Outcome::Monitored if !found => {
                found = true;
                worst = Decided {
                    fate: fate(rules, configuration, text, &reported),
                    reported,
                };
            }
            _ => {}
        }
    }
    worst
}

/// How a call with this judgement is answered.
fn fate(
    rules: &RulesSnapshot,
    configuration: &ActiveConfiguration,
    text: &[u8],
    reported: &ReportedCall,
) -> Fate {
    let settings = &configuration.companion;
    let judged = &reported.judged;
    let reason = judged.judgement.rule.reason();
    match judged.judgement.outcome {
        Outcome::InDialog => Fate::InDialog,
        Outcome::Dropped => Fate::Refuse(settings.dropped, reason),
        Outcome::Steered => {
            let action = judged.decided_by.and_then(|by| match by {
                Counted::Rule(rule) => Some((rule, rules.action_of(judged.judgement.rule)?)),
                Counted::Default(_) => None,
            });
            let target = action.and_then(|(rule, action)| {
                Some((divert_target(action, configuration, text)?, rule))
            });
            match (target, action) {
                (Some((target, rule)), _) => Fate::Divert(target, rule),
                (None, Some((_, RuleAction::Reject(status)))) => Fate::Refuse(status, reason),
                (None, _) => Fate::Refuse(settings.dropped, reason),
            }
        }
        _ => Fate::Pass,
    }
}

/// What a decision counts as.
pub(super) fn passage(decided: &Decided) -> Option<CompanionResult> {
    let outcome = decided.reported.judged.judgement.outcome;
    Some(match &decided.fate {
        Fate::InDialog => return None,
        Fate::Refuse(..) => CompanionResult::Refused,
        Fate::Divert(..) => CompanionResult::Diverted,
        Fate::Pass if outcome == Outcome::Monitored => CompanionResult::Monitored,
        Fate::Pass if outcome.is_ambiguous() => CompanionResult::Ambiguous,
        Fate::Pass => CompanionResult::Passed,
    })
}

/// An address as events have it.
fn octets(address: IpAddr) -> [u8; 16] {
    match address {
        IpAddr::V4(four) => four.to_ipv6_mapped().octets(),
        IpAddr::V6(six) => six.octets(),
    }
}

impl Companion {
    /// Judges a message of a trunk by the rules in force. Waits for no change.
    pub(super) fn decide(
        &self,
        configuration: &ActiveConfiguration,
        text: &[u8],
        trunk: &TrunkEntry,
    ) -> Decided {
        let in_force = &self.rules.in_force;
        if in_force.is_changing() {
            self.count().meanwhile += 1;
        }
        decide(&in_force.snapshot(), configuration, text, trunk)
    }

    /// Counts and logs a decision. `source` is where the call came from, `here` where it was asked
    /// about.
    pub(super) fn commit(
        &self,
        decided: &Decided,
        status: Option<u16>,
        source: SocketAddr,
        here: SocketAddr,
    ) {
        let Some(passage) = passage(decided) else {
            return;
        };
        let mut event = decided.reported.event;
        event.source = octets(source.ip());
        event.source_port = source.port();
        event.destination = octets(here.ip());
        event.destination_port = here.port();
        if passage.is_logged() {
            // Rules may be in the middle of a change; the log has the generation before it then.
            let enforcement = self.enforcement.try_lock();
            event.generation = enforcement.map_or(0, |side| side.kernel.generation());
        }
        self.journal.note_screened(Screened {
            event,
            decided_by: decided.reported.judged.decided_by,
            passage,
            status,
        });
    }

    /// The rules in force; waits while others are put in force, without keeping a thread, but for no
    /// longer than `patience`.
    pub(super) async fn with_rules<T>(
        &self,
        patience: Duration,
        work: impl FnOnce(&RuleSet) -> T,
    ) -> Option<T> {
        let begun = Moment::now();
        loop {
            if let Some(rules) = self.rules.in_force.try_read() {
                return Some(work(&rules));
            }
            if begun.elapsed() >= patience {
                return None;
            }
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use blacklist_common::dial_plan::DialPlan;
    use blacklist_common::rule::ReasonClass;

    use super::*;
    use crate::config;
    use blacklist_engine::Mutation;
    use blacklist_model::{List, Pattern, RejectStatus, Rule, RuleId, protected_numbers};

    fn configuration(companion: &str) -> ActiveConfiguration {
        let text = format!(
            "[[interface]]\nname = \"eth0\"\n[[trunk]]\nname = \"carrier\"\npeers = [\"192.0.2.0/24\"]\n[companion]\nenabled = true\n{companion}"
        );
        ActiveConfiguration::new(config::parse(Path::new("test.toml"), &text).unwrap())
    }

    fn word(word: &str) -> RuleAction {
        RuleAction::from_word(word).unwrap()
    }

    /// Rules for one pattern each.
    fn rules() -> RuleSet {
        let mut set = RuleSet::empty(protected_numbers(["112"], &[]), 100);
        let rules = [
            ("+14155550100", RuleAction::Drop),
            ("+14155550101", RuleAction::Reject(RejectStatus::Unwanted)),
            ("+14155550102", RuleAction::Monitor),
            ("112", RuleAction::Drop),
            ("+14155550103", word("redirect:operator")),
            ("+14155550104", word("announce")),
            ("+14155550105", word("pin")),
        ];
        let put = (1_u32..).zip(rules).map(|(id, (pattern, action))| {
            let pattern = Pattern::parse(pattern, &DialPlan::default()).unwrap();
            Mutation::PutRule(Rule {
                action: Some(action),
                ..Rule::of(RuleId(id), List::standard().id, pattern)
            })
        });
        let lists = std::iter::once(Mutation::PutList(List::standard()));
        let all: Vec<Mutation> = lists.chain(put).collect();
        set.apply("2026-01-05T10:00:00Z".parse().unwrap(), &all)
            .unwrap();
        set
    }

    fn invite(headers: &str) -> String {
        format!(
            "INVITE sip:100@x SIP/2.0\r\nVia: SIP/2.0/UDP y\r\nTo: <sip:100@x>\r\nCall-ID: 1\r\n{headers}\r\n"
        )
    }

    fn decided(companion: &str, text: &str) -> (Fate, Option<CompanionResult>, Option<Counted>) {
        let configuration = configuration(companion);
        let entry = configuration.trunk_entries[1];
        let decided = decide(&rules().snapshot(), &configuration, text.as_bytes(), &entry);
        let by = decided.reported.judged.decided_by;
        (decided.fate.clone(), passage(&decided), by)
    }

    #[test]
    fn calls_are_decided_as_in_the_kernel() {
        use CompanionResult::{Ambiguous, Monitored, Passed, Refused};
        let refuse = |status| Fate::Refuse(status, ReasonClass::OwnList);
        let dropped = || refuse(RejectStatus::Decline);
        let rows = [
            (
                "drop",
                "From: <sip:+14155550100@x>\r\n",
                dropped(),
                Some(Refused),
                Some(1),
            ),
            (
                "reject",
                "From: <sip:+14155550101@x>\r\n",
                refuse(RejectStatus::Unwanted),
                Some(Refused),
                Some(2),
            ),
            (
                "monitor",
                "From: <sip:+14155550102@x>\r\n",
                Fate::Pass,
                Some(Monitored),
                Some(3),
            ),
            (
                "unlisted",
                "From: <sip:+14155550199@x>\r\n",
                Fate::Pass,
                Some(Passed),
                None,
            ),
            (
                "two From, one listed",
                "From: <sip:+14155550199@x>\r\nFrom: <sip:+14155550100@x>\r\n",
                dropped(),
                Some(Refused),
                Some(1),
            ),
            (
                "two From, none listed",
                "From: <sip:+14155550199@x>\r\nFrom: <sip:+14155550198@x>\r\n",
                Fate::Pass,
                Some(Ambiguous),
                None,
            ),
            (
                "two From, a listed one and one that says that it is protected",
                "From: <sip:+14155550100@x>\r\nFrom: <sip:112@x>\r\n",
                dropped(),
                Some(Refused),
                Some(1),
            ),
            (
                "a number in two lines",
                "From: <sip:+1415\r\n 5550100@x>\r\n",
                dropped(),
                Some(Refused),
                Some(1),
            ),
        ];
        for (name, headers, fate, passage, rule) in rows {
            let rule = rule.map(|id| Counted::Rule(RuleId(id)));
            let seen = decided("", &invite(headers));
            assert_eq!(seen, (fate, passage, rule), "{name}");
        }
    }

    #[test]
    fn messages_from_their_files_are_decided() {
        for name in ["companion-tag-in-quoted-to", "companion-tag-in-uri-of-to"] {
            let path = format!(
                "{}/../tests/data/messages/{name}.sip",
                env!("CARGO_MANIFEST_DIR")
            );
            let text = std::fs::read_to_string(path).unwrap();
            let (fate, result, by) = decided("", &text);
            assert_eq!(result, Some(CompanionResult::Refused), "{name}: {fate:?}");
            assert_eq!(by, Some(Counted::Rule(RuleId(1))), "{name}");
        }
    }

    #[test]
    fn what_an_answer_alone_cannot_end_is_diverted() {
        let target =
            "[[answering.target]]\nname = \"operator\"\naddresses = [\"sip:600@192.0.2.9\"]\n";
        let with_host = "media_host = \"192.0.2.7\"\n";
        let proxy = "[answering.pin]\nproxy = \"sip:192.0.2.8\"\n";
        let divert =
            |text: &str, rule| Fate::Divert(Uri::new(text.as_bytes()).unwrap(), RuleId(rule));
        let refused = Fate::Refuse(RejectStatus::Decline, ReasonClass::OwnList);
        let rows = [
            (
                "a target",
                "+14155550103",
                target.to_owned(),
                divert("sip:600@192.0.2.9", 5),
            ),
            (
                "a target that is not there",
                "+14155550103",
                String::new(),
                refused.clone(),
            ),
            (
                "an announcement",
                "+14155550104",
                with_host.to_owned(),
                divert("sip:100@192.0.2.7:25059", 6),
            ),
            (
                "without a media host",
                "+14155550104",
                String::new(),
                refused.clone(),
            ),
            (
                "a PIN that leads nowhere",
                "+14155550105",
                format!("{with_host}[answering.pin]\nearly = false\n"),
                refused,
            ),
            (
                "a PIN behind an answer",
                "+14155550105",
                format!("{with_host}{proxy}early = false\n"),
                divert("sip:100@192.0.2.7:25059", 7),
            ),
            (
                "a PIN that gives the call back",
                "+14155550105",
                with_host.to_owned(),
                divert("sip:100@192.0.2.7:25059", 7),
            ),
            (
                "a PIN",
                "+14155550105",
                format!("{with_host}{proxy}"),
                divert("sip:100@192.0.2.7:25059", 7),
            ),
        ];
        for (name, number, companion, fate) in rows {
            let text = invite(&format!("From: <sip:{number}@x>\r\n"));
            assert_eq!(decided(&companion, &text).0, fate, "{name}");
        }
    }

    #[test]
    fn a_caller_behind_many_headers_is_found() {
        let long = format!("X-Long: {}\r\n", "x".repeat(1000)).repeat(30);
        let text = invite(&format!("{long}From: <sip:+14155550100@x>\r\n"));
        let (fate, ..) = decided("", &text);
        assert_eq!(
            fate,
            Fate::Refuse(RejectStatus::Decline, ReasonClass::OwnList)
        );
    }

    #[test]
    fn ambiguous_calls_follow_the_configuration() {
        let refused = Fate::Refuse(RejectStatus::BusyHere, ReasonClass::OwnList);
        let rows = [
            ("pass", "+14155550100", Fate::Pass),
            ("listed", "+14155550100", refused.clone()),
            ("listed", "+14155550198", Fate::Pass),
            ("block", "+14155550198", refused),
        ];
        for (policy, number, fate) in rows {
            let text = invite(&format!(
                "From: <sip:+14155550199@x>\r\nFrom: <sip:{number}@x>\r\n"
            ));
            let companion = format!("ambiguous = \"{policy}\"\ndropped = \"486\"\n");
            assert_eq!(decided(&companion, &text).0, fate, "{policy} {number}");
        }
    }

    #[test]
    fn what_belongs_to_a_dialog_is_not_decided() {
        let text = invite("From: <sip:+14155550100@x>\r\n")
            .replace("To: <sip:100@x>", "To: <sip:100@x>;tag=1");
        assert_eq!(decided("", &text), (Fate::InDialog, None, None));
    }
}
