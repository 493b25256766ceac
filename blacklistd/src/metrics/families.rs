//! The families of figures: name, help, unit, and their values.

use std::fmt;

use blacklist_common::rule::Action;
use prometheus_client::collector::Collector;
use prometheus_client::encoding::DescriptorEncoder;
use prometheus_client::registry::{Registry, Unit};

use super::family::{Families, Value};
use blacklist_figures::{
    AttemptResult, Counts, DEFAULTS_OF_SCOPES, Figures, NamedCounts, TrunkFigures,
};

/// What the peers of no trunk, and scopes' defaults among lists, are called.
const NONE: &str = "none";

/// The figures as OpenMetrics text.
///
/// # Errors
/// None at present; writing to memory does not fail.
pub(crate) fn text(figures: Figures) -> Result<String, fmt::Error> {
    let mut registry = Registry::with_prefix("blacklist");
    registry.register_collector(Box::new(Page(figures)));
    let mut text = String::new();
    prometheus_client::encoding::text::encode(&mut text, &registry)?;
    Ok(text)
}

#[derive(Debug)]
struct Page(Figures);

impl Collector for Page {
    fn encode(&self, encoder: DescriptorEncoder<'_>) -> Result<(), fmt::Error> {
        let Self(figures) = self;
        let mut families = Families(encoder);
        state(&mut families, figures)?;
        parts(&mut families, figures)?;
        counts(&mut families, figures)?;
        decisions(&mut families, figures)?;
        answers(&mut families, figures)?;
        log(&mut families, figures)?;
        sinks(&mut families, figures)
    }
}

type Written = Result<(), fmt::Error>;

/// Whole sums with their names.
fn sums<const N: usize>(values: [(&str, u64); N]) -> [(&str, Value); N] {
    values.map(|(name, value)| (name, Value::Sum(value)))
}

fn state(families: &mut Families<'_>, figures: &Figures) -> Written {
    let status = &figures.status;
    let daemon = &status.daemon;
    families.labelled(
        "build_info",
        "Version of the daemon and of the kernel's tables",
        None,
        ["version", "abi_version"],
        [(
            [daemon.version.clone(), status.abi_version.to_string()],
            Value::now(1),
        )],
    )?;
    families.one(
        "start_time",
        "When the daemon began, since 1970",
        Some(&Unit::Seconds),
        Value::Now(figures.begun),
    )?;
    let rows = [
        (
            "enforcing",
            "1 if blocked calls are kept from going through, 0 if the whole is only monitored",
            Value::is(daemon.mode == "enforce"),
        ),
        (
            "generation",
            "Generation of rules in force",
            Value::now(daemon.generation),
        ),
        (
            "problems",
            "What is wrong, as `blacklistd status` tells it; 0 if all is well",
            Value::now(daemon.problems.len() as u64),
        ),
        ("pins", "Scopes that have a PIN", Value::now(status.pins)),
        ("grants", "Grants in force", Value::now(status.grants)),
    ];
    for (name, help, value) in rows {
        families.one(name, help, None, value)?;
    }
    families.by(
        "pin_tries",
        "Tries of PINs, by what became of them",
        "outcome",
        sums(AttemptResult::ALL.map(|tried| (tried.as_str(), status.pin_tries.with_result(tried)))),
    )
}

