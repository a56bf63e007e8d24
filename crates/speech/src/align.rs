//! Alignment: which frames belong to which phone, by Viterbi over a lattice of the prompt.
//!
//! ```text
//!            ┌ pronunciation 1 ┐          ┌ pronunciation 1 ┐
//!  ─ gap ─▶ ─┤ pronunciation 2 ├─▶ gap ─▶─┤       …         ├─▶ gap
//!            └ (left out)      ┘          └ (left out)      ┘
//! ```
//! A phone takes at least two frames: with one, vowels would shrink to a single frame. A gap holds nothing, silence, or other speech (filler). Leaving a word out and filler each cost a penalty, so that a
//! plain reading is aligned as if they did not exist.

use std::ops::Range;

use crate::phone::{CLASSES, SILENCE};
use crate::prompt::PromptWord;

/// Weight of the log prior that is taken from the log posteriors.
const PRIOR_WEIGHT: f32 = 0.6;

/// What departing from the prompt costs, in nats. Infinite: it must not.
#[derive(Debug, Clone)]
pub(crate) struct Penalties {
    /// Leaving a word out.
    pub(crate) omission: f32,
    /// Beginning other speech, for each gap: before each word and at the end.
    pub(crate) fillers: Vec<f32>,
    /// Each frame of other speech.
    pub(crate) filler_frame: f32,
    /// No frame speaks against a phone more than this log posterior.
    pub(crate) least: f32,
}

impl Penalties {
    /// Every word must be there, and nothing else.
    pub(crate) fn forced(words: usize) -> Self {
        Self {
            omission: f32::INFINITY,
            fillers: vec![f32::INFINITY; words + 1],
            filler_frame: 0.0,
            least: f32::NEG_INFINITY,
        }
    }
}

/// Where a word of the prompt is.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct AlignedWord {
    /// Index of the pronunciation that fits best.
    pub(crate) pronunciation: usize,
    /// Frames of each of its phones; empty if the word was left out.
    pub(crate) spans: Vec<Range<usize>>,
}

/// An alignment of a whole prompt.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Alignment {
    /// One for each word of the prompt.
    pub(crate) words: Vec<AlignedWord>,
    /// Stretches of other speech: before which word (the number of words: after the last), and which frames.
    pub(crate) fillers: Vec<(usize, Range<usize>)>,
}

#[derive(Clone, Copy)]
enum Owner {
    Silence,
    Filler { before: usize },
    Phone { word: usize, pronunciation: usize, phone: usize },
}

#[derive(Clone, Copy, PartialEq)]
enum Entry {
    /// From the boundary before its word, for one frame only.
    Boundary,
    /// From the state before, for one frame only.
    Step,
    /// From the state before, or from itself.
    Loop,
}

struct State {
    /// Class of the posteriors; `None` for filler.
    class: Option<usize>,
    owner: Owner,
    /// Where it is entered from.
    entry: Entry,
}

/// The best value so far and the state it comes from.
#[derive(Clone, Copy)]
struct Token {
    value: f32,
    from: u32,
}

const NOWHERE: Token = Token { value: f32::NEG_INFINITY, from: u32::MAX };

impl Token {
    fn max(self, other: Self) -> Self {
        if other.value > self.value { other } else { self }
    }

    fn less(self, penalty: f32) -> Self {
        Self { value: self.value - penalty, from: self.from }
    }
}

struct Lattice {
    states: Vec<State>,
    /// For each gap (one before each word and one at the end): its silence; its filler is the next state.
    gaps: Vec<usize>,
    /// For each word: the last states of its pronunciations.
    ends: Vec<Vec<usize>>,
}

impl Lattice {
    fn new(words: &[PromptWord]) -> Self {
        let mut lattice = Self { states: Vec::new(), gaps: Vec::new(), ends: Vec::new() };
        for (word, prompt) in words.iter().enumerate() {
            lattice.push_gap(word);
            let mut ends = Vec::with_capacity(prompt.pronunciations.len());
            for (pronunciation, phones) in prompt.pronunciations.iter().enumerate() {
                for (phone, symbol) in phones.iter().enumerate() {
                    let (class, owner) = (Some(symbol.index()), Owner::Phone { word, pronunciation, phone });
                    let entry = if phone == 0 { Entry::Boundary } else { Entry::Step };
                    lattice.states.push(State { class, owner, entry });
                    lattice.states.push(State { class, owner, entry: Entry::Loop });
                }
                ends.push(lattice.states.len() - 1);
            }
            lattice.ends.push(ends);
        }
        lattice.push_gap(words.len());
        lattice
    }

