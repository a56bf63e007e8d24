//! Loudness over time, and where speech is.

use std::ops::Range;

use super::{HOP, WINDOW, quantile};

/// Energy in dB of frames of 25 ms every 10 ms; at least one.
pub(crate) fn frame_energy(samples: &[f32]) -> Vec<f32> {
    let mut sums = Vec::with_capacity(samples.len().max(WINDOW) + 1);
    let mut sum = 0.0f64;
    sums.push(sum);
    for &sample in samples {
        sum += f64::from(sample) * f64::from(sample);
        sums.push(sum);
    }
    sums.resize(sums.len().max(WINDOW + 1), sum);
    (0..sums.len() - WINDOW)
        .step_by(HOP)
        .map(|start| (10.0 * ((sums[start + WINDOW] - sums[start]) / WINDOW as f64 + 1e-10).log10()) as f32)
        .collect()
}

/// Loudness landmarks of a recording, dB relative to full scale.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Levels {
    /// Frames at or above this count as speech.
    pub(crate) threshold: f32,
    /// The background.
    pub(crate) floor: f32,
    /// The loudest 70 ms.
    pub(crate) peak: f32,
}

impl Levels {
    pub(crate) fn of(energy: &[f32]) -> Self {
        let smooth = |window: &[f32]| window.iter().sum::<f32>() / window.len() as f32;
        let peak = match energy.len() {
            0 => -100.0,
            1..=4 => energy.iter().copied().fold(f32::MIN, f32::max),
            _ => energy.windows(5).map(smooth).fold(f32::MIN, f32::max),
        };
        // Digital silence says nothing about the background.
        let mut alive: Vec<f32> = energy.iter().copied().filter(|&level| level > peak - 70.0).collect();
        let floor = quantile(&mut alive, 0.10);
        let threshold = (floor + 6.0).max(peak - 40.0).min(peak - 12.0);
        Self { threshold, floor, peak }
    }
}

/// Which frames of 10 ms are speech, judged by loudness alone.
pub(crate) struct Activity {
    runs: Vec<Range<usize>>,
}

impl Activity {
    pub(crate) fn of(energy: &[f32]) -> Self {
        let threshold = Levels::of(energy).threshold;
        let mut runs = Vec::new();
        let mut start = None;
        for (index, &level) in energy.iter().chain(std::iter::once(&f32::MIN)).enumerate() {
            match (level >= threshold, start) {
                (true, None) => start = Some(index),
                (false, Some(first)) => {
                    // Shorter runs are clicks.
                    if index - first >= 3 {
                        runs.push(first..index);
                    }
                    start = None;
                }
                _ => {}
            }
        }
        Self { runs }
    }

    /// From the first to the last frame of speech.
    pub(crate) fn span(&self) -> Option<Range<usize>> {
        Some(self.runs.first()?.start..self.runs.last()?.end)
    }

    /// Number of frames in all.
    pub(crate) fn frames(&self) -> usize {
        self.runs.iter().map(ExactSizeIterator::len).sum()
    }

    /// The frames' indices.
    pub(crate) fn indices(&self) -> impl Iterator<Item = usize> + '_ {
        self.runs.iter().cloned().flatten()
    }
}
