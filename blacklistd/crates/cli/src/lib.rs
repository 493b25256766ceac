//! The command line: one file for each command. Each returns the text that it prints; what goes
//! wrong is a sentence and an exit code.

mod apply;
mod audit;
mod backup;
mod calls;
mod change_options;
mod changes;
mod check;
mod client;
mod config_check;
mod detach;
mod doctor;
mod error;
mod export;
mod feed;
mod generate;
mod grant;
mod history;
mod import;
mod lint;
mod list;
mod local;
mod mirror;
mod output;
mod pin;
mod progress;
mod reload;
mod replay;
mod rule;
mod scope;
mod seen;
mod stats;
mod status;
mod target;
mod top;
mod whole_file;
mod word;

use std::io::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

use blacklist_wire::{DEFAULT_CONFIGURATION, DEFAULT_SOCKET, ErrorObject};
use clap::{Parser, Subcommand};

use client::Client;
use error::CliError;
pub use local::{CheckedBackup, ConfigurationSummary, LocalCommands};

/// SIP call blocker: drops the calls of blocked callers in the kernel.
#[derive(Debug, Parser)]
#[command(name = "blacklistd", version, propagate_version = true)]
struct Cli {
    /// The daemon's control socket [default: /run/blacklist/control.sock].
    #[arg(long, global = true, env = "BLACKLIST_SOCKET", value_name = "PATH")]
    socket: Option<PathBuf>,
    /// Prints JSON for machines; errors too.
    #[arg(long, global = true)]
    json: bool,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Runs the daemon.
    Run(ConfigPath),
    /// Adds, lists and changes rules.
    #[command(subcommand)]
    Rule(rule::RuleCommand),
    /// Adds, shows and changes named lists of rules.
    #[command(subcommand)]
    List(list::ListCommand),
    /// Adds, shows and changes scopes: accounts, groups, local numbers.
    #[command(subcommand)]
    Scope(scope::ScopeCommand),
    /// Sets and removes PINs with which callers get past the rules.
    #[command(subcommand)]
    Pin(pin::PinCommand),
    /// Lets two parties call each other for a while, whatever the rules say.
    #[command(subcommand)]
    Grant(grant::GrantCommand),
    /// Makes the rules match a file, as one change, and shows the difference.
    Apply(apply::ApplyCommand),
    /// Imports rules from a CSV file or a list of numbers, as one change.
    Import(Box<import::ImportCommand>),
    /// Writes rules to a file.
    Export(export::ExportCommand),
    /// Writes a list in the form of Kamailio, OpenSIPS or Asterisk, and keeps it up to date.
    Mirror(mirror::MirrorCommand),
    /// Subscribes to lists that others maintain.
    #[command(subcommand)]
    Feed(Box<feed::FeedCommand>),
    /// Judges the calls in a capture by the rules, and by other rules.
    Replay(replay::ReplayCommand),
    /// Checks all rules: shadowed ones, ones that can never match.
    Lint,
    /// Shows the generations, the newest first: who changed what, when.
    History(history::HistoryCommand),
    /// Shows the difference between two generations.
    Diff(history::DiffCommand),
    /// Restores the state of a generation, as a new one.
    Rollback(history::RollbackCommand),
    /// Shows changes with the values before and after.
    Audit(audit::AuditCommand),
    /// Writes a complete, checked copy of the rules' database while blacklistd runs.
    Backup(backup::BackupCommand),
    /// Shows whether calls are judged, how, and what became of packets.
    Status,
    /// Shows what was blocked in a period: by hour, action, list, caller, trunk and rule.
    Stats(stats::StatsCommand),
    /// Shows blocked calls, the newest first; follows, exports and forgets them.
    Calls(Box<calls::CallsCommand>),
    /// Shows calls that passed: a sample of recent ones, with the numbers as the blocker reads them.
    Seen(seen::SeenCommand),
    /// Shows live rates, verdicts, rules and callers on the screen; blocks a caller.
    Top(top::TopCommand),
    /// Shows what would happen to a call, by which rule, in which step.
    Check(check::CheckCommand),
    /// Looks for mistakes of a new installation, with a remedy for each; exit code 1 if there are
    /// any.
    Doctor(ConfigPath),
    /// Reads the configuration again: it is in force as a whole, or the one before stays and the exit code
    /// is 1.
    Reload,
    /// Detaches the program from all interfaces and removes its tables; rules stay.
    Detach(ConfigPath),
    /// Checks the configuration.
    #[command(subcommand)]
    Config(config_check::ConfigCommand),
    /// Prints completions for a shell.
    Completions(generate::CompletionsCommand),
    /// Prints the manual page, of the program or of one command.
    Man(generate::ManCommand),
}

