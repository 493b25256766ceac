//! Without the program in the kernel: the proxy asks about every call, and those by UDP are told what
//! those by TCP are told with it.

use anyhow::Result;

use super::kamailio::{Edition, Example, Kamailio};
use super::{Row, Scene};

pub(super) fn run(scene: &mut Scene<'_>) -> Result<()> {
    scene.daemon.ask(&["detach"])?;
    let mut rows = Row::all("kamailio")?;
    rows.retain_mut(|row| match row.name.strip_prefix("TCP, ") {
        Some(name) => {
            (row.name, row.transport) = (name, "u1");
            true
        }
        None => false,
    });
    for example in [Example::Redirect, Example::Http] {
        let kamailio = Kamailio::start(scene.lab, Edition::Stable, example)?;
        scene.calls(&format!("{}, detached: UDP", example.name()), &rows)?;
        kamailio.end()?;
    }
    Ok(())
}
