//! `blacklistd calls`: the log of blocked calls.

mod follow;

use std::path::PathBuf;

use clap::{Subcommand, ValueEnum};

use super::client::Client;
use super::error::CliError;
use super::export::download;
use super::output;
use super::target::Target;
use blacklist_figures::BlockedCall;
use blacklist_wire::{CallList, DEFAULT_CALLS, ForgottenObject};

/// Which calls, or what to do with them.
#[derive(Debug, clap::Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(super) struct CallsCommand {
    #[command(subcommand)]
    command: Option<CallsSubcommand>,
    #[command(flatten)]
    filters: Filters,
    /// Maximum number of calls to show.
    #[arg(long, value_name = "N", default_value_t = DEFAULT_CALLS)]
    limit: usize,
    /// Only calls before the one with this id: the next page.
    #[arg(long, value_name = "ID")]
    before: Option<u64>,
    /// Continues with new calls as they come, until interrupted.
    #[arg(long, short, conflicts_with = "before")]
    follow: bool,
}

#[derive(Debug, Subcommand)]
enum CallsSubcommand {
    /// Shows everything about one call.
    Show(ShowCommand),
    /// Writes calls to a file, the oldest first.
    Export(Box<ExportCommand>),
    /// Removes a number from the log of calls.
    Forget(ForgetCommand),
}

/// One call.
#[derive(Debug, clap::Args)]
struct ShowCommand {
    /// Its id.
    id: u64,
}

/// Which calls.
#[derive(Debug, Default, clap::Args)]
struct Filters {
    /// Begun at this time or later: 2h (two hours ago), today, 2026-12-24, or RFC 3339.
    #[arg(long, value_name = "TIME")]
    since: Option<String>,
    /// Begun before this time; a date is included.
    #[arg(long, value_name = "TIME")]
    until: Option<String>,
    /// Begun today.
    #[arg(long, conflicts_with_all = ["since", "until"])]
    today: bool,
    /// From this number in any spelling of the default dial plan, or from a prefix followed by
    /// `*`.
    #[arg(long, value_name = "NUMBER")]
    caller: Option<String>,
    /// To this number.
    #[arg(long, value_name = "NUMBER")]
    called: Option<String>,
    /// Blocked by this rule.
    #[arg(long, value_name = "ID")]
    rule: Option<u32>,
    /// By a rule of this list.
    #[arg(long, value_name = "NAME")]
    list: Option<String>,
    /// With this action: drop, monitor, ...
    #[arg(long, value_name = "ACTION")]
    action: Option<String>,
    /// With this outcome: dropped, steered, monitored, unanswered; refused, diverted.
    #[arg(long, value_name = "OUTCOME")]
    outcome: Option<String>,
    /// Over this trunk.
    #[arg(long, value_name = "NAME")]
    trunk: Option<String>,
    /// inbound or outbound.
    #[arg(long, value_name = "DIRECTION")]
    direction: Option<String>,
}

impl Filters {
    fn target(&self, path: &str) -> Target {
        let since = if self.today {
            Some("today".to_owned())
        } else {
            self.since.clone()
        };
        Target::new(path)
            .maybe("since", since)
            .maybe("until", self.until.as_ref())
            .maybe("caller", self.caller.as_ref())
            .maybe("called", self.called.as_ref())
            .maybe("rule", self.rule)
            .maybe("list", self.list.as_ref())
            .maybe("action", self.action.as_ref())
            .maybe("outcome", self.outcome.as_ref())
            .maybe("trunk", self.trunk.as_ref())
            .maybe("direction", self.direction.as_ref())
    }

    fn are_any(&self) -> bool {
        self.target("").as_str() != ""
    }
}

pub(super) fn run(command: &CallsCommand, client: &Client, json: bool) -> Result<String, CliError> {
    match &command.command {
        Some(CallsSubcommand::Show(show)) => {
            let call: BlockedCall = client.get(&Target::new("/v1/calls").part(show.id))?;
            if json {
                return output::json(&call);
            }
            return Ok(one(&call));
        }
        Some(CallsSubcommand::Export(export)) => return write_export(export, client, json),
        Some(CallsSubcommand::Forget(forget)) => return forget_number(forget, client, json),
        None => {}
    }
    if command.follow {
        return follow::run(command, client, json);
    }
    let target = command
        .filters
        .target("/v1/calls")
        .key("limit", command.limit)
        .maybe("before", command.before);
    let list: CallList = client.get(&target)?;
    if json {
        return output::json(&list);
    }
    Ok(page(&list, command))
}

fn page(list: &CallList, command: &CallsCommand) -> String {
    let mut text = if !list.calls.is_empty() {
        table(&list.calls)
    } else if command.filters.are_any() || command.before.is_some() {
        "no matching calls".to_owned()
    } else {
        "no call has been blocked yet".to_owned()
    };
    if list.more
        && let Some(last) = list.calls.last()
    {
        text.push_str(&format!("\nthere are more: add --before {}", last.id));
    }
    if list.lost > 0 {
        text.push_str(&format!(
            "\nthe records of {} were lost under load, but the calls are counted (`blacklistd stats`)",
            blacklist_model::count(list.lost, "call")
        ));
    }
    text
}

