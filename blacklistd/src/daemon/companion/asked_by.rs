//! How something is asked, and what counts it.

use blacklist_figures::CompanionFigures;

/// How something is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum AskedBy {
    Udp,
    Tcp,
    Http,
}

impl AskedBy {
    /// Counts a question.
    pub(super) const fn count(self, figures: &mut CompanionFigures) {
        *match self {
            Self::Udp => &mut figures.udp,
            Self::Tcp => &mut figures.tcp,
            Self::Http => &mut figures.http,
        } += 1;
    }
}
