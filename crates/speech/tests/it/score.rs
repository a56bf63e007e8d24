//! The scorer as a whole, on real recordings and on what is no reading at all.

use std::f64::consts::TAU;

use jiayin_speech::decode::{DecodeLimits, decode};
use jiayin_speech::evaluation::{Evaluation, Miscue, Verdict};
use jiayin_speech::prompt::{Prompt, PromptError};
use jiayin_speech::scorer::MAX_SPEECH_MS;
use jiayin_speech::{Audio, Scorer};
use proptest::prelude::*;

use crate::SCORER;

const READINGS: [(&[u8], &str); 4] = [
    (include_bytes!("../fixtures/readings/child-good.opus"), "Tom likes the old sweater."),
    (include_bytes!("../fixtures/readings/child-weak.opus"), "Lilly is an expert at golf."),
    (include_bytes!("../fixtures/readings/adult-good.opus"), "It should be a good night."),
    (include_bytes!("../fixtures/readings/adult-weak.opus"), "He was at a better place."),
];

fn audio(bytes: &[u8]) -> Audio {
    decode(bytes, &DecodeLimits::default()).unwrap()
}

fn score(audio: &Audio, text: &str) -> Evaluation {
    SCORER.score(audio, &SCORER.prompt(text).unwrap()).unwrap()
}

/// What holds for every evaluation.
fn check(evaluation: &Evaluation, prompt: &Prompt, duration_ms: u32) {
    let scores = evaluation.scores;
    for value in [scores.accuracy, scores.fluency, scores.prosody, scores.completeness, scores.total] {
        assert!((0.0..=100.0).contains(&value), "{scores:?}");
    }
    let words: Vec<_> = evaluation.words.iter().filter(|word| word.miscue != Miscue::Insertion).collect();
    assert_eq!(words.len(), prompt.words().len());
    let mut at = 0;
    for (word, expected) in words.iter().zip(prompt.words()) {
        assert_eq!(word.text, expected.text);
        let said: Vec<_> = word.phones.iter().map(|phone| phone.phone).collect();
        assert!(expected.pronunciations.contains(&said), "{said:?}");
        for value in [word.accuracy, word.stress, word.total] {
            assert!((0.0..=100.0).contains(&value));
        }
        for phone in &word.phones {
            assert!((0.0..=100.0).contains(&phone.accuracy));
            assert!(phone.start_ms >= at && phone.end_ms >= phone.start_ms, "{phone:?} after {at}");
            assert!(phone.flagged || phone.heard.is_none());
            at = phone.start_ms;
        }
    }
    // The model is given some silence behind the recording, and a phone may end in it.
    assert!(evaluation.words.iter().all(|word| word.end_ms <= duration_ms + 500));
    if evaluation.verdict != Verdict::Scored {
        assert_eq!(evaluation.scores, Default::default());
    }
}

#[test]
fn real_readings_are_scored() {
    for (bytes, text) in READINGS {
        let audio = audio(bytes);
        let found = score(&audio, text);
        assert_eq!(found.verdict, Verdict::Scored, "{text}");
        assert!(found.scores.total > 20.0, "{text}: {:?}", found.scores);
        assert_eq!(found.scores.completeness, 100.0, "{text}");
        assert!(found.audio.speech_ms > 500 && found.audio.snr_db > 5.0, "{:?}", found.audio);
        check(&found, &SCORER.prompt(text).unwrap(), audio.duration_ms());
    }
}

#[test]
fn good_readings_beat_weak_ones() {
    let total = |index: usize| score(&audio(READINGS[index].0), READINGS[index].1).scores.total;
    assert!(total(0) > total(1), "children");
    assert!(total(2) > total(3), "adults");
}

#[test]
fn words_take_most_of_the_speech() {
    for (bytes, text) in READINGS {
        let found = score(&audio(bytes), text);
        let spoken: u32 = found.words.iter().map(|word| word.end_ms - word.start_ms).sum();
        let span = found.words.last().unwrap().end_ms - found.words[0].start_ms;
        assert!(spoken * 2 > span, "{text}: {spoken} of {span} ms");
        // Loudness alone finds about as much speech as the words cover.
        assert!(f64::from(spoken) > 0.6 * f64::from(found.audio.speech_ms), "{spoken}, {:?}", found.audio);
    }
}

