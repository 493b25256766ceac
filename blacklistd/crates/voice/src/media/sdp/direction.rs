//! Direction of media (RFC 8866, section 6.7).

use std::fmt;

/// Direction of media, as its author sees it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Direction {
    /// Sends and receives.
    #[default]
    Both,
    /// Only sends; the other side is on hold.
    SendOnly,
    /// Only receives.
    ReceiveOnly,
    /// Neither.
    Inactive,
}

impl Direction {
    /// All.
    pub const ALL: [Self; 4] = [
        Self::Both,
        Self::SendOnly,
        Self::ReceiveOnly,
        Self::Inactive,
    ];

    /// The attribute's name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Both => "sendrecv",
            Self::SendOnly => "sendonly",
            Self::ReceiveOnly => "recvonly",
            Self::Inactive => "inactive",
        }
    }

    /// As the other side sees it: what a willing answer contains.
    pub const fn reversed(self) -> Self {
        match self {
            Self::SendOnly => Self::ReceiveOnly,
            Self::ReceiveOnly => Self::SendOnly,
            Self::Both | Self::Inactive => self,
        }
    }

    /// Whether its author sends.
    pub const fn sends(self) -> bool {
        matches!(self, Self::Both | Self::SendOnly)
    }

    /// Whether its author receives.
    pub const fn receives(self) -> bool {
        matches!(self, Self::Both | Self::ReceiveOnly)
    }

    /// What both allow.
    pub(super) const fn limited_to(self, other: Self) -> Self {
        match (
            self.sends() && other.sends(),
            self.receives() && other.receives(),
        ) {
            (true, true) => Self::Both,
            (true, false) => Self::SendOnly,
            (false, true) => Self::ReceiveOnly,
            (false, false) => Self::Inactive,
        }
    }

    /// The first direction among the names of attributes.
    pub(super) fn among<'a>(names: impl IntoIterator<Item = &'a str>) -> Option<Self> {
        names.into_iter().find_map(|name| {
            Self::ALL
                .into_iter()
                .find(|direction| name.eq_ignore_ascii_case(direction.as_str()))
        })
    }
}

impl fmt::Display for Direction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
