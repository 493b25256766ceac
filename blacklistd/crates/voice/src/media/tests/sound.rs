//! Files of every kind to sounds, and what cannot be one.

use std::path::Path;
use std::time::Duration;

use super::*;
use crate::media::law::Law;
use crate::media::sound::{Sound, SoundError};

/// How a WAV file holds its samples.
#[derive(Clone, Copy, PartialEq)]
enum Wav {
    Pcm(u16),
    Float,
    Law(Law),
}

/// A WAV file with a tone of 1 kHz and half of the greatest amplitude.
fn wav(kind: Wav, rate: u32, channels: u16, count: usize) -> Vec<u8> {
    let samples = tone(1000.0, 16000.0, rate, count);
    let mut data = Vec::new();
    for sample in samples {
        let wide = i32::from(sample) << 16;
        for _ in 0..channels {
            match kind {
                Wav::Pcm(8) => data.push(((sample >> 8) + 128) as u8),
                Wav::Pcm(bits) => {
                    let bytes = wide.to_le_bytes();
                    data.extend(&bytes[4 - usize::from(bits / 8)..]);
                }
                Wav::Float => data.extend((f32::from(sample) / 32768.0).to_le_bytes()),
                Wav::Law(law) => data.extend(law.encode(&[sample])),
            }
        }
    }
    let (format, bits) = match kind {
        Wav::Pcm(bits) => (1_u16, bits),
        Wav::Float => (3, 32),
        Wav::Law(Law::A) => (6, 8),
        Wav::Law(Law::Mu) => (7, 8),
    };
    let block = channels * bits / 8;
    let mut head = Vec::new();
    head.extend(format.to_le_bytes());
    head.extend(channels.to_le_bytes());
    head.extend(rate.to_le_bytes());
    head.extend((rate * u32::from(block)).to_le_bytes());
    head.extend(block.to_le_bytes());
    head.extend(bits.to_le_bytes());
    if format != 1 {
        // The length of an extension, which is empty.
        head.extend([0, 0]);
    }
    let mut file = b"RIFF".to_vec();
    file.extend(((data.len() + head.len() + 20) as u32).to_le_bytes());
    file.extend(b"WAVEfmt ");
    file.extend((head.len() as u32).to_le_bytes());
    file.extend(head);
    file.extend(b"data");
    file.extend((data.len() as u32).to_le_bytes());
    file.extend(data);
    file
}

fn read(bytes: Vec<u8>, name: &str) -> Result<Sound, SoundError> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    std::fs::write(&path, bytes).unwrap();
    Sound::read(&path)
}

/// That a sound is a tone of 1 kHz of about this amplitude and nothing else.
fn assert_tone(sound: &Sound, amplitude: f64, name: &str) {
    for law in Law::ALL {
        let samples = heard(sound, law);
        // Codecs need some time to begin.
        let middle = &samples[800..samples.len() - 800];
        let found = amplitude_of(middle, 1000.0);
        assert!(
            (found / amplitude - 1.0).abs() < 0.12,
            "{name} by {law}: {found}"
        );
        let all = loudness(middle) * 2_f64.sqrt();
        assert!(all < found * 1.03, "{name} by {law}: {all} in all, {found}");
    }
}

#[test]
fn wav_files_of_every_kind() {
    let rows: [(&str, Wav, u32, u16); 13] = [
        ("8 bits", Wav::Pcm(8), 8000, 1),
        ("16 bits", Wav::Pcm(16), 8000, 1),
        ("24 bits", Wav::Pcm(24), 8000, 1),
        ("32 bits", Wav::Pcm(32), 8000, 1),
        ("float", Wav::Float, 8000, 1),
        ("A-law", Wav::Law(Law::A), 8000, 1),
        ("mu-law", Wav::Law(Law::Mu), 8000, 1),
        ("stereo", Wav::Pcm(16), 8000, 2),
        ("six channels", Wav::Pcm(16), 48000, 6),
        ("compact disc", Wav::Pcm(16), 44100, 2),
        ("16 kHz", Wav::Pcm(16), 16000, 1),
        ("11 kHz", Wav::Pcm(16), 11025, 1),
        ("6 kHz", Wav::Pcm(16), 6000, 1),
    ];
    for (name, kind, rate, channels) in rows {
        let file = wav(kind, rate, channels, rate as usize / 2);
        let sound = read(file, "tone.wav").unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(sound.duration(), Duration::from_millis(500), "{name}");
        assert_tone(&sound, 16000.0, name);
    }
}

