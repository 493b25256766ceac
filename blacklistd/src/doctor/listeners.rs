//! Who listens on which port of this host, against the ports that are judged.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use crate::config::Configuration;
use blacklist_wire::Finding;

const SUBJECT: &str = "ports";

/// Programs that take calls.
const SIP_PROGRAMS: [&str; 8] = [
    "asterisk",
    "drachtio",
    "freeswitch",
    "kamailio",
    "opensips",
    "sems",
    "yate",
    "repro",
];
/// Ports on which they are usually spoken to; media has others.
const SIP_PORTS: std::ops::RangeInclusive<u16> = 5000..=5999;

/// A socket that waits for others.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Listener {
    port: u16,
    loopback: bool,
    inode: u64,
    /// Its program; empty if that cannot be seen.
    program: String,
}

pub(super) fn examine(configuration: &Configuration) -> Vec<Finding> {
    let programs = programs(Path::new("/proc"));
    let all = |files: [&str; 2], state: &str| -> Vec<Listener> {
        files
            .iter()
            .filter_map(|file| std::fs::read_to_string(Path::new("/proc/net").join(file)).ok())
            .flat_map(|text| read(&text, state, &programs))
            .collect()
    };
    // TCP_CLOSE is what UDP sockets that nobody is connected to say, TCP_LISTEN is 10.
    let udp = all(["udp", "udp6"], "07");
    let tcp = all(["tcp", "tcp6"], "0A");
    judge(configuration, &udp, &tcp)
}

/// Which program has which socket, by inode; as far as we may see.
fn programs(proc: &Path) -> BTreeMap<u64, String> {
    let mut found = BTreeMap::new();
    for process in std::fs::read_dir(proc).into_iter().flatten().flatten() {
        let path = process.path();
        let Ok(descriptors) = std::fs::read_dir(path.join("fd")) else {
            continue;
        };
        let inodes: Vec<u64> = descriptors
            .flatten()
            .filter_map(|entry| std::fs::read_link(entry.path()).ok())
            .filter_map(|target| {
                let target = target.to_string_lossy().into_owned();
                let inode = target.strip_prefix("socket:[")?.strip_suffix(']')?;
                inode.parse().ok()
            })
            .collect();
        if inodes.is_empty() {
            continue;
        }
        let name = std::fs::read_to_string(path.join("comm")).unwrap_or_default();
        for inode in inodes {
            found.insert(inode, name.trim().to_owned());
        }
    }
    found
}

/// Reads a table of sockets as `/proc/net/udp` and `/proc/net/tcp` have it.
fn read(text: &str, state: &str, programs: &BTreeMap<u64, String>) -> Vec<Listener> {
    let of = |line: &str| {
        let words: Vec<&str> = line.split_ascii_whitespace().collect();
        let (address, port) = words.get(1)?.split_once(':')?;
        if *words.get(3)? != state {
            return None;
        }
        let inode = words.get(9)?.parse().ok()?;
        // Addresses are words of the host's order: 127.0.0.1, ::1, and 127.0.0.1 inside of IPv6.
        let loopback = address.len() == 8 && address.ends_with("7F")
            || address == "00000000000000000000000001000000"
            || address.len() == 32 && address.ends_with("7F");
        Some(Listener {
            port: u16::from_str_radix(port, 16).ok()?,
            loopback,
            inode,
            program: programs.get(&inode).cloned().unwrap_or_default(),
        })
    };
    text.lines().skip(1).filter_map(of).collect()
}

