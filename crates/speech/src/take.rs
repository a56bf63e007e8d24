//! A take: a recording that was made to be listened to. How loud it is, and what is wrong with it as a sound.
//!
//! Loudness is that of EBU R 128 (ITU-R BS.1770), true peaks included. What follows from the figures, the caller says.

use ebur128::{EbuR128, Mode};

use crate::audio::{Audio, SAMPLE_RATE};
use crate::evaluation::AudioQuality;
use crate::features::frame_energy;
use crate::quality;

/// Loudness is measured over blocks of 0.4 s, of which a single word fills none: shorter takes than this, in samples, are
/// measured as if they were played again and again.
const LEAST_MEASURED: usize = 3 * SAMPLE_RATE as usize;
/// Frames of 10 ms for which a background stands alone, to be told from the pauses within a word.
const BACKGROUND_FRAMES: usize = 15;
/// A background stays this close to its level, in dB; speech does not.
const BACKGROUND_SPREAD: f32 = 3.0;

/// What a take is like.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Take {
    /// Length, how much of it is speech, levels.
    pub quality: AudioQuality,
    /// Integrated loudness, LUFS; `None` where there is nothing to be heard.
    pub loudness: Option<f32>,
    /// The highest peak between the samples too, dB relative to full scale.
    pub true_peak: f32,
    /// Share of the original samples in peaks that are cut off, 0–1.
    pub flat: f32,
    /// There is enough background, and it is even enough, for `quality.snr_db` to mean anything: in a word that was cut
    /// out tightly the quietest moments are speech.
    pub background: bool,
}

/// Measures a take.
///
/// # Errors
/// If it cannot be measured, which no samples can cause.
pub fn measure(audio: &Audio) -> Result<Take, ebur128::Error> {
    let energy = frame_energy(audio.samples());
    let quality = quality::quality(audio, &energy);
    let mut meter = EbuR128::new(1, SAMPLE_RATE, Mode::I | Mode::TRUE_PEAK)?;
    let times = if audio.samples().is_empty() { 0 } else { LEAST_MEASURED.div_ceil(audio.samples().len()).max(1) };
    for _ in 0..times {
        meter.add_frames_f32(audio.samples())?;
    }
    let loudness = meter.loudness_global()?;
    Ok(Take {
        quality,
        loudness: (quality.speech_ms > 0 && loudness.is_finite()).then_some(loudness as f32),
        true_peak: 20.0 * (meter.true_peak(0)?.max(1e-5).log10() as f32),
        flat: audio.flat(),
        background: has_background(&energy),
    })
}

/// Whether there is a moment of nothing but an even background, at the level of the quietest tenth of the take.
fn has_background(energy: &[f32]) -> bool {
    let mut sorted = energy.to_vec();
    sorted.sort_by(f32::total_cmp);
    let Some(floor) = sorted.get(sorted.len() / 10) else { return false };
    energy
        .chunk_by(|one, next| [one, next].iter().all(|level| (*level - floor).abs() <= BACKGROUND_SPREAD))
        .any(|run| run.len() >= BACKGROUND_FRAMES)
}
