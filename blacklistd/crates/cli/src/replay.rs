//! `blacklistd replay`.

use std::fs::File;
use std::io::{Cursor, Read as _};
use std::path::{Path, PathBuf};

use super::client::Client;
use super::error::CliError;
use super::target::Target;
use super::{output, progress};
use blacklist_wire::{ReplayObject, ReplayedCall, VerdictObject};

/// A capture, and candidate rules.
#[derive(Debug, clap::Args)]
pub(super) struct ReplayCommand {
    /// A capture, pcap or pcapng.
    #[arg(value_name = "FILE.pcap")]
    file: PathBuf,
    /// Candidate rules, a file as for `apply`: shows which verdicts would change. Nothing is
    /// changed.
    #[arg(long, value_name = "FILE")]
    rules: Option<PathBuf>,
    /// Only calls whose verdict would change.
    #[arg(long, requires = "rules")]
    changes: bool,
}

fn cannot_read(path: &Path) -> impl Fn(std::io::Error) -> CliError + '_ {
    move |error| CliError::Failed(format!("cannot read {}: {error}", path.display()))
}

pub(super) fn run(
    command: &ReplayCommand,
    client: &Client,
    json: bool,
) -> Result<String, CliError> {
    let path = &command.file;
    let capture = File::open(path).map_err(cannot_read(path))?;
    let length = capture.metadata().map_err(cannot_read(path))?.len();
    let mut candidate = Vec::new();
    let mut target = Target::new("/v1/replay");
    if let Some(path) = &command.rules {
        candidate = std::fs::read(path).map_err(cannot_read(path))?;
        target = target
            .key("candidate", path.display())
            .key("candidate_bytes", candidate.len());
    }
    let bar = progress::bytes(Some(length), "capture", json);
    let shown = bar.clone();
    let input = Cursor::new(candidate).chain(capture);
    let replay: Result<ReplayObject, CliError> =
        client.post_stream(&target, input, move |sent| progress::sent(&shown, sent));
    bar.finish_and_clear();
    let mut replay = replay?;
    if command.changes {
        replay.calls.retain(|call| call.changes);
    }
    if json {
        return output::json(&replay);
    }
    Ok(view(&replay, command.rules.is_some()))
}

fn verdict(verdict: &VerdictObject) -> String {
    if verdict.decided_by.is_empty() {
        format!("{} ({})", verdict.decision, verdict.outcome)
    } else {
        let pattern = if verdict.pattern.is_empty() {
            String::new()
        } else {
            format!(" {}", verdict.pattern)
        };
        format!("{} by {}{pattern}", verdict.decision, verdict.decided_by)
    }
}

fn row(call: &ReplayedCall) -> [String; 8] {
    [
        call.packet.to_string(),
        call.time.clone().unwrap_or_default(),
        call.source.clone(),
        call.caller.clone(),
        call.called.clone(),
        verdict(&call.now),
        match (&call.kernel, call.agree) {
            (None, _) => "not asked".to_owned(),
            (Some(outcome), true) => outcome.clone(),
            (Some(outcome), false) => format!("{outcome} !!!"),
        },
        match &call.then {
            None => String::new(),
            Some(then) if call.changes => format!("-> {}", verdict(then)),
            Some(then) => verdict(then),
        },
    ]
}

fn view(replay: &ReplayObject, has_candidate: bool) -> String {
    let columns = [
        "packet",
        "time",
        "from",
        "caller",
        "called",
        "rules",
        "kernel",
        "candidate",
    ];
    let mut table = output::table(columns, &["packet"]);
    for call in &replay.calls {
        table.add_row(row(call));
    }
    if !has_candidate && let Some(column) = table.column_mut(columns.len() - 1) {
        column.set_constraint(comfy_table::ColumnConstraint::Hidden);
    }
    let mut lines = vec![table.to_string()];
    lines.push(format!(
        "{}: {} blocked, {} go through",
        blacklist_model::count(replay.blocked + replay.passed, "call"),
        replay.blocked,
        replay.passed
    ));
    if has_candidate {
        lines.push(format!(
            "with the candidate: {} more blocked, {} more go through",
            replay.newly_blocked, replay.newly_passed
        ));
    }
    if replay.disagreements > 0 {
        lines.push(format!(
            "!!! engine and kernel differ for {}: report this output",
            blacklist_model::count(replay.disagreements, "call")
        ));
    }
    let counts = &replay.counts;
    lines.push(format!(
        "the capture: {}, {}, {}, {} over TCP not read, {} not read",
        blacklist_model::count(counts.packets, "packet"),
        blacklist_model::count(counts.invites, "INVITE"),
        blacklist_model::count(counts.lost_fragments, "lost fragment"),
        blacklist_model::count(counts.unread_tcp_invites, "INVITE"),
        blacklist_model::count(counts.unread_packets, "packet")
    ));
    lines.extend(replay.problem.clone());
    let mut text = lines.join("\n");
    output::add_notes(&mut text, &replay.warnings);
    text
}
