//! Container and codec: a file's bytes to packets to interleaved frames.

use std::io::Cursor;

use symphonia::core::codecs::audio::well_known::CODEC_ID_OPUS;
use symphonia::core::codecs::audio::{AudioDecoder, AudioDecoderOptions};
use symphonia::core::errors::{Error, Result};
use symphonia::core::formats::probe::Hint;
use symphonia::core::formats::{FormatReader, Track, TrackType};
use symphonia::core::io::MediaSourceStream;
use symphonia::core::packet::Packet;
use symphonia::core::units::TimeBase;

use super::DecodeError;
use super::mp4::{self, Edit};
use super::opus::{self, Opus};
use crate::audio::SAMPLE_RATE;

/// First bytes of the formats we know: what begins like this and still cannot be opened is damaged, not unknown.
const SIGNATURES: [(usize, &[u8]); 6] =
    [(0, b"RIFF"), (0, b"fLaC"), (0, b"OggS"), (0, b"\x1A\x45\xDF\xA3"), (4, b"ftyp"), (0, b"ID3")];

/// An opened file.
pub(super) struct Source<'a> {
    format: Box<dyn FormatReader + 'a>,
    track: u32,
    time_base: Option<TimeBase>,
    claimed_seconds: Option<f64>,
    codec: Codec,
    edit: Edit,
    interleaved: Vec<f32>,
}

enum Codec {
    Opus(Box<Opus>),
    Other(Box<dyn AudioDecoder>),
}

/// Frames of one packet.
pub(super) struct Frames<'a> {
    pub(super) interleaved: &'a [f32],
    pub(super) channels: usize,
    pub(super) rate: u32,
}

impl<'a> Source<'a> {
    /// Finds out what the bytes are and prepares the first sound track.
    pub(super) fn open(bytes: &'a [u8]) -> std::result::Result<Self, DecodeError> {
        let stream = MediaSourceStream::new(Box::new(Cursor::new(bytes)), Default::default());
        let format = symphonia::default::get_probe()
            .probe(&Hint::new(), stream, Default::default(), Default::default())
            .map_err(|error| {
                let known = SIGNATURES.iter().any(|(at, magic)| bytes.get(*at..).is_some_and(|b| b.starts_with(magic)));
                if known { DecodeError::Corrupt(error.to_string()) } else { DecodeError::UnknownFormat }
            })?;
        let track = format.default_track(TrackType::Audio).ok_or(DecodeError::NoAudioTrack)?;
        let parameters =
            track.codec_params.as_ref().and_then(|parameters| parameters.audio()).ok_or(DecodeError::NoAudioTrack)?;
        let codec = if parameters.codec == CODEC_ID_OPUS {
            Codec::Opus(Box::new(Opus::new(parameters.extra_data.as_deref())?))
        } else {
            let decoder = symphonia::default::get_codecs()
                .make_audio_decoder(parameters, &AudioDecoderOptions::default())
                .map_err(|error| match error {
                    Error::Unsupported(_) => DecodeError::UnsupportedCodec(format!("codec {}", parameters.codec)),
                    other => other.into(),
                })?;
            Codec::Other(decoder)
        };
        let (id, time_base) = (track.id, track.time_base);
        let claimed_seconds = claimed_seconds(track, parameters.sample_rate);
        // The Opus header has the delay already.
        let edit = if matches!(codec, Codec::Opus(_)) { Edit::default() } else { mp4::edit(bytes) };
        Ok(Self { track: id, time_base, claimed_seconds, format, codec, edit, interleaved: Vec::new() })
    }

    /// What the container says to leave out of the decoded frames.
    pub(super) fn edit(&self) -> Edit {
        self.edit
    }

    /// Length that the file declares, if it does; not to be believed without a second look.
    pub(super) fn claimed_seconds(&self) -> Option<f64> {
        self.claimed_seconds
    }

    /// The frames of the next packet of the sound track (none if the packet is damaged), or `None` at the end.
    pub(super) fn next(&mut self) -> Result<Option<Frames<'_>>> {
        let packet = loop {
            match self.format.next_packet() {
                Ok(Some(packet)) if packet.track_id == self.track => break packet,
                Ok(Some(_)) => continue,
                // A new chain of streams in one Ogg file: what came before it is the recording.
                Ok(None) | Err(Error::ResetRequired) => return Ok(None),
                Err(error) => return Err(error),
            }
        };
        match &mut self.codec {
            Codec::Opus(opus) => {
                let trim_end = trimmed_frames(&packet, self.time_base);
                Ok(Some(Frames { interleaved: opus.decode(&packet, trim_end), channels: 1, rate: SAMPLE_RATE }))
            }
            Codec::Other(decoder) => match decoder.decode(&packet) {
                Ok(buffer) => {
                    buffer.copy_to_vec_interleaved(&mut self.interleaved);
                    let (channels, rate) = (buffer.num_planes(), buffer.spec().rate());
                    Ok(Some(Frames { interleaved: &self.interleaved, channels, rate }))
                }
                Err(Error::DecodeError(_) | Error::IoError(_)) => {
                    Ok(Some(Frames { interleaved: &[], channels: 0, rate: 0 }))
                }
                Err(error) => Err(error),
            },
        }
    }
}

fn claimed_seconds(track: &Track, rate: Option<u32>) -> Option<f64> {
    let by_frames = track.num_frames.zip(rate).map(|(frames, rate)| frames as f64 / f64::from(rate.max(1)));
    let by_time = || {
        let (base, duration) = track.time_base.zip(track.duration)?;
        Some(duration.get() as f64 * f64::from(base.numer.get()) / f64::from(base.denom.get()))
    };
    by_frames.or_else(by_time)
}

/// Frames at 48 kHz that the container says to drop from the end of a packet.
fn trimmed_frames(packet: &Packet, time_base: Option<TimeBase>) -> u64 {
    let Some(base) = time_base else { return 0 };
    let seconds = packet.trim_end.get() as f64 * f64::from(base.numer.get()) / f64::from(base.denom.get());
    (seconds * f64::from(opus::CLOCK)).round() as u64
}
