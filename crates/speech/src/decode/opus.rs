//! Opus packets (RFC 6716) as they lie in Ogg (RFC 7845), WebM and MP4.
//!
//! They are decoded to 16 kHz and one channel at once: Opus does both on its spectrum, which is as good as resampling
//! and mixing afterwards, and takes half the time.

use ropus::{Channels, DecodeMode, Decoder};
use symphonia::core::packet::Packet;

use super::DecodeError;
use crate::audio::SAMPLE_RATE;

/// The rate in which the header and the container count, Hz.
pub(super) const CLOCK: u32 = 48_000;
/// Longest packet, 120 ms, at 16 kHz.
const MAX_FRAMES: usize = 1_920;

/// A stream of Opus packets.
pub(super) struct Opus {
    decoder: Decoder,
    gain: f32,
    to_skip: usize,
    pcm: Vec<f32>,
}

/// What the identification header says. A stream without one has no delay and no gain.
struct Head {
    pre_skip: usize,
    gain: f32,
}

impl Head {
    /// Reads `OpusHead` (RFC 7845, section 5.1), or `dOps` of an MP4 file behind the same signature: that has version 0,
    /// and its numbers are big-endian.
    fn read(header: Option<&[u8]>) -> Result<Self, DecodeError> {
        let Some(header) = header.filter(|header| header.len() >= 19 && header.starts_with(b"OpusHead")) else {
            return Ok(Self { pre_skip: 0, gain: 1.0 });
        };
        let (version, channels, family) = (header[8], header[9], header[18]);
        let number = |at: usize| {
            let bytes = [header[at], header[at + 1]];
            if version == 0 { u16::from_be_bytes(bytes) } else { u16::from_le_bytes(bytes) }
        };
        if family != 0 || !(1..=2).contains(&channels) {
            return Err(DecodeError::UnsupportedCodec(format!("Opus with {channels} channels")));
        }
        let decibels = f32::from(number(16).cast_signed()) / 256.0;
        Ok(Self { pre_skip: at_output_rate(number(10).into()), gain: 10f32.powf(decibels / 20.0) })
    }
}

/// Frames at 48 kHz as frames at 16 kHz.
fn at_output_rate(frames: u64) -> usize {
    (frames.saturating_mul(u64::from(SAMPLE_RATE)) / u64::from(CLOCK)) as usize
}

impl Opus {
    /// A decoder for a stream with the given identification header.
    pub(super) fn new(header: Option<&[u8]>) -> Result<Self, DecodeError> {
        let head = Head::read(header)?;
        let decoder = Decoder::new(SAMPLE_RATE, Channels::Mono)
            .map_err(|error| DecodeError::UnsupportedCodec(format!("Opus ({error})")))?;
        Ok(Self { decoder, gain: head.gain, to_skip: head.pre_skip, pcm: vec![0.0; MAX_FRAMES] })
    }

    /// Decodes one packet to mono at 16 kHz; empty if it is damaged or lies within the encoder's delay. `trim_end`
    /// is what to drop from its end, in frames at 48 kHz.
    pub(super) fn decode(&mut self, packet: &Packet, trim_end: u64) -> &[f32] {
        if packet.data.is_empty() {
            return &[];
        }
        let frames = self.decoder.decode_float(&packet.data, &mut self.pcm, DecodeMode::Normal).unwrap_or(0);
        let end = frames.saturating_sub(at_output_rate(trim_end));
        let skipped = frames.min(self.to_skip);
        self.to_skip -= skipped;
        let samples = &mut self.pcm[skipped.min(end)..end];
        if self.gain != 1.0 {
            samples.iter_mut().for_each(|sample| *sample *= self.gain);
        }
        samples
    }
}
