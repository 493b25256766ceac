//! Working memory of one message, and what was read of it.

use crate::address::Addresses;
use crate::find::Find;
use crate::flaw::Flaw;
use crate::number::Party;
use crate::scan::{Scan, Span};
use crate::text::Text;
use crate::user_part::UserPart;
use crate::zeroed::Zeroed;

/// A call as it was sent and as it is canonical. Lives in memory that the verifier does not follow.
#[derive(Clone, Copy, Debug, Default)]
#[repr(C, align(8))]
pub struct Message {
    /// Who calls.
    pub caller: Party,
    /// Who is called.
    pub called: Party,
    /// The caller's user part in the text.
    pub caller_user: Span,
    /// The called party's user part in the text.
    pub called_user: Span,
    /// The Call-ID in the text.
    pub call_id: Span,
    /// Number of the [`crate::tables::IdentitySource`] that named the caller; 0 if none did.
    pub identity: u32,
    /// 1 for a call to or back from emergency services.
    pub emergency: u32,
    /// Bits of the [`crate::pattern::Class`]es of the caller.
    pub classes: u32,
    /// 1 if the caller's number consists of zeros.
    pub(crate) zeros: u32,
    /// Why the call cannot be judged.
    pub(crate) flaw: Flaw,
    padding: u32,
}

// SAFETY: integers, and an enumeration in which zero is a value.
unsafe impl Zeroed for Message {}

/// Working memory for one message; too large for a stack in the kernel.
#[derive(Debug)]
#[repr(C)]
pub struct Reader {
    /// The datagram's text.
    pub text: Text,
    /// Where the headers are.
    pub scan: Scan,
    /// What the addresses say.
    pub addresses: Addresses,
    /// What was read.
    pub message: Message,
    pub(crate) part: UserPart,
    pub(crate) find: Find,
    pub(crate) fingerprint: u64,
    /// Working memory of [`crate::class`].
    pub(crate) withheld: u32,
    pub(crate) class: u32,
    /// Bytes of the text.
    pub length: u32,
    /// 1 if this is a first fragment: more of the datagram follows.
    pub fragment: u32,
    /// 1 if the Call-ID of other messages than INVITEs is wanted too.
    pub dialogs: u32,
    /// 1 if this message is known not to be an INVITE.
    pub not_invite: u32,
}

// SAFETY: integers, and enumerations in which zero is a value.
unsafe impl Zeroed for Reader {}

impl Default for Reader {
    fn default() -> Self {
        Self::ZERO
    }
}