#[test]
fn another_sentence_is_the_wrong_text() {
    for (index, (bytes, _)) in READINGS.iter().enumerate() {
        for (other, (_, text)) in READINGS.iter().enumerate().filter(|(other, _)| *other != index) {
            let found = score(&audio(bytes), text);
            assert_ne!(found.verdict, Verdict::Scored, "reading {index} against text {other}: {:?}", found.scores);
        }
    }
}

#[test]
fn half_a_reading_is_no_good_reading() {
    let whole = score(&audio(READINGS[2].0), READINGS[2].1).scores.total;
    let half = score(&audio(READINGS[2].0), "It should be a good night to look for stars over the quiet sea.");
    assert!(half.scores.total < 0.75 * whole, "{} of {whole}", half.scores.total);
    let cut = audio(READINGS[2].0);
    let cut = Audio::new(cut.samples()[..cut.samples().len() / 2].to_vec(), 0.0);
    let found = score(&cut, READINGS[2].1);
    assert!(found.scores.total < 0.75 * whole, "{} of {whole}", found.scores.total);
}

#[test]
fn any_number_of_threads_gives_the_same() {
    let inputs: Vec<(Audio, Prompt)> =
        READINGS.iter().map(|(bytes, text)| (audio(bytes), SCORER.prompt(text).unwrap())).collect();
    let all = || inputs.iter().map(|(audio, prompt)| SCORER.score(audio, prompt).unwrap()).collect::<Vec<_>>();
    let alone = all();
    std::thread::scope(|scope| {
        let running: Vec<_> = (0..4).map(|_| scope.spawn(all)).collect();
        for thread in running {
            assert_eq!(thread.join().unwrap(), alone);
        }
    });
}

#[test]
fn loudness_does_not_count() {
    for (bytes, text) in READINGS {
        let original = audio(bytes);
        let total = score(&original, text).scores.total;
        for decibels in [-12.0f32, -6.0, 6.0, 12.0] {
            let factor = 10f32.powf(decibels / 20.0);
            let changed = original.samples().iter().map(|sample| sample * factor).collect();
            let other = score(&Audio::new(changed, 0.0), text).scores.total;
            assert!((total - other).abs() < 3.0, "{text} at {decibels} dB: {other}, not {total}");
        }
    }
}

#[test]
fn silence_before_the_speech_does_not_count() {
    for (bytes, text) in READINGS {
        let original = audio(bytes);
        let found = score(&original, text);
        let mut samples = vec![0.0; 16_000];
        samples.extend(original.samples());
        let later = score(&Audio::new(samples, 0.0), text);
        let difference = (found.scores.total - later.scores.total).abs();
        assert!(difference < 3.0, "{text}: {} and {}", found.scores.total, later.scores.total);
        let moved = later.words[0].start_ms.abs_diff(found.words[0].start_ms + 1000);
        assert!(moved <= 60, "{text}: the first word moved {moved} ms too far");
    }
}

/// Something that is not speech: 0 silence, 1 white noise, 2 low-passed noise, 3 hum, 4 tone, 5 glide, 6 bursts,
/// 7 a tune.
fn not_speech(kind: u8, pitch: f64, level: f64, seconds: f64) -> Audio {
    let mut state = 0x2545_F491_4F6C_DD1Du64;
    let mut noise = move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 11) as f64 / (1u64 << 52) as f64 - 1.0
    };
    let mut low = 0.0;
    let samples = (0..(seconds * 16_000.0) as usize).map(|index| {
        let t = index as f64 / 16_000.0;
        let wave = match kind {
            0 => 0.0,
            1 => noise(),
            2 => {
                low += 0.1 * (noise() - low);
                3.0 * low
            }
            3 => [1.0, 2.0, 3.0].iter().map(|h| (TAU * 50.0 * h * t).sin() / h).sum::<f64>() / 1.8,
            4 => (TAU * pitch * t).sin(),
            5 => (TAU * (pitch * t + 60.0 * t * t)).sin(),
            6 => noise() * (TAU * 4.0 * t).sin().max(0.0).powi(3),
            _ => {
                let note = pitch * 2f64.powf((((t * 3.0) as u32 * 5) % 12) as f64 / 12.0);
                (1..5).map(|h| (TAU * note * f64::from(h) * t).sin() / f64::from(h)).sum::<f64>() / 2.0
            }
        };
        (wave * level) as f32
    });
    Audio::new(samples.collect(), 0.0)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn what_is_not_speech_is_never_scored(
        kind in 0u8..8, pitch in 90.0..1500.0f64, level in 0.002..0.9f64, seconds in 0.5..5.0f64, text in 0usize..4,
    ) {
        let found = score(&not_speech(kind, pitch, level, seconds), READINGS[text].1);
        prop_assert_ne!(found.verdict, Verdict::Scored, "kind {}, {:?}", kind, found.scores);
    }
}

