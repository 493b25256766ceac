//! Asks the daemon, in a thread of its own: a daemon that does not answer must not hold up the
//! keys. Nothing waits for the thread; it ends with the program.

use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use super::state::Report;
use super::{block, look};
use crate::client::Client;
use crate::error::CliError;
use blacklist_figures::Live;

/// Begins to ask. `looks` is how often; none for as long as somebody sends orders, which are the
/// patterns of rules.
pub(super) fn start(
    client: Client,
    every: Duration,
    looks: Option<u64>,
    orders: Receiver<String>,
    reports: Sender<Report>,
) -> Result<JoinHandle<()>, CliError> {
    thread::Builder::new()
        .name("poller".to_owned())
        .spawn(move || {
            let ask = || look(&client);
            let add = |pattern: &str| block::block(&client, pattern);
            poll(every, looks, &orders, &reports, ask, add);
        })
        .map_err(CliError::failed)
}

/// What went wrong, and that it is not the end.
fn again(error: &CliError) -> String {
    let sentence = error.to_string();
    // Behind the semicolon stands advice for somebody at a prompt.
    let short = match error {
        CliError::Unreachable(_) => sentence.split(';').next().unwrap_or_default(),
        CliError::Failed(_) | CliError::Report(_) | CliError::NotFound(_) => &sentence,
    };
    format!("{short}, trying again")
}

fn poll(
    every: Duration,
    mut looks: Option<u64>,
    orders: &Receiver<String>,
    reports: &Sender<Report>,
    ask: impl Fn() -> Result<Live, CliError>,
    add: impl Fn(&str) -> Result<String, CliError>,
) {
    let mut next = Instant::now() + every;
    loop {
        let report = match orders.recv_timeout(next.saturating_duration_since(Instant::now())) {
            Ok(pattern) => Report::Blocked(add(&pattern).map_err(|error| error.to_string())),
            Err(RecvTimeoutError::Disconnected) => return,
            Err(RecvTimeoutError::Timeout) if looks == Some(0) => Report::Ended,
            Err(RecvTimeoutError::Timeout) => {
                looks = looks.map(|left| left - 1);
                let report = match ask() {
                    Ok(live) => Report::Live(Box::new(live)),
                    Err(error) => Report::Failed(again(&error)),
                };
                next = (next + every).max(Instant::now());
                report
            }
        };
        let is_end = matches!(report, Report::Ended);
        if reports.send(report).is_err() || is_end {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::channel;

    use super::super::sample;
    use super::*;

    /// The reports of so many looks and of an order.
    fn reports(looks: u64, order: Option<&str>) -> Vec<String> {
        let (orders, taken) = channel();
        let (reports, told) = channel();
        if let Some(order) = order {
            orders.send(order.to_owned()).unwrap();
        }
        let unreachable = || CliError::Unreachable("cannot reach blacklistd; start it".to_owned());
        let tried = std::cell::Cell::new(0);
        poll(
            Duration::from_millis(1),
            Some(looks),
            &taken,
            &reports,
            || {
                tried.set(tried.get() + 1);
                if tried.get() == 2 {
                    Err(unreachable())
                } else {
                    Ok(sample::live())
                }
            },
            |pattern| match pattern {
                "bad" => Err(CliError::Failed("refused".to_owned())),
                good => Ok(format!("added {good}")),
            },
        );
        drop(reports);
        let name = |report| match report {
            Report::Live(_) => "live".to_owned(),
            Report::Failed(sentence) => sentence,
            Report::Blocked(Ok(sentence) | Err(sentence)) => sentence,
            Report::Ended => "ended".to_owned(),
        };
        told.iter().map(name).collect()
    }

    #[test]
    fn it_asks_again_after_a_failure_and_ends_after_its_looks() {
        assert_eq!(
            reports(3, None),
            [
                "live",
                "cannot reach blacklistd, trying again",
                "live",
                "ended"
            ]
        );
        assert_eq!(reports(0, None), ["ended"]);
    }

    #[test]
    fn orders_are_answered() {
        assert_eq!(reports(0, Some("+1")), ["added +1", "ended"]);
        assert_eq!(reports(0, Some("bad")), ["refused", "ended"]);
    }

    #[test]
    fn it_ends_when_nobody_orders_or_listens() {
        let (reports, told) = channel();
        let never = || Err(CliError::Failed("asked".to_owned()));
        let add = |_: &str| Ok(String::new());
        let (orders, taken) = channel();
        drop(orders);
        poll(Duration::from_secs(60), None, &taken, &reports, never, add);
        let (_orders, taken) = channel();
        drop(told);
        poll(Duration::from_millis(1), None, &taken, &reports, never, add);
    }
}