    fn push_gap(&mut self, before: usize) {
        self.gaps.push(self.states.len());
        self.states.push(State { class: Some(SILENCE), owner: Owner::Silence, entry: Entry::Loop });
        self.states.push(State { class: None, owner: Owner::Filler { before }, entry: Entry::Loop });
    }

    /// Tokens at the word boundaries, given the values of the states: (before, after) the gap at each boundary.
    /// `start` is the value with which the first boundary is reached from nowhere.
    fn boundaries(&self, values: &[f32], start: f32, omission: f32, tokens: &mut Vec<(Token, Token)>) {
        tokens.clear();
        let at = |state: usize| Token { value: values[state], from: state as u32 };
        let mut before = Token { value: start, from: u32::MAX };
        for (gap, &silence) in self.gaps.iter().enumerate() {
            let after = before.max(at(silence)).max(at(silence + 1));
            tokens.push((before, after));
            if let Some(ends) = self.ends.get(gap) {
                before = ends.iter().fold(after.less(omission), |best, &end| best.max(at(end)));
            }
        }
    }
}

/// Aligns (T × 40) log posteriors, row-major, with the words.
pub(crate) fn align(
    log_posteriors: &[f32],
    log_prior: &[f32; CLASSES],
    words: &[PromptWord],
    cost: &Penalties,
) -> Alignment {
    let frames = log_posteriors.len() / CLASSES;
    let lattice = Lattice::new(words);
    let count = lattice.states.len();
    let mut values = vec![f32::NEG_INFINITY; count];
    let mut next = values.clone();
    let mut back = vec![u32::MAX; frames * count];
    let mut tokens = Vec::with_capacity(words.len() + 1);
    // Other speech is any phone, so it is freed of as much prior as phones are on average.
    let other_prior = PRIOR_WEIGHT * log_prior[..SILENCE].iter().sum::<f32>() / SILENCE as f32;
    for (frame, posteriors) in log_posteriors.chunks_exact(CLASSES).enumerate() {
        let mut scores = [0.0f32; CLASSES];
        for (score, (posterior, prior)) in scores.iter_mut().zip(posteriors.iter().zip(log_prior)) {
            *score = posterior.max(cost.least) - PRIOR_WEIGHT * prior;
        }
        let other = (1.0 - posteriors[SILENCE].exp()).max(1e-6).ln() - other_prior - cost.filler_frame;
        let start = if frame == 0 { 0.0 } else { f32::NEG_INFINITY };
        lattice.boundaries(&values, start, cost.omission, &mut tokens);
        let mut gap = 0;
        for (index, state) in lattice.states.iter().enumerate() {
            let stay = Token { value: values[index], from: index as u32 };
            let neighbour = |state: usize| Token { value: values[state], from: state as u32 };
            let best = match state.owner {
                Owner::Silence => {
                    gap = lattice.gaps.partition_point(|&silence| silence <= index) - 1;
                    stay.max(tokens[gap].0).max(neighbour(index + 1))
                }
                Owner::Filler { .. } => stay.max(tokens[gap].0.max(neighbour(index - 1)).less(cost.fillers[gap])),
                Owner::Phone { word, .. } => match state.entry {
                    Entry::Boundary => tokens[word].1,
                    Entry::Step => neighbour(index - 1),
                    Entry::Loop => stay.max(neighbour(index - 1)),
                },
            };
            next[index] = best.value + state.class.map_or(other, |class| scores[class]);
            back[frame * count + index] = best.from;
        }
        std::mem::swap(&mut values, &mut next);
    }
    lattice.boundaries(&values, f32::NEG_INFINITY, cost.omission, &mut tokens);
    let end = tokens.last().map_or(NOWHERE, |token| token.1);
    trace(&lattice, words, &back, end)
}

