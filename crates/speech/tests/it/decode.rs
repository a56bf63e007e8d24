//! Every format that a browser or a phone writes, decoded to the same recording.

use std::time::Duration;

use jiayin_speech::Audio;
use jiayin_speech::decode::{DecodeError, DecodeLimits, decode};

use crate::timed;
use crate::wav::{self, Kind};

/// The fixtures of one recording, and the length of each in ms as ffmpeg decodes it.
const FORMATS: [(&str, &[u8], u32); 11] = [
    ("wav", include_bytes!("../fixtures/speech.wav"), 3276),
    ("flac", include_bytes!("../fixtures/speech.flac"), 3276),
    ("mp3", include_bytes!("../fixtures/speech.mp3"), 3276),
    ("m4a", include_bytes!("../fixtures/speech.m4a"), 3276),
    ("fragmented mp4", include_bytes!("../fixtures/speech-fragmented.mp4"), 3276),
    ("adts", include_bytes!("../fixtures/speech.aac"), 3306),
    ("ogg opus", include_bytes!("../fixtures/speech.opus"), 3276),
    ("ogg vorbis", include_bytes!("../fixtures/speech.ogg"), 3276),
    ("mp4 opus", include_bytes!("../fixtures/speech-opus.mp4"), 3293),
    ("live webm", include_bytes!("../fixtures/speech-live.webm"), 3276),
    ("chromium webm", include_bytes!("../fixtures/speech-chromium.webm"), 4800),
];

fn decoded(bytes: &[u8]) -> Result<Audio, DecodeError> {
    decode(bytes, &DecodeLimits::default())
}

fn reference() -> Audio {
    decoded(FORMATS[0].1).unwrap()
}

/// Best correlation of `b` with `a` over shifts of up to `reach` samples either way, and the shift.
fn correlation(a: &[f32], b: &[f32], reach: isize) -> (f64, isize) {
    let at = |shift: isize| {
        let (mut ab, mut aa, mut bb) = (0.0f64, 0.0f64, 0.0f64);
        for (i, x) in a.iter().enumerate() {
            let y = usize::try_from(i as isize + shift).ok().and_then(|j| b.get(j)).copied().unwrap_or(0.0);
            let (x, y) = (f64::from(*x), f64::from(y));
            ab += x * y;
            aa += x * x;
            bb += y * y;
        }
        ab / (aa * bb).sqrt().max(1e-12)
    };
    (-reach..=reach).map(|shift| (at(shift), shift)).max_by(|x, y| x.0.total_cmp(&y.0)).unwrap()
}

#[test]
fn every_format_gives_the_same_recording() {
    let reference = reference();
    for (name, bytes, expected_ms) in FORMATS {
        let audio = decoded(bytes).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert!(audio.duration_ms().abs_diff(expected_ms) <= 30, "{name}: {} ms", audio.duration_ms());
        // Chromium's fake microphone began a second before the speech.
        let start = if name == "chromium webm" { 15_600 } else { 0 };
        let (best, shift) = correlation(reference.samples(), &audio.samples()[start..], 1200);
        println!("{name}: {} ms, correlation {best:.4} at {shift}", audio.duration_ms());
        assert!(best > 0.95, "{name}: correlation {best} at {shift}");
        assert_eq!(audio.clipped(), 0.0, "{name}");
    }
}

#[test]
fn every_flavour_of_wav() {
    let reference = reference();
    for kind in [Kind::U8, Kind::I16, Kind::I24, Kind::I32, Kind::F32, Kind::F64] {
        for channels in [1, 2, 5] {
            let audio = decoded(&wav::write(reference.samples(), 16_000, channels, kind)).unwrap();
            assert_eq!(audio.samples().len(), reference.samples().len(), "{kind:?} x{channels}");
            let (best, shift) = correlation(reference.samples(), audio.samples(), 2);
            assert!(best > 0.99 && shift == 0, "{kind:?} x{channels}: {best} at {shift}");
        }
    }
}

#[test]
fn eight_bit_eight_kilohertz_stereo() {
    let audio = decoded(&wav::write(&wav::tone(8_000, 0.8), 8_000, 2, Kind::U8)).unwrap();
    assert_eq!(audio.duration_ms(), 800);
    let (best, shift) = correlation(&wav::tone(16_000, 0.8), audio.samples(), 3);
    assert!(best > 0.99 && shift == 0, "{best} at {shift}");
}

#[test]
fn what_is_not_a_number_is_silence() {
    let mut samples = wav::tone(16_000, 0.5);
    samples[100] = f32::NAN;
    samples[200] = f32::INFINITY;
    samples[300] = -3e38;
    for rate in [16_000, 48_000] {
        let audio = decoded(&wav::write(&samples, rate, 1, Kind::F32)).unwrap();
        assert!(audio.samples().iter().all(|sample| sample.is_finite() && sample.abs() < 8.0));
    }
}

#[test]
fn clipping_is_counted_before_resampling() {
    let mut samples = wav::tone(44_100, 1.0);
    samples.iter_mut().take(4_410).for_each(|sample| *sample = 1.0);
    let audio = decoded(&wav::write(&samples, 44_100, 2, Kind::I16)).unwrap();
    assert!((audio.clipped() - 0.1).abs() < 0.001, "{}", audio.clipped());
}

#[test]
fn a_tenth_of_a_second_is_kept() {
    for rate in [8_000, 16_000, 44_100, 48_000] {
        let audio = decoded(&wav::write(&wav::tone(rate, 0.1), rate, 1, Kind::I16)).unwrap();
        assert!((99..=101).contains(&audio.duration_ms()), "{rate}: {}", audio.duration_ms());
    }
}

#[test]
fn too_long_is_refused_without_decoding_it_all() {
    let ten_minutes = wav::write(&vec![0.1; 600 * 16_000], 16_000, 1, Kind::I16);
    let (refused, took) = timed(|| decoded(&ten_minutes));
    assert_eq!(refused, Err(DecodeError::TooLong { seconds: 600 }));
    assert!(took < Duration::from_millis(50), "{took:?}");
    // A header that lies about the length: what is really there counts.
    let mut lying = ten_minutes.clone();
    lying[4..8].copy_from_slice(&u32::MAX.to_le_bytes());
    lying[40..44].copy_from_slice(&u32::MAX.to_le_bytes());
    assert!(matches!(decoded(&lying), Err(DecodeError::TooLong { .. })));
    lying.truncate(44 + 32_000 * 5);
    assert_eq!(decoded(&lying).map(|audio| audio.duration_ms()), Ok(5_000));
}

#[test]
fn a_short_limit_holds_for_files_that_do_not_declare_their_length() {
    let limits = DecodeLimits { max_duration: Duration::from_secs(2), ..DecodeLimits::default() };
    for (name, bytes, _) in FORMATS {
        assert!(matches!(decode(bytes, &limits), Err(DecodeError::TooLong { .. })), "{name}");
    }
}

#[test]
fn too_large_is_refused_at_once() {
    let limits = DecodeLimits { max_bytes: 1000, ..DecodeLimits::default() };
    assert_eq!(decode(FORMATS[0].1, &limits), Err(DecodeError::TooLarge { bytes: FORMATS[0].1.len() }));
}

#[test]
#[ignore = "prints the time that each format takes; run in release with --ignored --nocapture"]
fn speed() {
    for (name, bytes, _) in FORMATS {
        let (milliseconds, took) = timed(|| (0..30).map(|_| decoded(bytes).unwrap().duration_ms()).sum::<u32>());
        println!("{name}: {:.2} ms for 5 s of sound", took.as_secs_f64() * 5e6 / f64::from(milliseconds));
    }
}