fn parts(families: &mut Families<'_>, figures: &Figures) -> Written {
    let status = &figures.status;
    families.labelled(
        "interface_attached",
        "1 if the packets of the interface are judged",
        None,
        ["interface", "mode"],
        status.daemon.interfaces.iter().map(|interface| {
            let labels = [&interface.name, &interface.xdp_mode];
            (labels, Value::is(interface.attached))
        }),
    )?;
    let rules = &status.rules;
    families.by(
        "rules",
        "Rules by state",
        "state",
        [
            ("in-force", rules.in_force),
            ("enabled", rules.enabled),
            ("disabled", rules.disabled),
        ]
        .map(|(state, rules)| (state, Value::now(rules))),
    )?;
    let used = [rules.in_force, status.log.open, status.log.waiting_bytes];
    let tables = ["rules", "calls", "events"];
    families.by(
        "table_entries",
        "Entries of a table that are in use",
        "table",
        tables.into_iter().zip(used.map(Value::now)),
    )?;
    let capacities = figures.capacities.map(u64::from).map(Value::now);
    families.by(
        "table_capacity",
        "Entries that a table can hold",
        "table",
        tables.into_iter().zip(capacities),
    )?;
    families.labelled(
        "heartbeat_age",
        "How long ago a part of the daemon was alive",
        Some(&Unit::Seconds),
        ["part"],
        figures.silent_for.iter().map(|(part, milliseconds)| {
            let silent = std::time::Duration::from_millis(*milliseconds);
            ([part], Value::Now(silent.as_secs_f64()))
        }),
    )
}

/// A family of calls and one of packets.
fn calls_and_packets<L: ToString, const N: usize>(
    families: &mut Families<'_>,
    [calls, packets]: [(&str, &str); 2],
    labels: [&str; N],
    values: impl Iterator<Item = ([L; N], Counts)> + Clone,
) -> Written {
    let of_calls = values
        .clone()
        .map(|(names, counts)| (names, Value::Sum(counts.calls)));
    families.labelled(calls.0, calls.1, None, labels, of_calls)?;
    let of_packets = values.map(|(names, counts)| (names, Value::Sum(counts.packets)));
    families.labelled(packets.0, packets.1, None, labels, of_packets)
}

fn counts(families: &mut Families<'_>, figures: &Figures) -> Written {
    let outcomes = figures.status.daemon.outcomes.iter();
    calls_and_packets(
        families,
        [
            (
                "calls",
                "Calls by what became of them, each counted once; those that pass by their last Call-IDs",
            ),
            ("packets", "Packets by what became of them"),
        ],
        ["outcome"],
        outcomes.map(|(outcome, counts)| ([outcome], *counts)),
    )?;
    let trunks = figures.sums.trunks.iter();
    calls_and_packets(
        families,
        [
            (
                "trunk_calls",
                "Calls of a trunk by verdict, each counted once",
            ),
            ("trunk_invites", "INVITE packets of a trunk by verdict"),
        ],
        ["trunk", "verdict"],
        trunks.flat_map(|TrunkFigures { name, shares }| {
            let name = if name.is_empty() { NONE } else { name };
            shares
                .each()
                .map(|(verdict, counts)| ([name, verdict], counts))
        }),
    )
}

fn decisions(families: &mut Families<'_>, figures: &Figures) -> Written {
    let lists = figures.sums.lists.iter();
    calls_and_packets(
        families,
        [
            ("list_calls", "Calls that the rules of a list decided"),
            (
                "list_packets",
                "Packets of calls that the rules of a list decided",
            ),
        ],
        ["list"],
        lists.map(|list| {
            let name = match list.name.as_str() {
                DEFAULTS_OF_SCOPES => NONE,
                name => name,
            };
            ([name], list.counts())
        }),
    )?;
    // A rule can move to another list, and goes on where it was when it is gone.
    let rules = figures.rules.iter();
    calls_and_packets(
        families,
        [
            ("rule_calls", "Calls that a rule decided"),
            ("rule_packets", "Packets of calls that a rule decided"),
        ],
        ["rule"],
        rules.map(|(id, counts)| ([id], *counts)),
    )?;
    let actions = Action::ALL.map(|action| {
        let counted = figures.sums.actions.iter();
        let calls = counted
            .filter(|one| one.name == action.as_str())
            .map(|one| one.calls);
        (action.as_str(), Value::Sum(calls.sum()))
    });
    families.by(
        "action_calls",
        "Calls that were decided, by the action of the rule",
        "action",
        actions,
    )?;
    families.by(
        "companion_calls",
        "Calls that the daemon was asked about, by what became of them",
        "verdict",
        figures
            .companion
            .iter()
            .map(|NamedCounts { name, calls, .. }| (name, Value::Sum(*calls))),
    )
}

