//! What would become of a call: the same INVITE judged by the engine and, by a test run, by the
//! program in the kernel.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use blacklist_common::number::{Number, Party};
use blacklist_common::outcome::Outcome;
use blacklist_common::tables::{Direction, IdentitySource, TRUNK_OUTBOUND, TrunkEntry};

use super::enforcement::Enforcement;
use super::settings::ActiveConfiguration;
use crate::config::Trunk;
use blacklist_engine::{Counted, Explanation, RuleSet};
use blacklist_model::{RuleDirection, number_text};
use blacklist_sip::invite::Invite;
use blacklist_wire::CheckRequest;

/// A question that cannot be answered, as a sentence.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct CheckError(String);

/// What the kernel's program says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum KernelAnswer {
    /// It was asked.
    Asked {
        /// Where the packet's way ended.
        outcome: Outcome,
        /// By which rule or default.
        decided_by: Option<Counted>,
        /// The caller as it reads it.
        caller: Number,
        /// The called party as it reads it.
        called: Number,
    },
    /// It was not, for this reason.
    NotAsked(String),
}

/// The answer.
#[derive(Clone, Debug)]
pub(crate) struct Checked {
    /// What the engine says.
    pub(crate) explanation: Explanation,
    /// What the kernel says.
    pub(crate) kernel: KernelAnswer,
    /// By which rule or default the engine expects the kernel to decide.
    pub(crate) kernel_expected: Option<Counted>,
    /// Name of the trunk; empty for peers that no trunk names.
    pub(crate) trunk: String,
    /// Which way the call goes.
    pub(crate) direction: Direction,
    /// The caller as people read it.
    pub(crate) caller: String,
    /// The called party as people read it.
    pub(crate) called: String,
}

/// Where the call comes from.
struct Origin<'a> {
    index: u16,
    trunk: Option<&'a Trunk>,
    /// An address of the trunk's; none if every one belongs to another.
    source: Option<IpAddr>,
}

impl Checked {
    /// Whether the kernel says what the engine expects of it; also if it was not asked. Where a
    /// rule is left to user space, that is not what the engine itself decides.
    pub(crate) fn agree(&self) -> bool {
        match &self.kernel {
            KernelAnswer::NotAsked(_) => true,
            KernelAnswer::Asked {
                outcome,
                decided_by,
                caller,
                called,
            } => {
                *outcome == self.explanation.kernel.outcome
                    && *decided_by == self.kernel_expected
                    && *caller == self.explanation.caller.number
                    && *called == self.explanation.called.number
            }
        }
    }
}

impl Enforcement {
    /// Says what would become of a call.
    ///
    /// # Errors
    /// No such trunk, or the trunk goes the other way.
    pub(crate) fn check(
        &self,
        rules: &RuleSet,
        request: &CheckRequest,
    ) -> Result<Checked, CheckError> {
        let configuration = self.settings.active();
        let asked = match request.direction {
            None => None,
            Some(RuleDirection::Inbound) => Some(Direction::Inbound),
            Some(RuleDirection::Outbound) => Some(Direction::Outbound),
            Some(RuleDirection::Both) => {
                return Err(CheckError(
                    "a call goes inbound or outbound, not both".to_owned(),
                ));
            }
        };
        let origin = origin(&configuration, request, asked)?;
        let mut entry = configuration
            .trunk_entries
            .get(usize::from(origin.index))
            .copied()
            .unwrap_or_default();
        let turned = asked.is_some_and(|direction| direction != entry.direction());
        if turned {
            if let Some(trunk) = origin.trunk {
                return Err(CheckError(format!(
                    "calls of trunk {} are {}: name another trunk, or leave out --direction",
                    trunk.name,
                    trunk.direction.as_str()
                )));
            }
            entry.flags ^= TRUNK_OUTBOUND;
        }
        let message = match &request.message {
            Some(message) => message.clone(),
            None => invite(request, &entry),
        };
        let settings = self.kernel.flags();
        let explanation = rules.explain(&message, &entry, settings);
        let kernel = if turned {
            KernelAnswer::NotAsked(format!(
                "no trunk of the configuration carries {} calls",
                entry.direction().as_str()
            ))
        } else {
            self.ask(rules, &configuration, origin.source, &message)
        };
        Ok(Checked {
            caller: text_of(&explanation.caller, &request.caller),
            called: text_of(&explanation.called, &request.called),
            trunk: origin
                .trunk
                .map(|trunk| trunk.name.clone())
                .unwrap_or_default(),
            direction: entry.direction(),
            kernel_expected: rules.of_slot(explanation.kernel.rule.slot()),
            explanation,
            kernel,
        })
    }

