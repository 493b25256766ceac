//! Resamples to the telephone's rate. Frequencies above 4 kHz are filtered out first to prevent
//! aliasing.

use rubato::audioadapter_buffers::direct::InterleavedSlice;
use rubato::{
    Async, FixedAsync, Indexing, Resampler as _, SincInterpolationParameters,
    SincInterpolationType, WindowFunction,
};

use super::RATE;

/// Samples filtered at once.
const CHUNK: usize = 1024;

/// Half waves of the filter at the telephone's rate: the more, the steeper.
const HALF_WAVES: u32 = 64;

/// Resamples a stream of mono samples.
pub(super) struct Resampler {
    /// `None` if the rate is right already.
    filter: Option<Filter>,
    output: Vec<i16>,
}

struct Filter {
    inner: Async<f32>,
    ratio: f64,
    /// Samples that do not fill a chunk yet.
    waiting: Vec<f32>,
    chunk: Vec<f32>,
    /// Samples of filter delay at the start.
    ahead: usize,
    taken: usize,
}

/// The rate cannot be resampled, or the filter fails.
#[derive(Debug, thiserror::Error)]
#[error("it cannot be brought to {RATE} samples a second: {0}")]
pub(super) struct ResampleError(String);

impl ResampleError {
    fn new(error: &impl ToString) -> Self {
        Self(error.to_string())
    }
}

impl Resampler {
    /// Resamples from a rate.
    pub(super) fn new(rate: u32) -> Result<Self, ResampleError> {
        let filter = if rate == RATE {
            None
        } else {
            Some(Filter::new(rate)?)
        };
        Ok(Self {
            filter,
            output: Vec::new(),
        })
    }

    /// Adds samples between -1 and 1.
    pub(super) fn push(&mut self, samples: &[f32]) -> Result<(), ResampleError> {
        let Some(filter) = &mut self.filter else {
            self.output.extend(samples.iter().copied().map(rounded));
            return Ok(());
        };
        filter.taken += samples.len();
        filter.waiting.extend_from_slice(samples);
        while filter.waiting.len() >= CHUNK {
            filter.pass(CHUNK, &mut self.output)?;
        }
        Ok(())
    }

    /// Number of samples produced.
    pub(super) fn len(&self) -> usize {
        self.output.len()
    }

    /// All samples.
    pub(super) fn finish(mut self) -> Result<Vec<i16>, ResampleError> {
        if let Some(filter) = &mut self.filter {
            let expected = filter.expected();
            // The rest, and then silence until the filter is drained.
            while self.output.len() < expected {
                let rest = filter.waiting.len();
                if filter.pass(rest, &mut self.output)? == 0 {
                    break;
                }
            }
            self.output.truncate(expected);
        }
        Ok(self.output)
    }
}

impl Filter {
    fn new(rate: u32) -> Result<Self, ResampleError> {
        let ratio = f64::from(RATE) / f64::from(rate);
        let length = HALF_WAVES * rate.div_ceil(RATE).max(2);
        let parameters = SincInterpolationParameters::new(
            usize::try_from(length).unwrap_or(CHUNK),
            WindowFunction::BlackmanHarris2,
        )
        .interpolation(SincInterpolationType::Linear);
        let inner = Async::new_sinc(ratio, 1.0, &parameters, CHUNK, 1, FixedAsync::Input)
            .map_err(|error| ResampleError::new(&error))?;
        Ok(Self {
            ratio,
            waiting: Vec::new(),
            chunk: vec![0.0; inner.output_frames_max()],
            ahead: inner.output_delay(),
            taken: 0,
            inner,
        })
    }

    /// Number of output samples for the input so far.
    fn expected(&self) -> usize {
        (self.taken as f64 * self.ratio).ceil() as usize
    }

    /// Filters the first waiting samples, padded with silence to a whole chunk; returns the number
    /// of samples produced.
    fn pass(&mut self, count: usize, output: &mut Vec<i16>) -> Result<usize, ResampleError> {
        let input = InterleavedSlice::new(self.waiting.as_slice(), 1, self.waiting.len())
            .map_err(|error| ResampleError::new(&error))?;
        let room = self.chunk.len();
        let mut space = InterleavedSlice::new_mut(self.chunk.as_mut_slice(), 1, room)
            .map_err(|error| ResampleError::new(&error))?;
        let indexing = Indexing::new().partial_len(count);
        let (_, made) = self
            .inner
            .process_into_buffer(&input, &mut space, Some(&indexing))
            .map_err(|error| ResampleError::new(&error))?;
        self.waiting.drain(..count.min(self.waiting.len()));
        let dropped = self.ahead.min(made);
        self.ahead -= dropped;
        output.extend(
            self.chunk
                .iter()
                .take(made)
                .skip(dropped)
                .copied()
                .map(rounded),
        );
        Ok(made)
    }
}

/// Converts a sample to an integer: clips what is too loud, and turns NaN into silence.
fn rounded(sample: f32) -> i16 {
    (sample * 32767.0).round() as i16
}
