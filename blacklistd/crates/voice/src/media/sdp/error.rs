//! Why there is no media.

/// A description is of no use. An offer that is not understood is answered with 400, one of which
/// nothing can be chosen with 488.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SdpError {
    /// The message has no description: whoever answers it makes the offer.
    #[error("there is no session description")]
    Missing,
    /// It is larger than any phone's.
    #[error("the session description is too large: {0}")]
    TooLarge(&'static str),
    /// It is not one.
    #[error("the session description cannot be read: {0}")]
    Unreadable(String),
    /// There is no audio in it.
    #[error("no audio is offered")]
    NoAudio,
    /// There is audio, by a transport that is not spoken here: encrypted, or not RTP.
    #[error("audio is offered as {0}, and only RTP/AVP is spoken")]
    Transport(String),
    /// There is audio, and neither PCMU nor PCMA.
    #[error("audio is offered without PCMU and PCMA")]
    NoCodec,
    /// The other side takes no audio.
    #[error("audio is refused")]
    Refused,
}

impl SdpError {
    /// Whether what was said is well-formed, and only cannot be met: 488 and not 400.
    pub const fn is_not_acceptable(&self) -> bool {
        match self {
            Self::NoAudio | Self::Transport(_) | Self::NoCodec | Self::Refused => true,
            Self::Missing | Self::TooLarge(_) | Self::Unreadable(_) => false,
        }
    }
}
