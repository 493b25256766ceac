//! `blacklistd lint`.

use super::client::Client;
use super::error::CliError;
use super::output;
use super::target::Target;
use blacklist_wire::LintObject;

pub(super) fn run(client: &Client, json: bool) -> Result<String, CliError> {
    let lint: LintObject = client.get(&Target::new("/v1/lint"))?;
    if json {
        return output::json(&lint);
    }
    let mut lines: Vec<String> = lint
        .findings
        .iter()
        .map(|finding| finding.sentence.clone())
        .collect();
    lines.push(if lint.findings.is_empty() {
        format!(
            "no findings in {}",
            blacklist_model::count(lint.rules, "rule")
        )
    } else {
        format!(
            "{} in {}",
            blacklist_model::count(lint.findings.len() as u64, "finding"),
            blacklist_model::count(lint.rules, "rule")
        )
    });
    Ok(lines.join("\n"))
}
