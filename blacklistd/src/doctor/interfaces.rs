//! The interfaces on which calls arrive.

use std::path::Path;

use super::card::Card;
use crate::config::{Configuration, Interface};
use blacklist_kernel::XdpMode;
use blacklist_wire::Finding;

const SUBJECT: &str = "interface";

/// Drivers with native XDP for packets of several parts or of one (drivers/net of Linux 6.1).
const NATIVE: [&str; 30] = [
    "bnxt_en",
    "cpsw",
    "dpaa_eth",
    "ena",
    "enetc",
    "fec",
    "fsl_dpaa2_eth",
    "funeth",
    "gve",
    "hv_netvsc",
    "i40e",
    "iavf",
    "ice",
    "igb",
    "igc",
    "ixgbe",
    "ixgbevf",
    "lan966x-switch",
    "mlx4_en",
    "mlx5_core",
    "mvneta",
    "mvpp2",
    "nfp",
    "octeontx2",
    "qede",
    "sfc",
    "stmmac",
    "tun",
    "veth",
    "virtio_net",
];
/// The longest Ethernet packet that is usual.
const USUAL_MTU: u32 = 1500;

/// What the system says of an interface.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Facts {
    exists: bool,
    up: bool,
    mtu: u32,
    driver: Option<String>,
    merges: Option<bool>,
    /// The bond or bridge that it is part of.
    master: Option<String>,
}

pub(super) fn examine(configuration: &Configuration) -> Vec<Finding> {
    let of = |interface: &Interface| judge(interface, &facts(&interface.name));
    configuration.interfaces.iter().flat_map(of).collect()
}

fn facts(name: &str) -> Facts {
    let Some(mut card) = Card::new(name) else {
        return Facts::default();
    };
    let Some(up) = card.is_up() else {
        return Facts::default();
    };
    let master = std::fs::read_link(Path::new("/sys/class/net").join(name).join("master"));
    Facts {
        exists: true,
        up,
        mtu: card.mtu().unwrap_or_default(),
        driver: card.driver(),
        merges: card.merges(),
        master: master
            .ok()
            .and_then(|path| Some(path.file_name()?.to_string_lossy().into_owned())),
    }
}

fn judge(interface: &Interface, facts: &Facts) -> Vec<Finding> {
    let name = &interface.name;
    if !facts.exists {
        return vec![Finding::wrong(
            SUBJECT,
            format!("there is no interface {name}"),
            "name the one on which calls arrive in [[interface]]; `ip link` shows those of this host",
        )];
    }
    let mut findings = Vec::new();
    if !facts.up {
        findings.push(Finding::warning(
            SUBJECT,
            format!("{name} is down: no call can arrive there"),
            format!("ip link set {name} up"),
        ));
    }
    match (interface.xdp, facts.driver.as_deref()) {
        (XdpMode::Generic, _) => findings.push(Finding::warning(
            SUBJECT,
            format!("{name} is judged after the driver: packets that the kernel has merged (GRO) can hide calls"),
            format!("set xdp = \"native\" if the driver has it; else switch merging off: ethtool -K {name} gro off"),
        )),
        (XdpMode::Native, Some(driver)) if !NATIVE.contains(&driver) => findings.push(Finding::note(
            SUBJECT,
            format!("{name} has the driver {driver}, which is not known to have native XDP"),
            "try it; where the start is refused, set xdp = \"generic\"",
        )),
        (XdpMode::Native, _) => {}
    }
    if let Some(master) = &facts.master {
        findings.push(Finding::note(
            SUBJECT,
            format!("{name} is part of {master}: what arrives over its other parts is not judged here"),
            format!("name every part of {master} in an [[interface]] of its own, or {master} itself if it is a bond"),
        ));
    }
    if facts.mtu > USUAL_MTU {
        findings.push(Finding::note(
            SUBJECT,
            format!("{name} takes packets of {} bytes: some drivers have native XDP only up to about 3500", facts.mtu),
            format!("if the start is refused: ip link set {name} mtu 1500"),
        ));
    }
    if facts.merges == Some(true) {
        findings.push(Finding::warning(
            SUBJECT,
            format!("{name} merges packets in the card (LRO), which hides calls and which many drivers refuse together with XDP"),
            format!("ethtool -K {name} lro off"),
        ));
    }
    if findings.is_empty() {
        let driver = facts.driver.as_deref().unwrap_or("unknown");
        findings.push(Finding::well(
            SUBJECT,
            format!("{name} is up, driver {driver}, MTU {}", facts.mtu),
        ));
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;
    use blacklist_wire::Level;

    fn sound() -> Facts {
        Facts {
            exists: true,
            up: true,
            mtu: 1500,
            driver: Some("ixgbe".to_owned()),
            merges: Some(false),
            master: None,
        }
    }

    #[test]
    fn what_is_wrong_with_an_interface() {
        type Change = fn(&mut Facts);
        let rows: [(&str, XdpMode, Change, Level, &str); 8] = [
            ("sound", XdpMode::Native, |_| {}, Level::Well, "ixgbe"),
            (
                "gone",
                XdpMode::Native,
                |f| f.exists = false,
                Level::Wrong,
                "no interface",
            ),
            (
                "down",
                XdpMode::Native,
                |f| f.up = false,
                Level::Warning,
                "is down",
            ),
            (
                "generic",
                XdpMode::Generic,
                |_| {},
                Level::Warning,
                "merged",
            ),
            (
                "another driver",
                XdpMode::Native,
                |f| f.driver = Some("e100".to_owned()),
                Level::Note,
                "e100",
            ),
            (
                "jumbo frames",
                XdpMode::Native,
                |f| f.mtu = 9000,
                Level::Note,
                "9000",
            ),
            (
                "merging",
                XdpMode::Native,
                |f| f.merges = Some(true),
                Level::Warning,
                "LRO",
            ),
            (
                "a bond's part",
                XdpMode::Native,
                |f| f.master = Some("bond0".to_owned()),
                Level::Note,
                "bond0",
            ),
        ];
        for (name, xdp, change, level, word) in rows {
            let mut facts = sound();
            change(&mut facts);
            let interface = Interface {
                name: "eth0".to_owned(),
                xdp,
            };
            let found = judge(&interface, &facts);
            assert_eq!(found.len(), 1, "{name}");
            assert_eq!(found[0].level, level, "{name}");
            assert!(
                found[0].finding.contains(word),
                "{name}: {}",
                found[0].finding
            );
            assert_eq!(found[0].remedy.is_empty(), level == Level::Well, "{name}");
        }
    }

    #[test]
    fn loopback_is_found() {
        let facts = facts("lo");
        assert!(facts.exists && facts.mtu > 0, "{facts:?}");
        assert!(!super::facts("no-such-one").exists);
    }
}
