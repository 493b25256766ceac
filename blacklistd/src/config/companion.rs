//! `[companion]`: how proxies and scripts are told what would become of a call.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use ipnet::IpNet;
use toml::Spanned;

use super::spec::{CompanionSpec, PassSpec};
use super::trunk::network;
use super::validate::bounded;
use blacklist_model::RejectStatus;
use blacklist_problems::Problems;
use blacklist_sip::companion::{CompanionSettings, PassAnswer};

/// Judges `[companion]`; `trunks` are those that there are.
pub(super) fn validate(
    spec: CompanionSpec,
    trunks: &[&str],
    problems: &mut Problems,
) -> CompanionSettings {
    let CompanionSpec {
        enabled,
        listen,
        http,
        allow,
        trunk,
        media_host,
        pass,
        dropped,
        ambiguous,
        maximum_per_second,
        maximum_connections,
        maximum_message_bytes,
        deadline_ms,
    } = spec;
    let (address, http_address) = addresses(enabled, &listen, &http, problems);
    let message = bounded(
        &maximum_message_bytes,
        "maximum_message_bytes",
        1024..=1 << 20,
        problems,
    );
    let deadline = bounded(&deadline_ms, "deadline_ms", 1..=10_000, problems);
    CompanionSettings {
        listen: address,
        http: http_address,
        allow: networks(allow, problems),
        trunk: known_trunk(trunk, trunks, problems),
        media_host: host_address(&media_host, problems).filter(|_| enabled),
        pass: pass_answer(pass),
        dropped: dropped_status(&dropped, pass, problems),
        ambiguous,
        maximum_per_second: bounded(
            &maximum_per_second,
            "maximum_per_second",
            1..=1_000_000,
            problems,
        ),
        maximum_connections: bounded(
            &maximum_connections,
            "maximum_connections",
            1..=10_000,
            problems,
        ),
        maximum_message: message as usize,
        deadline: Duration::from_millis(u64::from(deadline)),
    }
}

const fn pass_answer(pass: PassSpec) -> PassAnswer {
    match pass {
        PassSpec::NotFound => PassAnswer::NotFound,
        PassSpec::TemporarilyUnavailable => PassAnswer::TemporarilyUnavailable,
        PassSpec::ServiceUnavailable => PassAnswer::ServiceUnavailable,
        PassSpec::MovedTemporarily => PassAnswer::MovedTemporarily,
    }
}

/// Where the redirect server listens, and where the screen API.
fn addresses(
    enabled: bool,
    listen: &Spanned<String>,
    http: &Spanned<String>,
    problems: &mut Problems,
) -> (Option<SocketAddr>, Option<SocketAddr>) {
    let address = socket_address(listen, "127.0.0.1:5065", problems);
    let http_address = loopback_only(http, problems);
    if address.is_none() && enabled {
        problems.add(
            listen.span(),
            "enabled needs an address in listen, such as \"127.0.0.1:5065\"",
        );
    }
    if enabled && address.is_some() && address == http_address {
        problems.add(http.span(), "http must be another address than listen");
    }
    (address.filter(|_| enabled), http_address)
}

/// An address with its port; none if the text is empty.
fn socket_address(
    text: &Spanned<String>,
    usual: &str,
    problems: &mut Problems,
) -> Option<SocketAddr> {
    let written = text.get_ref().trim();
    if written.is_empty() {
        return None;
    }
    let address = written.parse().ok();
    if address.is_none() {
        problems.add(
            text.span(),
            format!(
                "\"{written}\" is not an address: write one with its port, such as \"{usual}\""
            ),
        );
    }
    address
}

/// An address of this host; none if the text is empty.
fn host_address(text: &Spanned<String>, problems: &mut Problems) -> Option<IpAddr> {
    let written = text.get_ref().trim();
    if written.is_empty() {
        return None;
    }
    let address = written.parse().ok();
    if address.is_none_or(|address: IpAddr| address.is_unspecified()) {
        problems.add(
            text.span(),
            "media_host must be an address of this host that media can reach, without a port",
        );
    }
    address
}

fn loopback_only(text: &Spanned<String>, problems: &mut Problems) -> Option<SocketAddr> {
    let address = socket_address(text, "127.0.0.1:8065", problems)?;
    if !address.ip().is_loopback() {
        problems.add(
            text.span(),
            "http must be an address of this host's loopback, such as \"127.0.0.1:8065\": nobody is asked for a password there",
        );
    }
    Some(address)
}

fn networks(allow: Spanned<Vec<Spanned<String>>>, problems: &mut Problems) -> Vec<IpNet> {
    let mut list = Vec::new();
    for text in allow.into_inner() {
        match network(text.get_ref()) {
            Some(network) => list.push(network),
            None => problems.add(
                text.span(),
                format!(
                    "\"{}\" is not a network: write an address or one with its length, such as \"192.0.2.0/24\"",
                    text.get_ref()
                ),
            ),
        }
    }
    list
}

fn known_trunk(trunk: Spanned<String>, trunks: &[&str], problems: &mut Problems) -> Option<String> {
    let name = trunk.get_ref();
    if name.is_empty() {
        return None;
    }
    if !trunks.contains(&name.as_str()) {
        problems.add(
            trunk.span(),
            format!("there is no [[trunk]] with the name \"{name}\""),
        );
    }
    Some(trunk.into_inner())
}

/// What a drop rule's calls are answered with: never what says that a call goes on.
fn dropped_status(word: &Spanned<String>, pass: PassSpec, problems: &mut Problems) -> RejectStatus {
    let status = RejectStatus::from_word(word.get_ref());
    let says_pass = match pass {
        PassSpec::NotFound => status == Some(RejectStatus::NotFound),
        PassSpec::TemporarilyUnavailable => status == Some(RejectStatus::TemporarilyUnavailable),
        PassSpec::ServiceUnavailable | PassSpec::MovedTemporarily => false,
    };
    match status {
        Some(_) if says_pass => problems.add(
            word.span(),
            "dropped must be another status than pass: a proxy could not tell them apart",
        ),
        Some(RejectStatus::NetworkBlocked | RejectStatus::Rejected) | None => problems.add(
            word.span(),
            "dropped must be one of 403, 404, 433, 480, 486, 600, 603, 607",
        ),
        Some(status) => return status,
    }
    RejectStatus::Decline
}
