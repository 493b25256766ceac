//! `blacklistd check`.

use std::io::Read as _;
use std::net::IpAddr;
use std::path::{Path, PathBuf};

use blacklist_common::decide::Step;

use super::client::Client;
use super::error::CliError;
use super::output;
use super::target::Target;
use super::word::word;
use blacklist_model::RuleDirection;
use blacklist_wire::CheckObject;
use blacklist_wire::CheckRequest;

/// The call that is asked about.
#[derive(Debug, clap::Args)]
pub(super) struct CheckCommand {
    /// Who calls: a number in any spelling, a user name, or a URI.
    #[arg(required_unless_present = "message")]
    caller: Option<String>,
    /// Who is called.
    #[arg(required_unless_present = "message")]
    called: Option<String>,
    /// A raw INVITE instead, as it was received; `-` reads it from stdin.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["caller", "called"])]
    message: Option<PathBuf>,
    /// The trunk it comes from; required if there are several.
    #[arg(long, value_name = "NAME", conflicts_with = "from")]
    trunk: Option<String>,
    /// The address it comes from.
    #[arg(long, value_name = "IP")]
    from: Option<IpAddr>,
    /// Its direction.
    #[arg(long, value_parser = word::<RuleDirection>())]
    direction: Option<RuleDirection>,
}

pub(super) fn run(command: CheckCommand, client: &Client, json: bool) -> Result<String, CliError> {
    let direction = command.direction;
    let answer: CheckObject = match &command.message {
        Some(path) => {
            let target = Target::new("/v1/check/message")
                .maybe("trunk", command.trunk)
                .maybe("from", command.from)
                .maybe("direction", direction.map(RuleDirection::as_str));
            client.post_bytes(&target, read_message(path)?)?
        }
        None => {
            let request = CheckRequest {
                caller: command.caller.unwrap_or_default(),
                called: command.called.unwrap_or_default(),
                message: None,
                trunk: command.trunk,
                from: command.from,
                direction,
            };
            client.post(&Target::new("/v1/check"), &request)?
        }
    };
    if json {
        return output::json(&answer);
    }
    Ok(view(&answer))
}

/// A message from a file. Line ends of an editor become those of SIP.
fn read_message(path: &Path) -> Result<Vec<u8>, CliError> {
    let read = if path == Path::new("-") {
        let mut bytes = Vec::new();
        std::io::stdin().read_to_end(&mut bytes).map(|_| bytes)
    } else {
        std::fs::read(path)
    };
    let bytes =
        read.map_err(|error| CliError::Failed(format!("cannot read {}: {error}", path.display())))?;
    let has_crlf = bytes.windows(2).any(|pair| pair == b"\r\n");
    if has_crlf {
        return Ok(bytes);
    }
    let mut message = Vec::with_capacity(bytes.len() + bytes.len() / 32);
    for line in bytes.split_inclusive(|byte| *byte == b'\n') {
        match line.strip_suffix(b"\n") {
            Some(line) => {
                message.extend_from_slice(line);
                message.extend_from_slice(b"\r\n");
            }
            None => message.extend_from_slice(line),
        }
    }
    Ok(message)
}

fn rule_text(answer: &CheckObject) -> String {
    match (&answer.rule, &answer.default_of) {
        (Some(rule), _) => {
            format!("rule {} ({} {})", rule.id, rule.kind.as_str(), rule.pattern)
        }
        (None, Some(scope)) => format!("default of {scope}"),
        (None, None) if answer.step == Step::Grant.as_str() => "a grant".to_owned(),
        (None, None) => "no rule".to_owned(),
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
        match (kernel.rule, &kernel.default_of) {
            (Some(id), _) => format!("rule {id}"),
            (None, Some(scope)) => format!("default of {scope}"),
            (None, None) => "no rule".to_owned(),
        },
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
    if let Some(leaves) = &answer.kernel.leaves {
        text.push('\n');
        text.push_str(leaves);
    }
    if !answer.agree {
        text.push_str(
            "\n!!! engine and kernel differ: restart blacklistd, which refills the kernel's tables, and report this output",
        );
    }
    text
}
