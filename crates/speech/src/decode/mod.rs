//! From the bytes of a recording, as browsers and phones write them, to mono samples at 16 kHz.
//!
//! WAV, FLAC, MP3, AAC (MP4, also fragmented; ADTS), Opus and Vorbis (Ogg, WebM, MP4). The bytes come from strangers:
//! whatever they hold, decoding ends soon, in bounded memory, without a panic. A recording that was cut off yields what
//! there is of it.

mod error;
mod mp4;
mod opus;
mod resample;
mod source;

pub use error::DecodeError;

use std::panic::catch_unwind;
use std::time::Duration;

use symphonia::core::errors::Error;

use crate::audio::{Audio, SAMPLE_RATE};
use mp4::Edit;
use resample::Resampler;
use source::Source;

/// A sample at or above this is at full scale.
const FULL_SCALE: f32 = 0.999;
/// So many neighbouring samples at full scale are a peak whose top has been cut off; fewer may be a peak that fits.
const FLAT_RUN: u64 = 3;
/// Samples beyond this (12 dB over full scale) are taken for damage in a float file and limited.
const LOUDEST: f32 = 4.0;
/// Sample rates that make sense for speech, Hz.
const RATES: std::ops::RangeInclusive<u32> = 4_000..=384_000;
/// A stream may change its sample rate (chained or spliced files), but not at every packet: each change costs a filter.
const MAX_RATE_CHANGES: usize = 8;
/// Packets without a single sample that are put up with before the stream counts as damaged.
const MAX_EMPTY_PACKETS: usize = 4_000;
/// Fewest bytes that a second of sound takes in any format (4 kbit/s): a header that claims more is not believed.
const MIN_BYTES_PER_SECOND: f64 = 500.0;

/// How much of a stranger's file is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DecodeLimits {
    /// Largest file, bytes.
    pub max_bytes: usize,
    /// Longest recording.
    pub max_duration: Duration,
}

impl Default for DecodeLimits {
    fn default() -> Self {
        Self { max_bytes: 64 << 20, max_duration: Duration::from_secs(120) }
    }
}

/// Decodes a whole file.
///
/// Channels are averaged. `clipped` and `flat` count the samples as the codec gives them (Opus: mixed and at 16 kHz already).
/// Samples that are not finite become silence. Encoder delay that the file declares is left out,
/// so that times are those of the player in the browser.
///
/// # Errors
/// If nothing can be decoded, or the file is over the limits. Damage behind the first samples is no error.
pub fn decode(bytes: &[u8], limits: &DecodeLimits) -> Result<Audio, DecodeError> {
    if bytes.is_empty() {
        return Err(DecodeError::Empty);
    }
    if bytes.len() > limits.max_bytes {
        return Err(DecodeError::TooLarge { bytes: bytes.len() });
    }
    // symphonia multiplies header fields unchecked (format-riff 0.6.1), which panics where overflow checks are on. Nothing
    // outlives the call, so there is nothing that a panic could leave half done.
    catch_unwind(|| decode_within(bytes, limits.max_duration))
        .unwrap_or_else(|_| Err(DecodeError::Corrupt("its header makes no sense".to_owned())))
}

fn decode_within(bytes: &[u8], max_duration: Duration) -> Result<Audio, DecodeError> {
    let mut source = Source::open(bytes)?;
    let longest = max_duration.as_secs_f64();
    if let Some(claimed) = source.claimed_seconds()
        && claimed > longest
        && claimed * MIN_BYTES_PER_SECOND <= bytes.len() as f64
    {
        return Err(DecodeError::TooLong { seconds: claimed as u32 });
    }

    let edit = source.edit();
    let mut sink = Sink::default();
    let damage = loop {
        match source.next() {
            Ok(Some(frames)) => sink.push(frames.interleaved, frames.channels, frames.rate)?,
            Ok(None) => break None,
            Err(error) => break Some(error),
        }
        if sink.seconds > longest {
            return Err(DecodeError::TooLong { seconds: longest as u32 });
        }
        if sink.empty_packets > MAX_EMPTY_PACKETS {
            break Some(Error::DecodeError("packets without sound"));
        }
    };
    match (sink.finish(edit)?, damage) {
        (Some(audio), _) => Ok(audio),
        (None, Some(error)) => Err(error.into()),
        (None, None) => Err(DecodeError::NoSamples),
    }
}

