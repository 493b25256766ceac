//! Calls that are placed and asked about, and what became of them in one word.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::daemon::Daemon;
use crate::sip::{self, Invite, Placed};
use crate::{Case, Lab, answerer};

/// Two packets leave in this time.
const PATIENCE: Duration = Duration::from_millis(900);
/// How long the daemon may take to read the last event.
const SETTLE: Duration = Duration::from_secs(3);
/// The number that is called if a call names no other.
const MAIN: &str = "+13125550100";

/// Where a call comes from: source and destination.
const CARRIER: (&str, &str) = ("198.18.0.1", "198.18.0.2:5060");
const TRUSTED: (&str, &str) = ("198.18.1.1", "198.18.1.2:5060");
/// Our own users, whose calls go out.
const USERS: (&str, &str) = (super::USERS, "[fd00:b1ac::2]:5060");

/// A call to be placed.
#[derive(Clone, Debug)]
pub(super) struct Call {
    name: String,
    way: (&'static str, &'static str),
    /// What stands in From in front of the tag.
    from: String,
    called: String,
    /// Further header lines.
    headers: String,
    expected: String,
}

/// The addresses at which calls arrive.
pub(super) fn destinations() -> Result<Vec<SocketAddr>> {
    Ok(vec![
        CARRIER.1.parse()?,
        TRUSTED.1.parse()?,
        USERS.1.parse()?,
    ])
}

impl Call {
    /// A call as a row has it: its name, the caller as a user part or as all of From, the called number
    /// if it is not the main one, and what is expected: `through`, `through: RULE`, `blocked: RULE`,
    /// `monitored: RULE` or `left to user space: RULE`. It comes by a trunk that is only believed its
    /// From. Further columns change that: `trusted`, `outbound`, or a header line.
    pub(super) fn of(row: &[&str]) -> Result<Self> {
        let [name, caller, called, expected, more @ ..] = row else {
            bail!("a call has four columns: {}", row.join(" | "));
        };
        let mut call = Self {
            name: (*name).to_owned(),
            way: CARRIER,
            from: if caller.contains('<') {
                (*caller).to_owned()
            } else {
                format!("<sip:{caller}@{}>", CARRIER.0)
            },
            called: if called.is_empty() { MAIN } else { called }.to_owned(),
            headers: String::new(),
            expected: (*expected).to_owned(),
        };
        for column in more {
            match *column {
                "trusted" => call.way = TRUSTED,
                "outbound" => call.way = USERS,
                header => call.headers.push_str(&format!("{header}\r\n")),
            }
        }
        Ok(call)
    }

    fn call_id(index: usize) -> String {
        format!("rules-{index}-{}", std::process::id())
    }

    fn source(&self) -> Result<SocketAddr> {
        Ok(SocketAddr::new(self.way.0.parse()?, 0))
    }

    fn invite(&self, index: usize) -> Result<Invite> {
        let destination: SocketAddr = self.way.1.parse()?;
        let (from, called, more) = (&self.from, &self.called, &self.headers);
        Ok(Invite {
            destination,
            request_uri: format!("sip:{called}@{destination}"),
            headers: format!(
                "From: {from};tag=1\r\nTo: <sip:{called}@{destination}>\r\nCall-ID: {}\r\n\
                 CSeq: 1 INVITE\r\n{more}",
                Self::call_id(index)
            ),
        })
    }
}

/// Places all calls at once, asks about each, and says what became of them. `first` numbers them.
pub(super) fn place_all(
    lab: &Lab,
    daemon: &Daemon<'_>,
    first: usize,
    calls: &[Call],
) -> Result<Vec<Case>> {
    let (placed, answers) = std::thread::scope(|scope| {
        let placing = scope.spawn(|| lab.network.carrier.run(|| by_hand(first, calls)));
        let answers = ask_all(lab, daemon, first, calls);
        let placed = placing
            .join()
            .unwrap_or_else(|_| bail!("a caller's thread panicked"));
        (placed, answers)
    });
    let (placed, answers) = (placed?, answers?);
    let expected = calls
        .iter()
        .filter(|call| {
            call.expected.starts_with("blocked") || call.expected.starts_with("monitored")
        })
        .count();
    let logged = log_of(daemon, first..first + calls.len(), expected)?;
    let reached = answerer::received(lab)?;
    let mut cases = Vec::new();
    for (offset, ((call, placed), answer)) in calls.iter().zip(placed).zip(answers).enumerate() {
        let id = Call::call_id(first + offset);
        let fate = Fate {
            placed,
            is_reached: reached.contains(&id),
            entry: logged.get(&id),
        };
        // A rule without a name ends the sentence.
        let seen = fate.beside(&answer).trim_end().to_owned();
        cases.push(Case::new(&call.name, &call.expected, seen));
    }
    Ok(cases)
}

