//! Why something that was read cannot be relied on, as working memory holds it.

use crate::outcome::Outcome;

/// An ambiguity of an address or of a number, by the number of its [`Outcome`]; zero, as memory is
/// cleared, if there is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
#[repr(u32)]
pub enum Flaw {
    /// It can be relied on.
    #[default]
    None = 0,
    /// See [`Outcome::TooLong`].
    TooLong = Outcome::TooLong as u32,
    /// See [`Outcome::OpenQuote`].
    OpenQuote = Outcome::OpenQuote as u32,
    /// See [`Outcome::BadAddress`].
    BadAddress = Outcome::BadAddress as u32,
    /// See [`Outcome::FoldedUri`].
    FoldedUri = Outcome::FoldedUri as u32,
    /// See [`Outcome::SeveralAddresses`].
    SeveralAddresses = Outcome::SeveralAddresses as u32,
    /// See [`Outcome::IdentityConflict`].
    IdentityConflict = Outcome::IdentityConflict as u32,
    /// See [`Outcome::NulInUser`].
    NulInUser = Outcome::NulInUser as u32,
}

impl Flaw {
    /// Whether there is one.
    #[inline(always)]
    pub const fn is_some(self) -> bool {
        !matches!(self, Self::None)
    }

    /// The outcome of a message that has it.
    #[inline(always)]
    pub const fn outcome(self) -> Option<Outcome> {
        Some(match self {
            Self::None => return None,
            Self::TooLong => Outcome::TooLong,
            Self::OpenQuote => Outcome::OpenQuote,
            Self::BadAddress => Outcome::BadAddress,
            Self::FoldedUri => Outcome::FoldedUri,
            Self::SeveralAddresses => Outcome::SeveralAddresses,
            Self::IdentityConflict => Outcome::IdentityConflict,
            Self::NulInUser => Outcome::NulInUser,
        })
    }
}
