//! What became of a packet: one name for each end, the same in counters, events and metrics.

macro_rules! outcomes {
    ($($(#[$doc:meta])* $variant:ident = $number:literal, $text:literal;)*) => {
        /// The end of a packet's way through the program. Its number is the index of its counter.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[repr(u8)]
        pub enum Outcome { $($(#[$doc])* $variant = $number,)* }

        impl Outcome {
            /// All, in the order of their numbers.
            pub const ALL: [Self; OUTCOMES] = [$(Self::$variant,)*];

            /// The name for people, `--json` and metrics.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text,)* }
            }

            /// From its number; `None` for a number that no outcome has.
            pub fn from_number(number: u8) -> Option<Self> {
                match number { $($number => Some(Self::$variant),)* _ => None }
            }
        }

        /// How many outcomes there are.
        pub const OUTCOMES: usize = [$($number,)*].len();
    };
}

outcomes! {
    /// Neither IPv4 nor IPv6.
    NotIp = 0, "not-ip";
    /// IP, but not UDP, TCP or a tunnel.
    NotUdp = 1, "not-udp";
    /// TCP to a judged port: the companion path's.
    Tcp = 2, "tcp";
    /// UDP to another port, or other TCP.
    OtherPort = 3, "other-port";
    /// A tunnel (GRE, IPIP, ...), which is not opened.
    Tunnel = 4, "tunnel";
    /// A third VLAN tag.
    DeepVlan = 5, "deep-vlan";
    /// A frame or header shorter than it says.
    BrokenFrame = 6, "broken-frame";
    /// More IPv6 extension headers than are walked.
    DeepExtensions = 7, "deep-extensions";
    /// A later fragment whose datagram was not dropped.
    LaterFragment = 8, "later-fragment";
    /// A first fragment that does not hold all headers.
    IncompleteFragment = 9, "incomplete-fragment";
    /// A first fragment after a later one of the same datagram.
    FragmentOutOfOrder = 10, "fragment-out-of-order";
    /// Empty, or nothing but CRLF or NUL (RFC 5626, 3.5.1).
    KeepAlive = 11, "keep-alive";
    /// Not an INVITE: another method, a response, not SIP.
    NotInvite = 12, "not-invite";
    /// An INVITE inside a dialog (To has a tag).
    InDialog = 13, "in-dialog";
    /// Judged: no rule names the call.
    NoRule = 14, "no-rule";
    /// Judged: an allow rule names it.
    Allowed = 15, "allowed";
    /// A protected number or a call back from emergency services.
    SafetyFloor = 16, "safety-floor";
    /// A grant lets it through.
    Granted = 17, "granted";
    /// The trunk is not judged.
    Bypass = 18, "bypass";
    /// Blocked: dropped.
    Dropped = 19, "dropped";
    /// A later fragment of a dropped datagram: dropped.
    DroppedFragment = 20, "dropped-fragment";
    /// Would have been blocked; monitoring lets it through.
    Monitored = 21, "monitored";
    /// Blocked with an answer that the daemon does not give: passed, as the trunk's policy says.
    Unanswered = 22, "unanswered";
    /// The UDP length contradicts the IP length.
    LengthMismatch = 23, "length-mismatch";
    /// More text, headers or blanks than are read.
    TooLong = 24, "too-long";
    /// The text ends inside of a header.
    Truncated = 25, "truncated";
    /// A start line that is not one of SIP.
    BadStartLine = 26, "bad-start-line";
    /// A CR without LF among the headers.
    BareCr = 27, "bare-cr";
    /// From, To or Call-ID is missing.
    MissingHeader = 28, "missing-header";
    /// From, To or Call-ID more than once.
    RepeatedHeader = 29, "repeated-header";
    /// A quoted string that does not end.
    OpenQuote = 30, "open-quote";
    /// An address that can be read in more than one way.
    BadAddress = 31, "bad-address";
    /// A line fold or a blank inside of a URI.
    FoldedUri = 32, "folded-uri";
    /// More than one address where there may be one.
    SeveralAddresses = 33, "several-addresses";
    /// Asserted identities that contradict each other.
    IdentityConflict = 34, "identity-conflict";
    /// A NUL in the user, sent or escaped.
    NulInUser = 35, "nul-in-user";
    /// Something the program could not do (a table without an entry); passed.
    Internal = 36, "internal";
    /// Judged, but rules that only user space can compare could change the verdict: passed.
    UserSpace = 37, "user-space";
    /// Blocked with an answer: sent to the daemon, which gives it.
    Steered = 38, "steered";
    /// Of a call that was sent to the daemon: sent there too.
    SteeredDialog = 39, "steered-dialog";
}

/// What became of an INVITE, in few words: a trunk's traffic.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Share {
    /// Judged, and let through.
    Passed = 0,
    /// Kept from going through.
    Blocked = 1,
    /// Would have been blocked.
    Monitored = 2,
    /// Not read with certainty, and let through.
    Ambiguous = 3,
}

/// How many shares there are.
pub const SHARES: usize = 4;

impl Share {
    /// All, in the order of their numbers.
    pub const ALL: [Self; SHARES] = [
        Self::Passed,
        Self::Blocked,
        Self::Monitored,
        Self::Ambiguous,
    ];

    /// The word for people, for `--json` and for metrics.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Passed => "passed",
            Self::Blocked => "blocked",
            Self::Monitored => "monitored",
            Self::Ambiguous => "ambiguous",
        }
    }
}

impl Outcome {
    /// Whether the call was read, but not with certainty.
    pub const fn is_ambiguous(self) -> bool {
        self as u8 >= Self::LengthMismatch as u8 && self as u8 <= Self::NulInUser as u8
    }

    /// What it is of a trunk's INVITEs; `None` if it is not one of them.
    #[inline(always)]
    pub const fn share(self) -> Option<Share> {
        Some(match self {
            Self::NoRule
            | Self::Allowed
            | Self::SafetyFloor
            | Self::Granted
            | Self::Bypass
            | Self::Unanswered
            | Self::UserSpace => Share::Passed,
            Self::Dropped | Self::Steered => Share::Blocked,
            Self::Monitored => Share::Monitored,
            _ if self.is_ambiguous() => Share::Ambiguous,
            _ => return None,
        })
    }

    /// Whether calls with this outcome are in the log of blocked calls.
    #[inline(always)]
    pub const fn is_logged(self) -> bool {
        matches!(
            self,
            Self::Dropped | Self::Monitored | Self::Unanswered | Self::Steered
        )
    }

    /// What becomes of a packet that would be sent to the daemon, if the daemon is not there.
    /// `drops` is the trunk's policy.
    #[inline(always)]
    pub const fn without_daemon(self, drops: bool) -> Self {
        match self {
            Self::Steered if drops => Self::Dropped,
            Self::Steered => Self::Unanswered,
            other => other,
        }
    }

    /// Whether the message is not judged, and may belong to a call that was.
    #[inline(always)]
    pub const fn may_belong_to_a_call(self) -> bool {
        matches!(self, Self::NotInvite | Self::InDialog)
    }

    /// Whether the call was judged and goes on.
    #[inline(always)]
    pub const fn goes_through(self) -> bool {
        matches!(
            self,
            Self::NoRule | Self::Allowed | Self::UserSpace | Self::SafetyFloor | Self::Granted
        )
    }

    /// Whether the packet goes to the daemon.
    #[inline(always)]
    pub const fn is_steered(self) -> bool {
        matches!(self, Self::Steered | Self::SteeredDialog)
    }

    /// Whether the packet does not reach a socket.
    #[inline(always)]
    pub const fn is_dropped(self) -> bool {
        matches!(self, Self::Dropped | Self::DroppedFragment)
    }
}

#[cfg(test)]
mod tests {
    extern crate std;
    use super::*;

    #[test]
    fn numbers_are_indexes() {
        for (index, outcome) in Outcome::ALL.iter().enumerate() {
            assert_eq!(*outcome as usize, index);
            assert_eq!(Outcome::from_number(index as u8), Some(*outcome));
        }
        assert_eq!(Outcome::from_number(OUTCOMES as u8), None);
    }

    #[test]
    fn names_are_unique() {
        let names: std::collections::BTreeSet<_> =
            Outcome::ALL.iter().map(|o| o.as_str()).collect();
        assert_eq!(names.len(), OUTCOMES);
    }
}
