//! How loud a take is and what is wrong with it, against sounds of which that is known.

use std::f32::consts::TAU;

use jiayin_speech::Audio;
use jiayin_speech::decode::{DecodeLimits, decode};
use jiayin_speech::take::{Take, measure};

use crate::wav::{self, Kind};

fn tone(hertz: f32, level: f32, ms: u32) -> Vec<f32> {
    (0..ms * 16).map(|index| (index as f32 * hertz * TAU / 16_000.0).sin() * level).collect()
}

fn noise(level: f32, ms: u32) -> Vec<f32> {
    let mut state = 1u32;
    // The constants of Numerical Recipes; the upper half is random enough.
    let mut next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 16) as f32 / 32_768.0 - 1.0
    };
    (0..ms * 16).map(|_| next() * level).collect()
}

fn of(samples: Vec<f32>) -> Take {
    measure(&Audio::new(samples, 0.0)).unwrap()
}

fn of_file(bytes: &[u8]) -> Take {
    measure(&decode(bytes, &DecodeLimits::default()).unwrap()).unwrap()
}

const READING: &[u8] = include_bytes!("../fixtures/speech.wav");

#[test]
fn a_tone_is_as_loud_as_the_standard_says() {
    // EBU Tech 3341: 1 kHz in both channels at −23 dBFS is −23 LUFS; in one channel 3 LU less.
    for (peak_db, ms) in [(-20.0f32, 5000), (-20.0, 3000), (-33.0, 5000)] {
        let take = of(tone(1000.0, 10f32.powf(peak_db / 20.0), ms));
        assert!((take.loudness.unwrap() - (peak_db - 3.01)).abs() < 0.1, "{peak_db} dB, {ms} ms: {take:?}");
        assert!((take.true_peak - peak_db).abs() < 0.2, "{take:?}");
    }
}

#[test]
fn a_short_word_is_as_loud_as_a_long_one() {
    let long = of(tone(500.0, 0.1, 4000)).loudness.unwrap();
    for ms in [150, 250, 390, 700, 1300] {
        let short = of(tone(500.0, 0.1, ms)).loudness.unwrap();
        assert!((short - long).abs() < 0.3, "{ms} ms: {short} against {long}");
    }
}

#[test]
fn a_peak_between_two_samples_is_seen() {
    // A quarter of the sample rate, a quarter off: all samples stand at 0.707 of the peak.
    let samples = (0..48_000).map(|index| ((index as f32 + 0.5) * TAU / 4.0).sin() * 0.5).collect();
    assert!((of(samples).true_peak + 6.02).abs() < 0.5);
}

#[test]
fn cut_off_peaks_are_counted_and_full_ones_are_not() {
    let flat = |level: f32, kind| {
        let samples: Vec<f32> = tone(300.0, level, 1000).into_iter().map(|sample| sample.clamp(-1.0, 1.0)).collect();
        of_file(&wav::write(&samples, 16_000, 1, kind)).flat
    };
    for kind in [Kind::I16, Kind::I24, Kind::F32] {
        assert_eq!(flat(0.5, kind), 0.0);
        assert!(flat(1.0, kind) < 1e-4, "its peaks only touch full scale: {}", flat(1.0, kind));
        assert!((0.1..0.8).contains(&flat(1.4, kind)), "{}", flat(1.4, kind));
    }
    assert_eq!(of_file(READING).flat, 0.0);
}

#[test]
fn silence_has_no_loudness() {
    for samples in [Vec::new(), vec![0.0; 200], vec![0.0; 48_000], noise(1e-4, 2000)] {
        let take = of(samples);
        assert_eq!((take.loudness, take.quality.speech_ms), (None, 0));
    }
}

#[test]
fn noise_is_heard_behind_speech_and_speech_is_not_taken_for_it() {
    let clean = decode(READING, &DecodeLimits::default()).unwrap();
    let with = |level| {
        let hiss = noise(level, clean.duration_ms());
        of(clean.samples().iter().zip(&hiss).map(|(voice, hiss)| voice + hiss).collect())
    };
    let (quiet, loud) = (of(clean.samples().to_vec()), with(0.03));
    assert!(quiet.quality.snr_db > 30.0, "{quiet:?}");
    assert!(loud.background && loud.quality.snr_db < 15.0, "{loud:?}");
    // A word cut out tightly has no background that could be judged.
    let word = of(clean.samples()[16_000..22_000].to_vec());
    assert!(!word.background, "{word:?}");
}
