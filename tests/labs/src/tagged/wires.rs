//! The ways between carrier and SBC: over one wire, without a tag, with one and with two.

use std::net::{IpAddr, SocketAddr};

use anyhow::Result;

use crate::network::{CARRIER_INTERFACE, Network, SBC_INTERFACE};

/// The interface with one tag, on both hosts.
pub(super) const TAGGED: &str = "vlan100";
/// That of a provider's tag, and the one with a customer's tag inside of it.
const OUTER: &str = "vlan200";
const INNER: &str = "vlan200x30";

/// A way.
pub(super) struct Wire {
    pub(super) name: &'static str,
    /// The first bytes of its network; the carrier is its first host, the SBC the second.
    network: &'static str,
    pub(super) tags: &'static [u16],
}

pub(super) const WIRES: [Wire; 6] = [
    wire("IPv4", "198.18.0.", &[]),
    wire("IPv6", "fd00:b1ac::", &[]),
    wire("IPv4 in a VLAN", "198.18.100.", &[100]),
    wire("IPv6 in a VLAN", "fd00:b1ac:100::", &[100]),
    wire("IPv4 in QinQ", "198.18.200.", &[200, 30]),
    wire("IPv6 in QinQ", "fd00:b1ac:200::", &[200, 30]),
];

const fn wire(name: &'static str, network: &'static str, tags: &'static [u16]) -> Wire {
    Wire {
        name,
        network,
        tags,
    }
}

/// Who puts tags and checksums into frames.
pub(super) struct Setting {
    pub(super) name: &'static str,
    /// As `ethtool -K` takes them, one call for each.
    pub(super) features: &'static [&'static [&'static str]],
    /// Whether a program sees the tags in the frame, and not beside it.
    pub(super) in_frames: bool,
    /// Whether checksums are whole in the frame.
    pub(super) sums: bool,
}

const TAGS_BESIDE: &[&str] = &["tx-vlan-hw-insert", "on", "tx-vlan-stag-hw-insert", "on"];
const TAGS_INSIDE: &[&str] = &["tx-vlan-hw-insert", "off", "tx-vlan-stag-hw-insert", "off"];

pub(super) const SETTINGS: [Setting; 3] = [
    Setting {
        name: "tags beside frames",
        features: &[TAGS_BESIDE, &["tx", "on"]],
        in_frames: false,
        sums: false,
    },
    Setting {
        name: "tags in frames",
        features: &[TAGS_INSIDE, &["tx", "on"]],
        in_frames: true,
        sums: false,
    },
    Setting {
        name: "tags and checksums in frames",
        features: &[TAGS_INSIDE, &["tx", "off"]],
        in_frames: true,
        sums: true,
    },
];

impl Wire {
    fn host(&self, number: u8) -> Result<IpAddr> {
        Ok(format!("{}{number}", self.network).parse()?)
    }

    /// Where calls come from.
    pub(super) fn from(&self) -> Result<SocketAddr> {
        Ok(SocketAddr::new(self.host(1)?, 5070))
    }

    /// Where they go.
    pub(super) fn to(&self) -> Result<SocketAddr> {
        Ok(SocketAddr::new(self.host(2)?, 5060))
    }

    fn is_v6(&self) -> bool {
        self.network.contains(':')
    }

    /// The network, as a configuration names it.
    pub(super) fn network(&self) -> String {
        if self.is_v6() {
            format!("\"{}/64\"", self.network)
        } else {
            format!("\"{}0/24\"", self.network)
        }
    }

    fn interface(&self) -> &'static str {
        if self.tags.len() == 1 { TAGGED } else { INNER }
    }
}

/// Makes the tagged interfaces on both hosts.
pub(super) fn make(network: &Network) -> Result<()> {
    for (host, below, number) in [
        (&network.carrier, CARRIER_INTERFACE, 1),
        (&network.sbc, SBC_INTERFACE, 2),
    ] {
        let add = ["link", "add", "link"];
        let tag = |name, protocol, id| ["name", name, "type", "vlan", "proto", protocol, "id", id];
        host.ip(&[&add[..], &[below], &tag(TAGGED, "802.1Q", "100")].concat())?;
        host.ip(&[&add[..], &[below], &tag(OUTER, "802.1ad", "200")].concat())?;
        host.ip(&[&add[..], &[OUTER], &tag(INNER, "802.1Q", "30")].concat())?;
        host.bring_up(OUTER, &[])?;
        for wire in WIRES.iter().filter(|wire| !wire.tags.is_empty()) {
            let length = if wire.is_v6() { 64 } else { 24 };
            let address = format!("{}/{length}", wire.host(number)?);
            host.bring_up(wire.interface(), &[&address])?;
        }
    }
    Ok(())
}
