//! `blacklistd top`: what happens now, on a screen that is drawn again and again. The daemon is
//! asked for totals; rates are made here. What a key or an answer does is decided by [`state`],
//! what is seen by [`view`]; neither knows terminal, clock or socket.

mod block;
mod browse;
mod header;
mod help;
mod json_lines;
mod keys;
mod order;
mod pane;
mod poller;
mod rates;
mod rows;
#[cfg(test)]
mod sample;
mod screen;
mod signals;
mod state;
mod summary;
mod table;
mod text;
mod totals;
mod view;
#[cfg(test)]
mod view_tests;

use std::io::IsTerminal as _;
use std::num::NonZeroU64;
use std::time::Duration;

use super::client::Client;
use super::error::CliError;
use super::target::Target;
use blacklist_figures::Live;
use blacklist_model::read_duration;

/// The shortest time between two questions.
const SHORTEST: Duration = Duration::from_millis(250);

/// The longest time between two questions.
const LONGEST: Duration = Duration::from_secs(60);

/// How often and how long.
#[derive(Debug, clap::Args)]
pub(super) struct TopCommand {
    /// Time between two updates: 250ms to 60s.
    #[arg(long, value_name = "TIME", default_value = "1s", value_parser = interval)]
    every: Duration,
    /// Ends after this many updates [default: never].
    #[arg(long, value_name = "N")]
    count: Option<NonZeroU64>,
}

fn interval(text: &str) -> Result<Duration, String> {
    let wrong = || format!("\"{text}\" is not a time between 250ms and 60s");
    let every = read_duration(text).map_err(|_| wrong())?;
    if (SHORTEST..=LONGEST).contains(&every) {
        Ok(every)
    } else {
        Err(wrong())
    }
}

/// Asks the daemon once.
fn look(client: &Client) -> Result<Live, CliError> {
    client.get(&Target::new("/v1/live"))
}

pub(super) fn run(command: &TopCommand, client: &Client, json: bool) -> Result<String, CliError> {
    if json {
        json_lines::run(command, client)?;
        return Ok(String::new());
    }
    if !(std::io::stdin().is_terminal() && std::io::stdout().is_terminal()) {
        return Err(CliError::Failed(
            "top draws on a terminal, and this is none: use `blacklistd stats` or `blacklistd status --json`, or `blacklistd top --json` for a line of JSON in each interval".to_owned(),
        ));
    }
    // Before the screen is taken: what goes wrong at once is said where it can be read.
    let first = look(client)?;
    screen::run(command, client, first)?;
    Ok(String::new())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn intervals_have_bounds() {
        let rows = [
            ("250ms", Some(250)),
            ("1s", Some(1000)),
            ("1m", Some(60_000)),
            ("249ms", None),
            ("61s", None),
            ("0s", None),
            ("often", None),
            ("", None),
        ];
        for (text, expected) in rows {
            let expected = expected.map(Duration::from_millis);
            assert_eq!(interval(text).ok(), expected, "{text}");
        }
    }
}