/// Where the configuration is.
#[derive(Debug, clap::Args)]
pub(crate) struct ConfigPath {
    /// The configuration.
    #[arg(long, env = "BLACKLIST_CONFIG", value_name = "PATH", default_value = DEFAULT_CONFIGURATION)]
    config: PathBuf,
}

/// Reads the command line, runs the command, and prints its text or its error once.
pub fn main(local: &dyn LocalCommands) -> ExitCode {
    let cli = Cli::parse();
    let json = cli.json;
    match cli.run(local) {
        Ok(text) if text.is_empty() => ExitCode::SUCCESS,
        // Whoever closed the pipe has read enough.
        Ok(text) => match writeln!(std::io::stdout(), "{text}") {
            Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => ExitCode::FAILURE,
            Ok(()) | Err(_) => ExitCode::SUCCESS,
        },
        Err(CliError::Report(report)) => {
            // If stdout is closed there is nowhere to report it; the exit code says enough.
            let _ = writeln!(std::io::stdout(), "{report}");
            ExitCode::FAILURE
        }
        Err(error) => {
            let sentence = error.to_string();
            let text = if json {
                let object = ErrorObject { error: sentence };
                serde_json::to_string(&object).unwrap_or_default()
            } else {
                format!("blacklistd: {}", sentence.replace('\n', "\nblacklistd: "))
            };
            // If stderr is closed there is nowhere to report it.
            let _ = writeln!(std::io::stderr(), "{text}");
            ExitCode::from(error.exit_code())
        }
    }
}

