//! Parses a session description, within limits.

use sdp_types::Session;

use super::SdpError;

/// Maximum size in bytes. The largest one that a browser makes is below 10,000.
pub(super) const LARGEST: usize = 32 << 10;

/// Maximum number of lines.
pub(super) const MOST_LINES: usize = 1000;

/// Maximum number of media lines: each is answered.
pub(super) const MOST_MEDIA: usize = 16;

/// Parses a session description.
pub(super) fn read(bytes: &[u8]) -> Result<Session, SdpError> {
    // Some devices end a body with a NUL, like a C string.
    let bytes = bytes.trim_ascii();
    let end = bytes
        .iter()
        .rposition(|byte| *byte != 0)
        .map_or(0, |at| at + 1);
    let bytes = bytes.get(..end).unwrap_or_default();
    if bytes.is_empty() {
        return Err(SdpError::Missing);
    }
    if bytes.len() > LARGEST {
        return Err(SdpError::TooLarge("bytes"));
    }
    if bytes.iter().filter(|byte| **byte == b'\n').count() >= MOST_LINES {
        return Err(SdpError::TooLarge("lines"));
    }
    let session = Session::parse(bytes).map_err(|error| SdpError::Unreadable(error.to_string()))?;
    if session.medias.len() > MOST_MEDIA {
        return Err(SdpError::TooLarge("media lines"));
    }
    Ok(session)
}
