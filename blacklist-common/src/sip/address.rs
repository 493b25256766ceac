//! What an address says: the value of From, To and the identity headers, and the Request-URI.

use crate::find::Find;
use crate::flaw::Flaw;
use crate::repeat::Step;
use crate::scan::Span;
use crate::zeroed::Zeroed;

/// What kind of URI an address has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
#[repr(u32)]
pub enum Scheme {
    /// A scheme whose URIs no rule can name.
    #[default]
    Other = 0,
    /// `sip:` or `sips:`.
    Sip = 1,
    /// `tel:` (RFC 3966).
    Tel = 2,
    /// `urn:service:sos` and what is below it: emergency services (RFC 5031).
    Emergency = 3,
}

/// What an address says. Lives in memory that the verifier does not follow.
#[derive(Clone, Copy, Debug, Default)]
#[repr(C, align(8))]
pub struct Address {
    /// The user part: of a sip URI up to `@`, of a tel URI all that follows the scheme.
    pub user: Span,
    /// The kind of URI.
    pub scheme: Scheme,
    /// Why the address cannot be relied on.
    pub flaw: Flaw,
    /// 1 if there is a `tag` parameter with a value.
    pub tag: u32,
    /// Where another address begins, after a comma; 0 if there is none.
    pub next: u32,
    /// Where the URI began; 0 if there is none.
    pub(crate) uri: u32,
    /// Position of `@`; 0 for none.
    pub(crate) at_sign: u32,
    /// 1 if the URI is enclosed in `<` and `>`.
    pub(crate) bracketed: u32,
    /// 1 inside of a quoted parameter value.
    pub(crate) quoted: u32,
    /// 1 for the Request-URI, which a blank ends.
    pub(crate) request: u32,
    /// 1 where a tag does not matter: bracketed, and not To.
    pub(crate) ignores_tag: u32,
}

// SAFETY: integers, and enumerations in which zero is a value.
unsafe impl Zeroed for Address {}

impl Address {
    /// The kind of URI as it is in memory. The verifier of Linux 6.1 takes a path with any kind that it knows
    /// for one that it has seen with another, and removes what is done for it.
    #[inline(always)]
    pub(crate) fn scheme_in_memory(&self) -> Scheme {
        // SAFETY: a field, read as it was written.
        unsafe { (&raw const self.scheme).read_volatile() }
    }

    #[inline(always)]
    pub(crate) fn refuse(&mut self, flaw: Flaw) -> Step {
        self.flaw = flaw;
        Step::Stop
    }
}

/// Places for addresses; a power of two, so that a mask keeps an index inside.
pub(crate) const ADDRESS_PLACES: usize = 8;

/// All addresses of a message, and what reading them needs.
#[derive(Clone, Copy, Debug, Default)]
#[repr(C)]
pub struct Addresses {
    /// By the number of their field.
    pub list: [Address; ADDRESS_PLACES],
    pub(crate) find: Find,
}

impl Addresses {
    /// The address of a field.
    #[inline(always)]
    pub fn of(&self, field: u32) -> &Address {
        match self.list.get(field as usize & (ADDRESS_PLACES - 1)) {
            Some(address) => address,
            None => &Address::ZERO,
        }
    }
}
