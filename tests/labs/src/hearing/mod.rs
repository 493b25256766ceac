//! What was heard in a call: whether a prompt is in a recording, where and how well; how long it
//! has sound; how long it has a pure tone. G.711 and lost or late packets do no harm: a prompt is
//! looked for as a whole, then piece by piece near the place that was found.

use std::time::Duration;

use rustfft::FftPlanner;
use rustfft::num_complex::Complex;

use super::sound::{RATE, Sound, time};

/// How many samples are one where a whole prompt is looked for: speech has its pitch and its first
/// formant below 1 kHz.
const COARSE: usize = 4;
/// The pieces in which a prompt is compared.
const PIECE: usize = 2400;
/// How far a piece may be from its place: five packets lost or doubled. With a piece between, it
/// is as long as one transform.
const SLACK: usize = (4096 - PIECE) / 2;
/// A piece that is this much like what was heard was heard.
const HEARD: f64 = 0.7;
/// A frame of sound, as a packet has it.
const FRAME: usize = RATE as usize / 50;
/// The mean deviation of samples above which a frame has sound: -48 dB of the loudest.
const LOUD: f64 = 130.0;
/// The share of a frame's energy that a pure tone has.
const PURE: f64 = 0.8;

/// A prompt in a recording.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Found {
    /// Where in the recording the prompt begins; negative where its beginning is cut off. In
    /// seconds.
    pub(crate) offset: f64,
    /// How much what was heard is like the prompt, from 0 to 1: the mean of its pieces, each as
    /// loud as it is.
    pub(crate) likeness: f64,
    /// How much of the prompt was heard, from 0 to 1.
    pub(crate) share: f64,
}

impl Found {
    /// Whether nearly all of the prompt was heard, and well.
    pub(crate) fn is_whole(&self) -> bool {
        self.share > 0.85 && self.likeness > 0.8
    }

    /// Whether so little was heard that it is another sound.
    pub(crate) fn is_absent(&self) -> bool {
        self.share < 0.2 && self.likeness < 0.5
    }
}

/// Looks for a prompt in a recording; the best place there is, however bad.
pub(crate) fn find(prompt: &Sound, recording: &Sound) -> Found {
    let (lead, prompt) = trimmed(&prompt.samples);
    let (prompt, recording) = (levels(prompt), levels(&recording.samples));
    let pieces = pieces(&prompt);
    let mut search = Search::default();
    let mut found = Found {
        offset: 0.0,
        likeness: 0.0,
        share: 0.0,
    };
    if pieces.is_empty() || recording.is_empty() {
        return found;
    }
    for start in search.places(&prompt, &recording) {
        let here = search.compare(&pieces, &recording, start);
        if here.likeness > found.likeness {
            found = here;
        }
    }
    found.offset -= lead as f64 / f64::from(RATE);
    found
}

/// How long a recording has sound.
pub(crate) fn sound(recording: &Sound) -> Duration {
    let frames = recording.samples.chunks(FRAME);
    time(frames.filter(|frame| is_loud(frame)).count() * FRAME)
}

/// From the first sound of a recording to its last.
pub(crate) fn span(recording: &Sound) -> Option<(Duration, Duration)> {
    let mut loud = recording
        .samples
        .chunks(FRAME)
        .enumerate()
        .filter(|(_, frame)| is_loud(frame))
        .map(|(index, _)| index);
    let first = loud.next()?;
    let last = loud.next_back().unwrap_or(first);
    Some((time(first * FRAME), time((last + 1) * FRAME)))
}

/// How long a recording has a pure tone of a frequency, in hertz.
pub(crate) fn tone(recording: &Sound, hertz: f64) -> Duration {
    // Two frames tell frequencies apart that are 50 Hz from each other.
    let frames = recording.samples.chunks_exact(FRAME);
    let pairs = frames.clone().zip(frames.skip(1));
    let heard = pairs
        .filter(|(one, other)| {
            let both = [*one, *other].concat();
            is_loud(&both) && purity(&both, hertz) > PURE
        })
        .count();
    // A tone of n frames has n - 1 pairs.
    time(if heard == 0 { 0 } else { (heard + 1) * FRAME })
}

