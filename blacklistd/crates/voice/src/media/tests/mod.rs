//! Sounds that tests make and measure.

mod player;
mod prompts;
mod sound;

use super::law::Law;
use super::sound::Sound;
use super::{FRAME_BYTES, FRAME_TIME, RATE};

/// A tone: frequency, amplitude, rate, number of samples.
pub(super) fn tone(frequency: f32, amplitude: f32, rate: u32, count: usize) -> Vec<i16> {
    let step = std::f32::consts::TAU * frequency / rate as f32;
    (0..count)
        .map(|place| ((step * place as f32).sin() * amplitude) as i16)
        .collect()
}

/// The amplitude of one frequency in samples of the telephone's rate (Goertzel).
pub(super) fn amplitude_of(samples: &[i16], frequency: f64) -> f64 {
    let step = std::f64::consts::TAU * frequency / f64::from(RATE);
    let (mut sine, mut cosine) = (0.0, 0.0);
    for (place, sample) in samples.iter().enumerate() {
        let angle = step * place as f64;
        sine += f64::from(*sample) * angle.sin();
        cosine += f64::from(*sample) * angle.cos();
    }
    2.0 * sine.hypot(cosine) / samples.len() as f64
}

/// The root of the mean square.
pub(super) fn loudness(samples: &[i16]) -> f64 {
    let sum: f64 = samples
        .iter()
        .map(|sample| f64::from(*sample).powi(2))
        .sum();
    (sum / samples.len() as f64).sqrt()
}

/// What is heard of a sound.
pub(super) fn heard(sound: &Sound, law: Law) -> Vec<i16> {
    law.decode(sound.bytes(law)).collect()
}
