//! F0 by normalised autocorrelation (Boersma, 1993: divided by the window's own autocorrelation).

use std::sync::Arc;

use realfft::{ComplexToReal, RealFftPlanner, RealToComplex};

use super::hann;
use crate::audio::SAMPLE_RATE;

const WINDOW: usize = 640;
const FFT: usize = 2048;
const HOP: usize = 320;
const LOWEST_LAG: usize = (SAMPLE_RATE as usize) / 500;
const HIGHEST_LAG: usize = 213; // 75 Hz
const VOICED: f32 = 0.45;

pub(crate) struct PitchTracker {
    forward: Arc<dyn RealToComplex<f32>>,
    inverse: Arc<dyn ComplexToReal<f32>>,
    window: Vec<f32>,
    /// 1 / the window's own autocorrelation, for lags up to the highest and one more.
    correction: Vec<f32>,
    /// What longer lags lose: guards against octave errors.
    cost: Vec<f32>,
}

impl PitchTracker {
    pub(crate) fn new() -> Self {
        let mut planner = RealFftPlanner::new();
        let window = hann(WINDOW);
        let mut tracker = Self {
            forward: planner.plan_fft_forward(FFT),
            inverse: planner.plan_fft_inverse(FFT),
            correction: Vec::new(),
            cost: (0..=HIGHEST_LAG).map(|lag| 0.02 * (lag.max(1) as f32 / LOWEST_LAG as f32).log2()).collect(),
            window: window.clone(),
        };
        let mut input = vec![0.0; FFT];
        input[..WINDOW].copy_from_slice(&window);
        let own = tracker.correlate(&mut input);
        tracker.correction = own.iter().take(HIGHEST_LAG + 2).map(|value| own[0] / value).collect();
        tracker
    }

    /// Autocorrelation of `input` (which is used up). The lengths are the plans' own, so the FFT cannot fail.
    fn correlate(&self, input: &mut [f32]) -> Vec<f32> {
        let mut spectrum = self.forward.make_output_vec();
        let mut output = self.inverse.make_output_vec();
        let done = self.forward.process(input, &mut spectrum).and_then(|()| {
            for value in &mut spectrum {
                *value = realfft::num_complex::Complex::new(value.norm_sqr() / FFT as f32, 0.0);
            }
            self.inverse.process(&mut spectrum, &mut output)
        });
        if done.is_err() {
            output.fill(0.0);
        }
        output
    }

    /// F0 in octaves above 100 Hz every 20 ms, NaN where unvoiced.
    pub(crate) fn track(&self, samples: &[f32]) -> Vec<f32> {
        let count = samples.len().div_ceil(HOP).max(1);
        let mut input = vec![0.0f32; FFT];
        let mut found = Vec::with_capacity(count);
        for frame in 0..count {
            let centre = frame * HOP;
            for (offset, slot) in input[..WINDOW].iter_mut().enumerate() {
                let sample = (centre + offset).checked_sub(WINDOW / 2).and_then(|at| samples.get(at));
                *slot = sample.copied().unwrap_or(0.0);
            }
            let mean = input[..WINDOW].iter().sum::<f32>() / WINDOW as f32;
            for (slot, weight) in input.iter_mut().zip(&self.window) {
                *slot = (*slot - mean) * weight;
            }
            input[WINDOW..].fill(0.0);
            found.push(self.best_lag(&self.correlate(&mut input)));
        }
        let loudest = found.iter().map(|candidate| candidate.energy).fold(0.0, f32::max);
        found
            .into_iter()
            .map(|c| {
                let voiced = c.strength > VOICED && c.energy > loudest * 1e-4;
                if voiced { (SAMPLE_RATE as f32 / c.lag / 100.0).log2() } else { f32::NAN }
            })
            .collect()
    }

    fn best_lag(&self, raw: &[f32]) -> Candidate {
        let scale = 1.0 / raw[0].max(1e-9);
        let normal = |lag: usize| raw[lag] * scale * self.correction[lag];
        let mut best = (f32::MIN, LOWEST_LAG);
        for lag in LOWEST_LAG..=HIGHEST_LAG {
            let score = normal(lag) - self.cost[lag];
            if score > best.0 {
                best = (score, lag);
            }
        }
        let lag = best.1;
        let (before, at, after) = (normal(lag - 1), normal(lag), normal(lag + 1));
        let bend = before - 2.0 * at + after;
        let shift = if bend < -1e-9 { (0.5 * (before - after) / bend).clamp(-0.5, 0.5) } else { 0.0 };
        Candidate { lag: lag as f32 + shift, strength: at, energy: raw[0] }
    }
}

struct Candidate {
    lag: f32,
    strength: f32,
    energy: f32,
}
