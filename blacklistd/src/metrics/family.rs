//! One family of figures: its name, help and unit, and a value for each set of labels.

use std::fmt;

use prometheus_client::encoding::{DescriptorEncoder, EncodeMetric, MetricEncoder, NoLabelSet};
use prometheus_client::metrics::MetricType;
use prometheus_client::registry::Unit;

/// A number and how it is to be understood.
#[derive(Clone, Copy, Debug)]
pub(super) enum Value {
    /// A sum that only goes up.
    Sum(u64),
    /// A value of the moment.
    Now(f64),
}

impl Value {
    /// A whole number of the moment.
    #[expect(
        clippy::cast_precision_loss,
        reason = "values of the moment are floating-point numbers"
    )]
    pub(super) const fn now(number: u64) -> Self {
        Self::Now(number as f64)
    }

    /// 1 or 0.
    pub(super) fn is(condition: bool) -> Self {
        Self::now(u64::from(condition))
    }
}

impl EncodeMetric for Value {
    fn encode(&self, mut encoder: MetricEncoder<'_>) -> Result<(), fmt::Error> {
        match self {
            Self::Sum(sum) => encoder.encode_counter::<NoLabelSet, _, u64>(sum, None),
            Self::Now(value) => encoder.encode_gauge(value),
        }
    }

    fn metric_type(&self) -> MetricType {
        match self {
            Self::Sum(_) => MetricType::Counter,
            Self::Now(_) => MetricType::Gauge,
        }
    }
}

/// Writes families.
#[derive(Debug)]
pub(super) struct Families<'a>(pub(super) DescriptorEncoder<'a>);

impl Families<'_> {
    /// A family of one value without labels.
    pub(super) fn one(
        &mut self,
        name: &str,
        help: &str,
        unit: Option<&Unit>,
        value: Value,
    ) -> Result<(), fmt::Error> {
        let family = self
            .0
            .encode_descriptor(name, help, unit, value.metric_type())?;
        value.encode(family)
    }

    /// A family with a value for each value of a label.
    pub(super) fn by<L: ToString>(
        &mut self,
        name: &str,
        help: &str,
        label: &str,
        values: impl IntoIterator<Item = (L, Value)>,
    ) -> Result<(), fmt::Error> {
        let labelled = values.into_iter().map(|(name, value)| ([name], value));
        self.labelled(name, help, None, [label], labelled)
    }

    /// A family with a value for each set of labels; nothing where there are none.
    pub(super) fn labelled<L: ToString, const N: usize>(
        &mut self,
        name: &str,
        help: &str,
        unit: Option<&Unit>,
        labels: [&str; N],
        values: impl IntoIterator<Item = ([L; N], Value)>,
    ) -> Result<(), fmt::Error> {
        let mut values = values.into_iter().peekable();
        let Some((_, first)) = values.peek() else {
            return Ok(());
        };
        let mut family = self
            .0
            .encode_descriptor(name, help, unit, first.metric_type())?;
        for (names, value) in values {
            let names = names.map(|name| name.to_string());
            let set: Vec<(&str, String)> = labels.into_iter().zip(names).collect();
            value.encode(family.encode_family(&set)?)?;
        }
        Ok(())
    }
}