/// Threads inherit the carrier's network from the one that starts them.
fn by_hand(first: usize, calls: &[Call]) -> Result<Vec<Placed>> {
    std::thread::scope(|scope| {
        let threads: Vec<_> = calls
            .iter()
            .enumerate()
            .map(|(offset, call)| {
                scope.spawn(move || {
                    sip::place(call.source()?, &call.invite(first + offset)?, PATIENCE)
                })
            })
            .collect();
        threads
            .into_iter()
            .map(|thread| {
                thread
                    .join()
                    .unwrap_or_else(|_| bail!("a caller's thread panicked"))
            })
            .collect()
    })
}

fn ask_all(lab: &Lab, daemon: &Daemon<'_>, first: usize, calls: &[Call]) -> Result<Vec<Value>> {
    calls
        .iter()
        .enumerate()
        .map(|(offset, call)| {
            let text = sip::text(&call.invite(first + offset)?, call.source()?);
            let path = lab.folder.join("message.sip");
            std::fs::write(&path, text)?;
            let path = path.to_str().context("the lab's folder is no text")?;
            daemon.ask(&["check", "--message", path, "--from", call.way.0])
        })
        .collect()
}

/// Entries of the daemon's log by Call-ID; waits until there are as many of ours as expected.
fn log_of(
    daemon: &Daemon<'_>,
    ours: std::ops::Range<usize>,
    expected: usize,
) -> Result<BTreeMap<String, Value>> {
    let ours: Vec<String> = ours.map(Call::call_id).collect();
    let deadline = Instant::now() + SETTLE;
    loop {
        let calls = daemon.ask(&["calls", "--limit", "10000"])?;
        let entries = calls
            .get("calls")
            .and_then(Value::as_array)
            .context("`blacklistd calls` printed no calls")?;
        let logged: BTreeMap<String, Value> = entries
            .iter()
            .filter_map(|entry| Some((entry.get("call_id")?.as_str()?.to_owned(), entry.clone())))
            .filter(|(id, _)| ours.contains(id))
            .collect();
        if logged.len() >= expected || Instant::now() > deadline {
            return Ok(logged);
        }
        std::thread::sleep(Duration::from_millis(50));
    }
}

/// What became of a call, as both ends and the daemon's log know it.
struct Fate<'a> {
    placed: Placed,
    is_reached: bool,
    entry: Option<&'a Value>,
}

impl Fate<'_> {
    fn word(&self) -> &'static str {
        match (self.is_reached, self.placed.answered, self.entry.is_some()) {
            (true, true, false) => "through",
            (false, false, true) => "blocked",
            (true, true, true) => "through, but logged",
            (false, false, false) => "lost without a trace",
            (true, false, _) => "reached, but not answered",
            (false, true, _) => "answered, but by nobody of ours",
        }
    }

    /// In the words in which it is expected, if all agree; else what each says.
    fn beside(&self, answer: &Value) -> String {
        let text = |pointer: &str| answer.pointer(pointer).and_then(Value::as_str);
        let agree = answer.get("agree") == Some(&Value::Bool(true));
        let decision = text("/decision").unwrap_or("nothing");
        let decided_by = named(answer);
        let leaves = text("/kernel/leaves").is_some();
        let is_monitored = text("/outcome") == Some("monitored");
        let same_rule = match self.entry {
            None => true,
            Some(entry) => is_of(entry, answer),
        };
        match (self.word(), decision) {
            ("through, but logged", "pass") if agree && same_rule && is_monitored => {
                format!("monitored: {decided_by}")
            }
            ("blocked", "block") if agree && same_rule => format!("blocked: {decided_by}"),
            ("through", "pass") if agree && decided_by.is_empty() => "through".to_owned(),
            ("through", "pass") if agree => format!("through: {decided_by}"),
            ("through", "block") if leaves => format!("left to user space: {decided_by}"),
            (live, _) => format!(
                "live: {live}{}; engine: {decision} {decided_by} ({}); kernel: {}; agree: {agree}",
                self.entry
                    .and_then(|entry| entry.get("pattern"))
                    .map(|pattern| format!(" by {pattern}"))
                    .unwrap_or_default(),
                text("/outcome").unwrap_or_default(),
                answer.get("kernel").unwrap_or(&Value::Null),
            ),
        }
    }
}

/// Whether an entry of the log names what the engine names.
fn is_of(entry: &Value, answer: &Value) -> bool {
    let logged = entry.get("rule").and_then(Value::as_u64);
    match answer.pointer("/rule/id").and_then(Value::as_u64) {
        Some(id) => logged == Some(id),
        // A scope's default has a number of its own, above those of rules.
        None => {
            answer.get("default_of").is_some() && logged.is_none_or(|id| id == 0 || id >= 1 << 31)
        }
    }
}

/// What decided: a rule's comment, a scope's default, the safety floor; empty if nothing did.
fn named(answer: &Value) -> String {
    let text = |pointer: &str| answer.pointer(pointer).and_then(Value::as_str);
    if let Some(comment) = text("/rule/comment") {
        return comment.to_owned();
    }
    if let Some(scope) = text("/default_of") {
        return format!("default of {scope}");
    }
    match text("/step") {
        Some("safety-floor") => "safety floor".to_owned(),
        _ => String::new(),
    }
}
