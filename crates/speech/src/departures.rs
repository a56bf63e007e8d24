//! Where the reader departed from the prompt: words left out, other words in their place, words too many.
//!
//! A free alignment, which may leave words out and put other speech between them, only proposes. A word is left out where
//! nothing was said in its place; where something else was said, the word stays and is scored for what it is. A second
//! alignment forces all that stays, and is believed only where it makes the rest of the reading no worse.
//!
//! A single word is easily missed by the free alignment and yet there, so it has to be missing in the forced one too: squeezed
//! between its neighbours, and scored low. Several missing in a row are believed, since the scorer is too kind to silence.

use std::ops::Range;

use crate::align::{AlignedWord, Alignment, Penalties, align};
use crate::model::LoadedModel;
use crate::phone::{CLASSES, Phone};
use crate::prompt::PromptWord;

/// A sound said quite differently is still that word: log posteriors below this are not believed.
const LEAST: f32 = -6.0;

/// An alignment and what it departs in.
pub(crate) struct Departures {
    /// Words left out have no spans; other speech is in `fillers`.
    pub(crate) alignment: Alignment,
    /// Words in whose place something else seems to have been said.
    pub(crate) replaced: Vec<usize>,
    /// Whether `alignment` is another than the forced one.
    pub(crate) any: bool,
}

impl Departures {
    /// Whether they explain the recording better: what stays fits at least as well as in the `forced` alignment.
    /// `before` and `after` are the scores (0–2) of its phones and of those that stay, which may be less by `worse`:
    /// shorter stretches are scored a little lower.
    pub(crate) fn explain(&self, forced: &Alignment, before: &[f32], after: &[f32], worse: f32) -> bool {
        let mut stays = Vec::with_capacity(after.len());
        let mut rest = before;
        for (aligned, all) in self.alignment.words.iter().zip(&forced.words) {
            let (scores, behind) = rest.split_at(all.spans.len().min(rest.len()));
            if !aligned.spans.is_empty() {
                stays.extend_from_slice(scores);
            }
            rest = behind;
        }
        mean(after) >= mean(&stays) - worse
    }

    /// The forced alignment after all; what seems to be another word still does.
    pub(crate) fn forget(self, forced: Alignment) -> Self {
        Self { alignment: forced, any: false, ..self }
    }

    /// Whether words were left out.
    pub(crate) fn omits(&self) -> bool {
        self.said() < self.alignment.words.len()
    }

    /// Number of words that were said.
    pub(crate) fn said(&self) -> usize {
        self.alignment.words.iter().filter(|word| !word.spans.is_empty()).count()
    }
}

/// Finds departures in (T × 40) log posteriors; `forced` is the alignment without any, in which the phones got `scores`
/// (0–2).
pub(crate) fn find(
    posteriors: &[f32],
    model: &LoadedModel,
    words: &[PromptWord],
    forced: &Alignment,
    scores: &[f32],
) -> Departures {
    let decisions = &model.decisions;
    let free = Penalties {
        omission: decisions.omission,
        fillers: vec![decisions.filler; words.len() + 1],
        filler_frame: decisions.filler_frame,
        least: LEAST,
    };
    let proposed = align(posteriors, &model.log_prior, words, &free);
    let is_missing = |word: usize| proposed.words.get(word).is_some_and(|word| word.spans.is_empty());
    let run = |word: usize| {
        let first = (0..=word).rev().take_while(|&other| is_missing(other)).last().unwrap_or(word);
        let last = (word..words.len()).take_while(|&other| is_missing(other)).last().unwrap_or(word);
        first..=last
    };
    let missing = (0..words.len())
        .filter(|&word| is_missing(word))
        .filter(|&word| posterior_of(posteriors, &words[word], &forced.words[word]) <= decisions.said_above);
    let (replaced, mut omitted): (Vec<usize>, Vec<usize>) = missing.partition(|&word| {
        // The run of missing words around this one shares the gap that it left.
        let (first, last) = run(word).into_inner();
        let phones: usize = words[first..=last].iter().map(|word| word.pronunciations[0].len()).sum();
        let gaps = first..=last + 1;
        let said: usize =
            proposed.fillers.iter().filter(|(gap, _)| gaps.contains(gap)).map(|(_, span)| span.len()).sum();
        said >= decisions.substitution_frames * phones
    });
    let scores = word_scores(forced, scores);
    omitted.retain(|&word| {
        let spans = &forced.words[word].spans;
        let frames: usize = spans.iter().map(ExactSizeIterator::len).sum();
        let squeezed = frames <= decisions.omission_frames * spans.len();
        run(word).count() > 1 || squeezed && 50.0 * scores[word] < decisions.omission_below
    });
    let extra = |gap: usize| {
        let said = proposed.fillers.iter().any(|(before, _)| *before == gap);
        said && !is_missing(gap) && !gap.checked_sub(1).is_some_and(is_missing)
    };
    let gaps: Vec<bool> = (0..=words.len()).map(extra).collect();
    if omitted.is_empty() && !gaps.contains(&true) {
        return Departures { alignment: forced.clone(), replaced, any: false };
    }
    let kept: Vec<usize> = (0..words.len()).filter(|word| !omitted.contains(word)).collect();
    let spoken: Vec<PromptWord> = kept.iter().map(|&word| words[word].clone()).collect();
    let at = |gap: usize| if gaps[gap] { decisions.filler } else { f32::INFINITY };
    let fillers = kept.iter().copied().chain([words.len()]).map(at).collect();
    let cost =
        Penalties { omission: f32::INFINITY, fillers, filler_frame: decisions.filler_frame, least: f32::NEG_INFINITY };
    let found = align(posteriors, &model.log_prior, &spoken, &cost);
    let mut alignment = Alignment { words: proposed.words, fillers: Vec::new() };
    for (&word, aligned) in kept.iter().zip(found.words) {
        alignment.words[word] = aligned;
    }
    let gap_of = |gap: usize| kept.get(gap).copied().unwrap_or(words.len());
    alignment.fillers = found.fillers.into_iter().map(|(gap, span)| (gap_of(gap), span)).collect();
    Departures { alignment, replaced, any: true }
}

/// Mean posterior of a word's phones where they would have to be.
fn posterior_of(posteriors: &[f32], word: &PromptWord, aligned: &AlignedWord) -> f32 {
    let phones = &word.pronunciations[aligned.pronunciation];
    let of_phone = |(span, phone): (&Range<usize>, &Phone)| {
        let rows = posteriors[span.start * CLASSES..span.end * CLASSES].chunks_exact(CLASSES);
        rows.map(|row| row[phone.index()].exp()).sum::<f32>() / span.len().max(1) as f32
    };
    aligned.spans.iter().zip(phones).map(of_phone).sum::<f32>() / phones.len() as f32
}

/// Mean of the phones' scores for each word of the `forced` alignment.
fn word_scores(forced: &Alignment, mut phones: &[f32]) -> Vec<f32> {
    let mut found = Vec::with_capacity(forced.words.len());
    for word in &forced.words {
        let (own, rest) = phones.split_at(word.spans.len().min(phones.len()));
        found.push(mean(own));
        phones = rest;
    }
    found
}

pub(crate) fn mean(values: &[f32]) -> f32 {
    values.iter().sum::<f32>() / values.len().max(1) as f32
}
