//! Judges trunks: networks that belong to one trunk only, identities that exist and are believed.

use std::collections::{BTreeMap, BTreeSet};

use blacklist_common::tables::{IdentitySource, MAXIMUM_TRUNKS};
use ipnet::IpNet;
use toml::Spanned;

use super::configuration::{Mode, Trunk};
use super::spec::{CalledSpec, TrunkSpec, WhenDownSpec};
use blacklist_model::NO_DIAL_PLAN;
use blacklist_problems::{Problems, nearest};

/// What trunks are judged against.
pub(super) struct Surroundings<'a> {
    /// Names of the dial plans.
    pub(super) dial_plans: &'a BTreeSet<String>,
    /// Dial plan of trunks that name none.
    pub(super) default_dial_plan: Option<&'a str>,
    /// Mode of the whole.
    pub(super) mode: Mode,
    /// Whether the file could be read so far; else a missing name may be a part that was not.
    pub(super) complete: bool,
}

/// Judges all trunks.
pub(super) fn validate(
    specs: Vec<Spanned<TrunkSpec>>,
    around: &Surroundings<'_>,
    problems: &mut Problems,
) -> Vec<Trunk> {
    let mut names = BTreeSet::new();
    let mut networks: BTreeMap<IpNet, String> = BTreeMap::new();
    let mut trunks = Vec::new();
    for spec in specs {
        if trunks.len() + 1 >= MAXIMUM_TRUNKS as usize {
            problems.add(
                spec.span(),
                format!("more than {} trunks", MAXIMUM_TRUNKS - 1),
            );
            break;
        }
        let trunk = one(
            spec.into_inner(),
            around,
            &mut names,
            &mut networks,
            problems,
        );
        trunks.push(trunk);
    }
    trunks
}

fn one(
    spec: TrunkSpec,
    around: &Surroundings<'_>,
    names: &mut BTreeSet<String>,
    networks: &mut BTreeMap<IpNet, String>,
    problems: &mut Problems,
) -> Trunk {
    let TrunkSpec {
        name,
        peers,
        direction,
        trusted,
        identity,
        called,
        dial_plan,
        mode,
        bypass,
        when_down,
    } = spec;
    let span = name.span();
    let name = name.into_inner();
    if name.is_empty() || name.chars().any(|c| c.is_whitespace() || c.is_control()) {
        problems.add(
            span.clone(),
            "a trunk's name must not be empty or have blanks",
        );
    }
    if !names.insert(name.clone()) {
        problems.add(span, format!("a second trunk is named \"{name}\""));
    }
    let own_mode = mode.map(Spanned::into_inner);
    Trunk {
        peers: peers_of(peers, &name, networks, problems),
        direction: direction.into(),
        trusted,
        identity: identity_of(identity, trusted, &name, problems),
        called_from_to: called == CalledSpec::To,
        dial_plan: match dial_plan {
            Some(plan) => named_plan(&plan, around.dial_plans, around.complete, problems),
            None => around.default_dial_plan.map(str::to_owned),
        },
        mode: if own_mode == Some(Mode::Monitor) || around.mode == Mode::Monitor {
            Mode::Monitor
        } else {
            Mode::Enforce
        },
        bypass,
        drops_when_down: when_down == WhenDownSpec::Drop,
        name,
    }
}

/// The dial plan that a key names; none for the empty name and for `none`.
pub(super) fn named_plan(
    name: &Spanned<String>,
    known: &BTreeSet<String>,
    complete: bool,
    problems: &mut Problems,
) -> Option<String> {
    let text = name.get_ref();
    if text.is_empty() || text == NO_DIAL_PLAN {
        return None;
    }
    if !known.contains(text) && complete {
        let known: Vec<&str> = known.iter().map(String::as_str).collect();
        let hint = match nearest(text, &known) {
            Some(near) => format!("did you mean \"{near}\"?"),
            None => format!("add [dial_plan.{text}]"),
        };
        problems.add(
            name.span(),
            format!("no dial plan is named \"{text}\"; {hint}"),
        );
    }
    Some(text.clone())
}

/// A network, or a single address.
pub(super) fn network(text: &str) -> Option<IpNet> {
    text.parse::<IpNet>()
        .ok()
        .or_else(|| text.parse::<std::net::IpAddr>().ok().map(IpNet::from))
}

fn peers_of(
    peers: Spanned<Vec<Spanned<String>>>,
    name: &str,
    networks: &mut BTreeMap<IpNet, String>,
    problems: &mut Problems,
) -> Vec<IpNet> {
    if peers.get_ref().is_empty() {
        problems.add(
            peers.span(),
            format!("trunk \"{name}\" has no peers: name at least one network, for example peers = [\"192.0.2.0/24\"]"),
        );
    }
    let mut list = Vec::new();
    for peer in peers.into_inner() {
        let text = peer.get_ref();
        let Some(network) = network(text) else {
            problems.add(
                peer.span(),
                format!("\"{text}\" is not a network: write an address such as 192.0.2.1, or a network such as 192.0.2.0/24 or 2001:db8::/64"),
            );
            continue;
        };
        if network.trunc() != network {
            problems.add(
                peer.span(),
                format!("\"{text}\" has bits set beyond its length: write {} for the network, or the address alone", network.trunc()),
            );
            continue;
        }
        if let Some(other) = networks.insert(network, name.to_owned()) {
            let text = if other == name {
                format!("{network} is given twice in trunk \"{name}\"")
            } else {
                format!(
                    "{network} is a network of trunk \"{other}\" already: a peer belongs to one trunk"
                )
            };
            problems.add(peer.span(), text);
            continue;
        }
        list.push(network);
    }
    list
}

const SOURCES: [IdentitySource; 3] = [
    IdentitySource::From,
    IdentitySource::PAssertedIdentity,
    IdentitySource::RemotePartyId,
];

fn identity_of(
    identity: Option<Spanned<Vec<Spanned<String>>>>,
    trusted: bool,
    name: &str,
    problems: &mut Problems,
) -> Vec<IdentitySource> {
    let Some(identity) = identity else {
        return if trusted {
            vec![IdentitySource::PAssertedIdentity, IdentitySource::From]
        } else {
            vec![IdentitySource::From]
        };
    };
    if identity.get_ref().is_empty() {
        problems.add(
            identity.span(),
            format!("trunk \"{name}\" has an empty identity: leave the key out for the default"),
        );
    }
    let mut sources = Vec::new();
    for source in identity.into_inner() {
        let text = source.get_ref().to_ascii_lowercase();
        let known = SOURCES.iter().find(|candidate| candidate.as_str() == text);
        let Some(known) = known else {
            let names = SOURCES.map(IdentitySource::as_str);
            let hint = match nearest(&text, &names) {
                Some(near) => format!("did you mean \"{near}\"?"),
                None => format!("known: {}", names.join(", ")),
            };
            problems.add(
                source.span(),
                format!("\"{text}\" is not an identity; {hint}"),
            );
            continue;
        };
        if sources.contains(known) {
            problems.add(
                source.span(),
                format!("\"{text}\" is given twice in identity"),
            );
            continue;
        }
        if !trusted && *known != IdentitySource::From {
            problems.add(
                source.span(),
                format!("trunk \"{name}\" is not trusted, so its {text} is not believed: set trusted = true if its peers vouch for it"),
            );
        }
        sources.push(*known);
    }
    sources
}
