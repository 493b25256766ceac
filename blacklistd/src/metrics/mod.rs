//! Figures for Prometheus, as OpenMetrics text: the names, units and help of all of them are here.
//! No number of a caller is a label, and nothing that strangers choose. Where the figures come from
//! is not known here.

mod families;
mod family;

pub(crate) use families::text;

/// The media type of [`text`].
pub(crate) const MEDIA_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

#[cfg(test)]
mod tests;
