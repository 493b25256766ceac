//! The families of figures: name, help, unit, and their values.

use std::fmt;

use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeMetric, MetricEncoder};
use prometheus_client::metrics::MetricType;
use prometheus_client::registry::{Registry, Unit};

use super::snapshot::Snapshot;

/// The figures as OpenMetrics text.
///
/// # Errors
/// None at present; writing to memory does not fail.
pub fn text(snapshot: Snapshot) -> Result<String, fmt::Error> {
    let mut registry = Registry::with_prefix("blacklist");
    registry.register_collector(Box::new(Figures(snapshot)));
    let mut text = String::new();
    prometheus_client::encoding::text::encode(&mut text, &registry)?;
    Ok(text)
}

#[derive(Debug)]
struct Figures(Snapshot);

/// A value that only goes up.
struct Up(u64);

impl EncodeMetric for Up {
    fn encode(&self, mut encoder: MetricEncoder<'_>) -> Result<(), fmt::Error> {
        encoder.encode_counter::<prometheus_client::encoding::NoLabelSet, _, u64>(&self.0, None)
    }

    fn metric_type(&self) -> MetricType {
        MetricType::Counter
    }
}

/// A value of the moment.
struct Now(f64);

impl EncodeMetric for Now {
    fn encode(&self, mut encoder: MetricEncoder<'_>) -> Result<(), fmt::Error> {
        encoder.encode_gauge(&self.0)
    }

    fn metric_type(&self) -> MetricType {
        MetricType::Gauge
    }
}

type Labels<'a> = Vec<(&'a str, &'a str)>;

/// One family: its values, each with its labels.
fn family<'a, M: EncodeMetric>(
    encoder: &mut DescriptorEncoder<'_>,
    (name, help): (&str, &str),
    unit: Option<&Unit>,
    values: impl IntoIterator<Item = (Labels<'a>, M)>,
) -> Result<(), fmt::Error> {
    let mut values = values.into_iter().peekable();
    let Some((_, first)) = values.peek() else {
        return Ok(());
    };
    let mut family = encoder.encode_descriptor(name, help, unit, first.metric_type())?;
    for (labels, value) in values {
        if labels.is_empty() {
            return value.encode(family);
        }
        value.encode(family.encode_family(&labels)?)?;
    }
    Ok(())
}

fn one<M>(value: M) -> [(Labels<'static>, M); 1] {
    [(Vec::new(), value)]
}

#[expect(
    clippy::cast_precision_loss,
    reason = "figures of the moment are floating-point numbers there"
)]
const fn float(number: u64) -> f64 {
    number as f64
}

impl Collector for Figures {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> Result<(), fmt::Error> {
        let encoder = &mut encoder;
        self.state(encoder)?;
        self.counts(encoder)?;
        self.decisions(encoder)?;
        self.bypasses(encoder)?;
        self.log(encoder)?;
        self.media(encoder)?;
        self.sinks(encoder)
    }
}

impl Figures {
    /// The calls that the daemon was asked about.
    fn companion(&self, encoder: &mut DescriptorEncoder<'_>) -> Result<(), fmt::Error> {
        let now = &self.0;
        let name = (
            "companion_calls",
            "Calls that the daemon was asked about, by what became of them",
        );
        let calls = now.companion.iter();
        family(
            encoder,
            name,
            None,
            calls.map(|(verdict, count)| (vec![("verdict", *verdict)], Up(count.calls))),
        )?;
        let name = (
            "companion_unanswered",
            "Questions that got no answer, or none of their own, by reason",
        );
        let reasons = now.questions_unanswered.iter();
        family(
            encoder,
            name,
            None,
            reasons.map(|(reason, count)| (vec![("reason", *reason)], Up(*count))),
        )
    }

    fn state(&self, encoder: &mut DescriptorEncoder<'_>) -> Result<(), fmt::Error> {
        let Self(now) = self;
        let abi = now.abi_version.to_string();
        let labels = vec![("version", now.version), ("abi_version", abi.as_str())];
        let name = (
            "build_info",
            "Version of the daemon and of the kernel's tables",
        );
        family(encoder, name, None, [(labels, Now(1.0))])?;
        let name = ("start_time", "When the daemon began, since 1970");
        family(
            encoder,
            name,
            Some(&Unit::Seconds),
            one(Now(now.start_time)),
        )?;
        let name = (
            "enforcing",
            "1 if blocked calls are kept from going through, 0 if the whole is only monitored",
        );
        family(
            encoder,
            name,
            None,
            one(Now(f64::from(u8::from(now.enforcing)))),
        )?;
        let name = ("generation", "Generation of rules in force");
        family(encoder, name, None, one(Now(float(now.generation))))?;
        let name = (
            "problems",
            "What is wrong, as `blacklistd status` tells it; 0 if all is well",
        );
        family(encoder, name, None, one(Now(float(now.problems))))?;
        self.parts(encoder)
    }

