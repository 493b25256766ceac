//! Figures for Prometheus, as OpenMetrics text: names, units and help of all of them stand here.
//! No number of a caller is a label, and nothing that strangers choose. Where the figures come from
//! is not known here.

mod families;
mod snapshot;

pub use families::text;
pub use snapshot::{
    InterfaceFigures, ListFigures, NamedFigure, RuleFigures, ShareFigures, SinkFigures, Snapshot,
    TableFigures,
};

/// The media type of [`text`].
pub const MEDIA_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

#[cfg(test)]
mod tests;
