//! The log: to the journal under systemd, else to stderr. No number of a caller goes here.

use tracing::Level;
use tracing_subscriber::filter::{LevelFilter, filter_fn};
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

/// Starts the log; a second time does nothing.
pub(crate) fn start(level: Level) {
    let registry = tracing_subscriber::registry()
        .with(LevelFilter::from_level(level))
        .with(filter_fn(|metadata| is_ours(metadata.target())));
    let journal = std::env::var_os("JOURNAL_STREAM").and_then(|_| tracing_journald::layer().ok());
    let started = match journal {
        Some(journal) => registry.with(journal).try_init(),
        None => {
            let terminal = std::io::IsTerminal::is_terminal(&std::io::stderr());
            let lines = tracing_subscriber::fmt::layer()
                .with_writer(std::io::stderr)
                .with_target(false)
                .with_ansi(terminal);
            registry.with(lines).try_init()
        }
    };
    if started.is_err() {
        tracing::debug!("the log was started before");
    }
}

/// Whether what a part of the program says may stand in the log. The SIP library logs whole messages,
/// which have numbers of callers in them.
fn is_ours(target: &str) -> bool {
    !target.starts_with("rsipstack")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_messages_are_not_logged() {
        assert!(!is_ours("rsipstack::transport::udp"));
        assert!(is_ours("blacklistd::host"));
    }
}
