//! Who may read and write what is ours.

use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use crate::config::Configuration;
use blacklist_lists::ship::SinkTarget;
use blacklist_wire::Finding;

const SUBJECT: &str = "files";
/// Written by everybody.
const WORLD_WRITES: u32 = 0o002;
/// Read, written or entered by everybody.
const WORLD: u32 = 0o007;

/// A file that has to be kept from somebody.
struct Kept {
    path: PathBuf,
    what: &'static str,
    /// Bits of the mode that must not be there.
    forbidden: u32,
    /// The command that takes them away.
    remedy: &'static str,
}

pub(super) fn examine(path: &Path, configuration: &Configuration) -> Vec<Finding> {
    let kept = |path: &Path, what, forbidden, remedy| Kept {
        path: path.to_owned(),
        what,
        forbidden,
        remedy,
    };
    let mut all = vec![
        kept(path, "the configuration", WORLD_WRITES, "chmod o-w"),
        kept(
            &configuration.state_directory,
            "the folder of rules and calls",
            WORLD,
            "chmod o-rwx",
        ),
        kept(
            &configuration.control_socket,
            "the control socket",
            WORLD,
            "chmod o-rwx",
        ),
    ];
    all.extend(configuration.ship.iter().filter_map(|sink| {
        match &sink.target {
            SinkTarget::Http { token_file, .. } => token_file
                .as_ref()
                .map(|path| kept(path, "a sink's token", WORLD, "chmod o-rwx")),
            SinkTarget::File { path } => Some(kept(
                path,
                "a sink's file, which has numbers",
                WORLD,
                "chmod o-rwx",
            )),
            SinkTarget::Journald { .. } | SinkTarget::Unix { .. } => None,
        }
    }));
    let found: Vec<Finding> = all.iter().filter_map(judge).collect();
    if found.is_empty() {
        return vec![Finding::well(
            SUBJECT,
            "nobody else reads or writes what is ours",
        )];
    }
    found
}

fn judge(kept: &Kept) -> Option<Finding> {
    let path = kept.path.display();
    let metadata = match std::fs::metadata(&kept.path) {
        Ok(metadata) => metadata,
        // What is made at the first start.
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return None,
        Err(error) => {
            return Some(Finding::note(
                SUBJECT,
                format!("{}, {path}, cannot be looked at: {error}", kept.what),
                "run this as root",
            ));
        }
    };
    let mode = metadata.permissions().mode() & 0o777;
    if mode & kept.forbidden != 0 {
        return Some(Finding::warning(
            SUBJECT,
            format!(
                "{}, {path}, is open to everybody (mode {mode:03o})",
                kept.what
            ),
            format!("{} {path}", kept.remedy),
        ));
    }
    if metadata.uid() != 0 && nix::unistd::geteuid().is_root() {
        return Some(Finding::note(
            SUBJECT,
            format!(
                "{}, {path}, belongs to user {}, not to root",
                kept.what,
                metadata.uid()
            ),
            format!("chown root {path}, unless that is meant"),
        ));
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use blacklist_wire::Level;

    #[test]
    fn what_is_open_is_found() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("token");
        std::fs::write(&path, "x").unwrap();
        let rows = [
            (0o600, WORLD, None),
            (0o640, WORLD, None),
            (0o644, WORLD, Some(Level::Warning)),
            (0o644, WORLD_WRITES, None),
            (0o646, WORLD_WRITES, Some(Level::Warning)),
        ];
        for (mode, forbidden, expected) in rows {
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
            let kept = Kept {
                path: path.clone(),
                what: "a token",
                forbidden,
                remedy: "chmod o-rwx",
            };
            let seen = judge(&kept).map(|finding| finding.level);
            assert_eq!(seen, expected, "{mode:03o}");
        }
    }
}