fn judge(configuration: &Configuration, udp: &[Listener], tcp: &[Listener]) -> Vec<Finding> {
    let mut findings = Vec::new();
    let judged = |port: u16| configuration.ports.contains(&port);
    let outside = |listener: &&Listener| !listener.loopback;
    let unjudged: BTreeSet<(u16, &str)> = udp
        .iter()
        .filter(outside)
        .filter(|listener| {
            SIP_PROGRAMS.contains(&listener.program.as_str())
                && SIP_PORTS.contains(&listener.port)
                && !judged(listener.port)
        })
        .map(|listener| (listener.port, listener.program.as_str()))
        .collect();
    for (port, program) in unjudged {
        findings.push(Finding::warning(
            SUBJECT,
            format!("{program} listens on UDP port {port}, which is not judged"),
            format!("add {port} to ports if calls arrive there"),
        ));
    }
    for port in &configuration.ports {
        if !udp.iter().any(|listener| listener.port == *port) {
            findings.push(Finding::note(
                SUBJECT,
                format!("nobody on this host listens on UDP port {port}, which is judged"),
                "correct ports, unless a container or another host behind this one listens there",
            ));
        }
    }
    let asked = configuration.companion.listen.is_some() || configuration.companion.http.is_some();
    let streams: BTreeSet<u16> = tcp
        .iter()
        .filter(outside)
        .filter(|listener| judged(listener.port))
        .map(|listener| listener.port)
        .collect();
    for port in streams {
        if !asked {
            findings.push(Finding::warning(
                SUBJECT,
                format!("calls can come over TCP port {port} too, which the program in the kernel cannot judge"),
                "let the proxy ask ([companion], config/examples), or close the port where no trunk needs it",
            ));
        }
    }
    if findings.is_empty() {
        findings.push(Finding::well(
            SUBJECT,
            "who listens for calls on this host does so on judged ports",
        ));
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;
    use blacklist_wire::Level;

    const UDP: &str = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode ref pointer drops\n\
        1: 020012C6:13C4 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 71 2 0 0\n\
        2: 0100007F:13C9 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 72 2 0 0\n\
        3: 020012C6:13D8 00000000:0000 01 00000000:00000000 00:00000000 00000000     0        0 73 2 0 0\n";

    fn listener(port: u16, program: &str, loopback: bool) -> Listener {
        Listener {
            port,
            loopback,
            inode: 1,
            program: program.to_owned(),
        }
    }

    #[test]
    fn tables_of_sockets() {
        let programs = BTreeMap::from([(71, "kamailio".to_owned())]);
        let seen = read(UDP, "07", &programs);
        let expected = [
            Listener {
                inode: 71,
                ..listener(5060, "kamailio", false)
            },
            Listener {
                inode: 72,
                ..listener(5065, "", true)
            },
        ];
        assert_eq!(seen, expected);
    }

    #[test]
    fn ports_and_who_listens() {
        let configuration = |more: &str| {
            let text = format!("[[interface]]\nname = \"eth0\"\n{more}");
            crate::config::parse(Path::new("t"), &text).unwrap()
        };
        let plain = configuration("");
        type Listeners = Vec<Listener>;
        type Row<'c> = (
            &'c str,
            &'c Configuration,
            Listeners,
            Listeners,
            Level,
            &'c str,
        );
        let rows: [Row<'_>; 6] = [
            (
                "as it should be",
                &plain,
                vec![listener(5060, "kamailio", false)],
                vec![],
                Level::Well,
                "judged",
            ),
            (
                "another port",
                &plain,
                vec![
                    listener(5060, "kamailio", false),
                    listener(5080, "kamailio", false),
                ],
                vec![],
                Level::Warning,
                "5080",
            ),
            (
                "another port of loopback, and media",
                &plain,
                vec![
                    listener(5060, "asterisk", false),
                    listener(5080, "asterisk", true),
                    listener(12_000, "asterisk", false),
                ],
                vec![],
                Level::Well,
                "judged",
            ),
            ("nobody", &plain, vec![], vec![], Level::Note, "nobody"),
            (
                "TCP",
                &plain,
                vec![listener(5060, "", false)],
                vec![listener(5060, "", false)],
                Level::Warning,
                "TCP port 5060",
            ),
            (
                "TCP, and the proxy asks",
                &configuration("[companion]\nenabled = true\n"),
                vec![listener(5060, "", false)],
                vec![listener(5060, "", false)],
                Level::Well,
                "judged",
            ),
        ];
        for (name, configuration, udp, tcp, level, word) in rows {
            let found = judge(configuration, &udp, &tcp);
            assert_eq!(found[0].level, level, "{name}");
            assert!(
                found[0].finding.contains(word),
                "{name}: {}",
                found[0].finding
            );
        }
    }
}
