//! Decodes files to mono samples at 8000 Hz.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

use symphonia::core::codecs::CodecParameters;
use symphonia::core::codecs::audio::AudioDecoderOptions;
use symphonia::core::errors::Error;
use symphonia::core::formats::probe::Hint;
use symphonia::core::formats::{FormatOptions, FormatReader, TrackType};
use symphonia::core::io::{MediaSource, MediaSourceStream};
use symphonia::core::meta::MetadataOptions;

use super::RATE;
use super::resample::{ResampleError, Resampler};

/// Accepted sample rates; others are mistakes in a damaged file.
const RATES: std::ops::RangeInclusive<u32> = 4_000..=384_000;

/// Maximum number of damaged packets in a file.
const DAMAGED_PACKETS: u32 = 50;

/// Why a file cannot be decoded.
#[derive(Debug, thiserror::Error)]
pub(super) enum Problem {
    #[error("{0}")]
    Input(std::io::Error),
    #[error("it is not a WAV, Ogg Vorbis, MP3 or FLAC file: convert it to one of these")]
    Format,
    #[error("its encoding is unknown: save it as WAV with 16 bits a sample")]
    Encoding,
    #[error("it has {0} samples a second: save it with 8000")]
    Rate(u32),
    #[error("it is damaged: {0}")]
    Damaged(String),
    #[error("there is no sound in it")]
    Empty,
    #[error("it is too long")]
    TooLong,
    #[error(transparent)]
    Resample(#[from] ResampleError),
}

/// The samples of a file, up to a maximum length.
pub(super) fn samples(
    source: Box<dyn MediaSource>,
    extension: Option<&str>,
    longest: Duration,
) -> Result<Vec<i16>, Problem> {
    // Numbers in a damaged file make some of the library's readers panic, such as 32769 channels in
    // a WAV file if overflow is checked. The reader's state is dropped.
    catch_unwind(AssertUnwindSafe(|| read(source, extension, longest)))
        .unwrap_or_else(|_| Err(Problem::Damaged("its numbers make no sense".to_owned())))
}

fn read(
    source: Box<dyn MediaSource>,
    extension: Option<&str>,
    longest: Duration,
) -> Result<Vec<i16>, Problem> {
    let most = usize::try_from(longest.as_secs()).unwrap_or(usize::MAX) * RATE as usize;
    let mut hint = Hint::new();
    if let Some(extension) = extension {
        hint.with_extension(extension);
    }
    let stream = MediaSourceStream::new(
        source,
        symphonia::core::io::MediaSourceStreamOptions::default(),
    );
    let mut reader = symphonia::default::get_probe()
        .probe(
            &hint,
            stream,
            FormatOptions::default(),
            MetadataOptions::default(),
        )
        .map_err(|error| match error {
            // Nothing was recognised up to the end of the file.
            Error::IoError(error) if error.kind() == std::io::ErrorKind::UnexpectedEof => {
                Problem::Format
            }
            Error::IoError(error) => Problem::Input(error),
            Error::DecodeError(reason) => Problem::Damaged(reason.to_owned()),
            _ => Problem::Format,
        })?;
    let resampler = decoded(reader.as_mut(), most)?.ok_or(Problem::Empty)?;
    let samples = resampler.finish()?;
    if samples.len() > most {
        return Err(Problem::TooLong);
    }
    if samples.is_empty() {
        return Err(Problem::Empty);
    }
    Ok(samples)
}

/// All packets of the first track; `None` if none contains sound.
fn decoded(reader: &mut dyn FormatReader, most: usize) -> Result<Option<Resampler>, Problem> {
    let track = reader
        .default_track(TrackType::Audio)
        .ok_or(Problem::Format)?;
    let id = track.id;
    let parameters = track
        .codec_params
        .as_ref()
        .and_then(CodecParameters::audio)
        .ok_or(Problem::Encoding)?;
    let mut decoder = symphonia::default::get_codecs()
        .make_audio_decoder(parameters, &AudioDecoderOptions::default())
        .map_err(|_| Problem::Encoding)?;
    let mut found: Option<(u32, Resampler)> = None;
    let (mut interleaved, mut mono) = (Vec::<f32>::new(), Vec::new());
    let mut damaged = 0;
    while let Some(packet) = next_packet(reader, found.is_some())? {
        if packet.track_id != id {
            continue;
        }
        let buffer = match decoder.decode(&packet) {
            Ok(buffer) => buffer,
            // The first packet of an MP3 file often depends on one that was cut off.
            Err(Error::DecodeError(_)) if damaged < DAMAGED_PACKETS => {
                damaged += 1;
                continue;
            }
            Err(error) => return Err(Problem::Damaged(error.to_string())),
        };
        let (rate, channels) = (buffer.spec().rate(), buffer.spec().channels().count());
        if buffer.is_empty() || channels == 0 {
            continue;
        }
        if found.is_none() {
            if !RATES.contains(&rate) {
                return Err(Problem::Rate(rate));
            }
            found = Some((rate, Resampler::new(rate)?));
        }
        let Some((first_rate, resampler)) = &mut found else {
            continue;
        };
        if *first_rate != rate {
            return Err(Problem::Damaged("its rate changes".to_owned()));
        }
        buffer.copy_to_vec_interleaved(&mut interleaved);
        mix(&interleaved, channels, &mut mono);
        resampler.push(&mono)?;
        if resampler.len() > most {
            return Err(Problem::TooLong);
        }
    }
    Ok(found.map(|(_, resampler)| resampler))
}

/// The next packet; `None` at the end. A truncated file is played as far as it goes.
fn next_packet(
    reader: &mut dyn FormatReader,
    has_sound: bool,
) -> Result<Option<symphonia::core::packet::Packet>, Problem> {
    match reader.next_packet() {
        Ok(packet) => Ok(packet),
        // Another stream after the first one.
        Err(Error::ResetRequired) => Ok(None),
        Err(Error::IoError(error)) if error.kind() == std::io::ErrorKind::UnexpectedEof => {
            if has_sound {
                Ok(None)
            } else {
                Err(Problem::Damaged("it is cut off".to_owned()))
            }
        }
        Err(Error::IoError(error)) => Err(Problem::Input(error)),
        Err(error) => Err(Problem::Damaged(error.to_string())),
    }
}

/// The mean of all channels.
fn mix(interleaved: &[f32], channels: usize, mono: &mut Vec<f32>) {
    mono.clear();
    mono.extend(
        interleaved
            .chunks_exact(channels)
            .map(|frame| frame.iter().sum::<f32>() / channels as f32),
    );
}
