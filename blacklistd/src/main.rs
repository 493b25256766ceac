//! blacklistd: parses the command line, runs the command, prints its text or its error once.

use std::io::Write as _;
use std::process::ExitCode;

use blacklistd::api::ErrorObject;
use blacklistd::cli::{Cli, CliError};
use clap::Parser as _;

fn main() -> ExitCode {
    let cli = Cli::parse();
    let json = cli.json();
    match cli.run(blacklistd::run) {
        Ok(text) if text.is_empty() => ExitCode::SUCCESS,
        // Whoever closed the pipe has read enough.
        Ok(text) => match writeln!(std::io::stdout(), "{text}") {
            Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => ExitCode::FAILURE,
            Ok(()) | Err(_) => ExitCode::SUCCESS,
        },
        Err(CliError::Report(report)) => {
            // There is nowhere to say that stdout is closed; the exit code says that it was refused.
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
            // There is nowhere to say that stderr is closed.
            let _ = writeln!(std::io::stderr(), "{text}");
            ExitCode::from(error.exit_code())
        }
    }
}
