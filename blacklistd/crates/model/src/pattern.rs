//! Patterns: what a rule matches, small enough for millions of rules, and their canonical spelling.

use std::fmt;
use std::hash::{Hash, Hasher};

use blacklist_common::dial_plan::DialPlan;
use blacklist_common::number::Number;
use blacklist_common::shape::Shape;

use super::classes::Classes;
use super::glob::Glob;
use super::rule::Refusal;
use super::wildcard;
use super::written;
use crate::words;

words! {
    /// How a pattern matches.
    #[derive(PartialOrd, Ord)]
    pub enum MatchKind {
        /// This number or name.
        Exact = "exact",
        /// Every number that begins with these digits.
        Prefix = "prefix",
        /// `*` matches any run of characters, `?` exactly 1.
        Wildcard = "wildcard",
        /// Callers who do not say who they are.
        Anonymous = "anonymous",
        /// Callers whose identity is not verified (STIR).
        Unverified = "unverified",
        /// Every call.
        Everything = "everything",
    }
}

/// What a pattern needs in addition to its number.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Detail {
    /// The spelling of a name, whose number is a hash of it.
    Name(Box<str>),
    /// A wildcard that the kernel matches; the number is its key.
    Shape(Shape),
    /// A wildcard that only user space matches; the number is a hash of its spelling.
    Glob(Glob),
}

/// A canonical pattern.
#[derive(Clone)]
pub struct Pattern {
    kind: MatchKind,
    /// Exact: the number. Prefix: its digits as a number. Classes: their bits.
    number: Number,
    detail: Option<Box<Detail>>,
}

const _: () = assert!(size_of::<Pattern>() == 24);

impl PartialEq for Pattern {
    /// Whether both match the same calls; the number decides for names, however they were spelled.
    fn eq(&self, other: &Self) -> bool {
        self.kind == other.kind && self.number == other.number && self.glob() == other.glob()
    }
}

impl Eq for Pattern {}

impl Hash for Pattern {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.kind.hash(state);
        self.number.hash(state);
    }
}

impl Pattern {
    /// Every call.
    pub const EVERYTHING: Self = Self {
        kind: MatchKind::Everything,
        number: Number::NONE,
        detail: None,
    };

    /// A pattern that needs only its number.
    pub const fn of_number(kind: MatchKind, number: Number) -> Self {
        Self {
            kind,
            number,
            detail: None,
        }
    }

    /// A pattern that needs more than its number.
    pub fn with_detail(kind: MatchKind, number: Number, detail: Detail) -> Self {
        Self {
            kind,
            number,
            detail: Some(Box::new(detail)),
        }
    }

    /// Parses a pattern as an operator writes it, by a dial plan.
    ///
    /// # Errors
    /// The pattern could never match, or is ambiguous.
    pub fn parse(written: &str, plan: &DialPlan) -> Result<Self, Refusal> {
        written::pattern(written, plan)
    }

    /// Parses a canonical spelling, as it is stored.
    ///
    /// # Errors
    /// The spelling is not canonical.
    pub fn from_canonical(kind: MatchKind, text: &str) -> Result<Self, Refusal> {
        written::canonical_pattern(kind, text)
    }

    /// How it matches.
    pub const fn kind(&self) -> MatchKind {
        self.kind
    }

    /// The number of an exact pattern or the digits of a prefix; `None` for other kinds.
    pub const fn number(&self) -> Option<Number> {
        match self.kind {
            MatchKind::Exact | MatchKind::Prefix => Some(self.number),
            MatchKind::Wildcard
            | MatchKind::Anonymous
            | MatchKind::Unverified
            | MatchKind::Everything => None,
        }
    }

    /// The number, key or class bits, depending on the kind.
    pub const fn word(&self) -> Number {
        self.number
    }

    /// What it has in addition to its number.
    pub fn detail(&self) -> Option<&Detail> {
        self.detail.as_deref()
    }

    /// The classes of an anonymous, unverified or everything pattern; `None` for other kinds.
    pub const fn classes(&self) -> Option<Classes> {
        match self.kind {
            MatchKind::Anonymous | MatchKind::Unverified => Some(Classes(self.number.0 as u32)),
            MatchKind::Everything => Some(Classes::EVERYTHING),
            MatchKind::Exact | MatchKind::Prefix | MatchKind::Wildcard => None,
        }
    }

    /// The shape and key of a wildcard that the kernel matches.
    pub fn shape(&self) -> Option<(Shape, Number)> {
        match self.detail() {
            Some(Detail::Shape(shape)) => Some((*shape, self.number)),
            Some(Detail::Name(_) | Detail::Glob(_)) | None => None,
        }
    }

    /// The matcher of a wildcard that only user space matches.
    pub fn glob(&self) -> Option<&Glob> {
        match self.detail() {
            Some(Detail::Glob(glob)) => Some(glob),
            Some(Detail::Name(_) | Detail::Shape(_)) | None => None,
        }
    }

    /// The canonical text, which is stored with the kind: whole numbers, names, and prefixes
    /// without their star as they are; wildcards with escapes; classes with their switches in a
    /// fixed order; `*` for everything.
    pub fn canonical(&self) -> String {
        match self.kind {
            MatchKind::Exact | MatchKind::Prefix => self.spelling(),
            MatchKind::Wildcard | MatchKind::Anonymous | MatchKind::Unverified => self.to_string(),
            MatchKind::Everything => "*".to_owned(),
        }
    }

    /// The number or name of an exact pattern, or the digits of a prefix.
    pub fn spelling(&self) -> String {
        match self.detail() {
            Some(Detail::Name(text)) => text.to_string(),
            Some(Detail::Shape(_) | Detail::Glob(_)) | None => self.number.to_string(),
        }
    }

    /// Whether the kernel matches it.
    ///
    /// # Errors
    /// It does not; the text says why.
    pub fn is_decided_in_kernel(&self) -> Result<(), &'static str> {
        match self.detail() {
            Some(Detail::Glob(glob)) => Err(glob.why_user_space()),
            Some(Detail::Name(_) | Detail::Shape(_)) | None => Ok(()),
        }
    }
}

impl fmt::Display for Pattern {
    /// As an operator writes it: without a dial plan, this text parses to the same pattern.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.kind {
            MatchKind::Exact => f.write_str(&written::escaped(&self.spelling())),
            MatchKind::Prefix => write!(f, "{}*", written::escaped(&self.spelling())),
            MatchKind::Everything => f.write_str("*"),
            MatchKind::Anonymous | MatchKind::Unverified => {
                self.classes().unwrap_or(Classes::EVERYTHING).fmt(f)
            }
            MatchKind::Wildcard => match self.detail() {
                Some(Detail::Glob(glob)) => glob.fmt(f),
                Some(Detail::Shape(shape)) => wildcard::write_shape(f, shape, self.number),
                Some(Detail::Name(_)) | None => Ok(()),
            },
        }
    }
}

impl fmt::Debug for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {self}", self.kind.as_str())
    }
}