    fn parts(&self, encoder: &mut DescriptorEncoder<'_>) -> Result<(), fmt::Error> {
        let Self(now) = self;
        let name = (
            "interface_attached",
            "1 if the packets of the interface are judged",
        );
        let interfaces = now.interfaces.iter().map(|interface| {
            let labels = vec![
                ("interface", interface.name.as_str()),
                ("mode", interface.mode),
            ];
            (labels, Now(f64::from(u8::from(interface.attached))))
        });
        family(encoder, name, None, interfaces)?;
        let name = ("rules", "Rules by state");
        let states = now.rule_states.iter();
        family(
            encoder,
            name,
            None,
            states.map(|one| (vec![("state", one.name)], Now(one.value))),
        )?;
        let name = ("table_entries", "Entries of a table that are in use");
        let tables = || now.tables.iter();
        family(
            encoder,
            name,
            None,
            tables().map(|one| (vec![("table", one.table)], Now(float(one.used)))),
        )?;
        let name = ("table_capacity", "Entries that a table can hold");
        family(
            encoder,
            name,
            None,
            tables().map(|one| (vec![("table", one.table)], Now(float(one.capacity)))),
        )?;
        let name = (
            "heartbeat_age",
            "How long ago a part of the daemon was alive",
        );
        let beats = now
            .beats
            .iter()
            .map(|one| (vec![("part", one.name)], Now(one.value)));
        family(encoder, name, Some(&Unit::Seconds), beats)
    }

    fn counts(&self, encoder: &mut DescriptorEncoder<'_>) -> Result<(), fmt::Error> {
        let Self(now) = self;
        let name = ("packets", "Packets by what became of them");
        let outcomes = || now.outcomes.iter();
        family(
            encoder,
            name,
            None,
            outcomes().map(|(outcome, count)| (vec![("outcome", *outcome)], Up(count.packets))),
        )?;
        let name = (
            "calls",
            "Calls by what became of them, each counted once; those that pass by their last Call-IDs",
        );
        family(
            encoder,
            name,
            None,
            outcomes().map(|(outcome, count)| (vec![("outcome", *outcome)], Up(count.calls))),
        )?;
        let trunks = || {
            now.trunks.iter().map(|share| {
                let labels = vec![("trunk", share.trunk.as_str()), ("verdict", share.verdict)];
                (labels, share.count)
            })
        };
        let name = ("trunk_invites", "INVITE packets of a trunk by verdict");
        family(
            encoder,
            name,
            None,
            trunks().map(|(labels, count)| (labels, Up(count.packets))),
        )?;
        let name = (
            "trunk_calls",
            "Calls of a trunk by verdict, each counted once",
        );
        family(
            encoder,
            name,
            None,
            trunks().map(|(labels, count)| (labels, Up(count.calls))),
        )
    }

    fn decisions(&self, encoder: &mut DescriptorEncoder<'_>) -> Result<(), fmt::Error> {
        let Self(now) = self;
        let lists = || {
            now.lists
                .iter()
                .map(|one| (vec![("list", one.list.as_str())], one.count))
        };
        let name = ("list_calls", "Calls that the rules of a list decided");
        family(
            encoder,
            name,
            None,
            lists().map(|(labels, count)| (labels, Up(count.calls))),
        )?;
        let name = (
            "list_packets",
            "Packets of calls that the rules of a list decided",
        );
        family(
            encoder,
            name,
            None,
            lists().map(|(labels, count)| (labels, Up(count.packets))),
        )?;
        let name = (
            "action_calls",
            "Calls that were decided, by the action of the rule",
        );
        let actions = now.actions.iter();
        family(
            encoder,
            name,
            None,
            actions.map(|(action, count)| (vec![("action", *action)], Up(count.calls))),
        )?;
        let name = ("answers", "Answers to blocked calls, by their SIP status");
        let answers = now.answers.iter();
        family(
            encoder,
            name,
            None,
            answers.map(|(status, count)| (vec![("status", status.as_str())], Up(*count))),
        )?;
        let name = (
            "messages_unanswered",
            "Messages that the daemon was sent and gave no answer, by reason",
        );
        let unanswered = now.unanswered.iter();
        family(
            encoder,
            name,
            None,
            unanswered.map(|(reason, count)| (vec![("reason", *reason)], Up(*count))),
        )?;
        self.companion(encoder)?;
        let ids: Vec<String> = now.rules.iter().map(|one| one.rule.to_string()).collect();
        // A rule can move to another list, and goes on where it was when it is gone.
        let rules = || {
            let rules = now.rules.iter().zip(&ids);
            rules.map(|(one, id)| (vec![("rule", id.as_str())], one.count))
        };
        let name = ("rule_calls", "Calls that a rule decided");
        family(
            encoder,
            name,
            None,
            rules().map(|(labels, count)| (labels, Up(count.calls))),
        )?;
        let name = ("rule_packets", "Packets of calls that a rule decided");
        family(
            encoder,
            name,
            None,
            rules().map(|(labels, count)| (labels, Up(count.packets))),
        )
    }