/// Takes decoded frames, mixes them to one channel and resamples them.
#[derive(Default)]
struct Sink {
    resampler: Option<Resampler>,
    mono: Vec<f32>,
    output: Vec<f32>,
    rate_changes: usize,
    empty_packets: usize,
    samples: u64,
    clipped: u64,
    /// Length of the run at full scale that each channel is in.
    runs: Vec<u64>,
    flat: u64,
    seconds: f64,
}

impl Sink {
    fn push(&mut self, interleaved: &[f32], channels: usize, rate: u32) -> Result<(), DecodeError> {
        if interleaved.is_empty() || channels == 0 {
            self.empty_packets += 1;
            return Ok(());
        }
        if !RATES.contains(&rate) {
            return Err(DecodeError::UnsupportedCodec(format!("a sample rate of {rate} Hz")));
        }
        self.samples += interleaved.len() as u64;
        self.clipped += interleaved.iter().filter(|sample| sample.abs() >= FULL_SCALE).count() as u64;
        self.count_flat(interleaved, channels);
        self.mono.clear();
        let share = 1.0 / channels as f32;
        self.mono.extend(interleaved.chunks_exact(channels).map(|frame| frame.iter().map(tame).sum::<f32>() * share));
        self.seconds += self.mono.len() as f64 / f64::from(rate);

        if self.resampler.as_ref().is_some_and(|resampler| resampler.rate() != rate) {
            self.rate_changes += 1;
            if self.rate_changes > MAX_RATE_CHANGES {
                return Err(DecodeError::Corrupt("its sample rate keeps changing".to_owned()));
            }
            self.flush()?;
        }
        let resampler = match &mut self.resampler {
            Some(resampler) => resampler,
            empty => empty.insert(Resampler::new(rate, SAMPLE_RATE)?),
        };
        resampler.push(&self.mono, &mut self.output)
    }

    /// Counts the samples of peaks that stay at full scale. Runs go on from one packet to the next.
    fn count_flat(&mut self, interleaved: &[f32], channels: usize) {
        self.runs.resize(channels, 0);
        for frame in interleaved.chunks_exact(channels) {
            for (run, sample) in self.runs.iter_mut().zip(frame) {
                *run = if sample.abs() >= FULL_SCALE { *run + 1 } else { 0 };
                self.flat += match *run {
                    0..FLAT_RUN => 0,
                    FLAT_RUN => FLAT_RUN,
                    _ => 1,
                };
            }
        }
    }

    fn flush(&mut self) -> Result<(), DecodeError> {
        self.resampler.take().map_or(Ok(()), |resampler| resampler.finish(&mut self.output))
    }

    fn finish(mut self, edit: Edit) -> Result<Option<Audio>, DecodeError> {
        self.flush()?;
        let frames = |seconds: f64| (seconds * f64::from(SAMPLE_RATE)).round() as usize;
        self.output.drain(..frames(edit.skip).min(self.output.len()));
        self.output.truncate(edit.length.map_or(usize::MAX, frames));
        let share = |count: u64| (count as f64 / self.samples.max(1) as f64) as f32;
        let (clipped, flat) = (share(self.clipped), share(self.flat));
        Ok((!self.output.is_empty()).then(|| Audio::new(self.output, clipped).with_flat(flat)))
    }
}

fn tame(sample: &f32) -> f32 {
    if sample.is_finite() { sample.clamp(-LOUDEST, LOUDEST) } else { 0.0 }
}
