//! How far something is, where somebody looks.

use std::io::IsTerminal as _;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// A bar for so many bytes; none is drawn where nobody sees it or JSON is wanted.
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

/// So many bytes are on their way; when it is all of them, the daemon has the rest to do.
pub(super) fn sent(bar: &ProgressBar, bytes: u64) {
    bar.set_position(bytes);
    if bar.length().is_some_and(|length| bytes >= length) {
        bar.set_message("sent; blacklistd reads it");
    }
}
