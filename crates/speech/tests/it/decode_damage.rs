//! Files that are not what they should be: cut off, damaged, or no sound at all.

use std::time::Duration;

use jiayin_speech::decode::{DecodeError, DecodeLimits, decode};
use proptest::prelude::*;

use crate::timed;

const CHROMIUM: &[u8] = include_bytes!("../fixtures/speech-chromium.webm");
const FIXTURES: [&[u8]; 11] = [
    include_bytes!("../fixtures/speech.wav"),
    include_bytes!("../fixtures/speech.flac"),
    include_bytes!("../fixtures/speech.mp3"),
    include_bytes!("../fixtures/speech.m4a"),
    include_bytes!("../fixtures/speech-fragmented.mp4"),
    include_bytes!("../fixtures/speech.aac"),
    include_bytes!("../fixtures/speech.opus"),
    include_bytes!("../fixtures/speech.ogg"),
    include_bytes!("../fixtures/speech-opus.mp4"),
    include_bytes!("../fixtures/speech-live.webm"),
    CHROMIUM,
];

fn limits() -> DecodeLimits {
    DecodeLimits::default()
}

#[test]
fn nothing_at_all() {
    assert_eq!(decode(b"", &limits()), Err(DecodeError::Empty));
}

#[test]
fn text_is_no_sound() {
    for text in ["x", "Dear teacher, here is my homework.\n", &"a long letter. ".repeat(5000)] {
        assert_eq!(decode(text.as_bytes(), &limits()), Err(DecodeError::UnknownFormat), "{} bytes", text.len());
    }
}

#[test]
fn a_header_without_sound() {
    let error = decode(&FIXTURES[0][..44], &limits()).unwrap_err();
    assert!(matches!(error, DecodeError::NoSamples | DecodeError::Corrupt(_)), "{error:?}");
    let error = decode(&CHROMIUM[..150], &limits()).unwrap_err();
    assert!(matches!(error, DecodeError::NoSamples | DecodeError::Corrupt(_)), "{error:?}");
}

#[test]
fn a_recording_that_was_cut_off_yields_what_there_is() {
    let whole = decode(CHROMIUM, &limits()).unwrap();
    let mut last = 0;
    for percent in [5, 25, 50, 75, 99] {
        let audio = decode(&CHROMIUM[..CHROMIUM.len() * percent / 100], &limits()).unwrap();
        assert!(audio.samples().len() > last, "{percent} %: {} ms", audio.duration_ms());
        last = audio.samples().len();
        assert_eq!(audio.samples(), &whole.samples()[..last], "{percent} %");
    }
}

#[test]
fn every_code_is_its_own() {
    let errors = [
        DecodeError::Empty,
        DecodeError::TooLarge { bytes: 1 },
        DecodeError::TooLong { seconds: 1 },
        DecodeError::UnknownFormat,
        DecodeError::UnsupportedCodec(String::new()),
        DecodeError::NoAudioTrack,
        DecodeError::Corrupt(String::new()),
        DecodeError::NoSamples,
    ];
    let codes: std::collections::BTreeSet<_> = errors.iter().map(DecodeError::code).collect();
    assert_eq!(codes.len(), errors.len());
}

/// Decodes and looks only at how long it took.
fn ends_soon(bytes: &[u8]) {
    let (_, took) = timed(|| decode(bytes, &limits()));
    assert!(took < Duration::from_secs(10), "{took:?}");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn random_bytes_do_no_harm(bytes in proptest::collection::vec(any::<u8>(), 0..4096), kind in 0usize..7) {
        let signatures: [&[u8]; 7] =
            [b"", b"RIFF\xff\xff\xff\x7fWAVEfmt ", b"fLaC\x00", b"OggS\x00", b"\x1A\x45\xDF\xA3", b"\0\0\0\x18ftypisom", b"\xff\xfb"];
        ends_soon(&[signatures[kind], &bytes[..]].concat());
    }

    #[test]
    fn damaged_recordings_do_no_harm(
        which in 0usize..FIXTURES.len(),
        edits in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>(), any::<bool>()), 1..40),
        cut in any::<prop::sample::Index>(),
        shorten in any::<bool>(),
    ) {
        let mut bytes = FIXTURES[which].to_vec();
        for (at, value, in_header) in edits {
            let reach = if in_header { bytes.len().min(600) } else { bytes.len() };
            bytes[at.index(reach)] = value;
        }
        if shorten {
            bytes.truncate(cut.index(bytes.len()).max(1));
        }
        ends_soon(&bytes);
    }
}
