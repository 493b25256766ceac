//! Sounds of a lab at the telephone's rate: what a phone says and what it has heard. From WAV
//! files, from the daemon's prompts, or made here. What is in a sound is found by `hearing`.

use std::fs::File;
use std::io::{BufReader, Cursor};
use std::path::Path;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};

use xtask::workspace;

/// Samples in a second, as G.711 has them.
pub(crate) const RATE: u32 = 8000;
/// Where the lengths of a WAV file's parts stand, as all writers here lay it out: of all, of the
/// samples, and where these begin.
const ALL: usize = 4;
const SAMPLES: usize = 40;
const HEADER: usize = 44;

/// A sound: mono, 8 kHz.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Sound {
    /// Its samples.
    pub(crate) samples: Vec<i16>,
}

impl Sound {
    /// A pure tone, a quarter as loud as can be.
    pub(crate) fn tone(hertz: f64, length: Duration) -> Self {
        let step = std::f64::consts::TAU * hertz / f64::from(RATE);
        let sample = |index: usize| (8191.0 * (step * index as f64).sin()) as i16;
        Self {
            samples: (0..count(length)).map(sample).collect(),
        }
    }

    /// Silence.
    pub(crate) fn silence(length: Duration) -> Self {
        Self {
            samples: vec![0; count(length)],
        }
    }

    /// Reads a WAV file of 16 bits; of several channels it takes the first. One that is still
    /// being written is read as far as it goes.
    pub(crate) fn read(path: &Path) -> Result<Self> {
        let of = || format!("cannot read {}", path.display());
        let mut bytes = std::fs::read(path).with_context(of)?;
        complete(&mut bytes);
        let mut reader = hound::WavReader::new(Cursor::new(bytes)).with_context(of)?;
        let format = reader.spec();
        if format.bits_per_sample != 16 || format.sample_format != hound::SampleFormat::Int {
            bail!("{}: only WAV of 16 bits is read", path.display());
        }
        let samples: Vec<i16> = reader
            .samples::<i16>()
            .step_by(usize::from(format.channels))
            .collect::<Result<_, _>>()
            .with_context(of)?;
        Ok(Self {
            samples: to_telephone(samples, format.sample_rate).with_context(of)?,
        })
    }

    /// Writes a WAV file.
    pub(crate) fn write(&self, path: &Path) -> Result<()> {
        let of = || format!("cannot write {}", path.display());
        let format = hound::WavSpec {
            channels: 1,
            sample_rate: RATE,
            bits_per_sample: 16,
            sample_format: hound::SampleFormat::Int,
        };
        let mut writer = hound::WavWriter::create(path, format).with_context(of)?;
        for sample in &self.samples {
            writer.write_sample(*sample).with_context(of)?;
        }
        writer.finalize().with_context(of)
    }

    /// One of the prompts that the daemon has, such as `en/rejected` or `hold`.
    pub(crate) fn prompt(name: &str) -> Result<Self> {
        let path = workspace::root()?
            .join("blacklistd/crates/voice/prompts")
            .join(name)
            .with_extension("ogg");
        let of = || format!("cannot read {}", path.display());
        let file = File::open(&path).with_context(of)?;
        let mut reader =
            lewton::inside_ogg::OggStreamReader::new(BufReader::new(file)).with_context(of)?;
        let channels = usize::from(reader.ident_hdr.audio_channels);
        let rate = reader.ident_hdr.audio_sample_rate;
        let mut samples = Vec::new();
        while let Some(packet) = reader.read_dec_packet_itl().with_context(of)? {
            samples.extend(packet.iter().step_by(channels));
        }
        Ok(Self {
            samples: to_telephone(samples, rate).with_context(of)?,
        })
    }

    /// This sound, and another behind it.
    pub(crate) fn then(mut self, other: &Self) -> Self {
        self.samples.extend(&other.samples);
        self
    }

    /// How long it is.
    pub(crate) fn length(&self) -> Duration {
        time(self.samples.len())
    }
}

/// How many samples a time has.
pub(crate) fn count(time: Duration) -> usize {
    (time.as_secs_f64() * f64::from(RATE)).round() as usize
}

/// How long some samples last.
pub(crate) fn time(samples: usize) -> Duration {
    Duration::from_secs_f64(samples as f64 / f64::from(RATE))
}

