//! Classes of callers as patterns: the switches of `anonymous` and `unverified`.

use std::fmt;

use blacklist_common::pattern::Class;

use super::pattern::MatchKind;
use super::rule::Refusal;

/// A set of [`Class`] bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Classes(pub u32);

/// A switch: its word and its bits.
type Switch = (&'static str, u32);

const ANONYMOUS: [Switch; 4] = [
    ("withheld", Class::Withheld.bit()),
    ("uri", Class::AnonymousUri.bit()),
    ("no-number", Class::NoNumber.bit()),
    ("unusable", Class::Unusable.bit()),
];

/// Attestation below A is B or C; below B is C.
const UNVERIFIED: [Switch; 4] = [
    ("failed", Class::ValidationFailed.bit()),
    ("none", Class::NotValidated.bit()),
    (
        "below-a",
        Class::AttestationB.bit() | Class::AttestationC.bit(),
    ),
    ("below-b", Class::AttestationC.bit()),
];

impl Classes {
    /// Every call.
    pub const EVERYTHING: Self = Self(Class::Everything.bit());
    /// Withheld by Privacy (RFC 3323), and anonymous URIs.
    pub const ANONYMOUS: Self = Self(Class::Withheld.bit() | Class::AnonymousUri.bit());
    /// Validation failed or was not done.
    pub const UNVERIFIED: Self = Self(Class::ValidationFailed.bit() | Class::NotValidated.bit());

    /// The classes of the set.
    pub fn classes(self) -> impl Iterator<Item = Class> {
        Class::ALL
            .into_iter()
            .filter(move |class| self.0 & class.bit() != 0)
    }

    /// Whether the two sets have a class in common.
    pub const fn meets(self, other: u32) -> bool {
        self.0 & other != 0
    }

    /// Parses `anonymous` or `unverified`, with or without switches; `None` for any other word.
    pub(super) fn parse(written: &str) -> Option<Result<(MatchKind, Self), Refusal>> {
        let (word, switches) = match written.split_once(':') {
            Some((word, switches)) => (word, Some(switches)),
            None => (written, None),
        };
        let (kind, standard, known) = match word.to_ascii_lowercase().as_str() {
            "anonymous" => (MatchKind::Anonymous, Self::ANONYMOUS, &ANONYMOUS),
            "unverified" => (MatchKind::Unverified, Self::UNVERIFIED, &UNVERIFIED),
            _ => return None,
        };
        let Some(switches) = switches else {
            return Some(Ok((kind, standard)));
        };
        let mut bits = 0;
        for switch in switches.split(',') {
            let switch = switch.trim().to_ascii_lowercase();
            match known.iter().find(|(word, _)| *word == switch) {
                Some((_, meaning)) => bits |= meaning,
                None => {
                    let words: Vec<&str> = known.iter().map(|(word, _)| *word).collect();
                    return Some(Err(Refusal::Invalid(format!(
                        "pattern \"{written}\": {} has no switch \"{switch}\"; write some of {} with commas between them",
                        kind.as_str(),
                        words.join(", ")
                    ))));
                }
            }
        }
        Some(Ok((kind, Self(bits))))
    }
}

impl fmt::Display for Classes {
    /// With all its switches, in a fixed order.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (name, switches) = if self.0
            & (Class::Withheld.bit()
                | Class::AnonymousUri.bit()
                | Class::NoNumber.bit()
                | Class::Unusable.bit())
            != 0
        {
            ("anonymous", &ANONYMOUS)
        } else {
            ("unverified", &UNVERIFIED)
        };
        let mut rest = self.0;
        let mut before = ':';
        f.write_str(name)?;
        for (word, meaning) in switches {
            if rest & meaning == *meaning {
                write!(f, "{before}{word}")?;
                rest &= !meaning;
                before = ',';
            }
        }
        Ok(())
    }
}
