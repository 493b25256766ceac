use blacklist_common::outcome::{Outcome, Share};
use blacklist_common::rule::Action;
use blacklist_common::tables::Counter;

use super::*;
use blacklist_figures::{
    AttemptFigures, Counts, DaemonFigures, Figures, InterfaceFigures, LogFigures, NamedCounts,
    Shares, SinkStatus, Status, Sums, TrunkFigures,
};

fn count(calls: u64) -> Counter {
    Counter {
        calls,
        packets: 7 * calls,
    }
}

/// Figures in which every family has a value.
fn whole() -> Figures {
    let mut shares = Shares::default();
    for share in Share::ALL {
        shares.add(share, count(2));
    }
    let daemon = DaemonFigures {
        version: "0.1.0".to_owned(),
        interfaces: vec![InterfaceFigures {
            name: "eth0".to_owned(),
            xdp_mode: "native".to_owned(),
            attached: true,
            ..InterfaceFigures::default()
        }],
        outcomes: Outcome::ALL
            .map(|one| (one.as_str().to_owned(), count(3).into()))
            .into(),
        ..DaemonFigures::default()
    };
    let status = Status {
        daemon,
        abi_version: 4,
        pin_tries: AttemptFigures {
            no_pin: 3,
            ..AttemptFigures::default()
        },
        pins: 2,
        grants: 7,
        log: LogFigures {
            bytes: 4096,
            ..LogFigures::default()
        },
        sinks: vec![SinkStatus {
            name: "siem".to_owned(),
            ..SinkStatus::default()
        }],
        ..Status::default()
    };
    Figures {
        status,
        sums: Sums {
            trunks: vec![TrunkFigures {
                name: "a \"carrier\"\n\\".to_owned(),
                shares,
            }],
            lists: vec![NamedCounts::new("default", count(2))],
            actions: Action::ALL
                .map(|one| NamedCounts::new(one.as_str(), count(1)))
                .to_vec(),
            lost: 5,
            ..Sums::default()
        },
        rules: vec![(17, Counts::from(count(1)))],
        silent_for: vec![("journal", 1000)],
        ..Figures::default()
    }
}

/// Names of all series in a text, without labels.
fn names(text: &str) -> std::collections::BTreeSet<String> {
    text.lines()
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| line.split(['{', ' ']).next())
        .map(str::to_owned)
        .collect()
}

#[test]
fn all_have_help_and_names_by_the_conventions() {
    let text = text(whole()).unwrap();
    assert!(text.ends_with("# EOF\n"));
    for name in names(&text) {
        let family = name.strip_suffix("_total").unwrap_or(&name);
        assert!(text.contains(&format!("# HELP {family} ")), "{family}");
        let is_counter = text.contains(&format!("# TYPE {family} counter\n"));
        assert_eq!(is_counter, name.ends_with("_total"), "{name}");
        assert!(name.starts_with("blacklist_"), "{name}");
    }
    for unit in [
        "blacklist_start_time_seconds",
        "blacklist_log_size_bytes",
        "blacklist_heartbeat_age_seconds",
    ] {
        assert!(names(&text).contains(unit), "{unit}");
    }
}

#[test]
fn values_and_labels_stand_as_they_are() {
    let text = text(whole()).unwrap();
    for line in [
        "blacklist_build_info{version=\"0.1.0\",abi_version=\"4\"} 1.0",
        "blacklist_packets_total{outcome=\"dropped\"} 21",
        "blacklist_calls_total{outcome=\"too-long\"} 3",
        "blacklist_trunk_invites_total{trunk=\"a \\\"carrier\\\"\\n\\\\\",verdict=\"blocked\"} 14",
        "blacklist_rule_calls_total{rule=\"17\"} 1",
        "blacklist_events_lost_total 5",
        "blacklist_pins 2.0",
        "blacklist_grants 7.0",
        "blacklist_pin_tries_total{outcome=\"no-pin\"} 3",
        "blacklist_log_size_bytes 4096.0",
        "blacklist_interface_attached{interface=\"eth0\",mode=\"native\"} 1.0",
    ] {
        assert!(text.contains(&format!("{line}\n")), "{line}\n{text}");
    }
}

/// Names that the configuration or the program gives: none is a number, or what a stranger sent.
const LABELS: [&str; 16] = [
    "abi_version",
    "action",
    "interface",
    "list",
    "mode",
    "outcome",
    "part",
    "reason",
    "rule",
    "sink",
    "state",
    "table",
    "trunk",
    "verdict",
    "version",
    "what",
];

#[test]
fn labels_are_names_that_no_stranger_gives() {
    let text = text(whole()).unwrap();
    let labels: std::collections::BTreeSet<_> = text
        .lines()
        .filter(|line| !line.starts_with('#'))
        .flat_map(|line| {
            line.split("=\"")
                .map(|part| part.rsplit(['{', ',']).next().unwrap_or(""))
        })
        .filter(|label| label.chars().all(|c| c.is_ascii_lowercase() || c == '_'))
        .collect();
    let known: std::collections::BTreeSet<_> = LABELS.into_iter().collect();
    assert_eq!(labels, known);
}

#[test]
fn rules_are_left_out_unless_they_are_asked_for() {
    let without = Figures {
        rules: Vec::new(),
        ..whole()
    };
    assert!(!text(without).unwrap().contains("blacklist_rule_calls"));
}

/// Names that a text of expressions speaks of.
fn spoken_of(text: &str) -> std::collections::BTreeSet<String> {
    text.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_'))
        .filter(|word| word.starts_with("blacklist_"))
        .map(str::to_owned)
        .collect()
}

#[test]
fn dashboard_and_alerts_speak_of_figures_that_there_are() {
    let known = names(&text(whole()).unwrap());
    for (file, text) in [
        (
            "grafana-dashboard.json",
            include_str!("../../../config/grafana-dashboard.json"),
        ),
        (
            "prometheus-alerts.yml",
            include_str!("../../../config/prometheus-alerts.yml"),
        ),
    ] {
        let spoken = spoken_of(text);
        assert!(spoken.len() > 5, "{file} speaks of hardly anything");
        for name in spoken {
            assert!(known.contains(&name), "{file}: there is no {name}");
        }
    }
}

#[test]
fn the_dashboard_is_json_and_every_panel_has_a_title_and_an_expression() {
    let dashboard: serde_json::Value =
        serde_json::from_str(include_str!("../../../config/grafana-dashboard.json")).unwrap();
    let panels = dashboard["panels"].as_array().unwrap();
    assert!(panels.len() >= 8);
    for panel in panels.iter().filter(|panel| panel["type"] != "row") {
        assert!(
            panel["title"]
                .as_str()
                .is_some_and(|title| !title.is_empty()),
            "{panel}"
        );
        let targets = panel["targets"].as_array().unwrap();
        assert!(!targets.is_empty(), "{panel}");
        for target in targets {
            assert!(
                target["expr"]
                    .as_str()
                    .is_some_and(|expr| expr.contains("blacklist_")),
                "{panel}"
            );
        }
    }
}
