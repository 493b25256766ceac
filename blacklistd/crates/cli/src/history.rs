//! `blacklistd history`, `diff` and `rollback`: the generations.

use super::change_options::ChangeOptions;
use super::changes;
use super::client::Client;
use super::error::CliError;
use super::output;
use super::target::Target;
use blacklist_wire::{
    DEFAULT_DIFFERENCES, DEFAULT_GENERATIONS, DiffObject, GenerationObject, HistoryList,
    UndoneObject,
};

/// Which generations.
#[derive(Debug, clap::Args)]
pub(super) struct HistoryCommand {
    /// Maximum number of generations to show.
    #[arg(long, value_name = "N", default_value_t = DEFAULT_GENERATIONS)]
    limit: u64,
    /// Only generations older than this one.
    #[arg(long, value_name = "GENERATION")]
    before: Option<u64>,
}

pub(super) fn list(
    command: &HistoryCommand,
    client: &Client,
    json: bool,
) -> Result<String, CliError> {
    let target = Target::new("/v1/history")
        .key("limit", command.limit)
        .maybe("before", command.before);
    let list: HistoryList = client.get(&target)?;
    if json {
        return output::json(&list);
    }
    let columns = [
        "generation",
        "time",
        "by",
        "from",
        "action",
        "added",
        "changed",
        "removed",
        "what",
    ];
    let numbers = ["generation", "added", "changed", "removed"];
    let mut table = output::table(columns, &numbers);
    for row in &list.generations {
        table.add_row(cells(row));
    }
    Ok(table.to_string())
}

fn cells(row: &GenerationObject) -> [String; 9] {
    [
        row.generation.to_string(),
        row.at.clone(),
        row.author.clone(),
        row.source.clone(),
        row.action.clone(),
        row.added.to_string(),
        row.changed.to_string(),
        row.removed.to_string(),
        row.summary.clone(),
    ]
}

/// Two generations.
#[derive(Debug, clap::Args)]
pub(super) struct DiffCommand {
    /// The first generation; 0 is the empty state before all generations.
    from: u64,
    /// The second generation.
    to: u64,
    /// Maximum number of differences to show.
    #[arg(long, value_name = "N", default_value_t = DEFAULT_DIFFERENCES)]
    limit: usize,
}

pub(super) fn diff(command: &DiffCommand, client: &Client, json: bool) -> Result<String, CliError> {
    let target = Target::new("/v1/diff")
        .key("from", command.from)
        .key("to", command.to)
        .key("limit", command.limit);
    let diff: DiffObject = client.get(&target)?;
    if json {
        return output::json(&diff);
    }
    let mut lines = changes::lines(&diff.changes, diff.more);
    lines.push(format!(
        "from generation {} to {}: {} added, {} changed, {} removed",
        diff.from, diff.to, diff.added, diff.changed, diff.removed
    ));
    Ok(lines.join("\n"))
}

/// Which generation.
#[derive(Debug, clap::Args)]
pub(super) struct RollbackCommand {
    /// The generation to restore; see `blacklistd history`.
    generation: u64,
    #[command(flatten)]
    change: ChangeOptions,
}

pub(super) fn roll_back(
    command: &RollbackCommand,
    client: &Client,
    json: bool,
) -> Result<String, CliError> {
    let target = Target::new(&format!("/v1/history/{}/rollback", command.generation));
    let object: UndoneObject = client.post(&command.change.on(target), &serde_json::json!({}))?;
    if json {
        return output::json(&object);
    }
    Ok(undone(
        &format!("everything as in generation {}", command.generation),
        &object,
    ))
}

/// What a step back did, or would do.
pub(super) fn undone(what: &str, undone: &UndoneObject) -> String {
    let counts = format!(
        "{} restored, {} changed, {} removed",
        blacklist_model::count(undone.added, "rule"),
        undone.changed,
        undone.removed
    );
    let mut text = match (undone.made, undone.dry_run) {
        (Some(generation), _) => format!("{what}: {counts}; generation {generation}"),
        (None, true) => format!("{what}, dry run: {counts}"),
        (None, false) => format!("{what}: nothing to change"),
    };
    output::add_notes(&mut text, &undone.warnings);
    text
}