    fn ask(
        &self,
        rules: &RuleSet,
        configuration: &ActiveConfiguration,
        source: Option<IpAddr>,
        message: &[u8],
    ) -> KernelAnswer {
        let Some(source) = source else {
            return KernelAnswer::NotAsked(
                "every address that could be tried belongs to another trunk; name one with --from"
                    .to_owned(),
            );
        };
        let port = configuration.ports.first().copied().unwrap_or(5060);
        let destination = match source {
            IpAddr::V4(_) => IpAddr::V4(Ipv4Addr::new(192, 0, 2, 254)),
            IpAddr::V6(_) => IpAddr::V6(Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 0xfffe)),
        };
        let answer = self.kernel.ask(
            SocketAddr::new(source, 5060),
            SocketAddr::new(destination, port),
            message,
        );
        match answer {
            Ok(answer) => KernelAnswer::Asked {
                outcome: answer.outcome,
                decided_by: rules.of_slot(answer.slot),
                caller: answer.caller,
                called: answer.called,
            },
            Err(error) => KernelAnswer::NotAsked(error.to_string()),
        }
    }
}

fn origin<'c>(
    configuration: &'c ActiveConfiguration,
    request: &CheckRequest,
    direction: Option<Direction>,
) -> Result<Origin<'c>, CheckError> {
    if let Some(source) = request.from {
        let (index, trunk) = configuration.trunk_of(source);
        return Ok(Origin {
            index,
            trunk,
            source: Some(source),
        });
    }
    if let Some(name) = &request.trunk {
        let Some((index, trunk)) = configuration.trunk_named(name) else {
            let known: Vec<&str> = configuration
                .trunks
                .iter()
                .map(|trunk| trunk.name.as_str())
                .collect();
            return Err(CheckError(format!(
                "no trunk is named \"{name}\"; the configuration has {}",
                if known.is_empty() {
                    "none".to_owned()
                } else {
                    known.join(", ")
                }
            )));
        };
        return Ok(origin_of(configuration, index, trunk));
    }
    let fitting: Vec<(u16, &Trunk)> = (1_u16..)
        .zip(&configuration.trunks)
        .filter(|(_, trunk)| direction.is_none_or(|direction| direction == trunk.direction))
        .collect();
    if let [(index, trunk)] = fitting.as_slice() {
        return Ok(origin_of(configuration, *index, trunk));
    }
    Ok(Origin {
        index: 0,
        trunk: None,
        source: STRANGERS.iter().find_map(|text| {
            let address: IpAddr = text.parse().ok()?;
            (configuration.trunk_of(address).0 == 0).then_some(address)
        }),
    })
}

fn origin_of<'c>(configuration: &ActiveConfiguration, index: u16, trunk: &'c Trunk) -> Origin<'c> {
    let source = trunk
        .peers
        .iter()
        .flat_map(|network| network.hosts().take(ADDRESSES_TRIED))
        .find(|address| configuration.trunk_of(*address).0 == index);
    Origin {
        index,
        trunk: Some(trunk),
        source,
    }
}

/// Addresses of a network that are tried for one that is not of a longer network of another trunk.
const ADDRESSES_TRIED: usize = 16;

/// Addresses for a peer that no trunk names (RFC 5737, RFC 3849).
const STRANGERS: [&str; 5] = [
    "198.51.100.1",
    "203.0.113.1",
    "192.0.2.1",
    "2001:db8::1",
    "100::1",
];

fn invite(request: &CheckRequest, entry: &TrunkEntry) -> Vec<u8> {
    let names = |source: IdentitySource| entry.identity.contains(&(source as u8));
    let from = names(IdentitySource::From);
    let mut invite = Invite::between(&request.caller, &request.called);
    invite.asserted = !from && names(IdentitySource::PAssertedIdentity);
    invite.remote_party = !from && names(IdentitySource::RemotePartyId);
    invite.text()
}

fn text_of(party: &Party, as_given: &str) -> String {
    number_text(party, as_given)
}
