/// Why a session description is not usable. An invalid offer is answered with 400, one without an
/// acceptable choice with 488.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SdpError {
    /// The message has no session description: the answerer makes the offer.
    #[error("there is no session description")]
    Missing,
    /// It exceeds the size limits.
    #[error("the session description is too large: {0}")]
    TooLarge(&'static str),
    /// It is invalid.
    #[error("the session description cannot be read: {0}")]
    Unreadable(String),
    /// It contains no audio.
    #[error("no audio is offered")]
    NoAudio,
    /// Its audio uses an unsupported transport: encrypted, or not RTP.
    #[error("audio is offered as {0}, and only RTP/AVP is spoken")]
    Transport(String),
    /// Its audio includes neither PCMU nor PCMA.
    #[error("audio is offered without PCMU and PCMA")]
    NoCodec,
    /// The peer accepts no audio.
    #[error("audio is refused")]
    Refused,
}

impl SdpError {
    /// Whether it is valid but not acceptable: 488 and not 400.
    pub const fn is_not_acceptable(&self) -> bool {
        match self {
            Self::NoAudio | Self::Transport(_) | Self::NoCodec | Self::Refused => true,
            Self::Missing | Self::TooLarge(_) | Self::Unreadable(_) => false,
        }
    }
}
