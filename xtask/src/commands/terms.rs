//! On which terms something is set up and tried: what several commands can be asked.

use crate::commands::setup::For;

/// On which terms something is set up and tried.
#[derive(clap::Args)]
pub(crate) struct Terms {
    /// Install what is missing without asking
    #[arg(long)]
    pub(crate) yes: bool,
    /// Go without a thing: what needs it is skipped, and named
    #[arg(long, value_name = "THING")]
    pub(crate) without: Option<Without>,
}

/// What can be gone without.
#[derive(Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Without {
    /// Asterisk and a newer Kamailio, out of Debian's testing suite
    TestingSuite,
}

impl Terms {
    /// What all labs need, but for what is gone without.
    pub(crate) const fn of_all_labs(&self) -> For {
        match self.without {
            Some(Without::TestingSuite) => For::MostLabs,
            None => For::AllLabs,
        }
    }

    /// The same terms, for ourselves.
    pub(crate) fn again(&self) -> &'static [&'static str] {
        match self.without {
            Some(Without::TestingSuite) => &["--without", "testing-suite"],
            None => &[],
        }
    }
}
