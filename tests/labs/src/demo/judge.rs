//! What became of each call, put together from both ends, and whether that is as expected.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use serde_json::{Map, Value, json};

use super::calls::Expected;
use super::{Finished, InForce};
use crate::daemon::Daemon;
use crate::sip::most_packets;
use crate::{Case, Lab, Report, answerer};

/// How long the daemon may take to read the last event.
const SETTLE: Duration = Duration::from_secs(3);

const COLUMNS: &[&str] = &["by", "caller", "called", "rule", "packets", "calls"];

/// What both ends know.
struct Evidence<'a> {
    rules: &'a [InForce],
    /// Call-IDs of INVITEs that reached the answerer.
    answered: Vec<String>,
    /// Entries of the daemon's log by Call-ID.
    logged: BTreeMap<String, Value>,
    /// Packets and calls by rule number.
    counters: BTreeMap<u64, (u64, u64)>,
    status: Value,
}

/// Puts the report together.
pub(crate) fn judge(
    lab: &Lab,
    daemon: &Daemon<'_>,
    rules: &[InForce],
    finished: &[Finished],
) -> Result<Report> {
    let evidence = collect(lab, daemon, rules, finished)?;
    let mut report = Report {
        columns: COLUMNS,
        ..Report::default()
    };
    let mut ordered: Vec<&Finished> = finished.iter().collect();
    ordered.sort_by_key(|finished| finished.call.index);
    let mut shown = Vec::new();
    for finished in &ordered {
        report.cases.push(evidence.case(finished, &mut shown));
    }
    report.cases.extend(evidence.counter_cases(&ordered));
    report.cases.extend(evidence.status_cases());
    report.figures = evidence.figures(&ordered);
    report.summary = format!(
        "{} of {} calls blocked that should be, {} of {} through, {} dropped wrongly\n\
         packets and calls are the rule's; \u{2033} marks a rule shown above\n",
        figure(&report.figures, "calls_blocked"),
        figure(&report.figures, "calls_expected_blocked"),
        figure(&report.figures, "calls_through"),
        figure(&report.figures, "calls_expected_through"),
        figure(&report.figures, "false_drops"),
    );
    Ok(report)
}

fn figure<'a>(figures: &'a Map<String, Value>, name: &str) -> &'a Value {
    figures.get(name).unwrap_or(&Value::Null)
}

fn collect<'a>(
    lab: &Lab,
    daemon: &Daemon<'_>,
    rules: &'a [InForce],
    finished: &[Finished],
) -> Result<Evidence<'a>> {
    let expected = finished.iter().filter(|one| one.expects_entry()).count();
    let deadline = Instant::now() + SETTLE;
    let mut logged = log_of(daemon)?;
    while logged.len() < expected && Instant::now() < deadline {
        std::thread::sleep(Duration::from_millis(50));
        logged = log_of(daemon)?;
    }
    let list = daemon.ask(&["rule", "list"])?;
    let counters = array(&list, "rules")?
        .iter()
        .map(|rule| {
            (
                number(rule, "id"),
                (number(rule, "packets"), number(rule, "calls")),
            )
        })
        .collect();
    let status = daemon.ask(&["status"])?;
    Ok(Evidence {
        rules,
        answered: answerer::received(lab)?,
        logged,
        counters,
        status,
    })
}

fn log_of(daemon: &Daemon<'_>) -> Result<BTreeMap<String, Value>> {
    let calls = daemon.ask(&["calls", "--limit", "10000"])?;
    let entries = array(&calls, "calls")?.iter();
    Ok(entries
        .filter_map(|entry| Some((entry.get("call_id")?.as_str()?.to_owned(), entry.clone())))
        .collect())
}

impl Finished {
    fn expects_entry(&self) -> bool {
        self.call.row.expected.is_logged()
    }

    /// The least and the most INVITEs that left. sipp does not tell: of a call that nobody
    /// answers four leave within the caller's patience, more only if its end came late, of another one, or two if the answer is
    /// slow.
    fn packets_sent(&self) -> (u64, u64) {
        match self.placed.packets {
            Some(packets) => (packets, packets),
            None if self.placed.answered => (1, 2),
            None => (4, most_packets(self.placed.took)),
        }
    }
}

