//! From samples to what the encoder and the utterance statistics see.
//!
//! The twin of `training/ear/features.py`; the golden tests hold the two together.

mod energy;
mod mel;
mod pieces;
mod pitch;

pub(crate) use energy::{Activity, Levels, frame_energy};
pub(crate) use mel::{MELS, MelExtractor};
pub(crate) use pieces::{ENCODER_STEP, pieces};
pub(crate) use pitch::PitchTracker;

/// Window of the spectrum, samples (25 ms).
pub(crate) const WINDOW: usize = 400;
/// Step of the spectrum and of the energies, samples (10 ms).
pub(crate) const HOP: usize = 160;
/// Kept on both sides of the speech, in steps of 10 ms.
const MARGIN: usize = 30;
/// Silence put behind the recording, in steps of 10 ms.
const TAIL: usize = 50;

/// The part of a recording that is looked at: its speech with a margin of 0.3 s on both sides, as a range of samples.
pub(crate) fn trim(samples: &[f32], energy: &[f32]) -> std::ops::Range<usize> {
    let Some(speech) = Activity::of(energy).span() else {
        return 0..samples.len();
    };
    let start = speech.start.saturating_sub(MARGIN) * HOP;
    let end = ((speech.end + MARGIN) * HOP + WINDOW).min(samples.len());
    start..end
}

/// Number of mel frames (10 ms) for so many trimmed samples: even, with the tail of silence.
pub(crate) fn mel_frames(samples: usize) -> usize {
    let frames = samples.div_ceil(HOP) + TAIL;
    frames + frames % 2
}

/// Nearest-rank quantile of unsorted values, without interpolation. `values` is left sorted.
pub(crate) fn quantile(values: &mut [f32], share: f64) -> f32 {
    values.sort_unstable_by(f32::total_cmp);
    let rank = (share * (values.len().saturating_sub(1)) as f64) as usize;
    values.get(rank).copied().unwrap_or(0.0)
}

/// A Hann window of the periodic kind.
fn hann(length: usize) -> Vec<f32> {
    (0..length).map(|i| (0.5 - 0.5 * (std::f64::consts::TAU * i as f64 / length as f64).cos()) as f32).collect()
}
