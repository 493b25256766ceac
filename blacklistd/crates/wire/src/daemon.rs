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

/// The body of every answer that is an error.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct ErrorObject {
    /// A sentence that says what to do.
    pub error: String,
}
