//! Without the program in the kernel: the proxy asks about every call, and those by UDP are told what
//! those by TCP are told with it.

use anyhow::Result;

use super::kamailio::{Edition, Example, Kamailio};
use super::{ROWS, Row, Scene};

pub(super) fn run(scene: &mut Scene<'_>) -> Result<()> {
    scene.daemon.ask(&["detach"])?;
    let by_tcp = ROWS.iter().filter_map(|row| {
        let name = row.name.strip_prefix("TCP, ")?;
        Some(Row {
            name,
            transport: "u1",
            ..*row
        })
    });
    let rows: Vec<Row<'_>> = by_tcp.collect();
    for example in [Example::Redirect, Example::Http] {
        let kamailio = Kamailio::start(scene.lab, Edition::Stable, example)?;
        scene.calls(&format!("{}, detached: UDP", example.name()), &rows)?;
        kamailio.end()?;
    }
    Ok(())
}
