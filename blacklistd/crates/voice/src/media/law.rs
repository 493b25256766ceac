//! G.711: the two laws that encode a sample as a byte.

use std::fmt;
use std::sync::OnceLock;

use audio_codec::pcma::{PcmaDecoder, PcmaEncoder};
use audio_codec::pcmu::{PcmuDecoder, PcmuEncoder};
use audio_codec::{Decoder as _, Encoder as _};

use super::FRAME_BYTES;

/// One of the two laws.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Law {
    /// mu-law, PCMU: North America and Japan.
    Mu,
    /// A-law, PCMA: everywhere else.
    A,
}

impl Law {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Mu, Self::A];

    /// The encoding's name in a session description.
    pub const fn encoding(self) -> &'static str {
        match self {
            Self::Mu => "PCMU",
            Self::A => "PCMA",
        }
    }

    /// The payload type that needs no description (RFC 3551).
    pub const fn payload_type(self) -> u8 {
        match self {
            Self::Mu => 0,
            Self::A => 8,
        }
    }

    /// The byte of silence.
    pub const fn silence(self) -> u8 {
        match self {
            Self::Mu => 0xff,
            Self::A => 0xd5,
        }
    }

    /// A frame of silence.
    pub const fn silent_frame(self) -> &'static [u8; FRAME_BYTES] {
        match self {
            Self::Mu => const { &[Self::Mu.silence(); FRAME_BYTES] },
            Self::A => const { &[Self::A.silence(); FRAME_BYTES] },
        }
    }

    /// Encodes samples.
    pub fn encode(self, samples: &[i16]) -> Vec<u8> {
        match self {
            Self::Mu => PcmuEncoder::new().encode(samples),
            Self::A => PcmaEncoder::new().encode(samples),
        }
    }

    /// Decodes bytes.
    pub fn decode(self, bytes: &[u8]) -> impl Iterator<Item = i16> {
        let table = self.table();
        bytes
            .iter()
            .map(|byte| table.get(usize::from(*byte)).copied().unwrap_or_default())
    }

    /// The sample of each byte.
    fn table(self) -> &'static [i16] {
        static MU: OnceLock<Vec<i16>> = OnceLock::new();
        static A: OnceLock<Vec<i16>> = OnceLock::new();
        let bytes = || (0..=u8::MAX).collect::<Vec<u8>>();
        match self {
            Self::Mu => MU.get_or_init(|| PcmuDecoder::new().decode(&bytes())),
            Self::A => A.get_or_init(|| PcmaDecoder::new().decode(&bytes())),
        }
    }
}

impl fmt::Display for Law {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.encoding())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn samples_come_back_nearly_as_they_were() {
        for law in Law::ALL {
            let samples: Vec<i16> = (i16::MIN..=i16::MAX).step_by(7).collect();
            let bytes = law.encode(&samples);
            assert_eq!(bytes.len(), samples.len());
            for (sample, back) in samples.iter().zip(law.decode(&bytes)) {
                let difference = i32::from(*sample).abs_diff(i32::from(back));
                let allowed = 16 + i32::from(*sample).unsigned_abs() / 24;
                assert!(difference <= allowed, "{law}: {sample} became {back}");
            }
        }
    }

    #[test]
    fn known_bytes() {
        // The values of ITU-T G.711 and of other implementations.
        let rows: [(&str, Law, i16, u8); 8] = [
            ("silence", Law::Mu, 0, 0xff),
            ("silence", Law::A, 0, 0xd5),
            ("loudest", Law::Mu, 32767, 0x80),
            ("loudest", Law::A, 32767, 0xaa),
            ("loudest below", Law::Mu, -32768, 0x00),
            ("loudest below", Law::A, -32768, 0x2a),
            ("a thousand", Law::Mu, 1000, 0xce),
            ("a thousand", Law::A, 1000, 0xfa),
        ];
        for (name, law, sample, byte) in rows {
            assert_eq!(law.encode(&[sample]), [byte], "{name} by {law}");
        }
        for law in Law::ALL {
            assert_eq!(law.encode(&[0]), [law.silence()], "{law}");
        }
    }
}
