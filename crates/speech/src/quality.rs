//! What a recording is like before anyone looks at the words.

use crate::audio::Audio;
use crate::evaluation::AudioQuality;
use crate::features::{Activity, Levels};

/// Below this loudest level (dB relative to full scale) nothing was recorded.
pub(crate) const SILENT_BELOW: f32 = -58.0;

/// Measures a recording; `energy` is in dB every 10 ms.
pub(crate) fn quality(audio: &Audio, energy: &[f32]) -> AudioQuality {
    let levels = Levels::of(energy);
    let activity = Activity::of(energy);
    let power = |level: f32| 10f32.powf(level / 10.0);
    let count = activity.frames().max(1) as f32;
    let speech = activity.indices().map(|index| power(energy[index])).sum::<f32>() / count;
    let silent = activity.frames() == 0 || levels.peak < SILENT_BELOW;
    AudioQuality {
        duration_ms: audio.duration_ms(),
        speech_ms: if silent { 0 } else { activity.frames() as u32 * 10 },
        level_db: round(if silent { levels.peak } else { 10.0 * speech.max(1e-10).log10() }),
        snr_db: round(if silent { 0.0 } else { 10.0 * (speech / power(levels.floor)).max(1e-3).log10() }),
        clipped: (audio.clipped() * 1e4).round() / 1e4,
    }
}

/// One decimal is more than anyone can hear.
fn round(db: f32) -> f32 {
    (db * 10.0).round() / 10.0
}
