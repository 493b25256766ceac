//! On which terms something is set up and tried: what several commands can be asked.

use crate::commands::setup::For;
use crate::lab;

/// On which terms something is set up and tried.
#[derive(clap::Args)]
pub(crate) struct Terms {
    /// Install what is missing without asking
    #[arg(long)]
    pub(crate) yes: bool,
    /// Go without a thing: what needs it is skipped, and named
    #[arg(long, value_name = "THING")]
    pub(crate) without: Vec<Without>,
}

/// What can be gone without.
#[derive(Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Without {
    /// Asterisk and a newer Kamailio, out of Debian's testing suite
    TestingSuite,
    /// The oldest kernel, in an emulated machine
    Kernels,
}

impl Without {
    const ALL: [Self; 2] = [Self::TestingSuite, Self::Kernels];

    /// The lab that needs it; it has the name by which it is gone without.
    const fn lab(self) -> &'static str {
        match self {
            Self::TestingSuite => lab::TESTING_SUITE,
            Self::Kernels => lab::KERNELS,
        }
    }

    const fn purpose(self) -> For {
        match self {
            Self::TestingSuite => For::TestingSuite,
            Self::Kernels => For::Kernels,
        }
    }
}

impl Terms {
    /// What all labs need, but for what is gone without.
    pub(crate) fn of_all_labs(&self) -> Vec<For> {
        let more = Without::ALL.into_iter();
        let more = more.filter(|thing| !self.without.contains(thing));
        let more = more.map(Without::purpose);
        std::iter::once(For::MostLabs).chain(more).collect()
    }

    /// What a lab needs, if it is not skipped.
    pub(crate) fn of_lab(&self, name: &str) -> For {
        let special = Without::ALL.into_iter().find(|thing| thing.lab() == name);
        match special {
            Some(thing) if !self.without.contains(&thing) => thing.purpose(),
            None if name == lab::DEMO => For::Lab,
            _ => For::MostLabs,
        }
    }

    /// Whether a lab is skipped.
    pub(crate) fn skips(&self, name: &str) -> bool {
        self.without.iter().any(|thing| thing.lab() == name)
    }

    /// The same terms, for ourselves.
    pub(crate) fn again(&self) -> Vec<&'static str> {
        let names = self.without.iter().map(|thing| thing.lab());
        names.flat_map(|name| ["--without", name]).collect()
    }
}
