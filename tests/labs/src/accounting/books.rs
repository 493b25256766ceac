//! What was sent, and whether the daemon's books say the same.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use serde_json::Value;

use super::traffic::Kind;
use super::{Scene, array, figures, number};

/// How long packets may take to be counted.
const PATIENCE: Duration = Duration::from_secs(10);

/// Calls and packets.
type Count = (u64, u64);

/// What was sent so far.
#[derive(Debug, Default)]
pub(super) struct Books {
    next: u32,
    /// By outcome.
    outcomes: BTreeMap<&'static str, Count>,
    /// By the pattern of the rule.
    rules: BTreeMap<&'static str, Count>,
    lists: BTreeMap<&'static str, Count>,
    /// By trunk and what became of it.
    trunks: BTreeMap<(&'static str, &'static str), Count>,
    actions: BTreeMap<&'static str, Count>,
    /// Calls of [`Kind::Prefix`] were decided by rules that came, went and moved.
    mixed: bool,
    /// Counters at the last look.
    last: BTreeMap<String, f64>,
}

fn add<K: Ord>(map: &mut BTreeMap<K, Count>, key: K, (calls, packets): Count) {
    let count = map.entry(key).or_default();
    count.0 += calls;
    count.1 += packets;
}

/// Pattern, list, action and verdict of the rule that decides a kind.
const fn decided(kind: Kind) -> Option<(&'static str, &'static str, &'static str, &'static str)> {
    Some(match kind {
        Kind::Listed | Kind::Asserted => ("+14155550101", "nuisance", "drop", "blocked"),
        Kind::Prefix => ("+4930*", "default", "drop", "blocked"),
        Kind::Watched => ("+33*", "default", "monitor", "monitored"),
        Kind::Allowed => ("+49309990*", "default", "pass", "passed"),
        Kind::Unlisted | Kind::Ambiguous | Kind::InDialog | Kind::Options => return None,
    })
}

impl Books {
    /// Writes down calls that are about to be sent; the first one's id.
    pub(super) fn expect(&mut self, kind: Kind, calls: u32, times: u32) -> u32 {
        let first = self.next;
        self.next += calls;
        let packets = u64::from(calls) * u64::from(times);
        let calls = u64::from(calls);
        let (outcome, counted) = match kind {
            Kind::Listed | Kind::Asserted | Kind::Prefix => ("dropped", calls),
            Kind::Watched => ("monitored", calls),
            Kind::Allowed => ("allowed", calls),
            Kind::Unlisted => ("no-rule", calls),
            Kind::Ambiguous => ("repeated-header", 0),
            Kind::InDialog => ("in-dialog", 0),
            Kind::Options => ("not-invite", 0),
        };
        add(&mut self.outcomes, outcome, (counted, packets));
        let trunk = if kind == Kind::Asserted {
            "trusted-carrier"
        } else {
            "carrier"
        };
        if let Some((pattern, list, action, verdict)) = decided(kind) {
            if !(self.mixed && kind == Kind::Prefix) {
                add(&mut self.rules, pattern, (calls, packets));
            }
            add(&mut self.lists, list, (calls, packets));
            add(&mut self.actions, action, (calls, packets));
            add(&mut self.trunks, (trunk, verdict), (calls, packets));
        }
        match kind {
            Kind::Unlisted => add(&mut self.trunks, (trunk, "passed"), (calls, packets)),
            Kind::Ambiguous => add(&mut self.trunks, (trunk, "ambiguous"), (0, packets)),
            _ => {}
        }
        first
    }

    /// Calls and packets that were blocked or watched.
    pub(super) fn logged(&self) -> Count {
        let of = |outcome| self.outcomes.get(outcome).copied().unwrap_or_default();
        let (dropped, monitored) = (of("dropped"), of("monitored"));
        (dropped.0 + monitored.0, dropped.1 + monitored.1)
    }

    pub(super) fn outcome(&self, outcome: &str) -> Count {
        self.outcomes.get(outcome).copied().unwrap_or_default()
    }