    fn bypasses(&self, encoder: &mut DescriptorEncoder<'_>) -> Result<(), fmt::Error> {
        let Self(now) = self;
        let name = ("pins", "Scopes that have a PIN");
        family(encoder, name, None, one(Now(float(now.pins))))?;
        let name = ("grants", "Grants in force");
        family(encoder, name, None, one(Now(float(now.grants))))?;
        let name = ("pin_tries", "Tries of PINs, by what became of them");
        let tries = now.pin_tries.iter();
        family(
            encoder,
            name,
            None,
            tries.map(|(outcome, count)| (vec![("outcome", *outcome)], Up(*count))),
        )
    }

    fn log(&self, encoder: &mut DescriptorEncoder<'_>) -> Result<(), fmt::Error> {
        let Self(now) = self;
        let rows = [
            (
                "events_lost",
                "Blocked calls that are not in the log because the event ring was full",
                now.lost,
            ),
            (
                "calls_forgotten",
                "Calls that made room for others before they were over: at most so many were counted twice",
                now.forgotten,
            ),
            (
                "calls_recounted",
                "Repetitions that were counted as calls, as far as is known",
                now.recounted,
            ),
            (
                "calls_logged",
                "Blocked calls that were written to the log",
                now.logged,
            ),
        ];
        for (name, help, value) in rows {
            family(encoder, (name, help), None, one(Up(value)))?;
        }
        let name = ("log_size", "Size of the log on disk");
        family(
            encoder,
            name,
            Some(&Unit::Bytes),
            one(Now(float(now.log_bytes))),
        )?;
        let name = (
            "open_calls",
            "Calls in the log whose INVITE may still be repeated",
        );
        family(encoder, name, None, one(Now(float(now.open_calls))))
    }

    /// What the media host does.
    fn media(&self, encoder: &mut DescriptorEncoder<'_>) -> Result<(), fmt::Error> {
        let Self(now) = self;
        let name = (
            "media_calls_now",
            "Calls that are on the line of the media host",
        );
        family(encoder, name, None, one(Now(float(now.media_calls))))?;
        let name = ("media_calls", "What the media host has done, by what it is");
        let media = now.media.iter();
        family(
            encoder,
            name,
            None,
            media.map(|(what, count)| (vec![("what", *what)], Up(*count))),
        )?;
        let name = ("media_held", "Time for which callers were held");
        family(
            encoder,
            name,
            Some(&Unit::Seconds),
            one(Up(now.held_seconds)),
        )
    }

    fn sinks(&self, encoder: &mut DescriptorEncoder<'_>) -> Result<(), fmt::Error> {
        let Self(now) = self;
        let each = || {
            now.sinks
                .iter()
                .map(|one| (vec![("sink", one.sink.as_str())], one))
        };
        let name = (
            "ship_delivered",
            "Calls that a sink of the log has taken since the start",
        );
        family(
            encoder,
            name,
            None,
            each().map(|(labels, one)| (labels, Up(one.delivered))),
        )?;
        let name = (
            "ship_skipped",
            "Calls that were removed from the log before a sink took them",
        );
        family(
            encoder,
            name,
            None,
            each().map(|(labels, one)| (labels, Up(one.skipped))),
        )?;
        let name = ("ship_behind", "Calls that a sink has not taken yet");
        family(
            encoder,
            name,
            None,
            each().map(|(labels, one)| (labels, Now(float(one.behind)))),
        )?;
        let name = ("ship_up", "1 if a sink takes calls");
        family(
            encoder,
            name,
            None,
            each().map(|(labels, one)| (labels, Now(f64::from(u8::from(one.well))))),
        )
    }
}
