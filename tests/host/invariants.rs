//! Invariants that the text of the sources shows.

use std::path::{Path, PathBuf};

/// Packet memory is read and written through `packet` alone: no other file has what leads to it, but
/// the entries, which turn the kernel's contexts into frames, and the log of one packet's way.
#[test]
fn packet_memory_is_behind_one_door() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../blacklist-ebpf/src");
    let mut files = 0;
    for entry in folder.read_dir().unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let text = std::fs::read_to_string(&path).unwrap();
        files += 1;
        if name == "packet.rs" {
            continue;
        }
        for word in [
            "data()",
            "data_end",
            "load_bytes",
            "store_bytes",
            "xdp_md",
            "__sk_buff",
        ] {
            assert!(!text.contains(word), "{name} has {word}");
        }
        if !["main.rs", "bench.rs", "trace.rs"].contains(&name.as_str()) {
            for word in ["XdpContext", "TcContext"] {
                assert!(!text.contains(word), "{name} has {word}");
            }
        }
    }
    assert!(files > 10, "{files} files in {}", folder.display());
}

/// The top of the repository.
fn top() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// All sources below a folder, each with its path from there.
fn sources(folder: &str) -> Vec<(String, String)> {
    let root = top().join(folder);
    let mut folders = vec![root.clone()];
    let mut found = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in folder.read_dir().unwrap() {
            let path = entry.unwrap().path();
            let name = path.strip_prefix(&root).unwrap().display().to_string();
            if path.is_dir() {
                if name != "target" {
                    folders.push(path);
                }
            } else if name.ends_with(".rs") {
                found.push((name, std::fs::read_to_string(&path).unwrap()));
            }
        }
    }
    assert!(!found.is_empty(), "no sources in {folder}");
    found
}

/// The room of the daemon that a file belongs to.
fn room(file: &str) -> &str {
    let first = file.split('/').next().unwrap();
    first.trim_end_matches(".rs")
}

#[test]
fn rooms_of_the_daemon_are_named_by_those_above_them_alone() {
    for (named, by) in [
        ("daemon", &["api", "daemon", "run", "local"][..]),
        (
            "config",
            &["api", "config", "daemon", "doctor", "local", "run"],
        ),
        ("api", &["api", "run"]),
        ("metrics", &["api", "metrics"]),
        ("doctor", &["doctor", "local"]),
    ] {
        let word = format!("crate::{named}::");
        for (file, text) in sources("blacklistd/src") {
            assert!(
                !text.contains(&word) || by.contains(&room(&file)),
                "{file} names {named}"
            );
        }
    }
}

/// What asks the host past `system`, and where it may: the command line and `doctor` are of this host, the
/// kernel crate is the other seam; what waits for a socket or a stream of media has the time of the
/// runtime; a control socket and a folder are the host's.
const PAST_THE_SEAM: [(&str, &[&str]); 9] = [
    ("Timestamp::now", &[]),
    ("SystemTime::now", &[]),
    (
        "Instant::now",
        &["crates/lists/src/ship/", "crates/voice/src/media/rtp/"],
    ),
    ("getrandom", &[]),
    ("/dev/urandom", &[]),
    (
        "UdpSocket::bind",
        &[
            "crates/voice/src/media/rtp/ports.rs",
            "crates/voice/src/host/context.rs",
            "src/daemon/companion/server.rs",
        ],
    ),
    (
        "File::open(",
        &[
            "src/api/stream.rs",
            "src/api/replay.rs",
            "src/daemon/lock.rs",
        ],
    ),
    ("File::create", &["src/daemon/lock.rs"]),
    (
        "fs::re",
        &[
            "src/api/socket.rs",
            "src/api/stream.rs",
            "src/daemon/start.rs",
            "src/daemon/settings.rs",
            "src/run.rs",
        ],
    ),
];

#[test]
fn clocks_randomness_files_and_sockets_are_the_machines() {
    let exempt = [
        "crates/system/",
        "crates/cli/",
        "crates/kernel/",
        "src/doctor/",
    ];
    let mut wrong = Vec::new();
    for (file, text) in sources("blacklistd") {
        let is_test = file.contains("test");
        if is_test || exempt.iter().any(|room| file.starts_with(room)) {
            continue;
        }
        let text = text.split("#[cfg(test)]\nmod tests").next().unwrap();
        for (word, allowed) in PAST_THE_SEAM {
            if text.contains(word) && !allowed.iter().any(|place| file.starts_with(place)) {
                wrong.push(format!("{file} names {word}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn no_line_of_the_log_has_a_number() {
    let mut lines = 0;
    for (file, text) in sources("blacklistd") {
        for macro_name in ["info!(", "warn!(", "error!(", "debug!(", "trace!("] {
            for (at, _) in text.match_indices(macro_name) {
                let arguments = &text[at..];
                let end = arguments.find(");").unwrap_or(arguments.len());
                lines += 1;
                for word in ["caller", "called", "call_id", "from_user", "digits"] {
                    assert!(
                        !arguments[..end].contains(word),
                        "{file} writes {word} to the log"
                    );
                }
            }
        }
    }
    assert!(lines > 30, "{lines} lines of the log were found");
}

/// ARCHITECTURE.md has a table of invariants, and what keeps each; a test that is named there exists.
#[test]
fn each_invariant_says_what_keeps_it() {
    let text = std::fs::read_to_string(top().join("ARCHITECTURE.md")).unwrap();
    let section = text.split("\n## Invariants\n").nth(1).unwrap();
    let section = section.split("\n## ").next().unwrap();
    let tests: String = ["blacklist-common", "blacklistd", "tests"]
        .into_iter()
        .flat_map(sources)
        .map(|(_, text)| text)
        .collect();
    let labs = std::fs::read_to_string(top().join("xtask/src/labs.rs")).unwrap();
    let rows: Vec<&str> = section
        .lines()
        .filter(|line| line.starts_with("| "))
        .skip(1)
        .collect();
    assert!(rows.len() > 30, "{} invariants", rows.len());
    for row in rows {
        let kept_by = row.trim_end_matches('|').rsplit('|').next().unwrap().trim();
        assert!(!kept_by.is_empty(), "nothing keeps: {row}");
        for name in kept_by.split('`').skip(1).step_by(2) {
            let is_there = match name.strip_prefix("lab ") {
                Some(lab) => labs
                    .to_lowercase()
                    .contains(&format!("    {},", lab.replace('-', ""))),
                None => !name.contains('_') || tests.contains(&format!("fn {name}(")),
            };
            assert!(is_there, "{name} is not there: {row}");
        }
    }
}