/// Gives a WAV file whose writer has not closed it the lengths that it has so far.
fn complete(bytes: &mut [u8]) {
    let length = |from: usize| u32::try_from(bytes.len().saturating_sub(from)).unwrap_or(u32::MAX);
    let (all, samples) = (length(ALL + 4), length(HEADER) & !1);
    for (place, now) in [(ALL, all), (SAMPLES, samples)] {
        if let Some(field) = bytes.get_mut(place..place + 4)
            && field == [0; 4]
        {
            field.copy_from_slice(&now.to_le_bytes());
        }
    }
}

/// Samples of another rate at 8 kHz. Each is the mean of those in its time, which keeps the most
/// of what folds back from above 4 kHz away: enough for what recordings are asked here.
fn to_telephone(samples: Vec<i16>, rate: u32) -> Result<Vec<i16>> {
    if rate == RATE {
        return Ok(samples);
    }
    if rate < RATE || !rate.is_multiple_of(RATE) {
        bail!("{rate} samples in a second are not a multiple of {RATE}");
    }
    let mean = |chunk: &[i16]| {
        let sum: i64 = chunk.iter().copied().map(i64::from).sum();
        (sum / chunk.len() as i64) as i16
    };
    Ok(samples.chunks((rate / RATE) as usize).map(mean).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A WAV file that goes with its value.
    struct Wav(std::path::PathBuf);

    impl Drop for Wav {
        fn drop(&mut self) {
            let _ = std::fs::remove_file(&self.0);
        }
    }

    /// A WAV file of samples at a rate, with some channels that are all the same.
    fn wav(samples: &[i16], rate: u32, channels: u16) -> Wav {
        let (id, length) = (std::process::id(), samples.len());
        let name = format!("blacklist-{id}-{rate}-{channels}-{length}.wav");
        let path = std::env::temp_dir().join(name);
        let format = hound::WavSpec {
            channels,
            sample_rate: rate,
            bits_per_sample: 16,
            sample_format: hound::SampleFormat::Int,
        };
        let mut writer = hound::WavWriter::create(&path, format).unwrap();
        for sample in samples {
            for _ in 0..channels {
                writer.write_sample(*sample).unwrap();
            }
        }
        writer.finalize().unwrap();
        Wav(path)
    }

    #[test]
    fn every_rate_comes_out_at_8_khz() {
        for (name, rate, channels) in [
            ("as it is", 8000, 1),
            ("wide band", 16_000, 1),
            ("stereo at 48 kHz", 48_000, 2),
        ] {
            let step = std::f64::consts::TAU * 440.0 / f64::from(rate);
            let samples: Vec<i16> = (0..rate)
                .map(|index| (8191.0 * (step * f64::from(index)).sin()) as i16)
                .collect();
            let file = wav(&samples, rate, channels);
            let sound = Sound::read(&file.0).unwrap();
            assert_eq!(sound.length(), Duration::from_secs(1), "{name}");
            let loud = sound.samples.iter().map(|sample| sample.abs()).max();
            assert!(loud > Some(7800), "{name}: {loud:?}");
        }
    }

    #[test]
    fn a_rate_that_is_no_multiple_is_refused() {
        let file = wav(&[0; 100], 44_100, 1);
        assert!(Sound::read(&file.0).is_err());
    }

    #[test]
    fn a_recording_that_is_not_closed_is_read_as_far_as_it_goes() {
        let file = wav(&[5; 333], 8000, 1);
        let mut bytes = std::fs::read(&file.0).unwrap();
        bytes[ALL..ALL + 4].fill(0);
        bytes[SAMPLES..SAMPLES + 4].fill(0);
        bytes.push(7);
        std::fs::write(&file.0, bytes).unwrap();
        assert_eq!(Sound::read(&file.0).unwrap().samples, [5; 333]);
    }

    #[test]
    fn prompts_are_decoded() {
        let prompt = Sound::prompt("en/pin").unwrap();
        assert!(prompt.length() > Duration::from_secs(2));
        assert!(prompt.samples.iter().any(|sample| sample.abs() > 3000));
        assert_eq!(
            Sound::prompt("hold")
                .unwrap()
                .length()
                .as_secs_f64()
                .round(),
            10.0
        );
    }
}
