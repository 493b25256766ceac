//! The Unix socket: who may use it, and that it is ours.

use std::os::unix::fs::{FileTypeExt as _, PermissionsExt as _};
use std::path::Path;

use anyhow::{Context as _, bail};
use nix::unistd::{Gid, Group};
use tokio::net::UnixListener;

use super::peer::Peer;
use crate::config::Configuration;
use crate::daemon::Daemon;

/// The group that may use the socket.
///
/// # Errors
/// There is no such group.
pub(crate) fn control_group(configuration: &Configuration) -> anyhow::Result<Option<Gid>> {
    let Some(name) = &configuration.control_group else {
        return Ok(None);
    };
    match Group::from_name(name).with_context(|| format!("cannot look up the group {name}"))? {
        Some(group) => Ok(Some(group.gid)),
        None => bail!(
            "there is no group {name}: make it with `groupadd --system {name}`, or correct control_group in the configuration"
        ),
    }
}

/// Refuses a socket that another daemon serves; one that nobody serves is taken away.
///
/// # Errors
/// The socket is in use, or its place is taken by a file of another kind.
pub(crate) fn require_free_socket(path: &Path) -> anyhow::Result<()> {
    let Ok(metadata) = std::fs::symlink_metadata(path) else {
        return Ok(());
    };
    if !metadata.file_type().is_socket() {
        bail!(
            "{} is there and is no socket: remove it, or correct control_socket in the configuration",
            path.display()
        );
    }
    if std::os::unix::net::UnixStream::connect(path).is_ok() {
        bail!(
            "another blacklistd serves {}: stop it first, or give this one a control_socket of its own",
            path.display()
        );
    }
    std::fs::remove_file(path).with_context(|| format!("cannot remove {}", path.display()))
}

/// Serves the API for ever.
///
/// # Errors
/// The socket cannot be made.
pub(crate) fn serve(
    path: &Path,
    group: Option<Gid>,
    daemon: Daemon,
) -> anyhow::Result<impl Future<Output = std::io::Result<()>> + use<>> {
    let cannot = || {
        format!(
            "cannot make the control socket {}; correct control_socket in the configuration",
            path.display()
        )
    };
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).with_context(cannot)?;
    }
    let listener = UnixListener::bind(path).with_context(cannot)?;
    nix::unistd::chown(path, None, group).with_context(cannot)?;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o660)).with_context(cannot)?;
    let service = super::router(daemon).into_make_service_with_connect_info::<Peer>();
    Ok(axum::serve(listener, service).into_future())
}
