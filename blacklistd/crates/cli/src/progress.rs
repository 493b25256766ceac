//! Progress bars, for people at a terminal.

use std::io::IsTerminal as _;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// A bar for this number of bytes; hidden if stderr is not a terminal or JSON is printed.
pub(super) fn bytes(total: Option<u64>, what: &str, json: bool) -> ProgressBar {
    let seen = !json && std::io::stderr().is_terminal();
    let target = if seen {
        ProgressDrawTarget::stderr()
    } else {
        ProgressDrawTarget::hidden()
    };
    let bar = ProgressBar::with_draw_target(total, target);
    // A template that cannot be read leaves the bar as it is.
    if let Ok(style) = ProgressStyle::with_template(
        "{msg} [{bar:40}] {bytes} of {total_bytes}, {bytes_per_sec}, {eta}",
    ) {
        bar.set_style(style);
    }
    bar.set_message(what.to_owned());
    bar
}

/// Shows how many bytes are sent; after the last one the daemon has work left.
pub(super) fn sent(bar: &ProgressBar, bytes: u64) {
    bar.set_position(bytes);
    if bar.length().is_some_and(|length| bytes >= length) {
        bar.set_message("sent; blacklistd is reading it");
    }
}
