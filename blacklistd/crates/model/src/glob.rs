//! Wildcards that only user space can match: with several stars, or with letters. Matching is
//! bounded by the product of two short lengths.

use std::fmt;

use blacklist_common::number::NumberKind;

/// One character of a wildcard.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Token {
    /// This byte; letters are lower case.
    Byte(u8),
    /// `?`: one byte.
    Any,
    /// `*`: any number of bytes, including 0.
    Gap,
}

/// Maximum length of a wildcard, in characters.
pub(crate) const MAXIMUM_TOKENS: usize = 128;

/// What a wildcard is compared with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Subject {
    /// The digits of a number of this kind; `None` for either kind.
    Digits(Option<NumberKind>),
    /// A name, in lower case.
    Name,
}

/// A wildcard over bytes.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Glob {
    /// What it is compared with.
    pub subject: Subject,
    /// Its characters, in order.
    pub tokens: Box<[Token]>,
}

impl Glob {
    /// Number of literal characters: the more, the more specific.
    pub fn literals(&self) -> u32 {
        let bytes = self
            .tokens
            .iter()
            .filter(|token| matches!(token, Token::Byte(_)));
        bytes.count() as u32
    }

    /// Why the kernel cannot compare it.
    pub const fn why_user_space(&self) -> &'static str {
        match self.subject {
            Subject::Name => "a wildcard on a name is compared in user space alone",
            Subject::Digits(_) => "a wildcard with several * is compared in user space alone",
        }
    }

    /// Whether it matches these bytes. Each star backtracks at most once for every byte.
    pub fn matches(&self, text: &[u8]) -> bool {
        let mut token = 0;
        let mut at = 0;
        let mut retry: Option<(usize, usize)> = None;
        loop {
            let fits = match (self.tokens.get(token), text.get(at)) {
                (None, None) => return true,
                (Some(Token::Gap), _) => {
                    retry = Some((token + 1, at));
                    token += 1;
                    continue;
                }
                (Some(Token::Any), Some(_)) => true,
                (Some(Token::Byte(byte)), Some(other)) => *byte == other.to_ascii_lowercase(),
                (Some(_), None) | (None, Some(_)) => false,
            };
            if fits {
                at += 1;
                if self.tokens.get(token) == Some(&Token::Any) {
                    // A multi-byte character counts as 1 character.
                    while text.get(at).is_some_and(|byte| byte & 0xC0 == 0x80) {
                        at += 1;
                    }
                }
                token += 1;
                continue;
            }
            match retry {
                Some((behind, start)) if start < text.len() => {
                    retry = Some((behind, start + 1));
                    token = behind;
                    at = start + 1;
                }
                _ => return false,
            }
        }
    }
}

impl fmt::Display for Glob {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.subject == Subject::Digits(Some(NumberKind::E164)) {
            f.write_str("+")?;
        }
        let mut bytes = Vec::with_capacity(self.tokens.len());
        for token in &self.tokens {
            match token {
                Token::Any => bytes.push(b'?'),
                Token::Gap => bytes.push(b'*'),
                Token::Byte(byte) => {
                    if matches!(byte, b'*' | b'?' | b'\\') {
                        bytes.push(b'\\');
                    }
                    bytes.push(*byte);
                }
            }
        }
        f.write_str(&String::from_utf8_lossy(&bytes))
    }
}