impl Evidence<'_> {
    /// What became of a call, in the words in which it is expected. `rule` is the one that should
    /// name it.
    fn seen(&self, finished: &Finished, rule: Option<u64>) -> String {
        let entry = self.logged.get(&finished.call.call_id);
        let outcome = entry
            .and_then(|entry| entry.get("outcome"))
            .and_then(Value::as_str);
        let by = match entry.map(|entry| number(entry, "rule")) {
            found if found == rule => String::new(),
            found => format!(" by rule {}", found.unwrap_or_default()),
        };
        match (self.reached(finished), finished.placed.answered, outcome) {
            (true, true, None) => "through".to_owned(),
            (true, true, Some("monitored")) => format!("watched{by}"),
            (false, false, Some("dropped")) => format!("blocked{by}"),
            (false, false, None) => "lost without a rule".to_owned(),
            (reached, answered, outcome) => format!(
                "reached: {reached}, answered: {answered}, logged: {}{by}",
                outcome.unwrap_or("no"),
            ),
        }
    }

    fn case(&self, finished: &Finished, shown: &mut Vec<u64>) -> Case {
        let row = &finished.call.row;
        let expected = match row.expected {
            Expected::Through(_) => "through",
            Expected::Blocked(_) => "blocked",
            Expected::Watched(_) => "watched",
        };
        let rule = row.expected.rule().map(|rule| self.id(rule));
        let mut case = Case::new(row.name, expected, self.seen(finished, rule));
        let mut detail = |key: &str, value: Value| case.details.insert(key.to_owned(), value);
        detail("by", json!(finished.client));
        detail("caller", json!(row.caller));
        detail("called", json!(row.called));
        if let Some(id) = rule {
            let (packets, calls) = self.counters.get(&id).copied().unwrap_or_default();
            let first = !shown.contains(&id);
            shown.push(id);
            detail("rule", json!(id));
            // A rule's counters are shown once, however many rows it has.
            detail(
                "packets",
                if first {
                    json!(packets)
                } else {
                    json!("\u{2033}")
                },
            );
            detail(
                "calls",
                if first {
                    json!(calls)
                } else {
                    json!("\u{2033}")
                },
            );
        }
        case
    }

    /// Each rule counted each of its calls once, and every packet that is known to be sent.
    fn counter_cases(&self, finished: &[&Finished]) -> Vec<Case> {
        let mut calls = Vec::new();
        let mut packets = Vec::new();
        for in_force in self.rules {
            let of_rule: Vec<&Finished> = finished
                .iter()
                .filter(|one| one.call.row.expected.rule() == Some(in_force.rule))
                .copied()
                .collect();
            let (id, placed) = (in_force.id, of_rule.len() as u64);
            let (seen_packets, seen_calls) = self.counters.get(&id).copied().unwrap_or_default();
            if seen_calls != placed {
                calls.push(format!("rule {id}: {seen_calls} calls, not {placed}"));
            }
            let (least, most) = of_rule
                .iter()
                .map(|one| one.packets_sent())
                .fold((0, 0), |(least, most), (at_least, at_most)| {
                    (least + at_least, most + at_most)
                });
            if !(least..=most).contains(&seen_packets) {
                packets.push(format!(
                    "rule {id}: {seen_packets} packets, not {least}..={most}"
                ));
            }
        }
        let seen = |wrong: &[String]| {
            if wrong.is_empty() {
                "by every rule".to_owned()
            } else {
                wrong.join("; ")
            }
        };
        vec![
            Case::new("each call counted once", "by every rule", seen(&calls)),
            Case::new("each packet counted", "by every rule", seen(&packets)),
        ]
    }

    /// What the daemon says of itself.
    fn status_cases(&self) -> Vec<Case> {
        let text = |pointer: &str| match self.status.pointer(pointer) {
            Some(Value::String(text)) => text.clone(),
            Some(other) => other.to_string(),
            None => "not said".to_owned(),
        };
        vec![
            Case::new("XDP mode", "native", text("/interfaces/0/xdp_mode")),
            Case::new("health", "ok", text("/health")),
            Case::new("lost events", "0", text("/events/lost")),
        ]
    }

    fn figures(&self, finished: &[&Finished]) -> Map<String, Value> {
        let of = |blocked: bool| {
            finished
                .iter()
                .filter(move |one| one.call.row.expected.is_blocked() == blocked)
        };
        let through = of(false)
            .filter(|one| one.placed.answered && self.reached(one))
            .count();
        let blocked = of(true)
            .filter(|one| !one.placed.answered && self.is_dropped(one))
            .count();
        let mode = self
            .status
            .pointer("/interfaces/0/xdp_mode")
            .cloned()
            .unwrap_or(Value::Null);
        [
            ("calls_expected_blocked", json!(of(true).count())),
            ("calls_blocked", json!(blocked)),
            ("calls_expected_through", json!(of(false).count())),
            ("calls_through", json!(through)),
            ("false_drops", json!(of(false).count() - through)),
            ("xdp_mode", mode),
        ]
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value))
        .collect()
    }

    fn reached(&self, finished: &Finished) -> bool {
        self.answered.contains(&finished.call.call_id)
    }

    fn is_dropped(&self, finished: &Finished) -> bool {
        !self.reached(finished) && self.logged.contains_key(&finished.call.call_id)
    }

    fn id(&self, rule: &str) -> u64 {
        self.rules
            .iter()
            .find(|one| one.rule == rule)
            .map_or(0, |one| one.id)
    }
}

fn array<'a>(value: &'a Value, key: &str) -> Result<&'a Vec<Value>> {
    value
        .get(key)
        .and_then(Value::as_array)
        .with_context(|| format!("blacklistd's JSON has no array `{key}`"))
}

fn number(value: &Value, key: &str) -> u64 {
    value.get(key).and_then(Value::as_u64).unwrap_or_default()
}
