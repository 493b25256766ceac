//! What would become of a call: the same INVITE judged by the engine and, by a test run, by the
//! program in the kernel.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use blacklist_common::number::{Number, Party};
use blacklist_common::outcome::Outcome;
use blacklist_common::tables::{Direction, IdentitySource, TRUNK_OUTBOUND, TrunkEntry};

use super::core::{Core, Shared};
use crate::config::Trunk;
use crate::rules::{Counted, Explanation, RuleDirection, RuleSet, number_text};
use blacklist_sip::invite::Invite;
use blacklist_wire::CheckRequest;

/// A question that cannot be answered, as a sentence.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct CheckError(String);

/// What the kernel's program says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KernelSide {
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
pub struct Checked {
    /// What the engine says.
    pub explanation: Explanation,
    /// What the kernel says.
    pub kernel: KernelSide,
    /// By which rule or default the engine expects the kernel to decide.
    pub kernel_expected: Option<Counted>,
    /// Name of the trunk; empty for peers that no trunk names.
    pub trunk: String,
    /// Which way the call goes.
    pub direction: Direction,
    /// The caller as people read it.
    pub caller: String,
    /// The called party as people read it.
    pub called: String,
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
    pub fn agree(&self) -> bool {
        match &self.kernel {
            KernelSide::NotAsked(_) => true,
            KernelSide::Asked {
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

impl Shared {
    /// Says what would become of a call.
    ///
    /// # Errors
    /// No such trunk, or the trunk goes the other way.
    pub(crate) fn check(&self, request: &CheckRequest) -> Result<Checked, CheckError> {
        let rules = self.rules();
        self.lock().check(&rules, request)
    }
}

impl Core {
    fn check(&self, rules: &RuleSet, request: &CheckRequest) -> Result<Checked, CheckError> {
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
        let origin = self.origin(request, asked)?;
        let entries = self.configuration.trunk_entries();
        let mut entry = entries
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
            KernelSide::NotAsked(format!(
                "no trunk of the configuration carries {} calls",
                entry.direction().as_str()
            ))
        } else {
            self.ask(rules, origin.source, &message)
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

    fn ask(&self, rules: &RuleSet, source: Option<IpAddr>, message: &[u8]) -> KernelSide {
        let Some(source) = source else {
            return KernelSide::NotAsked(
                "every address that could be tried belongs to another trunk; name one with --from"
                    .to_owned(),
            );
        };
        let port = self.configuration.ports.first().copied().unwrap_or(5060);
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
            Ok(answer) => KernelSide::Asked {
                outcome: answer.outcome,
                decided_by: rules.of_slot(answer.slot),
                caller: answer.caller,
                called: answer.called,
            },
            Err(error) => KernelSide::NotAsked(error.to_string()),
        }
    }

    fn origin(
        &self,
        request: &CheckRequest,
        direction: Option<Direction>,
    ) -> Result<Origin<'_>, CheckError> {
        let configuration = &self.configuration;
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
            return Ok(self.origin_of(index, trunk));
        }
        let fitting: Vec<(u16, &Trunk)> = (1_u16..)
            .zip(&configuration.trunks)
            .filter(|(_, trunk)| direction.is_none_or(|direction| direction == trunk.direction))
            .collect();
        if let [(index, trunk)] = fitting.as_slice() {
            return Ok(self.origin_of(*index, trunk));
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

    fn origin_of<'a>(&self, index: u16, trunk: &'a Trunk) -> Origin<'a> {
        let source = trunk
            .peers
            .iter()
            .flat_map(|network| network.hosts().take(ADDRESSES_TRIED))
            .find(|address| self.configuration.trunk_of(*address).0 == index);
        Origin {
            index,
            trunk: Some(trunk),
            source,
        }
    }
}

/// Addresses of a network that are tried for one that is not of a longer network of another trunk.
const ADDRESSES_TRIED: usize = 16;

/// Addresses that stand for a peer that no trunk names (RFC 5737, RFC 3849).
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
