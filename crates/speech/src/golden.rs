//! Holds the features against the numbers of the training code (`training/ear/golden.py` wrote `golden.json`).

use serde::Deserialize;

use crate::align::{Penalties, align};
use crate::features::{MELS, MelExtractor, PitchTracker, frame_energy, trim};
use crate::phone::{CLASSES, Phone};
use crate::phone_features::{COUNT, Frames, phone_features};
use crate::prompt::PromptWord;
use crate::statistics::{Tracks, utterance_statistics};

#[derive(Deserialize)]
struct Golden {
    trim: [usize; 2],
    energy: Vec<f32>,
    mel_shape: [usize; 2],
    mel: Vec<f32>,
    pitch: Vec<Option<f32>>,
    spans: Vec<[usize; 2]>,
    features: Vec<f32>,
    vectors: Vec<f32>,
    statistics: Vec<f32>,
}

fn golden() -> Golden {
    serde_json::from_str(include_str!("golden.json")).unwrap()
}

/// 2 s at 16 kHz: silence, a gliding voice with a gap in it, silence.
fn voice() -> Vec<f32> {
    let mut phase = 0.0f64;
    (0..32_000)
        .map(|i| {
            let t = f64::from(i) / 16_000.0;
            phase += std::f64::consts::TAU * (140.0 + 60.0 * (std::f64::consts::TAU * 0.7 * t).sin()) / 16_000.0;
            let harmonics: f64 = (1..13).map(|h| (f64::from(h) * phase).sin() / f64::from(h)).sum();
            let gate = (t > 0.5 && t < 0.9) || (t > 1.1 && t < 1.6);
            let hiss = 0.001 * (12_345.678 * t * t).sin();
            (0.1 * harmonics * f64::from(u8::from(gate)) + hiss) as f32
        })
        .collect()
}

fn posteriors(frames: usize) -> Vec<f32> {
    (0..frames)
        .flat_map(|t| {
            let logits: Vec<f64> = (0..CLASSES)
                .map(|k| {
                    let (time, class) = (t as f64, k as f64);
                    4.0 * (0.37 * time + 1.7 * class).sin() + 2.0 * (0.11 * time * (k % 7) as f64).sin()
                })
                .collect();
            let sum = logits.iter().map(|logit| logit.exp()).sum::<f64>().ln();
            logits.into_iter().map(move |logit| (logit - sum) as f32)
        })
        .collect()
}

fn words() -> Vec<PromptWord> {
    let word = |phones: &str| PromptWord {
        text: String::new(),
        pronunciations: vec![phones.split(' ').map(|phone| phone.parse::<Phone>().unwrap()).collect()],
    };
    ["DH IH0 S", "IH0 Z", "B EH1 T ER0"].map(word).to_vec()
}

#[track_caller]
fn close(found: impl IntoIterator<Item = f32>, expected: &[f32], tolerance: f32) {
    let found: Vec<f32> = found.into_iter().collect();
    assert_eq!(found.len(), expected.len());
    for (index, (a, b)) in found.iter().zip(expected).enumerate() {
        assert!((a - b).abs() <= tolerance, "value {index}: {a} here, {b} in training");
    }
}

#[test]
fn energy_and_trimming_are_those_of_training() {
    let (samples, golden) = (voice(), golden());
    let energy = frame_energy(&samples);
    close(energy.iter().copied().step_by(7), &golden.energy, 0.01);
    let range = trim(&samples, &energy);
    assert_eq!([range.start, range.end], golden.trim);
}

#[test]
fn log_mel_is_that_of_training() {
    let golden = golden();
    let mel = MelExtractor::new().extract(&voice()[golden.trim[0]..golden.trim[1]]);
    let frames = mel.len() / MELS;
    assert_eq!([MELS, frames], golden.mel_shape);
    let rows = mel.chunks_exact(frames).step_by(9);
    close(rows.flat_map(|row| row.iter().copied().step_by(11)), &golden.mel, 2e-3);
}

#[test]
fn pitch_is_that_of_training() {
    let golden = golden();
    let pitch = PitchTracker::new().track(&voice()[golden.trim[0]..golden.trim[1]]);
    assert_eq!(pitch.len(), golden.pitch.len());
    // A frame on the edge between voiced and not may fall to either side.
    let differing = pitch.iter().zip(&golden.pitch).filter(|(a, b)| a.is_nan() != b.is_none()).count();
    assert!(differing <= 1, "{differing} frames differ in voicing");
    for (a, b) in pitch.iter().zip(&golden.pitch) {
        if let (false, Some(b)) = (a.is_nan(), b) {
            assert!((a - b).abs() < 0.01, "{a} here, {b} in training");
        }
    }
}

#[test]
fn alignment_features_and_statistics_are_those_of_training() {
    let golden = golden();
    let samples = &voice()[golden.trim[0]..golden.trim[1]];
    let frames = golden.mel_shape[1] / 2;
    let log_posteriors = posteriors(frames);
    let words = words();
    let aligned = align(&log_posteriors, &[0.0; CLASSES], &words, &Penalties::forced(words.len()));
    let spans: Vec<_> = aligned.words.iter().flat_map(|word| word.spans.clone()).collect();
    assert_eq!(spans.iter().map(|span| [span.start, span.end]).collect::<Vec<_>>(), golden.spans);

    let vectors: Vec<f32> =
        (0..frames).flat_map(|t| (0..8).map(move |k| (0.23 * t as f64 + f64::from(k)).cos() as f32)).collect();
    let phones: Vec<Phone> = words.iter().flat_map(|word| word.pronunciations[0].clone()).collect();
    let classes: Vec<usize> = phones.iter().map(|phone| phone.index()).collect();
    let frames = Frames { log_posteriors: &log_posteriors, vectors: &vectors, width: 8, head: 0, heads: 1 };
    let found = phone_features(&frames, &spans, &classes);
    let rows = found.features.chunks_exact(COUNT);
    close(rows.flat_map(|row| row.iter().copied().step_by(3)), &golden.features, 2e-3);
    close(found.vectors.iter().copied(), &golden.vectors, 1e-3);

    let vowels: Vec<bool> = phones.iter().map(|phone| phone.is_vowel()).collect();
    let (energy, pitch) = (frame_energy(samples), PitchTracker::new().track(samples));
    let tracks = Tracks { energy: &energy, pitch: &pitch };
    close(utterance_statistics(&spans, &vowels, words.len(), &tracks, &found.fits), &golden.statistics, 0.01);
}
