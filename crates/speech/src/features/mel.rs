//! Levelled log-mel spectrum, after Whisper (Radford et al., 2022, section 2.2).

use std::sync::Arc;

use realfft::{RealFftPlanner, RealToComplex};

use super::{HOP, WINDOW, hann, mel_frames};
use crate::audio::SAMPLE_RATE;

/// Number of mel bands.
pub(crate) const MELS: usize = 80;
/// log10 of the loudest mel cell after levelling.
const LOUDEST: f32 = 1.5;
const RANGE: f32 = 8.0;
const BINS: usize = WINDOW / 2 + 1;

/// One triangular filter: the first bin it looks at, and its weights.
struct Filter {
    first: usize,
    weights: Vec<f32>,
}

pub(crate) struct MelExtractor {
    filters: Vec<Filter>,
    window: Vec<f32>,
    fft: Arc<dyn RealToComplex<f32>>,
}

impl MelExtractor {
    pub(crate) fn new() -> Self {
        Self { filters: filters(), window: hann(WINDOW), fft: RealFftPlanner::new().plan_fft_forward(WINDOW) }
    }

    /// Log-mel of trimmed samples, band by band: 80 × frames, row-major. Frame `i` is centred on sample 160 `i`; there
    /// are zeros outside.
    pub(crate) fn extract(&self, samples: &[f32]) -> Vec<f32> {
        let frames = mel_frames(samples.len());
        let mut mel = vec![0.0f32; MELS * frames];
        let mut input = self.fft.make_input_vec();
        let mut spectrum = self.fft.make_output_vec();
        let mut scratch = self.fft.make_scratch_vec();
        let mut power = vec![0.0f32; BINS];
        let mut loudest = f32::MIN;
        for frame in 0..frames {
            let centre = frame * HOP;
            for (offset, (slot, weight)) in input.iter_mut().zip(&self.window).enumerate() {
                let sample = (centre + offset).checked_sub(WINDOW / 2).and_then(|at| samples.get(at));
                *slot = sample.copied().unwrap_or(0.0) * weight;
            }
            // The lengths come from the plan itself, so this cannot fail; silence would be the result if it did.
            if self.fft.process_with_scratch(&mut input, &mut spectrum, &mut scratch).is_err() {
                spectrum.fill(Default::default());
            }
            for (slot, value) in power.iter_mut().zip(&spectrum) {
                *slot = value.norm_sqr();
            }
            for (band, filter) in self.filters.iter().enumerate() {
                let bins = &power[filter.first..];
                let energy: f32 = filter.weights.iter().zip(bins).map(|(weight, bin)| weight * bin).sum();
                let level = energy.max(1e-10).log10();
                loudest = loudest.max(level);
                mel[band * frames + frame] = level;
            }
        }
        for level in &mut mel {
            *level = (level.max(loudest - RANGE) - loudest + LOUDEST + 4.0) / 4.0;
        }
        mel
    }
}

/// Slaney's mel scale (Auditory Toolbox, 1998): linear below 1 kHz, logarithmic above.
fn to_hz(mel: f64) -> f64 {
    if mel >= 15.0 { 1000.0 * ((6.4f64.ln() / 27.0) * (mel - 15.0)).exp() } else { mel * 200.0 / 3.0 }
}

fn filters() -> Vec<Filter> {
    let top = 15.0 + 8.0f64.ln() / (6.4f64.ln() / 27.0);
    let points: Vec<f64> = (0..MELS + 2).map(|i| to_hz(top * i as f64 / (MELS + 1) as f64)).collect();
    points
        .windows(3)
        .map(|edge| {
            let weight = |bin: usize| {
                let f = bin as f64 * f64::from(SAMPLE_RATE) / WINDOW as f64;
                let rising = (f - edge[0]) / (edge[1] - edge[0]);
                let falling = (edge[2] - f) / (edge[2] - edge[1]);
                (rising.min(falling).max(0.0) * 2.0 / (edge[2] - edge[0])) as f32
            };
            let used: Vec<usize> = (0..BINS).filter(|&bin| weight(bin) > 0.0).collect();
            let first = used.first().copied().unwrap_or(0);
            let past = used.last().map_or(0, |last| last + 1);
            Filter { first, weights: (first..past).map(weight).collect() }
        })
        .collect()
}