/// A piece of a prompt, and where in the prompt it begins.
struct Piece<'a> {
    at: usize,
    samples: &'a [f32],
    energy: f64,
}

/// The pieces of a prompt that have sound.
fn pieces(prompt: &[f32]) -> Vec<Piece<'_>> {
    let quietest = energy(prompt) / prompt.len().max(1) as f64 * PIECE as f64 * 0.02;
    prompt
        .chunks(PIECE)
        .enumerate()
        // The last one may be too short to be told from others.
        .filter(|(_, samples)| samples.len() >= PIECE / 2)
        .map(|(index, samples)| Piece {
            at: index * PIECE,
            samples,
            energy: energy(samples),
        })
        .filter(|piece| piece.energy > quietest)
        .collect()
}

/// Searches, which share what a transform of a length needs.
struct Search(FftPlanner<f32>);

impl Default for Search {
    fn default() -> Self {
        Self(FftPlanner::new())
    }
}

impl Search {
    /// Where a prompt may begin in a recording: by the whole, and by each of its halves. Where
    /// one of them is missing, or packets between them are, the whole has no clear place.
    fn places(&mut self, prompt: &[f32], recording: &[f32]) -> Vec<isize> {
        let (prompt, recording) = (coarse(prompt), coarse(recording));
        let (first, second) = prompt.split_at(prompt.len() / 2);
        let places = [
            self.place(&prompt, &recording),
            self.place(first, &recording),
            self.place(second, &recording) - first.len() as isize,
        ];
        let mut different: Vec<isize> = Vec::new();
        for place in places.map(|place| place * COARSE as isize) {
            if different
                .iter()
                .all(|known| known.abs_diff(place) > SLACK / 4)
            {
                different.push(place);
            }
        }
        different
    }

    /// Where a pattern is most likely in a recording; it may begin before and end behind it.
    fn place(&mut self, pattern: &[f32], recording: &[f32]) -> isize {
        let padding = vec![0.0; pattern.len()];
        let padded = [padding.as_slice(), recording, padding.as_slice()].concat();
        let (place, _) = self.best(pattern, &padded).unwrap_or_default();
        place as isize - pattern.len() as isize
    }