    /// Of the calls that were expected to be blocked last, so many were, and so many passed.
    pub(super) fn correct(&mut self, blocked: u64, passed: u64) {
        let less = |count: &mut Count| {
            count.0 -= passed;
            count.1 -= passed;
        };
        debug_assert!(blocked > 0);
        for map in [&mut self.outcomes, &mut self.actions] {
            for key in ["dropped", "drop"] {
                if let Some(count) = map.get_mut(key) {
                    less(count);
                }
            }
        }
        if let Some(count) = self.trunks.get_mut(&("carrier", "blocked")) {
            less(count);
        }
        // In which of the lists, and by which of the rules that came and went, nobody can say.
        self.rules.remove("+4930*");
        self.mixed = true;
        add(&mut self.outcomes, "no-rule", (passed, passed));
        add(&mut self.trunks, ("carrier", "passed"), (passed, passed));
    }
}

fn text<K: std::fmt::Debug>(map: &BTreeMap<K, Count>) -> String {
    let parts: Vec<String> = map
        .iter()
        .map(|(key, (calls, packets))| format!("{key:?} {calls} calls {packets} packets"))
        .collect();
    parts.join(", ")
}

/// All together.
fn sum<K>(map: &BTreeMap<K, Count>) -> String {
    let (calls, packets) = map
        .values()
        .fold((0, 0), |sum, one| (sum.0 + one.0, sum.1 + one.1));
    format!("{calls} calls {packets} packets")
}

/// What an object of an array says, for the keys that are expected.
fn seen<'k>(
    list: &[Value],
    name: &str,
    keys: impl Iterator<Item = &'k &'static str>,
) -> BTreeMap<&'static str, Count> {
    let of = |key: &str| {
        let mut count = (0, 0);
        for object in list {
            if object.get(name).and_then(Value::as_str) == Some(key) {
                count.0 += number(object, "/calls");
                count.1 += number(object, "/packets");
            }
        }
        count
    };
    keys.map(|key| (*key, of(key))).collect()
}