#[test]
fn very_short_and_very_long() {
    let text = "We call it bear";
    for samples in [0, 1, 100, 1600] {
        let found = score(&Audio::new(vec![0.1; samples], 0.0), text);
        assert!(matches!(found.verdict, Verdict::TooShort | Verdict::NoSpeech), "{samples}: {:?}", found.verdict);
    }
    let reading = audio(READINGS[0].0);
    let long: Vec<f32> = reading.samples().iter().copied().cycle().take(16 * (MAX_SPEECH_MS as usize + 2000)).collect();
    assert_eq!(score(&Audio::new(long, 0.0), text).verdict, Verdict::TooLong);
    let found = score(&Audio::new(reading.samples()[3000..6000].to_vec(), 0.0), &"a long sentence ".repeat(30));
    assert_ne!(found.verdict, Verdict::Scored);
}

#[test]
fn a_paragraph_of_a_minute_is_heard_as_its_sentences_are() {
    let (mut samples, mut text, mut alone) = (Vec::new(), Vec::new(), Vec::new());
    // The good readings, over and over, with a breath between them.
    for (bytes, sentence) in [READINGS[0], READINGS[2]].into_iter().cycle() {
        let reading = audio(bytes);
        if samples.len() + reading.samples().len() > 60 * 16_000 || alone.len() + 5 > 115 {
            break;
        }
        samples.extend_from_slice(reading.samples());
        text.push(sentence);
        alone.extend(score(&reading, sentence).words.iter().map(|word| word.accuracy));
    }
    let text = text.join(" ");
    let prompt = SCORER.prompt(&text).unwrap();
    let long = Audio::new(samples, 0.0);
    assert!(long.duration_ms() > 30_000, "{} ms", long.duration_ms());
    let found = SCORER.score(&long, &prompt).unwrap();
    check(&found, &prompt, long.duration_ms());
    assert_eq!(found.verdict, Verdict::Scored);
    let said: Vec<_> = found.words.iter().filter(|word| word.miscue == Miscue::None).collect();
    assert!(said.len() * 10 >= alone.len() * 9, "{} of {} words were found", said.len(), alone.len());
    let mean = |values: &[f32]| values.iter().sum::<f32>() / values.len() as f32;
    let (whole, parts) = (mean(&said.iter().map(|word| word.accuracy).collect::<Vec<_>>()), mean(&alone));
    assert!((whole - parts).abs() < 12.0, "{whole} as a whole, {parts} alone");
    assert_eq!(SCORER.score(&long, &prompt).unwrap(), found, "the same again");
}

#[test]
fn samples_that_are_no_numbers_are_silence() {
    let mut samples = audio(READINGS[0].0).samples().to_vec();
    samples[100] = f32::NAN;
    samples[200] = f32::INFINITY;
    assert_eq!(score(&Audio::new(samples, 0.0), READINGS[0].1).verdict, Verdict::Scored);
}

#[test]
fn phones_of_the_caller_are_kept() {
    let phones = ["T AA0 M", "L AY0 K S", "DH AH0", "OW0 L D", "S W EH1 T ER0"];
    let phones = phones.map(|word| word.split(' ').map(|phone| phone.parse().unwrap()).collect()).to_vec();
    let prompt = Prompt::with_phones("TOM LIKES THE OLD SWEATER", phones).unwrap();
    let found = SCORER.score(&audio(READINGS[0].0), &prompt).unwrap();
    check(&found, &prompt, 10_000);
    assert_eq!(found.verdict, Verdict::Scored);
    let wrong = Prompt::with_phones("TOM LIKES", vec![vec![]]);
    assert_eq!(wrong, Err(PromptError::PhonesMismatch { words: 2, phones: 1 }));
}

#[test]
fn rubbish_is_no_model() {
    for bytes in
        [&b""[..], b"JYEAR\0\0\x02", b"JYEAR\0\0\x02\xff\xff\xff\xff{}", b"JYEAR\0\0\x02\x02\0\0\0{}", b"RIFF1234"]
    {
        assert!(Scorer::load(bytes).is_err());
    }
}