/// What was answered, what was not and why, and what the media host has done.
fn answers(families: &mut Families<'_>, figures: &Figures) -> Written {
    let (answers, asked) = (&figures.status.answers, &figures.status.companion);
    families.by(
        "answers",
        "Answers to blocked calls, by their SIP status",
        "status",
        answers
            .sent
            .iter()
            .map(|(status, count)| (status, Value::Sum(*count))),
    )?;
    families.by(
        "messages_unanswered",
        "Messages that the daemon was sent and gave no answer, by reason",
        "reason",
        sums([
            ("absorbed", answers.absorbed),
            ("undecided", answers.undecided),
            ("unreadable", answers.unreadable),
            ("overload", answers.overload),
            ("failed", answers.failed),
        ]),
    )?;
    families.by(
        "companion_unanswered",
        "Questions that got no answer, or none of their own, by reason",
        "reason",
        sums([
            ("absorbed", asked.absorbed),
            ("unreadable", asked.unreadable),
            ("overload", asked.overload),
            ("stranger", asked.strangers),
            ("closed", asked.closed),
            ("failed", asked.failed),
        ]),
    )?;
    let media = &figures.status.media;
    families.one(
        "media_calls_now",
        "Calls that are on the line of the media host",
        None,
        Value::now(media.calls_now),
    )?;
    families.by(
        "media_calls",
        "What the media host has done, by what it is",
        "what",
        sums([
            ("announced", media.announced),
            ("held", media.tormented),
            ("asked-for-pin", media.asked_for_pin),
            ("connected", media.connected),
            ("redirected", media.redirected),
            ("refused-instead", media.refused_instead),
            ("flooded", media.flooded),
        ]),
    )?;
    families.one(
        "media_held",
        "Time for which callers were held",
        Some(&Unit::Seconds),
        Value::Sum(media.tormented_seconds),
    )
}

fn log(families: &mut Families<'_>, figures: &Figures) -> Written {
    let sums = &figures.sums;
    let rows = [
        (
            "events_lost",
            "Blocked calls that are not in the log because the event ring was full",
            Value::Sum(sums.lost),
        ),
        (
            "calls_forgotten",
            "Calls that made room for others before they were over: at most that many were counted twice",
            Value::Sum(sums.forgotten),
        ),
        (
            "calls_recounted",
            "Repetitions that were counted as calls, as far as is known",
            Value::Sum(sums.recounted),
        ),
        (
            "calls_logged",
            "Blocked calls that were written to the log",
            Value::Sum(figures.logged),
        ),
        (
            "open_calls",
            "Calls in the log whose INVITE may still be repeated",
            Value::now(figures.status.log.open),
        ),
    ];
    for (name, help, value) in rows {
        families.one(name, help, None, value)?;
    }
    families.one(
        "log_size",
        "Size of the log on disk",
        Some(&Unit::Bytes),
        Value::now(figures.status.log.bytes),
    )
}

fn sinks(families: &mut Families<'_>, figures: &Figures) -> Written {
    let sinks = || figures.status.sinks.iter();
    families.by(
        "ship_delivered",
        "Calls that a sink of the log has taken since the start",
        "sink",
        sinks().map(|sink| (&sink.name, Value::Sum(sink.delivered))),
    )?;
    families.by(
        "ship_skipped",
        "Calls that were removed from the log before a sink took them",
        "sink",
        sinks().map(|sink| (&sink.name, Value::Sum(sink.skipped))),
    )?;
    families.by(
        "ship_behind",
        "Calls that a sink has not taken yet",
        "sink",
        sinks().map(|sink| (&sink.name, Value::now(sink.behind.unwrap_or_default()))),
    )?;
    families.by(
        "ship_up",
        "1 if a sink takes calls",
        "sink",
        sinks().map(|sink| (&sink.name, Value::is(sink.failing_since.is_none()))),
    )
}
