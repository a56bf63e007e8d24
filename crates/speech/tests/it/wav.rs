//! A small WAV writer, so that each flavour of the format need not be a fixture.

/// How samples are stored.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Kind {
    U8,
    I16,
    I24,
    I32,
    F32,
    F64,
}

/// A WAV file of `frames` (mono), each written to all `channels`.
pub(crate) fn write(frames: &[f32], rate: u32, channels: u16, kind: Kind) -> Vec<u8> {
    let (format, bytes) = match kind {
        Kind::U8 => (1u16, 1u16),
        Kind::I16 => (1, 2),
        Kind::I24 => (1, 3),
        Kind::I32 => (1, 4),
        Kind::F32 => (3, 4),
        Kind::F64 => (3, 8),
    };
    let mut data = Vec::with_capacity(frames.len() * usize::from(bytes * channels));
    for sample in frames.iter().flat_map(|sample| std::iter::repeat_n(*sample, usize::from(channels))) {
        match kind {
            Kind::U8 => data.push((sample * 127.0 + 128.0).round() as u8),
            Kind::I16 => data.extend(((sample * 32767.0).round() as i16).to_le_bytes()),
            Kind::I24 => data.extend(&((sample * 8_388_607.0).round() as i32).to_le_bytes()[..3]),
            Kind::I32 => data.extend(((f64::from(sample) * 2_147_483_647.0).round() as i32).to_le_bytes()),
            Kind::F32 => data.extend(sample.to_le_bytes()),
            Kind::F64 => data.extend(f64::from(sample).to_le_bytes()),
        }
    }
    let mut file = Vec::with_capacity(44 + data.len());
    file.extend(b"RIFF");
    file.extend((36 + data.len() as u32).to_le_bytes());
    file.extend(b"WAVEfmt ");
    file.extend(16u32.to_le_bytes());
    file.extend(format.to_le_bytes());
    file.extend(channels.to_le_bytes());
    file.extend(rate.to_le_bytes());
    file.extend((rate * u32::from(bytes * channels)).to_le_bytes());
    file.extend((bytes * channels).to_le_bytes());
    file.extend((bytes * 8).to_le_bytes());
    file.extend(b"data");
    file.extend((data.len() as u32).to_le_bytes());
    file.extend(data);
    file
}

/// A 300 Hz tone at half scale.
pub(crate) fn tone(rate: u32, seconds: f32) -> Vec<f32> {
    let frames = (rate as f32 * seconds) as usize;
    (0..frames).map(|i| (i as f32 * 300.0 * std::f32::consts::TAU / rate as f32).sin() * 0.5).collect()
}
