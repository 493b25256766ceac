//! Answers that are about the daemon itself.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What was done.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct DetachObject {
    /// Interfaces that were set free.
    pub interfaces: Vec<String>,
    /// Where programs and tables were pinned.
    pub pin_directory: String,
}

/// A configuration that was read again.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ReloadObject {
    /// The file.
    pub path: String,
    /// The generation of the rules that are in force with it.
    pub generation: u64,
}

/// The body of every answer that is an error.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct ErrorObject {
    /// A sentence that says what to do.
    pub error: String,
}