fn trace(lattice: &Lattice, words: &[PromptWord], back: &[u32], end: Token) -> Alignment {
    let count = lattice.states.len();
    let mut alignment = Alignment {
        words: vec![AlignedWord { pronunciation: 0, spans: Vec::new() }; words.len()],
        fillers: Vec::new(),
    };
    let mut state = end.from;
    for frame in (0..back.len() / count.max(1)).rev() {
        let Some(current) = lattice.states.get(state as usize) else { break };
        match current.owner {
            Owner::Silence => {}
            Owner::Filler { before } => match alignment.fillers.last_mut() {
                Some((at, frames)) if *at == before && frames.start == frame + 1 => frames.start = frame,
                _ => alignment.fillers.push((before, frame..frame + 1)),
            },
            Owner::Phone { word, pronunciation, phone } => {
                let aligned = &mut alignment.words[word];
                aligned.pronunciation = pronunciation;
                let phones = words[word].pronunciations[pronunciation].len();
                aligned.spans.resize(phones, 0..0);
                let span = &mut aligned.spans[phone];
                let end = if Range::is_empty(span) { frame + 1 } else { span.end };
                *span = frame..end;
            }
        }
        state = back[frame * count + state as usize];
    }
    alignment.fillers.reverse();
    alignment
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::phone::Phone;

    fn word(phones: &[&[usize]]) -> PromptWord {
        let pronunciations = phones.iter().map(|p| p.iter().map(|&i| Phone::new(i, None).unwrap()).collect()).collect();
        PromptWord { text: String::new(), pronunciations }
    }

    /// Log posteriors of frames that each are surely of one class.
    fn said(classes: &[usize]) -> Vec<f32> {
        classes.iter().flat_map(|&c| (0..CLASSES).map(move |k| if k == c { -0.05 } else { -6.0 })).collect()
    }

    fn penalties(words: &[PromptWord]) -> Penalties {
        Penalties { omission: 12.0, fillers: vec![3.0; words.len() + 1], filler_frame: 1.0, least: f32::NEG_INFINITY }
    }

    const NO_PRIOR: [f32; CLASSES] = [0.0; CLASSES];

    #[test]
    fn takes_the_pronunciation_that_was_said() {
        let words = [word(&[&[1, 2], &[3, 4, 5]]), word(&[&[6]])];
        let found = align(&said(&[39, 3, 3, 3, 4, 4, 5, 5, 39, 6, 6, 39]), &NO_PRIOR, &words, &penalties(&words));
        assert_eq!(found.words[0], AlignedWord { pronunciation: 1, spans: vec![1..4, 4..6, 6..8] });
        assert_eq!((found.words[1].pronunciation, found.words[1].spans[0].clone()), (0, 9..11));
        assert!(found.fillers.is_empty());
    }

    #[test]
    fn a_word_left_out_has_no_frames() {
        let words = [word(&[&[1, 2]]), word(&[&[7, 8, 9]]), word(&[&[5, 6]])];
        let found = align(&said(&[1, 1, 2, 2, 5, 5, 6, 6]), &NO_PRIOR, &words, &penalties(&words));
        assert!(found.words[1].spans.is_empty());
        assert_eq!(found.words[2].spans, vec![4..6, 6..8]);
    }

    #[test]
    fn other_speech_is_filler() {
        let words = [word(&[&[1, 2]]), word(&[&[5, 6]])];
        let found = align(&said(&[1, 1, 2, 2, 20, 20, 21, 21, 22, 5, 5, 6, 6]), &NO_PRIOR, &words, &penalties(&words));
        assert_eq!(found.fillers, vec![(1, 4..9)]);
    }

    #[test]
    fn forced_alignment_keeps_every_word() {
        let words = [word(&[&[1, 2]]), word(&[&[7]])];
        let found = align(&said(&[1, 1, 2, 2, 2, 2]), &NO_PRIOR, &words, &Penalties::forced(words.len()));
        assert!(found.words.iter().all(|word| !word.spans.is_empty()));
    }

    #[test]
    fn fewer_frames_than_phones_is_no_panic() {
        let words = [word(&[&[1, 2, 3]])];
        assert_eq!(
            align(&said(&[1, 2, 3]), &NO_PRIOR, &words, &Penalties::forced(words.len())).words[0].spans.len(),
            0
        );
        assert_eq!(align(&[], &NO_PRIOR, &words, &penalties(&words)).words[0].spans.len(), 0);
    }

    proptest! {
        #[test]
        fn spans_are_monotone_and_touch(
            classes in prop::collection::vec(0usize..40, 6..80),
            words in prop::collection::vec(prop::collection::vec(prop::collection::vec(0usize..39, 1..4), 1..3), 1..6),
        ) {
            let words: Vec<PromptWord> = words.iter().map(|w| word(&w.iter().map(Vec::as_slice).collect::<Vec<_>>())).collect();
            let found = align(&said(&classes), &NO_PRIOR, &words, &penalties(&words));
            let mut at = 0;
            for (word, prompt) in found.words.iter().zip(&words) {
                if word.spans.is_empty() { continue; }
                prop_assert_eq!(word.spans.len(), prompt.pronunciations[word.pronunciation].len());
                prop_assert!(word.spans[0].start >= at);
                for pair in word.spans.windows(2) { prop_assert_eq!(pair[0].end, pair[1].start); }
                for span in &word.spans { prop_assert!(span.len() >= 2); }
                at = word.spans.last().unwrap().end;
            }
            prop_assert!(at <= classes.len());
        }
    }
}
