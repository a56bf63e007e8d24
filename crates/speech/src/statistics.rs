//! Numbers about a whole utterance: rate, pauses, rhythm, fit, energy and pitch. The twin of
//! `training/ear/statistics.py`.

use std::ops::Range;

use crate::features::{Levels, quantile};

/// How many there are.
pub(crate) const COUNT: usize = 28;
/// Length of an encoder frame, seconds.
pub(crate) const SECONDS: f32 = 0.02;

/// How well a phone's frames fit it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Fit {
    /// Mean log posterior of the canonical phone.
    pub(crate) log_posterior: f32,
    /// Its distance to the best other phone.
    pub(crate) margin: f32,
    /// Mean entropy of the frames' posteriors, nats.
    pub(crate) entropy: f32,
}

/// Tracks of the trimmed recording, independent of the prompt.
pub(crate) struct Tracks<'a> {
    /// dB every 10 ms.
    pub(crate) energy: &'a [f32],
    /// Octaves above 100 Hz every 20 ms, NaN where unvoiced.
    pub(crate) pitch: &'a [f32],
}

/// The statistics of an utterance whose phones lie at `spans` (encoder frames of 20 ms, in order, at least one), of
/// which `vowels` are vowels.
pub(crate) fn utterance_statistics(
    spans: &[Range<usize>],
    vowels: &[bool],
    words: usize,
    tracks: &Tracks<'_>,
    fits: &[Fit],
) -> [f32; COUNT] {
    let (Some(first), Some(last)) = (spans.first(), spans.last()) else {
        return [0.0; COUNT];
    };
    let durations: Vec<f32> = spans.iter().map(|span| span.len() as f32 * SECONDS).collect();
    let total = ((last.end - first.start) as f32 * SECONDS).max(SECONDS);
    let pauses: Vec<f32> = spans
        .windows(2)
        .filter(|pair| pair[1].start > pair[0].end)
        .map(|pair| (pair[1].start - pair[0].end) as f32 * SECONDS)
        .collect();
    let logs: Vec<f32> = durations.iter().map(|seconds| seconds.ln()).collect();
    let of_vowels = |values: &[f32]| -> Vec<f32> {
        let chosen: Vec<f32> =
            values.iter().zip(vowels).filter(|(_, vowel)| **vowel).map(|(value, _)| *value).collect();
        if chosen.is_empty() { values.to_vec() } else { chosen }
    };
    let vowel_logs = of_vowels(&logs);
    let neighbours: Vec<f32> =
        of_vowels(&durations).windows(2).map(|pair| (pair[1] - pair[0]).abs() / ((pair[1] + pair[0]) / 2.0)).collect();
    let mut fit: Vec<f32> = fits.iter().map(|fit| fit.log_posterior).collect();
    let words = words as f32;
    let longer = |seconds: f32| pauses.iter().filter(|&&pause| pause > seconds).count() as f32 / words;
    let loudness = loudness(tracks.energy, 2 * first.start..2 * last.end);
    let pitch = pitch(tracks.pitch, first.start..last.end);
    [
        durations.len() as f32 / total,
        durations.len() as f32 / durations.iter().sum::<f32>(),
        words / total,
        total.ln(),
        longer(0.1),
        longer(0.3),
        mean(&pauses),
        pauses.iter().copied().fold(0.0, f32::max),
        pauses.iter().sum::<f32>() / total,
        mean(&logs),
        deviation(&logs),
        mean(&vowel_logs),
        deviation(&vowel_logs),
        mean(&neighbours),
        mean(&fit),
        quantile(&mut fit, 0.1),
        fit.first().copied().unwrap_or(0.0), // sorted by now: the least
        fits.iter().map(|fit| fit.margin).sum::<f32>() / fits.len() as f32,
        fits.iter().map(|fit| fit.entropy).sum::<f32>() / fits.len() as f32,
        loudness[0],
        loudness[1],
        loudness[2],
        pitch[0],
        pitch[1],
        pitch[2],
        pitch[3],
        pitch[4],
        words.ln(),
    ]
}

/// Range and spread of the loud frames within `inside` (steps of 10 ms), and how far the peak stands above them.
fn loudness(energy: &[f32], inside: Range<usize>) -> [f32; 3] {
    let levels = Levels::of(energy);
    let end = inside.end.max(inside.start + 1).min(energy.len());
    let inside = energy.get(inside.start..end).filter(|part| !part.is_empty());
    let inside = inside.or_else(|| energy.get(energy.len().saturating_sub(1)..)).unwrap_or(&[]);
    let mut loud: Vec<f32> = inside.iter().copied().filter(|&level| level >= levels.threshold).collect();
    if loud.is_empty() {
        loud = inside.to_vec();
    }
    let range = quantile(&mut loud, 0.95) - quantile(&mut loud, 0.1);
    [range, deviation(&loud), levels.peak - mean(&loud)]
}

/// Median, spread, range, slope at the end, and share of voiced frames within `inside` (frames of 20 ms).
fn pitch(track: &[f32], inside: Range<usize>) -> [f32; 5] {
    let voice = track.get(inside.start.min(track.len())..inside.end.min(track.len())).unwrap_or(&[]);
    let voiced: Vec<f32> = voice.iter().copied().filter(|octaves| !octaves.is_nan()).collect();
    let share = voiced.len() as f32 / voice.len().max(1) as f32;
    if voiced.len() < 5 {
        return [1.0, 0.0, 0.0, 0.0, share];
    }
    let mut sorted = voiced.clone();
    let middle = quantile(&mut sorted, 0.5);
    let range = quantile(&mut sorted, 0.9) - quantile(&mut sorted, 0.1);
    let kept: Vec<f32> = voiced.into_iter().filter(|octaves| (octaves - middle).abs() < 0.7).collect();
    let end = &kept[kept.len().saturating_sub(15)..];
    [middle, deviation(&kept), range, slope(end), share]
}

/// Least-squares slope per step; 0 for fewer than five values.
fn slope(values: &[f32]) -> f32 {
    if values.len() < 5 {
        return 0.0;
    }
    let centre = (values.len() - 1) as f32 / 2.0;
    let steps = || (0..values.len()).map(|step| step as f32 - centre);
    let product: f32 = steps().zip(values).map(|(step, value)| step * value).sum();
    product / steps().map(|step| step * step).sum::<f32>()
}

fn mean(values: &[f32]) -> f32 {
    if values.is_empty() { 0.0 } else { values.iter().sum::<f32>() / values.len() as f32 }
}

/// Standard deviation of the population.
fn deviation(values: &[f32]) -> f32 {
    let middle = mean(values);
    let squares: f32 = values.iter().map(|value| (value - middle) * (value - middle)).sum();
    if values.is_empty() { 0.0 } else { (squares / values.len() as f32).sqrt() }
}
