//! `blacklistd doctor`.

use std::path::Path;

use super::ConfigPath;
use super::client::Client;
use super::error::CliError;
use super::output;
use super::target::Target;
use crate::api::seen::SeenList;
use crate::doctor::{self, Daemon, Finding, Report};

/// Calls of the sample that are looked at.
const SEEN: usize = 2000;

/// Looks at everything. `named` is the control socket where one was named.
pub(super) fn run(
    path: &ConfigPath,
    named: Option<std::path::PathBuf>,
    json: bool,
) -> Result<String, CliError> {
    let ask = |configured: &Path| {
        let socket = named.unwrap_or_else(|| configured.to_owned());
        let client = Client::new(socket);
        let seen = Target::new("/v1/seen").key("limit", SEEN);
        Daemon {
            status: client.get(&Target::new("/v1/status")).ok(),
            seen: client
                .get::<SeenList>(&seen)
                .map(|list| list.calls)
                .unwrap_or_default(),
        }
    };
    let report = doctor::examine(&path.config, ask);
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
        .filter(|finding| finding.level > doctor::Level::Note)
        .count();
    lines.push(match worse {
        0 => "nothing is wrong".to_owned(),
        worse => format!("{} to be seen to", output::count(worse as u64, "thing")),
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
