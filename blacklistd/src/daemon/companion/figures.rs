//! Which way questions come.

use crate::wire::CompanionFigures;

/// How something is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Way {
    Udp,
    Tcp,
    Http,
}

impl Way {
    /// Counts a question.
    pub(super) const fn count(self, figures: &mut CompanionFigures) {
        *match self {
            Self::Udp => &mut figures.udp,
            Self::Tcp => &mut figures.tcp,
            Self::Http => &mut figures.http,
        } += 1;
    }
}
