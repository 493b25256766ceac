//! On which terms something is set up and tried: what several commands can be asked.

use xtask::labs::LabName;

use crate::commands::setup::For;

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

    /// The lab that needs it.
    const fn lab(self) -> LabName {
        match self {
            Self::TestingSuite => LabName::TestingSuite,
            Self::Kernels => LabName::Kernels,
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
    pub(crate) fn of_lab(&self, name: LabName) -> For {
        let special = Without::ALL.into_iter().find(|thing| thing.lab() == name);
        match special {
            Some(thing) if !self.without.contains(&thing) => thing.purpose(),
            None if name == LabName::Demo => For::Lab,
            _ => For::MostLabs,
        }
    }

    /// Whether a lab is skipped.
    pub(crate) fn skips(&self, name: LabName) -> bool {
        self.without.iter().any(|thing| thing.lab() == name)
    }
}
