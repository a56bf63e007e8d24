//! The edit list of an MP4 file (ISO/IEC 14496-12, 8.6.6), which symphonia does not apply.
//!
//! An AAC encoder begins with 20 to 50 ms of nothing; the edit list says how much, and how long the sound behind it is.
//! Players leave that out, so we must, or every time in an evaluation would be late.

/// What to play of the first sound track, in seconds.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Edit {
    /// To be left out at the start.
    pub(super) skip: f64,
    /// Length of what is played, if declared.
    pub(super) length: Option<f64>,
}

/// No encoder has a longer delay than this; more is an edit by hand, which is not for us to guess at.
const LONGEST_SKIP: f64 = 0.5;

/// Reads the edit of the first sound track; none if the bytes are no MP4 or it has none that makes sense.
pub(super) fn edit(bytes: &[u8]) -> Edit {
    if bytes.get(4..8) != Some(b"ftyp") {
        return Edit::default();
    }
    find(bytes, &[*b"moov"]).and_then(read).unwrap_or_default()
}

fn read(moov: &[u8]) -> Option<Edit> {
    let movie_scale = timescale(find(moov, &[*b"mvhd"])?)?;
    let track = boxes(moov)
        .filter(|(kind, _)| kind == b"trak")
        .map(|(_, track)| track)
        .find(|track| find(track, &[*b"mdia", *b"hdlr"]).is_some_and(|handler| handler.get(8..12) == Some(b"soun")))?;
    let media_scale = timescale(find(track, &[*b"mdia", *b"mdhd"])?)?;
    let list = find(track, &[*b"edts", *b"elst"])?;
    let entries = number(list, 4, 4)?;
    let (duration, time) = match list.first()? {
        0 => (number(list, 8, 4)?, number(list, 12, 4)?),
        _ => (number(list, 8, 8)?, number(list, 16, 8)?),
    };
    let skip = time as f64 / media_scale;
    let length = (duration > 0).then_some(duration as f64 / movie_scale);
    (entries == 1 && skip <= LONGEST_SKIP).then_some(Edit { skip, length })
}

/// Ticks a second in an `mvhd` or `mdhd` box.
fn timescale(header: &[u8]) -> Option<f64> {
    let at = if *header.first()? == 0 { 12 } else { 20 };
    number(header, at, 4).filter(|scale| *scale > 0).map(|scale| scale as f64)
}

/// A big-endian number of `size` bytes.
fn number(bytes: &[u8], at: usize, size: usize) -> Option<u64> {
    Some(bytes.get(at..at + size)?.iter().fold(0, |sum, byte| sum << 8 | u64::from(*byte)))
}

/// The first box at the given path.
fn find<'a>(bytes: &'a [u8], path: &[[u8; 4]]) -> Option<&'a [u8]> {
    path.iter().try_fold(bytes, |inside, name| boxes(inside).find(|(kind, _)| *kind == name).map(|(_, body)| body))
}

/// The boxes that lie one after another in `bytes`, up to the first one that is damaged.
fn boxes(mut bytes: &[u8]) -> impl Iterator<Item = (&[u8], &[u8])> {
    std::iter::from_fn(move || {
        let kind = bytes.get(4..8)?;
        let (header, size) = match number(bytes, 0, 4)? {
            0 => (8, bytes.len()),
            1 => (16, usize::try_from(number(bytes, 8, 8)?).ok()?),
            size => (8, size as usize),
        };
        let body = bytes.get(header..size.min(bytes.len()))?;
        bytes = bytes.get(size..).unwrap_or_default();
        Some((kind, body))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_delay_of_the_aac_encoder_is_found() {
        let edit = edit(include_bytes!("../../tests/fixtures/speech.m4a"));
        assert!((edit.skip - 1024.0 / 44_100.0).abs() < 1e-6, "{edit:?}");
        assert!((edit.length.unwrap() - 3.276).abs() < 0.002, "{edit:?}");
    }

    #[test]
    fn other_files_have_no_edit() {
        for bytes in [&b""[..], b"\0\0\0\x08ftyp", b"\0\0\0\x08ftyp\0\0\0\x01moov", b"RIFFxxxxWAVE"] {
            assert_eq!(edit(bytes), Edit::default());
        }
    }
}
