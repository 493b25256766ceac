//! The word of an action on the command line.

use std::ffi::OsStr;

use clap::builder::{PossibleValue, TypedValueParser};
use clap::error::{ContextKind, ContextValue, ErrorKind};

use blacklist_model::RuleAction;

/// Reads the word of an action; help and completions show all words, those with a name or a length
/// in them as examples.
#[derive(Clone)]
pub(crate) struct ActionParser;

impl TypedValueParser for ActionParser {
    type Value = RuleAction;

    fn parse_ref(
        &self,
        command: &clap::Command,
        argument: Option<&clap::Arg>,
        value: &OsStr,
    ) -> Result<RuleAction, clap::Error> {
        let word = value.to_string_lossy();
        RuleAction::from_word(&word).ok_or_else(|| {
            let mut error = clap::Error::new(ErrorKind::InvalidValue).with_cmd(command);
            if let Some(argument) = argument {
                let name = ContextValue::String(argument.to_string());
                error.insert(ContextKind::InvalidArg, name);
            }
            error.insert(
                ContextKind::InvalidValue,
                ContextValue::String(word.into_owned()),
            );
            let words = written().map(str::to_owned).collect();
            error.insert(ContextKind::ValidValue, ContextValue::Strings(words));
            error
        })
    }

    fn possible_values(&self) -> Option<Box<dyn Iterator<Item = PossibleValue> + '_>> {
        Some(Box::new(
            written().map(|word| PossibleValue::new(word).help(help(word))),
        ))
    }
}

/// All that can be asked for.
fn written() -> impl Iterator<Item = &'static str> {
    RuleAction::words().filter(|word| *word != RuleAction::Pass.as_str())
}

fn help(word: &str) -> &'static str {
    match word {
        "drop" => "Drop without an answer",
        "monitor" => "Count and log, let through",
        "reject" => "Refuse with the status that the reason asks for",
        "reject:403" => "Refuse: forbidden",
        "reject:404" => "Refuse: not found",
        "reject:433" => "Refuse: anonymity disallowed",
        "reject:480" => "Refuse: temporarily unavailable",
        "reject:486" => "Refuse: busy",
        "reject:600" => "Refuse: busy everywhere",
        "reject:603" => "Refuse: decline",
        "reject:607" => "Refuse: unwanted",
        "reject:608" => "Refuse: rejected on the way; needs `card` in the configuration",
        "reject:network-blocked" => {
            "Refuse with 603 Network Blocked; needs a contact in the configuration"
        }
        "announce" => "Play an announcement that the call is not accepted, then refuse",
        "announce:PROMPT" => "Play the prompt of this name, then refuse",
        "torment" => "Hold the caller on the line with music",
        "torment:10m" => "The same for 1 to 60 minutes",
        "torment-interactive" => "Hold the caller on the line with phrases that wait for an answer",
        "torment-interactive:10m" => "The same for 1 to 60 minutes",
        "pin" => "Ask for a PIN; the right one puts the call through",
        "redirect:TARGET" => "Divert to a target of the configuration",
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_says_what_it_does() {
        for word in written() {
            assert!(!help(word).is_empty(), "{word}");
        }
    }
}
