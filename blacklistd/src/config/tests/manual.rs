//! README.md and the manual in `docs/`: what they say of the configuration.

use std::path::{Path, PathBuf};

use super::{INTERFACE, problems, whole_example};

/// What a part of a configuration may speak of, and is added where it does not say it itself.
const REST: [(&str, &str); 3] = [
    ("interface", INTERFACE),
    ("dial_plan", "[dial_plan.us]\ncountry_code = \"1\"\n"),
    (
        "trunk",
        "[[trunk]]\nname = \"carrier\"\npeers = [\"192.0.2.0/24\"]\n",
    ),
];

fn root() -> PathBuf {
    let mut folders = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors();
    let root = folders.find(|folder| folder.join("docs/configuration.md").exists());
    root.unwrap().to_path_buf()
}

fn completed(part: &str) -> String {
    let table: toml::Table = toml::from_str(part).unwrap_or_default();
    let rest = REST.iter().filter(|(name, _)| !table.contains_key(*name));
    let rest: String = rest.map(|(_, text)| *text).collect();
    format!("{part}\n{rest}")
}

#[test]
fn every_configuration_of_the_manual_is_valid() {
    let pages = std::fs::read_dir(root().join("docs")).unwrap();
    let pages = pages.map(|entry| entry.unwrap().path());
    let mut found = 0;
    for page in pages.chain([root().join("README.md")]) {
        let text = std::fs::read_to_string(&page).unwrap();
        let mut lines = text.lines().enumerate();
        while let Some((number, line)) = lines.next() {
            if line.trim() != "```toml" {
                continue;
            }
            let block = lines.by_ref().map(|(_, line)| line.trim());
            let block: Vec<&str> = block.take_while(|line| *line != "```").collect();
            let mistakes = problems(&completed(&block.join("\n")));
            assert!(mistakes.is_empty(), "{page:?}:{number}: {mistakes:?}");
            found += 1;
        }
    }
    assert!(found >= 10, "only {found} configurations");
}

fn keys(table: &toml::Table, found: &mut Vec<String>) {
    for (key, value) in table {
        found.push(key.clone());
        let inside = match value {
            toml::Value::Array(array) => array.as_slice(),
            other => std::slice::from_ref(other),
        };
        for table in inside.iter().filter_map(toml::Value::as_table) {
            keys(table, found);
        }
    }
}

#[test]
fn the_manual_has_every_key() {
    let text = std::fs::read_to_string(root().join("docs/configuration.md")).unwrap();
    let (_, table) = text.split_once("## All keys").unwrap();
    let mut all = Vec::new();
    keys(&toml::from_str(&whole_example()).unwrap(), &mut all);
    // The name of the example's dial plan.
    for key in all.iter().filter(|key| *key != "us") {
        let is_there = table.contains(&format!("`{key}`")) || table.contains(&format!("{key}]"));
        assert!(
            is_there || table.contains(&format!("[{key}.")),
            "{key} is not in docs/configuration.md"
        );
    }
}
