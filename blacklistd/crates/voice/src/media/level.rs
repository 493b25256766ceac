//! Voice activity: the energy of received audio, relative to a floor that follows the noise of the
//! line.

use std::time::Duration;

use super::RATE;
use super::law::Law;

/// Whether the peer is speaking.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Hearing {
    /// The peer is speaking; short gaps between words count as speech.
    pub is_talking: bool,
    /// How long it has been silent.
    pub quiet_for: Duration,
}

/// Range of the floor, as amplitude (root mean square).
const FLOOR: std::ops::RangeInclusive<f32> = 20.0..=2000.0;

/// Ratio of speech to floor: 10 dB.
const SPEECH: f32 = 3.2;

/// Amplitude above which audio can be speech on any line.
const FAINTEST: f32 = 130.0;

/// Share of the difference by which the floor falls per frame: to silence in a few tenths of a
/// second.
const DOWN: f32 = 0.2;

/// Factor by which the floor rises per frame: 40 dB in 23 seconds. Speakers pause more often; music
/// and noise do not, and are treated as noise.
const UP: f32 = 1.004;

/// How long audio must be loud to be speech rather than a click.
const SPEECH_AFTER: Duration = Duration::from_millis(60);

/// How long audio must be quiet to be a pause.
const PAUSE_AFTER: Duration = Duration::from_millis(200);

/// Tracks the received audio.
#[derive(Clone, Debug)]
pub struct Level {
    floor: f32,
    loud_for: Duration,
    hearing: Hearing,
}

impl Default for Level {
    fn default() -> Self {
        Self {
            floor: *FLOOR.start(),
            loud_for: Duration::ZERO,
            hearing: Hearing::default(),
        }
    }
}

impl Level {
    /// Before anything was received.
    pub fn new() -> Self {
        Self::default()
    }

    /// Processes the payload of a packet.
    pub fn heard(&mut self, law: Law, payload: &[u8]) {
        let Ok(count) = u32::try_from(payload.len()) else {
            return;
        };
        if count == 0 {
            return;
        }
        let sum: f32 = law
            .decode(payload)
            .map(|sample| f32::from(sample) * f32::from(sample))
            .sum();
        let amplitude = (sum / count as f32).sqrt();
        let time = Duration::from_secs(1) * count / RATE;
        let is_loud = amplitude > (self.floor * SPEECH).max(FAINTEST);
        let next = if amplitude < self.floor {
            self.floor + (amplitude - self.floor) * DOWN
        } else {
            self.floor * UP
        };
        self.floor = next.clamp(*FLOOR.start(), *FLOOR.end());
        self.pass(is_loud, time);
    }

    /// Processes missing packets: many phones send nothing during silence.
    pub fn missed(&mut self, time: Duration) {
        self.pass(false, time);
    }

    /// Whether the peer is speaking.
    pub const fn hearing(&self) -> Hearing {
        self.hearing
    }

    fn pass(&mut self, is_loud: bool, time: Duration) {
        let hearing = &mut self.hearing;
        self.loud_for = if is_loud {
            self.loud_for.saturating_add(time)
        } else {
            Duration::ZERO
        };
        if self.loud_for >= SPEECH_AFTER || (is_loud && hearing.is_talking) {
            *hearing = Hearing {
                is_talking: true,
                quiet_for: Duration::ZERO,
            };
            return;
        }
        hearing.quiet_for = hearing.quiet_for.saturating_add(time);
        if hearing.quiet_for >= PAUSE_AFTER {
            hearing.is_talking = false;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::media::FRAME_BYTES;
    use crate::media::tests::tone;

    /// Plays a tone with an amplitude for a number of frames.
    fn play(level: &mut Level, amplitude: f32, frames: usize) {
        let samples = tone(440.0, amplitude, RATE, frames * FRAME_BYTES);
        for law in [Law::A] {
            for payload in law.encode(&samples).chunks(FRAME_BYTES) {
                level.heard(law, payload);
            }
        }
    }

    #[test]
    fn who_speaks() {
        // Amplitudes and frames in order, and whether the result is speech.
        type Row = (&'static str, &'static [(f32, usize)], bool);
        let rows: [Row; 9] = [
            ("nothing", &[], false),
            ("silence", &[(0.0, 100)], false),
            ("speech", &[(0.0, 10), (3000.0, 10)], true),
            ("speech from the start", &[(3000.0, 3)], true),
            ("a click", &[(0.0, 10), (8000.0, 2)], false),
            ("a gap between words", &[(3000.0, 20), (0.0, 8)], true),
            ("a pause", &[(3000.0, 20), (0.0, 11)], false),
            ("a noisy line", &[(400.0, 1000)], false),
            ("speech on it", &[(400.0, 1000), (6000.0, 5)], true),
        ];
        for (name, parts, is_talking) in rows {
            let mut level = Level::new();
            for (amplitude, frames) in parts {
                play(&mut level, *amplitude, *frames);
            }
            assert_eq!(level.hearing().is_talking, is_talking, "{name}");
        }
    }

    #[test]
    fn a_pause_is_measured() {
        let mut level = Level::new();
        play(&mut level, 3000.0, 50);
        assert_eq!(level.hearing().quiet_for, Duration::ZERO);
        play(&mut level, 0.0, 25);
        assert_eq!(level.hearing().quiet_for, Duration::from_millis(500));
        level.missed(Duration::from_millis(300));
        assert_eq!(level.hearing().quiet_for, Duration::from_millis(800));
        play(&mut level, 3000.0, 4);
        assert_eq!(level.hearing().quiet_for, Duration::ZERO);
    }

    #[test]
    fn the_floor_goes_back_after_noise() {
        let mut level = Level::new();
        play(&mut level, 3000.0, 2000);
        assert!(!level.hearing().is_talking, "an even tone is no speech");
        play(&mut level, 0.0, 50);
        play(&mut level, 600.0, 5);
        assert!(level.hearing().is_talking);
    }

    #[test]
    fn empty_packets_say_nothing() {
        let mut level = Level::new();
        level.heard(Law::Mu, &[]);
        assert_eq!(level.hearing(), Hearing::default());
    }
}