impl Scene<'_> {
    /// Waits until as many packets were dropped and watched as were sent.
    pub(super) fn wait_until_counted(&self) -> Result<Value> {
        let (_, packets) = self.books.logged();
        let deadline = Instant::now() + PATIENCE;
        loop {
            let status = self.ask(&["status"])?;
            let counted = number(&status, "/outcomes/dropped/packets")
                + number(&status, "/outcomes/monitored/packets");
            let waiting = number(&status, "/log/waiting_bytes");
            if (counted >= packets && waiting == 0) || Instant::now() > deadline {
                return Ok(status);
            }
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// Compares everything that was counted with what was sent.
    pub(super) fn balance(&mut self, stage: &str) -> Result<()> {
        let status = self.wait_until_counted()?;
        let outcomes: BTreeMap<&'static str, Count> = self
            .books
            .outcomes
            .keys()
            .map(|outcome| {
                let of = |what: &str| number(&status, &format!("/outcomes/{outcome}/{what}"));
                (*outcome, (of("calls"), of("packets")))
            })
            .collect();
        let expected = text(&self.books.outcomes);
        self.report
            .case(&format!("{stage}: by outcome"), &expected, text(&outcomes));

        let stats = self.ask(&["stats", "--top", "100"])?;
        let books = &self.books;
        let rules = seen(array(&stats, "rules")?, "pattern", books.rules.keys());
        let lists = seen(array(&stats, "lists")?, "name", books.lists.keys());
        let actions = seen(array(&stats, "actions")?, "name", books.actions.keys());
        let trunks: BTreeMap<_, Count> = books
            .trunks
            .keys()
            .map(|(trunk, verdict)| {
                let named = |one: &&Value| one.get("name").and_then(Value::as_str) == Some(trunk);
                let one = array(&stats, "trunks")?.iter().find(named);
                let of =
                    |what: &str| one.map_or(0, |one| number(one, &format!("/{verdict}/{what}")));
                Ok(((*trunk, *verdict), (of("calls"), of("packets"))))
            })
            .collect::<Result<_>>()?;
        let by_list = if books.mixed {
            (sum(&books.actions), sum(&lists))
        } else {
            (text(&books.lists), text(&lists))
        };
        let rows = [
            ("by rule", text(&books.rules), text(&rules)),
            ("by list", by_list.0, by_list.1),
            ("by action", text(&books.actions), text(&actions)),
            ("by trunk", text(&books.trunks), text(&trunks)),
        ];
        for (what, expected, seen) in rows {
            self.report
                .case(&format!("{stage}: {what}"), &expected, seen);
        }
        self.seen_is_logged_and_lost(stage)?;
        self.nothing_goes_back(stage)
    }

    /// Calls that were blocked are in the log, or counted as lost.
    pub(super) fn seen_is_logged_and_lost(&mut self, stage: &str) -> Result<()> {
        let (calls, _) = self.books.logged();
        let stats = self.ask(&["stats"])?;
        let status = self.ask(&["status"])?;
        let lost = number(&stats, "/lost");
        let recounted = number(&stats, "/recounted");
        let rows = number(&status, "/log/newest");
        self.report.case(
            &format!("{stage}: in the log, or lost"),
            &calls.to_string(),
            rows + lost + recounted,
        );
        Ok(())
    }

    /// No counter of the metrics is lower than at the last look.
    pub(super) fn nothing_goes_back(&mut self, stage: &str) -> Result<()> {
        let now = figures::counters(self.lab)?;
        let lower: Vec<String> = self
            .books
            .last
            .iter()
            .filter_map(|(series, before)| {
                let after = now.get(series).copied().unwrap_or(-1.0);
                (after < *before).then(|| format!("{series}: {before} to {after}"))
            })
            .collect();
        self.books.last = now;
        self.report.case(
            &format!("{stage}: no counter goes back"),
            "none",
            if lower.is_empty() {
                "none".to_owned()
            } else {
                lower.join(", ")
            },
        );
        Ok(())
    }

    /// All calls of the log, as an export has them.
    pub(super) fn exported(&self) -> Result<Vec<Value>> {
        let path = self.lab.folder.join("export.jsonl");
        let file = path.to_str().context("a folder that is no text")?;
        self.ask(&["calls", "export", file, "--force"])?;
        let text = std::fs::read_to_string(&path)?;
        text.lines()
            .map(|line| serde_json::from_str(line).context("a line that is no JSON"))
            .collect()
    }

    /// Each row has as many packets as its call.
    pub(super) fn rows_have_their_packets(&mut self) -> Result<()> {
        let rows = self.exported()?;
        let sum: u64 = rows.iter().map(|row| number(row, "/packets")).sum();
        let (calls, packets) = self.books.logged();
        self.report.case(
            "rows and their packets",
            &format!("{calls} rows, {packets} packets"),
            format!("{} rows, {sum} packets", rows.len()),
        );
        let seven = rows.iter().filter(|row| number(row, "/packets") == 7);
        let seven = seven.count();
        self.report
            .case("rows of seven packets", &calls.to_string(), seven);
        Ok(())
    }

    /// Of today, of the last hours, and of ever: the same here.
    pub(super) fn statistics(&mut self) -> Result<()> {
        let (calls, packets) = self.books.outcome("dropped");
        let expected = format!("{calls} calls, {packets} packets");
        for period in [&["stats"][..], &["stats", "--since", "2h"]] {
            let stats = self.ask(period)?;
            let seen = format!(
                "{} calls, {} packets",
                number(&stats, "/blocked/calls"),
                number(&stats, "/blocked/packets")
            );
            self.report.case(&period.join(" "), &expected, seen);
            let hours = array(&stats, "hours")?;
            let by_hour: u64 = hours.iter().map(|hour| number(hour, "/blocked")).sum();
            let name = format!("{}, by hour", period.join(" "));
            self.report.case(&name, &calls.to_string(), by_hour);
            let callers = array(&stats, "callers")?;
            let busiest = callers.iter().map(|one| number(one, "/calls")).sum::<u64>();
            let (logged, _) = self.books.logged();
            let name = format!("{}, by caller", period.join(" "));
            self.report.case(&name, &logged.to_string(), busiest);
        }
        Ok(())
    }
}