impl Cli {
    fn run(self, local: &dyn LocalCommands) -> Result<String, CliError> {
        let Self {
            socket,
            json,
            command,
        } = self;
        let named = socket.clone();
        let client = Client::new(socket.unwrap_or_else(|| PathBuf::from(DEFAULT_SOCKET)));
        match command {
            Command::Run(path) => {
                local.run_daemon(&path.config).map_err(CliError::failed)?;
                Ok(String::new())
            }
            Command::Rule(command) => rule::run(command, &client, json),
            Command::List(command) => list::run(&command, &client, json),
            Command::Scope(command) => scope::run(&command, &client, json),
            Command::Pin(command) => pin::run(&command, &client, json),
            Command::Grant(command) => grant::run(&command, &client, json),
            Command::Apply(command) => apply::run(&command, &client, json),
            Command::Import(command) => import::run(&command, local, &client, json),
            Command::Export(command) => export::run(&command, &client, json),
            Command::Mirror(command) => mirror::run(&command, &client, json),
            Command::Feed(command) => feed::run(&command, &client, json),
            Command::Replay(command) => replay::run(&command, &client, json),
            Command::Lint => lint::run(&client, json),
            Command::History(command) => history::list(&command, &client, json),
            Command::Diff(command) => history::diff(&command, &client, json),
            Command::Rollback(command) => history::roll_back(&command, &client, json),
            Command::Audit(command) => audit::run(&command, &client, json),
            Command::Backup(command) => backup::run(&command, local, &client, json),
            Command::Status => status::run(&client, json),
            Command::Stats(command) => stats::run(&command, &client, json),
            Command::Seen(command) => seen::run(&command, &client, json),
            Command::Top(command) => top::run(&command, &client, json),
            Command::Calls(command) => calls::run(&command, &client, json),
            Command::Check(command) => check::run(command, &client, json),
            Command::Doctor(path) => doctor::run(&path, local, named.as_deref(), json),
            Command::Reload => reload::run(&client, json),
            Command::Detach(path) => detach::run(&path.config, local, named, json),
            Command::Config(command) => config_check::run(&command, local, json),
            Command::Completions(command) => generate::completions(&command),
            Command::Man(command) => generate::man(&command),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory as _;

    #[test]
    fn the_command_line_is_well_formed() {
        Cli::command().debug_assert();
    }

    #[test]
    fn every_documented_command_is_understood() {
        let rows = [
            "run --config /tmp/b.toml",
            "rule add +4930* --block --scope number:+49301234 --direction both --action monitor --dial-plan de --comment x --disabled",
            "rule add alice --allow --json",
            "rule add +1 +2 anonymous --list spam --scope group:sales --scope account:acme --mandatory --from 2026-12-24 --for 2h",
            "rule add +1* --until 2026-12-24 --schedule mo-fr --not-mandatory --dry-run --force",
            "rule list",
            "rule list --list spam --scope global --match prefix --search 415 --limit 5 --offset 10 --timed --origin manual --enabled",
            "rule edit 1 --inherit kind,scope --inherit until --list spam",
            "rule disable 1 2 3",
            "list add spam --allow --scope group:sales --direction both --action monitor --mandatory --disabled --comment x",
            "list list",
            "list show spam",
            "list edit spam --rename ham --no-action --not-mandatory --scope global",
            "list enable spam",
            "list disable spam",
            "list assign spam account:acme number:+1",
            "list unassign spam global",
            "list remove spam --with-rules",
            "scope add account:acme --default block --member +1 --comment x",
            "scope list --search acme",
            "scope show account:acme",
            "scope edit account:acme --default unset",
            "scope remove account:acme",
            "scope member add group:sales +1 +2",
            "scope member remove group:sales +1",
            "scope member list group:sales",
            "apply -f rules.toml --dry-run --force",
            "import numbers.csv --list spam --map number=Phone,comment=Subject --skip-bad --rejects bad.csv --dry-run --delimiter ; --encoding utf-8 --header yes --dial-plan us --scope global --allow",
            "import -",
            "import undo 7 --dry-run",
            "export",
            "export rules.toml --list spam --force",
            "export --format csv --scope global --match exact --origin import:7 --search 415",
            "mirror /etc/kamailio/db/blacklist --format kamailio-htable --list spam --plus= --follow --every 10s --then true",
            "mirror - --format asterisk",
            "import table --format db-text --list spam",
            "import - --format asterisk",
            "feed add https://lists.example/spam.csv --every 1h --list spam --map number=Phone --keep 30d --max-bad 5 --max-shrink 50 --name spam",
            "feed list",
            "feed show spam",
            "feed edit spam --every 2h",
            "feed enable spam",
            "feed disable spam",
            "feed run spam --force",
            "feed remove spam --with-rules",
            "replay calls.pcap --rules candidate.toml --changes",
            "lint",
            "history --limit 3",
            "diff 1 2",
            "rollback 2 --dry-run",
            "audit --since 2026-01-01 --author root --rule 7 --list spam --limit 9",
            "backup /tmp/copy.db --force",
            "check --message /tmp/invite --from 192.0.2.1",
            "pin set account:acme",
            "pin set number:+13125550199 --generate --dry-run",
            "pin rotate global",
            "pin remove group:sales",
            "pin list",
            "pin unlock +13125550199",
            "grant add +13125550199 +14155550100 --for 15m",
            "grant add 100 alice --once --dial-plan none",
            "grant add 100 alice",
            "grant list",
            "grant revoke 1 2",
            "audit --action pin",
            "rule show 1",
            "rule edit 1 --pattern +49* --allow --enabled",
            "rule enable 1",
            "rule disable 1",
            "rule remove 1",
            "status --json",
            "stats",
            "stats --today --top 3",
            "stats --since 7d --until 2026-12-24",
            "calls --limit 5",
            "calls --since 2h --caller +4930* --called 100 --rule 7 --list spam --action drop --outcome dropped --trunk carrier --direction inbound --before 9",
            "calls --today -f",
            "calls show 7",
            "calls export --format jsonl --since 7d",
            "calls export calls.csv --force",
            "calls forget +14155550100",
            "seen --search 415 --trunk carrier --limit 3",
            "rule add --last-caller --list nuisance",
            "rule add +1 --action reject",
            "rule add +1 --action reject:network-blocked",
            "list add x --action reject:607",
            "rule add --from-call s17 --comment x",
            "top --every 250ms --count 3 --json",
            "top --every 60s",
            "check +491 +492 --trunk carrier",
            "check +491 +492 --from 192.0.2.1 --direction inbound",
            "doctor --config /tmp/b.toml --json",
            "detach --config /tmp/b.toml",
            "reload",
            "config check /tmp/b.toml",
            "config check",
            "completions bash",
            "man rule add",
            "--socket /tmp/s --json status",
        ];
        for row in rows {
            let words = std::iter::once("blacklistd").chain(row.split(' '));
            assert!(Cli::try_parse_from(words).is_ok(), "{row}");
        }
        for row in [
            "rule add",
            "rule add +1 --allow --block",
            "rule edit x",
            "check +1",
            "rule add +1 --action reject:500",
            "rule add +1 --last-caller",
            "calls --today --since 2h",
            "calls --limit 3 show 7",
            "rule add +1 --for 2h --until 2026-12-24",
            "check +1 +2 --message x",
            "import",
            "import table --format db-text --map number=a",
            "mirror x --format csv",
            "apply rules.toml",
            "replay calls.pcap --changes",
            "top --every 100ms",
            "top --every 2m",
            "top --every never",
            "top --count 0",
            "pin set global 2580",
            "pin set",
            "grant add +13125550199",
            "grant add 100 alice --once --for 2h",
            "grant revoke alice",
            "feed add https://lists.example/spam.csv",
        ] {
            let words = std::iter::once("blacklistd").chain(row.split(' '));
            assert!(Cli::try_parse_from(words).is_err(), "{row}");
        }
    }
}
