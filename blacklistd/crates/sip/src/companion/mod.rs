//! The decision for proxies and scripts that ask, as bytes: framing of a stream, the source of a
//! call, the readings of an ambiguous call, and the answers of the redirect server. Sockets and
//! rules belong to the daemon.

mod answers;
mod framing;
mod headers;
mod question;
mod readings;
mod settings;
mod source;

pub use answers::{Answers, Fate, Uri, refusal};
pub use framing::{Framed, PONG, next};
pub use question::{CallDirection, Identities, Question, QuestionError};
pub use readings::readings;
pub use settings::{Ambiguous, CompanionSettings, PassAnswer};
pub use source::{SOURCE_HEADER, source_of};

#[cfg(test)]
mod tests;
