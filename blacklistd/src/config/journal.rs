//! `[calls]` and `[metrics]`: how blocked calls are kept, and where figures are to be had.

use std::net::SocketAddr;

use super::configuration::MetricsSettings;
use super::spec::{CallsSpec, MetricsSpec};
use super::validate::bounded;
use blacklist_problems::Problems;
use blacklist_store::journal::LogSettings;

/// Judges `[calls]`.
pub(super) fn calls(spec: &CallsSpec, problems: &mut Problems) -> LogSettings {
    let CallsSpec {
        keep_days,
        keep_megabytes,
        pseudonyms,
    } = spec;
    let megabytes = bounded(keep_megabytes, "keep_megabytes", 1..=1 << 20, problems);
    LogSettings {
        keep_days: bounded(keep_days, "keep_days", 1..=36_500, problems),
        keep_bytes: u64::from(megabytes) << 20,
        pseudonyms: *pseudonyms,
        ..LogSettings::default()
    }
}

/// Judges `[metrics]`.
pub(super) fn metrics(spec: &MetricsSpec, problems: &mut Problems) -> MetricsSettings {
    let MetricsSpec { listen, rules } = spec;
    let text = listen.get_ref().trim();
    let address: Option<SocketAddr> = if text.is_empty() {
        None
    } else {
        let address = text.parse();
        if address.is_err() {
            problems.add(
                listen.span(),
                format!("\"{text}\" is not an address: write one with its port, such as \"127.0.0.1:9469\" or \"[::1]:9469\""),
            );
        }
        address.ok()
    };
    MetricsSettings {
        listen: address,
        rules: *rules,
    }
}
