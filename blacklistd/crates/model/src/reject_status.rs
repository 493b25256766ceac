//! The SIP statuses with which a rule can reject a call.

/// How a call is rejected.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RejectStatus {
    /// The status configured for the reason of the block.
    ByReason,
    /// 403 Forbidden.
    Forbidden,
    /// 404 Not Found.
    NotFound,
    /// 433 Anonymity Disallowed (RFC 5079).
    AnonymityDisallowed,
    /// 480 Temporarily Unavailable.
    TemporarilyUnavailable,
    /// 486 Busy Here.
    BusyHere,
    /// 600 Busy Everywhere.
    BusyEverywhere,
    /// 603 Decline.
    Decline,
    /// 603 Network Blocked, with a Reason header that names a contact.
    NetworkBlocked,
    /// 607 Unwanted (RFC 8197).
    Unwanted,
    /// 608 Rejected (RFC 8688).
    Rejected,
}

impl RejectStatus {
    /// All variants that name a status.
    pub const ALL: [Self; 10] = [
        Self::Forbidden,
        Self::NotFound,
        Self::AnonymityDisallowed,
        Self::TemporarilyUnavailable,
        Self::BusyHere,
        Self::BusyEverywhere,
        Self::Decline,
        Self::NetworkBlocked,
        Self::Unwanted,
        Self::Rejected,
    ];

    /// Its word in the configuration; empty for [`Self::ByReason`].
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ByReason => "",
            Self::Forbidden => "403",
            Self::NotFound => "404",
            Self::AnonymityDisallowed => "433",
            Self::TemporarilyUnavailable => "480",
            Self::BusyHere => "486",
            Self::BusyEverywhere => "600",
            Self::Decline => "603",
            Self::NetworkBlocked => "network-blocked",
            Self::Unwanted => "607",
            Self::Rejected => "608",
        }
    }

    /// The word of the action that rejects with it.
    pub const fn action_word(self) -> &'static str {
        match self {
            Self::ByReason => "reject",
            Self::Forbidden => "reject:403",
            Self::NotFound => "reject:404",
            Self::AnonymityDisallowed => "reject:433",
            Self::TemporarilyUnavailable => "reject:480",
            Self::BusyHere => "reject:486",
            Self::BusyEverywhere => "reject:600",
            Self::Decline => "reject:603",
            Self::NetworkBlocked => "reject:network-blocked",
            Self::Unwanted => "reject:607",
            Self::Rejected => "reject:608",
        }
    }

    /// From its word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.as_str() == word)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_read_back() {
        for status in RejectStatus::ALL {
            assert_eq!(RejectStatus::from_word(status.as_str()), Some(status));
            let action = status.action_word();
            assert_eq!(action.strip_prefix("reject:"), Some(status.as_str()));
        }
        assert_eq!(RejectStatus::from_word("500"), None);
    }
}
