//! A recording in memory, ready for the model.

/// Sample rate of everything after decoding, Hz.
pub const SAMPLE_RATE: u32 = 16_000;

/// A decoded recording: mono, 16 kHz, finite samples, nominally −1…1.
#[derive(Debug, Clone, PartialEq)]
pub struct Audio {
    samples: Vec<f32>,
    clipped: f32,
    flat: f32,
}

impl Audio {
    /// A recording from mono samples at 16 kHz; what is not finite becomes silence.
    ///
    /// `clipped` is the share (0–1) of the *original* samples that stood at full scale, measured before resampling.
    pub fn new(mut samples: Vec<f32>, clipped: f32) -> Self {
        for sample in &mut samples {
            if !sample.is_finite() {
                *sample = 0.0;
            }
        }
        Self { samples, clipped, flat: 0.0 }
    }

    /// The same with what is known of flattened peaks: the share (0–1) of the *original* samples that stand at full scale
    /// with their neighbours.
    #[must_use]
    pub fn with_flat(self, flat: f32) -> Self {
        Self { flat, ..self }
    }

    /// The samples, 16 kHz mono.
    pub fn samples(&self) -> &[f32] {
        &self.samples
    }

    /// Share of the original samples at full scale, 0–1.
    pub fn clipped(&self) -> f32 {
        self.clipped
    }

    /// Share of the original samples in runs of three or more at full scale, 0–1. A peak may touch full scale; where it
    /// stays there, its top has been cut off.
    pub fn flat(&self) -> f32 {
        self.flat
    }

    /// Length in milliseconds.
    pub fn duration_ms(&self) -> u32 {
        (self.samples.len() as u64 * 1000 / u64::from(SAMPLE_RATE)) as u32
    }
}
