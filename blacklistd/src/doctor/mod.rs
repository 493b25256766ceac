//! What a new installation gets wrong: facts of this host, of the configuration and of the running
//! daemon, each held against what has to be so. Nothing is changed.

mod card;
mod clock;
mod companion;
mod files;
mod interfaces;
mod listeners;
mod service;
mod traffic;

use std::path::Path;

use blacklist_wire::{DaemonView, Finding, Report};

use crate::config::{self, ConfigError, Configuration};

/// Looks at everything. `ask` is called with the configuration's control socket, if there is a
/// configuration.
pub(crate) fn examine(path: &Path, ask: impl FnOnce(&Path) -> DaemonView) -> Report {
    let mut findings = Vec::new();
    let configuration = match config::load(path) {
        Ok(configuration) => configuration,
        Err(error) => {
            findings.extend(unusable(path, &error));
            findings.push(clock::examine());
            return Report::of(findings);
        }
    };
    findings.push(Finding::well(
        "configuration",
        format!("{} has no mistakes", path.display()),
    ));
    let daemon = ask(&configuration.control_socket);
    findings.extend(files::examine(path, &configuration));
    findings.extend(interfaces::examine(&configuration));
    findings.extend(listeners::examine(&configuration));
    findings.extend(service::examine(&configuration, daemon.status.as_ref()));
    findings.extend(traffic::examine(&configuration, &daemon));
    findings.extend(companion::examine(&configuration));
    findings.push(clock::examine());
    Report::of(findings)
}

fn unusable(path: &Path, error: &ConfigError) -> Vec<Finding> {
    match error {
        ConfigError::Unreadable { source, .. } => vec![Finding::wrong(
            "configuration",
            format!("{} cannot be read: {source}", path.display()),
            "install config/blacklistd.toml there, run this as root, or name another file with --config",
        )],
        ConfigError::Mistakes { problems, .. } => problems
            .iter()
            .map(|problem| {
                Finding::wrong(
                    "configuration",
                    format!("{}:{}: {}", path.display(), problem.line, problem.text),
                    "correct this line; `blacklistd config check` reads the file again",
                )
            })
            .collect(),
    }
}

/// Whether trunks of a configuration have names that somebody says.
fn trunk_exists(configuration: &Configuration, name: &str) -> bool {
    configuration.trunk_named(name).is_some()
}

#[cfg(test)]
mod tests {
    use blacklist_wire::Level;

    use super::*;

    #[test]
    fn every_mistake_is_a_finding() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("blacklistd.toml");
        std::fs::write(&path, "mode = \"x\"\nports = [0]\n").unwrap();
        let report = examine(&path, |_| panic!("nobody is asked"));
        let wrong = report
            .findings
            .iter()
            .filter(|finding| finding.level == Level::Wrong)
            .count();
        assert_eq!((wrong, report.ok), (2, false));
        let report = examine(Path::new("/no/such/file"), |_| DaemonView::default());
        assert!(!report.ok);
        assert!(report.findings[0].finding.contains("/no/such/file"));
    }
}