fn table(calls: &[BlockedCall]) -> String {
    let columns = [
        "id", "time", "caller", "called", "rule", "pattern", "list", "outcome", "packets", "from",
        "trunk", "Call-ID",
    ];
    let mut table = output::table(columns, &["id", "rule", "packets"]);
    for call in calls {
        table.add_row([
            call.id.to_string(),
            call.time.clone(),
            party(&call.caller, &call.caller_as_sent),
            party(&call.called, &call.called_as_sent),
            call.rule.to_string(),
            call.pattern.clone(),
            call.list.clone(),
            call.outcome.clone(),
            packets(call),
            call.source.clone(),
            call.trunk.clone(),
            call.call_id.clone(),
        ]);
    }
    table.to_string()
}

/// Packets; `…` if more may come.
fn packets(call: &BlockedCall) -> String {
    let more = if call.open { "…" } else { "" };
    format!("{}{more}", call.packets)
}

/// The number, and how it was spelled if that differs.
pub(super) fn party(number: &str, as_sent: &str) -> String {
    if number == as_sent || as_sent.is_empty() {
        number.to_owned()
    } else {
        format!("{number} ({as_sent})")
    }
}

/// All that is known of a call.
fn one(call: &BlockedCall) -> String {
    let rule = if call.rule == 0 {
        call.pattern.clone()
    } else {
        format!("{} ({})", call.rule, call.pattern)
    };
    output::lines(&[
        ("call", call.id.to_string()),
        ("first", call.time.clone()),
        ("last", call.last.clone()),
        ("packets", packets(call)),
        ("direction", call.direction.clone()),
        ("caller", party(&call.caller, &call.caller_as_sent)),
        ("called", party(&call.called, &call.called_as_sent)),
        ("rule", rule),
        ("list", call.list.clone()),
        ("scope", call.scope.clone()),
        ("action", call.action.clone()),
        ("outcome", call.outcome.clone()),
        (
            "status",
            call.status
                .map(|status| status.to_string())
                .unwrap_or_default(),
        ),
        ("identity", call.identity.clone()),
        ("verstat", call.verstat.clone()),
        ("from", call.source.clone()),
        ("to", call.destination.clone()),
        ("trunk", call.trunk.clone()),
        ("path", call.path.clone()),
        ("interface", call.interface.clone()),
        ("Call-ID", call.call_id.clone()),
        ("generation", call.generation.to_string()),
        (
            "held for",
            call.duration
                .map(|seconds| format!("{seconds} s"))
                .unwrap_or_default(),
        ),
        ("PIN", call.pin.clone().unwrap_or_default()),
    ])
}

/// What is written, and where.
#[derive(Debug, clap::Args)]
struct ExportCommand {
    /// The file to write [default: stdout].
    file: Option<PathBuf>,
    /// `csv`, or `jsonl` for a JSON object on each line [default: by the file's name, else csv].
    #[arg(long, value_enum)]
    format: Option<FormatWord>,
    #[command(flatten)]
    filters: Filters,
    /// Maximum number of calls to write.
    #[arg(long, value_name = "N")]
    limit: Option<usize>,
    /// Overwrites an existing file.
    #[arg(long)]
    force: bool,
}

/// A form of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum FormatWord {
    /// A table.
    Csv,
    /// A JSON object on each line.
    Jsonl,
}

fn write_export(command: &ExportCommand, client: &Client, json: bool) -> Result<String, CliError> {
    let by_name = command
        .file
        .as_ref()
        .and_then(|file| file.extension())
        .is_some_and(|extension| extension == "jsonl" || extension == "ndjson");
    let format = match (command.format, by_name) {
        (Some(FormatWord::Jsonl), _) | (None, true) => "jsonl",
        (Some(FormatWord::Csv), _) | (None, false) => "csv",
    };
    let target = command
        .filters
        .target("/v1/calls/export")
        .key("format", format)
        .maybe("limit", command.limit);
    download(
        command.file.as_deref(),
        command.force,
        &target,
        client,
        json,
    )
}

/// Whose calls.
#[derive(Debug, clap::Args)]
struct ForgetCommand {
    /// The number, in any spelling of the default dial plan.
    number: String,
}

fn forget_number(command: &ForgetCommand, client: &Client, json: bool) -> Result<String, CliError> {
    let target = Target::new("/v1/calls").key("number", &command.number);
    let forgotten: ForgottenObject = client.delete(&target)?;
    if json {
        return output::json(&forgotten);
    }
    let mut text = format!(
        "{} of {} removed from the log, {} from the sample of calls that passed",
        blacklist_model::count(forgotten.calls, "call"),
        forgotten.number,
        forgotten.seen
    );
    if forgotten.attempts > 0 {
        text.push_str(&format!(
            ", {} from the audit",
            blacklist_model::count(forgotten.attempts, "PIN attempt")
        ));
    }
    if !forgotten.rules.is_empty() {
        let ids: Vec<String> = forgotten.rules.iter().map(ToString::to_string).collect();
        text.push_str(&format!(
            "\nit is still in rule {} (and in the history of rules): see `blacklistd rule remove`",
            ids.join(", ")
        ));
    }
    Ok(text)
}
