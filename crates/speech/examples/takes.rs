//! Measures sound files as course audio is measured, one line each: `cargo run --example takes -- FILE…`. The figures of
//! `docs/adr/0021-course-audio.md` were made with it.

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a program for the terminal")]

use std::time::Duration;

use jiayin_speech::decode::{DecodeLimits, decode};
use jiayin_speech::take::measure;

fn main() {
    let limits = DecodeLimits { max_duration: Duration::from_secs(600), ..DecodeLimits::default() };
    println!("file\tms\tspeech_ms\tlufs\tdbtp\tflat\tsnr\tbackground");
    for file in std::env::args().skip(1) {
        let take = std::fs::read(&file).map_err(|error| error.to_string()).and_then(|bytes| {
            let audio = decode(&bytes, &limits).map_err(|error| error.to_string())?;
            measure(&audio).map_err(|error| error.to_string())
        });
        match take {
            Ok(take) => println!(
                "{file}\t{}\t{}\t{:.2}\t{:.2}\t{:.5}\t{:.1}\t{}",
                take.quality.duration_ms,
                take.quality.speech_ms,
                take.loudness.unwrap_or(f32::NEG_INFINITY),
                take.true_peak,
                take.flat,
                take.quality.snr_db,
                take.background
            ),
            Err(error) => eprintln!("{file}: {error}"),
        }
    }
}
