//! Messages that get no answer.

use blacklist_figures::AnswerFigures;
use blacklist_sip::answer::Unreadable;

/// Why a message gets no answer.
#[derive(Clone, Copy, Debug)]
pub(super) enum Silence {
    /// It needs none.
    Absorbed,
    /// No rule refuses the call.
    Undecided,
    /// It lacks what an answer needs.
    Unreadable,
    /// There were too many this second.
    Overload,
}

impl From<Unreadable> for Silence {
    fn from(why: Unreadable) -> Self {
        match why {
            Unreadable::Response => Self::Absorbed,
            Unreadable::NotSip | Unreadable::Header(_) => Self::Unreadable,
        }
    }
}

impl Silence {
    pub(super) const fn count(self, figures: &mut AnswerFigures) {
        let place = match self {
            Self::Absorbed => &mut figures.absorbed,
            Self::Undecided => &mut figures.undecided,
            Self::Unreadable => &mut figures.unreadable,
            Self::Overload => &mut figures.overload,
        };
        *place += 1;
    }
}
