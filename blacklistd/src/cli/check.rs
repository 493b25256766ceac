//! `blacklistd check`.

use std::net::IpAddr;

use super::client::Client;
use super::error::CliError;
use super::output;
use super::rule::DirectionWord;
use crate::api::check::CheckObject;
use crate::daemon::CheckRequest;
use crate::rules::RuleDirection;

/// The call that is asked about.
#[derive(Debug, clap::Args)]
pub(super) struct CheckCommand {
    /// Who calls: a number in any spelling, a user name, or a URI.
    caller: String,
    /// Who is called.
    called: String,
    /// The trunk it comes by; needed if there are several.
    #[arg(long, value_name = "NAME", conflicts_with = "from")]
    trunk: Option<String>,
    /// The address it comes from.
    #[arg(long, value_name = "IP")]
    from: Option<IpAddr>,
    /// Which way it goes.
    #[arg(long, value_enum)]
    direction: Option<DirectionWord>,
}

pub(super) fn run(command: CheckCommand, client: &Client, json: bool) -> Result<String, CliError> {
    let request = CheckRequest {
        caller: command.caller,
        called: command.called,
        trunk: command.trunk,
        from: command.from,
        direction: command.direction.map(RuleDirection::from),
    };
    let answer: CheckObject = client.post("/v1/check", &request)?;
    if json {
        return output::json(&answer);
    }
    Ok(view(&answer))
}

fn rule_text(answer: &CheckObject) -> String {
    match &answer.rule {
        Some(rule) => format!("rule {} ({} {})", rule.id, rule.list.as_str(), rule.pattern),
        None => "no rule".to_owned(),
    }
}

fn kernel_row(answer: &CheckObject) -> [String; 5] {
    let kernel = &answer.kernel;
    if !kernel.asked {
        let why = kernel.why.clone().unwrap_or_default();
        return [
            "kernel".to_owned(),
            "not asked".to_owned(),
            why,
            String::new(),
            String::new(),
        ];
    }
    [
        "kernel".to_owned(),
        kernel.outcome.clone().unwrap_or_default(),
        kernel
            .rule
            .map_or_else(|| "no rule".to_owned(), |id| format!("rule {id}")),
        kernel.caller.clone().unwrap_or_default(),
        kernel.called.clone().unwrap_or_default(),
    ]
}

fn view(answer: &CheckObject) -> String {
    let decision = match answer.decision.as_str() {
        "block" => "BLOCKED",
        _ => "goes through",
    };
    let trunk = if answer.trunk.is_empty() {
        "a peer that no trunk names".to_owned()
    } else {
        format!("trunk {}", answer.trunk)
    };
    let mut text = format!(
        "{} -> {} ({}, {trunk}): {decision}, {}",
        answer.caller.number,
        answer.called.number,
        answer.direction,
        rule_text(answer),
    );
    if answer.decision == "block" && answer.outcome == "monitored" {
        text.push_str("; monitoring lets it through");
    }
    let mut steps = output::table(["step", "scope", "outcome"], &[]);
    for step in &answer.steps {
        steps.add_row([&step.step, &step.scope, &step.outcome]);
    }
    let mut sides = output::table(["asked", "outcome", "rule", "caller", "called"], &[]);
    sides.add_row([
        "engine".to_owned(),
        answer.outcome.clone(),
        rule_text(answer),
        answer.caller.number.clone(),
        answer.called.number.clone(),
    ]);
    sides.add_row(kernel_row(answer));
    text.push_str(&format!("\n{steps}\n{sides}"));
    if !answer.agree {
        text.push_str(
            "\n!!! engine and kernel differ: restart blacklistd, which fills the kernel's tables anew, and report what you see here",
        );
    }
    text
}
