//! The decision for who asks, as bytes: messages of a stream told apart, where a call came from, the
//! ways in which an ambiguous call can be read, and the answers of the redirect server. Sockets and
//! rules are the daemon's.

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
