//! Long speech is cut where it is quietest, into pieces that the encoder has positions for.

use std::ops::Range;

use super::{HOP, frame_energy};
use crate::audio::SAMPLE_RATE;

/// Samples of an encoder frame (20 ms); pieces begin at whole frames, so that the frames of all of them are those of the whole.
pub(crate) const ENCODER_STEP: usize = 2 * HOP;
/// Longest piece, samples.
const LONGEST: usize = 29 * SAMPLE_RATE as usize;
/// Within how many samples before the end of the longest piece a quiet moment is looked for: people breathe in less.
const SEARCH: usize = 9 * SAMPLE_RATE as usize;
/// Length of the moment, in steps of 10 ms.
const MOMENT: usize = 12;

/// The pieces of trimmed speech, one after the other; one piece if the encoder can take it whole.
pub(crate) fn pieces(samples: &[f32]) -> Vec<Range<usize>> {
    let (mut pieces, mut start) = (Vec::new(), 0);
    while samples.len() - start > LONGEST {
        let from = start + LONGEST - SEARCH;
        let end = from + quietest(&samples[from..start + LONGEST]) / ENCODER_STEP * ENCODER_STEP;
        pieces.push(start..end);
        start = end;
    }
    pieces.push(start..samples.len());
    pieces
}

/// The middle of the quietest moment.
fn quietest(samples: &[f32]) -> usize {
    let energy = frame_energy(samples);
    let loudness = |moment: &[f32]| moment.iter().sum::<f32>();
    let moments = energy.windows(MOMENT).map(loudness).enumerate();
    let quiet = moments.min_by(|(_, one), (_, other)| one.total_cmp(other));
    quiet.map_or(0, |(at, _)| (at + MOMENT / 2) * HOP)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: usize = SAMPLE_RATE as usize;

    /// A hum with a pause of a fifth of a second at each of these seconds.
    fn hum(seconds: usize, pauses: &[usize]) -> Vec<f32> {
        let sample = |index: usize| (index as f32 * 0.1).sin() * 0.3;
        let mut samples: Vec<f32> = (0..seconds * SECOND).map(sample).collect();
        for pause in pauses {
            samples[pause * SECOND..pause * SECOND + SECOND / 5].fill(0.0);
        }
        samples
    }

    #[test]
    fn what_fits_is_one_piece() {
        assert_eq!(pieces(&[]).as_slice(), std::slice::from_ref(&(0..0)));
        assert_eq!(pieces(&hum(29, &[10])).as_slice(), std::slice::from_ref(&(0..29 * SECOND)));
    }

    #[test]
    fn what_is_longer_is_cut_in_its_pauses_at_whole_frames() {
        let samples = hum(65, &[8, 24, 46]);
        let found = pieces(&samples);
        assert_eq!(found.len(), 3, "{found:?}");
        assert!((24 * SECOND..24 * SECOND + SECOND / 5).contains(&found[0].end), "{found:?}");
        assert!((46 * SECOND..46 * SECOND + SECOND / 5).contains(&found[1].end), "{found:?}");
        assert_eq!(found.last().unwrap().end, samples.len());
        for pair in found.windows(2) {
            assert_eq!(pair[0].end, pair[1].start);
            assert_eq!(pair[0].end % ENCODER_STEP, 0);
            assert!(pair[0].len() <= LONGEST);
        }
    }
}
