//! The labs by their names. What happens in them is in the package `tests/labs`.

use std::fmt;

use clap::ValueEnum;

/// A lab. In this order all of them are run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum LabName {
    /// Some forty calls, blocked and let through
    Demo,
    /// What is enforced while the daemon is killed and started again
    Restart,
    /// The commands of README.md
    Readme,
    /// Rules, lists and scopes of every kind, changed while they are in force
    Rules,
    /// What is counted and logged, shipped and forgotten
    Accounting,
    /// Blocked calls that are refused, told why, held, asked for a PIN or diverted
    Answering,
    /// The phones of the labs, tried on each other
    Phones,
    /// Proxies and scripts that ask what becomes of a call
    Companion,
    /// Asterisk and a newer Kamailio, out of Debian's testing suite
    TestingSuite,
    /// The oldest kernel, in an emulated machine
    Kernels,
}

impl LabName {
    /// All labs.
    pub fn all() -> &'static [Self] {
        Self::value_variants()
    }
}

impl fmt::Display for LabName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let value = self.to_possible_value();
        f.write_str(value.as_ref().map_or("", |value| value.get_name()))
    }
}
