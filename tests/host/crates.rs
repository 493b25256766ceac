//! Which crate of the workspace may name which: the arrows of ARCHITECTURE.md, and who alone names the
//! libraries that must not spread.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

use serde_json::Value;

/// A crate and the crates of the workspace that it may name. The daemon may name all of them.
const EDGES: [(&str, &[&str]); 15] = [
    ("blacklist-common", &[]),
    ("blacklist-problems", &[]),
    ("blacklist-system", &[]),
    ("blacklist-model", &["common"]),
    ("blacklist-figures", &["common", "model"]),
    ("blacklist-generation", &["common", "model"]),
    ("blacklist-engine", &["common", "generation", "model"]),
    (
        "blacklist-kernel",
        &["common", "generation", "model", "system"],
    ),
    ("blacklist-store", &["common", "figures", "model", "system"]),
    ("blacklist-sip", &["common", "figures", "model"]),
    (
        "blacklist-voice",
        &["common", "figures", "model", "sip", "system"],
    ),
    (
        "blacklist-lists",
        &["figures", "model", "problems", "system"],
    ),
    ("blacklist-wire", &["common", "figures", "model"]),
    (
        "blacklist-cli",
        &["common", "figures", "model", "problems", "system", "wire"],
    ),
    (DAEMON, &[]),
];

/// Libraries that one crate alone names.
const OWNERS: [(&str, &str); 10] = [
    ("aya", "blacklist-kernel"),
    ("clap", "blacklist-cli"),
    ("getrandom", "blacklist-system"),
    ("pcap-parser", "blacklist-sip"),
    ("ratatui", "blacklist-cli"),
    ("rsipstack", "blacklist-voice"),
    ("rusqlite", "blacklist-store"),
    ("symphonia", "blacklist-voice"),
    ("ureq", "blacklist-lists"),
    ("axum", DAEMON),
];

/// The crate that puts the others together.
const DAEMON: &str = "blacklistd";

/// What each crate of the daemon names, tests aside.
fn dependencies() -> BTreeMap<String, BTreeSet<String>> {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version=1", "--no-deps", "--offline"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    let metadata: Value = serde_json::from_slice(&output.stdout).unwrap();
    let root = metadata["workspace_root"].as_str().unwrap();
    let inside = |package: &&Value| {
        let path = package["manifest_path"].as_str().unwrap();
        let path = path.strip_prefix(root).unwrap();
        path.starts_with("/blacklistd/") || path.starts_with("/blacklist-common/")
    };
    let names = |package: &Value| {
        let all = package["dependencies"].as_array().unwrap().iter();
        all.filter(|one| one["kind"] != "dev")
            .map(|one| one["name"].as_str().unwrap().to_owned())
            .collect()
    };
    let packages = metadata["packages"].as_array().unwrap().iter();
    packages
        .filter(inside)
        .map(|package| (package["name"].as_str().unwrap().to_owned(), names(package)))
        .collect()
}

#[test]
fn crates_name_only_those_below_them() {
    let dependencies = dependencies();
    let known: BTreeSet<&str> = EDGES.iter().map(|(name, _)| *name).collect();
    let there: BTreeSet<&str> = dependencies.keys().map(String::as_str).collect();
    assert_eq!(there, known, "each crate has a row");
    for (name, allowed) in EDGES {
        let ours = dependencies[name].iter();
        for other in ours.filter(|other| known.contains(other.as_str())) {
            let short = other.trim_start_matches("blacklist-");
            assert!(
                name == DAEMON || allowed.contains(&short),
                "{name} must not name {other}"
            );
        }
    }
}

#[test]
fn no_crate_names_the_daemon_and_arrows_have_no_circle() {
    let dependencies = dependencies();
    // A crate that names only crates without a circle has none; whoever is left is in one.
    let mut open: BTreeSet<&str> = dependencies.keys().map(String::as_str).collect();
    while let Some(free) = open
        .iter()
        .find(|name| {
            !dependencies[**name]
                .iter()
                .any(|other| open.contains(other.as_str()))
        })
        .copied()
    {
        open.remove(free);
    }
    assert!(open.is_empty(), "{open:?}");
    for (name, names) in &dependencies {
        assert!(!names.contains(DAEMON), "{name}");
    }
}

#[test]
fn libraries_that_must_not_spread_have_one_owner() {
    let dependencies = dependencies();
    for (library, owner) in OWNERS {
        let users: Vec<&str> = dependencies
            .iter()
            .filter(|(_, names)| names.contains(library))
            .map(|(name, _)| name.as_str())
            .collect();
        assert_eq!(users, [owner], "{library}");
    }
}

#[test]
fn the_command_line_reaches_no_library_of_the_daemon() {
    let dependencies = dependencies();
    let mut reached = BTreeSet::from(["blacklist-cli".to_owned()]);
    loop {
        let further: BTreeSet<String> = reached
            .iter()
            .filter_map(|name| dependencies.get(name))
            .flatten()
            .cloned()
            .collect();
        let before = reached.len();
        reached.extend(further);
        if reached.len() == before {
            break;
        }
    }
    assert!(reached.contains("blacklist-model"), "{reached:?}");
    for library in ["aya", "rsipstack", "rusqlite", "symphonia", "ureq"] {
        assert!(!reached.contains(library), "{library}");
    }
}
