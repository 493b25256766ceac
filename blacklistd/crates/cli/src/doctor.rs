//! `blacklistd doctor`.

use std::path::Path;

use super::ConfigPath;
use super::client::Client;
use super::error::CliError;
use super::local::LocalCommands;
use super::output;
use super::target::Target;
use blacklist_wire::SeenList;
use blacklist_wire::{DaemonView, Finding, Level, Report};

/// Calls of the sample that are examined.
const SEEN: usize = 2000;

/// Looks at everything. `named` is the control socket where one was named.
pub(super) fn run(
    path: &ConfigPath,
    local: &dyn LocalCommands,
    named: Option<&Path>,
    json: bool,
) -> Result<String, CliError> {
    let ask = |configured: &Path| {
        let socket = named.unwrap_or(configured).to_owned();
        let client = Client::new(socket);
        let seen = Target::new("/v1/seen").key("limit", SEEN);
        DaemonView {
            status: client.get(&Target::new("/v1/status")).ok(),
            seen: client
                .get::<SeenList>(&seen)
                .map(|list| list.calls)
                .unwrap_or_default(),
        }
    };
    let report = local.examine(&path.config, &ask);
    let text = if json {
        output::json(&report)?
    } else {
        view(&report)
    };
    if report.ok {
        Ok(text)
    } else {
        Err(CliError::Report(text))
    }
}

fn view(report: &Report) -> String {
    let mut lines: Vec<String> = report.findings.iter().map(line).collect();
    let worse = report
        .findings
        .iter()
        .filter(|finding| finding.level > Level::Note)
        .count();
    lines.push(match worse {
        0 => "no problems found".to_owned(),
        worse => format!("{} to fix", blacklist_model::count(worse as u64, "problem")),
    });
    lines.join("\n")
}

fn line(finding: &Finding) -> String {
    let level = finding.level.as_str();
    let mut text = format!("{level:<8} {:<14} {}", finding.subject, finding.finding);
    if !finding.remedy.is_empty() {
        text.push_str(&format!("\n{:<24}-> {}", "", finding.remedy));
    }
    text
}
