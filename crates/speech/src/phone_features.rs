//! What the scorer is told about each phone: how its frames fit, how long it lasts, what is around it.
//! The twin of `phone_features` in `training/ear/model.py`.

use std::ops::Range;

use crate::phone::CLASSES;
use crate::statistics::{Fit, SECONDS};

/// Numbers a phone.
pub(crate) const COUNT: usize = 8 + 2 * CLASSES;

/// Frame posteriors and frame vectors of one head, out of those of all heads.
pub(crate) struct Frames<'a> {
    /// T × heads × 40 log posteriors, row-major.
    pub(crate) log_posteriors: &'a [f32],
    /// T × heads × `width` vectors, row-major.
    pub(crate) vectors: &'a [f32],
    /// Length of a vector.
    pub(crate) width: usize,
    /// Which head.
    pub(crate) head: usize,
    /// How many there are.
    pub(crate) heads: usize,
}

impl Frames<'_> {
    /// Log posteriors of the frames of `span`.
    fn posteriors(&self, span: &Range<usize>) -> impl Iterator<Item = &[f32]> {
        self.rows(self.log_posteriors, CLASSES, span)
    }

    /// Vectors of the frames of `span`.
    fn vectors(&self, span: &Range<usize>) -> impl Iterator<Item = &[f32]> {
        self.rows(self.vectors, self.width, span)
    }

    fn rows<'a>(&self, all: &'a [f32], width: usize, span: &Range<usize>) -> impl Iterator<Item = &'a [f32]> {
        let step = self.heads * width;
        let own = self.head * width..(self.head + 1) * width;
        all[span.start * step..span.end * step].chunks_exact(step).map(move |row| &row[own.clone()])
    }
}

/// Features of all phones of an utterance for one head.
pub(crate) struct PhoneFeatures {
    /// P × 88, row-major.
    pub(crate) features: Vec<f32>,
    /// P × width: the frame vectors averaged over each phone, row-major.
    pub(crate) vectors: Vec<f32>,
    /// How well each phone fits.
    pub(crate) fits: Vec<Fit>,
}

/// Computes the features of the phones `classes` at `spans` (frames of 20 ms, in order).
pub(crate) fn phone_features(frames: &Frames<'_>, spans: &[Range<usize>], classes: &[usize]) -> PhoneFeatures {
    let mut result = PhoneFeatures {
        features: Vec::with_capacity(spans.len() * COUNT),
        vectors: Vec::with_capacity(spans.len() * frames.width),
        fits: Vec::with_capacity(spans.len()),
    };
    for (index, (span, &class)) in spans.iter().zip(classes).enumerate() {
        let scale = 1.0 / span.len().max(1) as f32;
        let mut mean_log = [0.0f32; CLASSES];
        let mut mean_posterior = [0.0f32; CLASSES];
        let (mut entropy, mut worst) = (0.0f32, 1e4f32);
        for row in frames.posteriors(span) {
            worst = worst.min(row[class]);
            for (k, &log) in row.iter().enumerate() {
                let posterior = log.exp();
                mean_log[k] += log * scale;
                mean_posterior[k] += posterior * scale;
                entropy -= posterior * log * scale;
            }
        }
        let own = mean_log[class];
        let others = mean_log.iter().enumerate().filter(|(k, _)| *k != class).map(|(_, &log)| log);
        let margin = own - others.fold(-1e4, f32::max);
        let pause = |from: usize, to: usize| (to.saturating_sub(from) as f32 * SECONDS).min(1.0);
        let before = index.checked_sub(1).map_or(0.0, |previous| pause(spans[previous].end, span.start));
        let after = spans.get(index + 1).map_or(0.0, |next| pause(span.end, next.start));
        let log_duration = (span.len().max(1) as f32 * SECONDS).ln();
        result.features.extend([own, margin, mean_posterior[class], worst, log_duration, before, after, entropy]);
        result.features.extend(mean_log.iter().map(|log| log - own));
        result.features.extend(mean_posterior);
        let start = result.vectors.len();
        result.vectors.resize(start + frames.width, 0.0);
        let mean = &mut result.vectors[start..];
        for vector in frames.vectors(span) {
            for (slot, value) in mean.iter_mut().zip(vector) {
                *slot += value * scale;
            }
        }
        result.fits.push(Fit { log_posterior: own, margin, entropy });
    }
    result
}
