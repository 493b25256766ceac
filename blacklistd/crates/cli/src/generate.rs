//! `blacklistd completions` and `blacklistd man`: made from the command line itself, so that they
//! cannot say something else than it does.

use clap::CommandFactory as _;
use clap_complete::Shell;

use super::{Cli, error::CliError};

/// Which shell.
#[derive(Debug, clap::Args)]
pub(crate) struct CompletionsCommand {
    /// The shell.
    shell: Shell,
}

/// Which page.
#[derive(Debug, clap::Args)]
pub(crate) struct ManCommand {
    /// The words of a command, for the page of that command; none for the page of blacklistd.
    command: Vec<String>,
}

pub(super) fn completions(command: &CompletionsCommand) -> Result<String, CliError> {
    let mut bytes = Vec::new();
    clap_complete::generate(command.shell, &mut Cli::command(), "blacklistd", &mut bytes);
    text(bytes)
}

pub(super) fn man(command: &ManCommand) -> Result<String, CliError> {
    let mut page = Cli::command();
    page.build();
    let mut name = "blacklistd".to_owned();
    for word in &command.command {
        let Some(next) = page.find_subcommand(word) else {
            return Err(CliError::failed(anyhow::anyhow!(
                "{name} has no command {word}: `{name} --help` lists them"
            )));
        };
        name = format!("{name} {word}");
        page = next.clone();
    }
    let mut bytes = Vec::new();
    clap_mangen::Man::new(page)
        .render(&mut bytes)
        .map_err(CliError::failed)?;
    text(bytes)
}

fn text(bytes: Vec<u8>) -> Result<String, CliError> {
    let text = String::from_utf8(bytes).map_err(CliError::failed)?;
    Ok(text.trim_end().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_and_completions_name_the_commands() {
        for shell in [Shell::Bash, Shell::Zsh, Shell::Fish] {
            let text = completions(&CompletionsCommand { shell }).unwrap();
            assert!(text.contains("detach"), "{shell}");
        }
        let page = |words: &[&str]| {
            man(&ManCommand {
                command: words.iter().map(|word| (*word).to_owned()).collect(),
            })
        };
        assert!(page(&[]).unwrap().contains("blacklistd"));
        assert!(page(&["rule", "add"]).unwrap().contains("dial\\-plan"));
        let error = page(&["rule", "burn"]).unwrap_err().to_string();
        assert!(
            error.contains("blacklistd rule has no command burn"),
            "{error}"
        );
    }
}