    /// How well the pieces of a prompt that begins at a sample of the recording were heard.
    fn compare(&mut self, pieces: &[Piece<'_>], recording: &[f32], start: isize) -> Found {
        let (mut total, mut heard, mut likeness) = (0.0, 0.0, 0.0);
        let mut starts = Vec::new();
        for piece in pieces {
            let middle = start + piece.at as isize;
            let from = clamp(middle - SLACK as isize, recording.len());
            let until = clamp(
                middle + (piece.samples.len() + SLACK) as isize,
                recording.len(),
            );
            let near = recording.get(from..until).unwrap_or_default();
            let (place, alike) = self.best(piece.samples, near).unwrap_or_default();
            total += piece.energy;
            likeness += piece.energy * alike;
            if alike > HEARD {
                heard += piece.energy;
                starts.push((from + place) as isize - piece.at as isize);
            }
        }
        starts.sort_unstable();
        // Lost packets move the pieces behind them.
        let start = starts.get(starts.len() / 2).copied().unwrap_or(start);
        Found {
            offset: start as f64 / f64::from(RATE),
            likeness: likeness / total,
            share: heard / total,
        }
    }

    /// The place of a recording that is most like a pattern, and how much, from 0 to 1:
    /// normalised cross-correlation. None where the recording is the shorter one.
    fn best(&mut self, pattern: &[f32], recording: &[f32]) -> Option<(usize, f64)> {
        let places = (recording.len() + 1).checked_sub(pattern.len())?;
        let norm = energy(pattern);
        // Where the recording is all but silent, its likeness to anything means nothing.
        let floor = LOUD.powi(2) * pattern.len() as f64 * 0.05;
        let mut under = energy(recording.get(..pattern.len())?);
        let products = self.correlate(pattern, recording);
        let square = |level: &f32| f64::from(*level).powi(2);
        let enters = recording.iter().skip(pattern.len()).map(square);
        let leaves = recording.iter().map(square);
        let changes = enters.zip(leaves).map(|(enters, leaves)| enters - leaves);
        let mut best = (0, 0.0);
        let products = products.into_iter().take(places).enumerate();
        for ((place, product), change) in products.zip(changes.chain([0.0])) {
            let alike = f64::from(product) / (norm * under.max(floor)).sqrt().max(1.0);
            if alike > best.1 {
                best = (place, alike.min(1.0));
            }
            under += change;
        }
        Some(best)
    }

    /// The sums of products of a pattern with a recording, at every place of it.
    fn correlate(&mut self, pattern: &[f32], recording: &[f32]) -> Vec<f32> {
        // What wraps around falls on places where the pattern is not wholly inside.
        let length = recording.len().next_power_of_two();
        let transform = self.0.plan_fft_forward(length);
        let transformed = |levels: &[f32]| {
            let mut values: Vec<Complex<f32>> = levels.iter().map(Complex::from).collect();
            values.resize(length, Complex::default());
            transform.process(&mut values);
            values
        };
        let (pattern, mut products) = (transformed(pattern), transformed(recording));
        for (value, factor) in products.iter_mut().zip(&pattern) {
            *value *= factor.conj();
        }
        self.0.plan_fft_inverse(length).process(&mut products);
        let scale = 1.0 / length as f32;
        products.iter().map(|value| value.re * scale).collect()
    }
}

/// The share of a signal's energy that is at a frequency, from 0 to 1 (Goertzel).
fn purity(samples: &[i16], hertz: f64) -> f64 {
    let levels = levels(samples);
    let step = std::f64::consts::TAU * hertz / f64::from(RATE);
    let factor = 2.0 * step.cos();
    let (mut last, mut before) = (0.0, 0.0);
    for level in &levels {
        let next = f64::from(*level) + factor * last - before;
        (before, last) = (last, next);
    }
    let power = last * last + before * before - factor * last * before;
    2.0 * power / (levels.len() as f64 * energy(&levels)).max(1.0)
}

fn is_loud(frame: &[i16]) -> bool {
    !frame.is_empty() && (energy(&levels(frame)) / frame.len() as f64).sqrt() > LOUD
}

/// Samples around their mean: G.711 and some codecs have an offset.
fn levels(samples: &[i16]) -> Vec<f32> {
    let sum: f64 = samples.iter().copied().map(f64::from).sum();
    let mean = sum / samples.len().max(1) as f64;
    samples
        .iter()
        .map(|sample| (f64::from(*sample) - mean) as f32)
        .collect()
}

fn energy(levels: &[f32]) -> f64 {
    levels.iter().map(|level| f64::from(*level).powi(2)).sum()
}

/// A signal for the search of a place.
fn coarse(levels: &[f32]) -> Vec<f32> {
    let mean = |chunk: &[f32]| chunk.iter().sum::<f32>() / COARSE as f32;
    levels.chunks(COARSE).map(mean).collect()
}

fn clamp(place: isize, length: usize) -> usize {
    usize::try_from(place).unwrap_or(0).min(length)
}

/// A prompt without the silence around it, and how many samples of silence come before.
fn trimmed(samples: &[i16]) -> (usize, &[i16]) {
    let loud = |chunk: &[i16]| is_loud(chunk);
    let first = samples.chunks(FRAME).position(loud).unwrap_or(0) * FRAME;
    let last = samples
        .chunks(FRAME)
        .rposition(loud)
        .map_or(samples.len(), |index| (index + 1) * FRAME);
    (
        first,
        samples
            .get(first..last.min(samples.len()))
            .unwrap_or_default(),
    )
}

#[cfg(test)]
mod tests;
