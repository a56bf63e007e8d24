//! Sample rate conversion of a stream, one channel, without delay and without losing its end.

use audioadapter_buffers::direct::InterleavedSlice;
use rubato::{Fft, FixedSync, Indexing, Resampler as _};

use super::DecodeError;

/// Frames that go into one step. Larger steps are no faster and make the last one, padded with silence, longer.
const STEP: usize = 1024;

/// Converts a mono stream from one sample rate to another.
///
/// The delay of the filter is taken off the front, and its tail is drawn out at the end, so the length stays what it was.
pub(super) struct Resampler {
    from: u32,
    to: u32,
    filter: Option<Fft<f32>>,
    pending: Vec<f32>,
    step: Vec<f32>,
    received: u64,
    delivered: u64,
    to_skip: usize,
}

impl Resampler {
    /// A converter between two rates in Hz.
    pub(super) fn new(from: u32, to: u32) -> Result<Self, DecodeError> {
        let filter = (from != to)
            .then(|| Fft::new(from as usize, to as usize, STEP, 1, FixedSync::Input).map_err(broken))
            .transpose()?;
        let (step, to_skip) = filter.as_ref().map_or((0, 0), |f| (f.output_frames_max(), f.output_delay()));
        Ok(Self { from, to, filter, pending: Vec::new(), step: vec![0.0; step], received: 0, delivered: 0, to_skip })
    }

    /// The rate of what goes in, Hz.
    pub(super) fn rate(&self) -> u32 {
        self.from
    }

    /// Converts `samples`; what is ready is appended to `output`.
    pub(super) fn push(&mut self, samples: &[f32], output: &mut Vec<f32>) -> Result<(), DecodeError> {
        let Some(filter) = &self.filter else {
            output.extend_from_slice(samples);
            return Ok(());
        };
        self.received += samples.len() as u64;
        self.pending.extend_from_slice(samples);
        let mut start = 0;
        let mut wanted = filter.input_frames_next();
        while self.pending.len() - start >= wanted {
            wanted = self.step(start, None, output)?;
            start += STEP;
        }
        self.pending.drain(..start);
        Ok(())
    }

    /// Draws out what is still inside the filter.
    pub(super) fn finish(mut self, output: &mut Vec<f32>) -> Result<(), DecodeError> {
        if self.filter.is_none() {
            return Ok(());
        }
        let expected = (self.received * u64::from(self.to)).div_ceil(u64::from(self.from));
        let mut left = self.pending.len();
        // Rates without a common divisor make long filters, which take several steps before something comes out.
        let mut steps_left = 64 + 2 * (self.from as usize).div_ceil(STEP) + (self.to as usize).div_ceil(STEP);
        while self.delivered < expected && steps_left > 0 {
            self.step(0, Some(left), output)?;
            left = 0;
            steps_left -= 1;
        }
        let surplus = self.delivered.saturating_sub(expected) as usize;
        output.truncate(output.len() - surplus.min(output.len()));
        Ok(())
    }

    /// Runs the filter once over `pending[start..]`, of which `partial` frames are real; returns the frames wanted next.
    fn step(&mut self, start: usize, partial: Option<usize>, output: &mut Vec<f32>) -> Result<usize, DecodeError> {
        let Some(filter) = &mut self.filter else { return Ok(0) };
        if let Some(frames) = partial {
            self.pending.resize(frames, 0.0);
        }
        let frames_out = self.step.len();
        let input = InterleavedSlice::new(&self.pending[start..], 1, self.pending.len() - start).map_err(broken)?;
        let mut room = InterleavedSlice::new_mut(&mut self.step, 1, frames_out).map_err(broken)?;
        let indexing = partial.map(|frames| Indexing::new().partial_len(frames));
        let (_, made) = filter.process_into_buffer(&input, &mut room, indexing.as_ref()).map_err(broken)?;
        let skipped = made.min(self.to_skip);
        self.to_skip -= skipped;
        output.extend_from_slice(&self.step[skipped..made]);
        self.delivered += (made - skipped) as u64;
        Ok(filter.input_frames_next())
    }
}

/// None of rubato's errors can be caused by the samples; should one occur, the recording is refused, not the process.
fn broken(error: impl std::fmt::Display) -> DecodeError {
    DecodeError::Corrupt(error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tone(rate: u32, seconds: f32) -> Vec<f32> {
        let frames = (rate as f32 * seconds) as usize;
        (0..frames).map(|i| (i as f32 * 440.0 * std::f32::consts::TAU / rate as f32).sin() * 0.5).collect()
    }

    #[test]
    fn a_tone_keeps_its_length_phase_and_level() {
        for rate in [8_000, 11_025, 16_000, 22_050, 44_100, 48_000, 96_000, 12_345] {
            for seconds in [0.05, 0.1, 1.037] {
                let mut resampler = Resampler::new(rate, 16_000).unwrap();
                let mut output = Vec::new();
                for part in tone(rate, seconds).chunks(333) {
                    resampler.push(part, &mut output).unwrap();
                }
                resampler.finish(&mut output).unwrap();
                let expected = tone(16_000, seconds);
                assert!(output.len().abs_diff(expected.len()) <= 1, "{rate} {seconds}: {}", output.len());
                let middle = 200..expected.len() - 200;
                let worst = middle.map(|i| (output[i] - expected[i]).abs()).fold(0.0, f32::max);
                // A filter of odd length is half a frame early: at 11025 Hz that is 45 µs, or 0.063 at the steepest point.
                assert!(worst < 0.07, "{rate} Hz, {seconds} s: off by {worst}");
            }
        }
    }
}
