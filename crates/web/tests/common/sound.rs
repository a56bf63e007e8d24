//! Recordings made in memory: WAV files of silence, tones and noise, good and broken.

/// A 16-bit mono WAV file.
pub fn wav(rate: u32, samples: &[i16]) -> Vec<u8> {
    let data: Vec<u8> = samples.iter().flat_map(|sample| sample.to_le_bytes()).collect();
    wav_of(1, 1, rate, 16, &data)
}

/// A WAV file of any format (1 integer, 3 floating point).
pub fn wav_of(format: u16, channels: u16, rate: u32, bits: u16, data: &[u8]) -> Vec<u8> {
    let frame = channels * bits / 8;
    let mut file = Vec::with_capacity(44 + data.len());
    file.extend_from_slice(b"RIFF");
    file.extend_from_slice(&(36 + data.len() as u32).to_le_bytes());
    file.extend_from_slice(b"WAVEfmt ");
    file.extend_from_slice(&16u32.to_le_bytes());
    file.extend_from_slice(&format.to_le_bytes());
    file.extend_from_slice(&channels.to_le_bytes());
    file.extend_from_slice(&rate.to_le_bytes());
    file.extend_from_slice(&(rate * u32::from(frame)).to_le_bytes());
    file.extend_from_slice(&frame.to_le_bytes());
    file.extend_from_slice(&bits.to_le_bytes());
    file.extend_from_slice(b"data");
    file.extend_from_slice(&(data.len() as u32).to_le_bytes());
    file.extend_from_slice(data);
    file
}

/// Silence of so many milliseconds.
pub fn silence(ms: u32) -> Vec<u8> {
    wav(16_000, &vec![0; (ms * 16) as usize])
}

/// Noise that no compression makes smaller, another for each seed.
pub fn noise(ms: u32, seed: u32) -> Vec<u8> {
    let mut state = seed;
    let mut next = || {
        // The constants of Numerical Recipes; the upper half is random enough.
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 16) as i16
    };
    wav(16_000, &(0..ms * 16).map(|_| next()).collect::<Vec<_>>())
}

/// A pure tone at half scale.
pub fn tone(ms: u32, hertz: f32) -> Vec<u8> {
    let sample = |index: u32| ((index as f32 * hertz * std::f32::consts::TAU / 16_000.0).sin() * 16_000.0) as i16;
    wav(16_000, &(0..ms * 16).map(sample).collect::<Vec<_>>())
}

/// 8-bit stereo at 8 kHz, as an old telephone exchange would write it.
pub fn eight_bit_stereo(ms: u32) -> Vec<u8> {
    let sample =
        |index: u32| (((index / 2) as f32 * 440.0 * std::f32::consts::TAU / 8000.0).sin() * 90.0 + 128.0) as u8;
    wav_of(1, 2, 8000, 8, &(0..ms * 16).map(sample).collect::<Vec<_>>())
}

/// Floating-point samples that are not numbers.
pub fn not_a_number(ms: u32) -> Vec<u8> {
    let data: Vec<u8> = (0..ms * 16).flat_map(|_| f32::NAN.to_le_bytes()).collect();
    wav_of(3, 1, 16_000, 32, &data)
}

/// The first bytes of a WebM file, and then nothing.
pub fn truncated_webm() -> Vec<u8> {
    let mut file = vec![0x1a, 0x45, 0xdf, 0xa3, 0x9f, 0x42, 0x86, 0x81, 0x01, 0x42, 0xf7, 0x81, 0x01, 0x42, 0xf2, 0x81];
    file.extend_from_slice(&[0x04, 0x42, 0xf3, 0x81, 0x08, 0x42, 0x82, 0x84, b'w', b'e', b'b', b'm', 0x42, 0x87]);
    file
}
