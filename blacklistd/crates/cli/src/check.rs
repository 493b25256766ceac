//! `blacklistd check`.

use std::io::Read as _;
use std::net::IpAddr;
use std::path::{Path, PathBuf};

use blacklist_common::decide::Step;
use blacklist_common::message::Start;

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
    let mut from_line = 1;
    let answer: CheckObject = match &command.message {
        Some(path) => {
            let target = Target::new("/v1/check/message")
                .maybe("trunk", command.trunk)
                .maybe("from", command.from)
                .maybe("direction", direction.map(RuleDirection::as_str));
            let (message, line) = message_in(read_message(path)?, path)?;
            from_line = line;
            client.post_bytes(&target, message)?
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
    let text = view(&answer);
    Ok(if from_line > 1 {
        format!("the first INVITE in the file, from line {from_line}\n{text}")
    } else {
        text
    })
}

/// The message in a file: all of it, or the first INVITE in a trace, and the line where it begins.
fn message_in(text: Vec<u8>, path: &Path) -> Result<(Vec<u8>, usize), CliError> {
    if Start::of_text(&text) == Start::Invite {
        return Ok((text, 1));
    }
    let mut begin = 0;
    for (index, line) in text.split_inclusive(|byte| *byte == b'\n').enumerate() {
        let is_whole = line.trim_ascii_end().ends_with(b"SIP/2.0");
        if is_whole && Start::of_text(line) == Start::Invite {
            let rest = text.get(begin..).unwrap_or_default();
            // What follows the headers is not looked at.
            let end = rest.windows(4).position(|bytes| bytes == b"\r\n\r\n");
            let message = rest.get(..end.map_or(rest.len(), |end| end + 4));
            return Ok((message.unwrap_or_default().to_vec(), index + 1));
        }
        begin += line.len();
    }
    let first = text.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let first = first.trim_ascii();
    let words = first.split(|byte| *byte == b' ').count();
    if first.starts_with(b"SIP/2.0 ") || words == 3 && first.ends_with(b" SIP/2.0") {
        return Ok((text, 1));
    }
    Err(CliError::Failed(format!(
        "{} is not a SIP message, and has no line such as INVITE sip:NUMBER@HOST SIP/2.0 with which one begins",
        path.display()
    )))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_invite_of_a_trace() {
        let invite = "INVITE sip:100@x SIP/2.0\r\nFrom: <sip:1@x>\r\n\r\n";
        let read = |text: &str| {
            let (message, line) = message_in(text.as_bytes().to_vec(), Path::new("a.txt"))?;
            Ok::<_, CliError>((String::from_utf8(message).unwrap(), line))
        };
        let whole = format!("{invite}v=0\r\n");
        assert_eq!(read(&whole).unwrap(), (whole.clone(), 1));
        let trace = format!(
            "<--- SIP read from UDP:192.0.2.1:5060 --->\r\n{invite}\r\n<--- SIP 100 --->\r\n"
        );
        assert_eq!(read(&trace).unwrap(), (invite.to_owned(), 2));
        for other in ["SIP/2.0 200 OK\r\n\r\n", "OPTIONS sip:x SIP/2.0\r\n\r\n"] {
            assert_eq!(read(other).unwrap(), (other.to_owned(), 1));
        }
        for none in ["", "hello", "he said: INVITE sip:1@x SIP/2.0\r\n"] {
            let error = read(none).unwrap_err().to_string();
            assert!(
                error.contains("a.txt is not a SIP message"),
                "{none}: {error}"
            );
        }
    }
}