#[test]
fn compressed_files() {
    let rows: [(&str, &'static [u8]); 3] = [
        ("tone.ogg", include_bytes!("data/tone.ogg")),
        ("tone.mp3", include_bytes!("data/tone.mp3")),
        ("tone.flac", include_bytes!("data/tone.flac")),
    ];
    for (name, bytes) in rows {
        let sound = Sound::from_bytes(Path::new(name), bytes).unwrap();
        let time = sound.duration().as_millis();
        assert!((500..=580).contains(&time), "{name}: {time} ms");
        assert_tone(&sound, 16400.0, name);
        // The content and not the name says what it is.
        let misnamed = read(bytes.to_vec(), "tone.wav").unwrap();
        assert_eq!(misnamed.frames(), sound.frames(), "{name}");
    }
}

#[test]
fn what_is_too_high_for_a_telephone_is_not_heard() {
    for frequency in [4500.0, 6000.0, 7000.0, 9000.0, 15000.0] {
        let samples = tone(frequency, 16000.0, 48000, 24000);
        let mut resampler = crate::media::resample::Resampler::new(48000).unwrap();
        let samples: Vec<f32> = samples
            .into_iter()
            .map(|sample| f32::from(sample) / 32768.0)
            .collect();
        // In parts of any size.
        for part in samples.chunks(999) {
            resampler.push(part).unwrap();
        }
        let samples = resampler.finish().unwrap();
        assert_eq!(samples.len(), 4000);
        let left = loudness(&samples[400..3600]);
        assert!(left < 16.0, "{frequency} Hz: {left}");
    }
}

#[test]
fn the_last_frame_is_filled_with_silence() {
    let rows = [(0, 0), (1, 1), (160, 1), (161, 2), (320, 2)];
    for (samples, frames) in rows {
        let sound = Sound::from_samples(&vec![1000; samples]);
        assert_eq!(sound.frames(), frames, "{samples} samples");
        for law in Law::ALL {
            assert_eq!(sound.bytes(law).len(), frames * FRAME_BYTES);
            assert!(sound.frame(law, frames).is_none());
            assert!(sound.frame(law, usize::MAX).is_none());
        }
    }
    let sound = Sound::from_samples(&[1000; 161]);
    let last = sound.frame(Law::A, 1).unwrap();
    assert_eq!(last[0], Law::A.encode(&[1000])[0]);
    assert_eq!(last[1..], Law::A.silent_frame()[1..]);
}

#[test]
fn files_that_are_no_sound() {
    let whole = wav(Wav::Pcm(16), 8000, 1, 4000);
    let mut channels = whole.clone();
    channels[23] = 128;
    let rows: [(&str, Vec<u8>, &str); 8] = [
        // Thousands of them: more bytes a frame than the file has a field for.
        ("channels.wav", channels, ""),
        ("empty.wav", Vec::new(), "is not a WAV"),
        (
            "text.wav",
            b"#!/bin/sh\necho no sound\n".to_vec(),
            "is not a WAV",
        ),
        ("zeros.mp3", vec![0; 100_000], "is not a WAV"),
        ("head.wav", whole[..20].to_vec(), ""),
        ("nothing.wav", wav(Wav::Pcm(16), 8000, 1, 0), ""),
        (
            "slow.wav",
            wav(Wav::Pcm(16), 100, 1, 4000),
            "100 samples a second",
        ),
        (
            "long.wav",
            wav(Wav::Pcm(8), 8000, 1, 601 * 8000),
            "longer than 10 minutes",
        ),
    ];
    for (name, bytes, part) in rows {
        let error = read(bytes, name).expect_err(name).to_string();
        assert!(error.contains(name) && error.contains(part), "{error}");
        assert!(error.starts_with("the sound "), "{error}");
    }
    let error = Sound::read(Path::new("/nowhere/hello.wav")).unwrap_err();
    assert!(
        error
            .to_string()
            .starts_with("cannot read the sound /nowhere/hello.wav")
    );
    let error = Sound::read(Path::new("/")).unwrap_err();
    assert!(error.to_string().contains("it is not a file"), "{error}");
}

#[test]
fn a_file_that_is_too_large_is_not_read() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("large.wav");
    let file = std::fs::File::create(&path).unwrap();
    file.set_len(crate::media::sound::LARGEST_FILE + 1).unwrap();
    let error = Sound::read(&path).unwrap_err();
    assert!(matches!(error, SoundError::TooLarge { .. }), "{error}");
}

#[test]
fn a_file_that_was_cut_off_is_played_as_far_as_it_goes() {
    let whole = wav(Wav::Pcm(16), 8000, 1, 8000);
    let sound = read(whole[..44 + 8000].to_vec(), "cut.wav").unwrap();
    assert_eq!(sound.duration(), Duration::from_millis(500));
    let ogg = include_bytes!("data/tone.ogg");
    for length in (0..ogg.len()).step_by(97) {
        let _ = read(ogg[..length].to_vec(), "cut.ogg");
    }
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(64))]

    /// Damaged files are errors, or damaged sounds.
    #[test]
    fn damaged_files_do_no_harm(
        kind in 0..3_usize,
        changes in proptest::collection::vec((0..100_000_usize, proptest::num::u8::ANY), 1..20),
    ) {
        let mut bytes = match kind {
            0 => include_bytes!("data/tone.ogg").to_vec(),
            1 => include_bytes!("data/tone.flac").to_vec(),
            _ => wav(Wav::Pcm(16), 16000, 1, 2000),
        };
        let length = bytes.len();
        for (place, byte) in changes {
            bytes[place % length] = byte;
        }
        let source = Box::new(std::io::Cursor::new(bytes));
        let _ = crate::media::decode::samples(source, None, Duration::from_secs(5));
    }
}
